"""Tickets: the issues elsewhere that stand for flags."""
