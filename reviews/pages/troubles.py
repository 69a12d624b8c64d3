"""Connections to ticket systems that do not work, for those who care for them."""

from dataclasses import dataclass

from reviews.pages.shell import admin_link, link
from reviews.pages.wording import counted
from reviews.queries.connections import Trouble, troubles
from reviews.rules.access import Actor, Permission, may


@dataclass(frozen=True, slots=True)
class TroubleLine:
    """
    A connection in trouble, in words.

    `page_url` is its page, `again_url` where one click has it tried again; both are empty
    for who may not manage connections.
    """

    said: str
    problem: str
    page_url: str
    again_url: str


def troubles_of(actor: Actor) -> list[TroubleLine]:
    """Return what is in trouble: all for administrators, for others what they own."""
    manages = may(actor, Permission.CONNECT, None)
    if not manages and actor.user_id is None:
        return []
    found = troubles(owner_id=None if manages else actor.user_id)
    return [_line(trouble, manages=manages) for trouble in found]


def _line(trouble: Trouble, *, manages: bool) -> TroubleLine:
    return TroubleLine(
        said=_said(trouble),
        problem=trouble.problem,
        page_url=admin_link("connection", trouble.id) if manages else "",
        again_url=link("admin:reviews_connection_do", trouble.id, "again")
        if manages
        else "",
    )


def _said(trouble: Trouble) -> str:
    """Return what is wrong, as a sentence."""
    name = f"The ticket connection {trouble.name} ({trouble.system})"
    if trouble.since is not None:
        said = f"{name} has stopped since {trouble.since:%Y-%m-%d}."
    elif trouble.problem:
        said = f"{name} is in trouble, and goes on being tried."
    else:
        said = f"{name} works, but not for all."
    if not trouble.refused:
        return said
    verb = "was" if trouble.refused == 1 else "were"
    return f"{said} {counted(trouble.refused, 'ticket')} {verb} refused."
