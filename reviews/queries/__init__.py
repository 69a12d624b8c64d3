"""Reads across models, returned as frozen rows; one noun a file."""
