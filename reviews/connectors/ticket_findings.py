"""Findings of a test, put so that they read aloud."""

from reviews.ports.tickets import Finding


def well(what: str, text: str = "") -> Finding:
    """Return that something is as it must be."""
    return Finding(what=what, is_well=True, text=text)


def wrong(what: str, text: str) -> Finding:
    """Return that something is not, and how to mend it."""
    return Finding(what=what, is_well=False, text=text)
