"""Gathering evidence, keeping it, and opening the questions that it asks."""
