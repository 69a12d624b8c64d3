"""Webhooks that go out: who wants to be told, of what, and that it arrives."""
