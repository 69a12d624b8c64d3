"""What every page needs around its content: who looks at it, and where they may go."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from reviews.models import User
from reviews.rules.access import Actor, may_enter_admin
from reviews.services.access import actor_of


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the navigation leads to; `name` is that of its address."""

    name: str
    label: str
    url: str


_PLACES = (
    ("home", "Home"),
    ("queue", "Queue"),
    ("solutions", "Register"),
    ("plan", "Plan"),
    ("waivers", "Waivers"),
    ("people", "People"),
)


def visitor(request: HttpRequest) -> Actor:
    """Return the actor behind a request that somebody signed in for."""
    if not isinstance(request.user, User):
        raise TypeError("Pages with an actor are for people who have signed in.")
    return actor_of(request.user, door="page")


def frame(actor: Actor | None) -> dict[str, Any]:
    """Return what the page's frame shows; nothing of it to who has not signed in."""
    if actor is None:
        return {}
    return {
        "actor": actor,
        "places": [
            Place(name, label, url) for name, label in _PLACES if (url := link(name))
        ],
        "admin_url": link("admin:index") if may_enter_admin(actor) else "",
        "api_docs_url": link("api-docs"),
    }


def admin_link(noun: str, id: int) -> str:
    """Return where the staff pages show one object, empty without such a page."""
    return link(f"admin:reviews_{noun}_change", id)


def evaluation_url(solution_id: int, next: str = "") -> str:  # noqa: A002
    """
    Return where an evaluation of a solution is logged, empty without staff pages.

    Whoever saved it goes on to `next`, a path of this site.
    """
    form = link("admin:reviews_evaluation_add")
    asked = {"solution": str(solution_id)} | ({"next": next} if next else {})
    return form and f"{form}?{urlencode(asked)}"


def link(name: str, *arguments: object) -> str:
    """Return the address of another door, empty if this installation lacks it."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
