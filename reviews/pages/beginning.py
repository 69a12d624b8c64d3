"""How a register begins: what a first visitor is led to, and the demonstration."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from reviews.pages.shell import link, visitor
from reviews.queries.choosing import administrators
from reviews.rules.access import Actor, Permission, may, may_enter_admin
from reviews.services.demonstration import (
    Demonstration,
    load_demonstration,
    read_demonstration,
)
from reviews.services.errors import DomainError
from reviews.services.scanning import scan

ASKED = 3
"""How many administrators are named to who has to ask one."""


@dataclass(frozen=True, slots=True)
class WaysIn:
    """
    Where an empty register may be filled; each address is empty for who may not.

    `staff` leads to teams and people, and `people` are whom to ask: administrators, by
    name.
    """

    add_url: str
    import_url: str
    demonstration_url: str
    staff: list[tuple[str, str]]
    people: list[str]

    @property
    def is_open(self) -> bool:
        """Whether there is any way in for this visitor."""
        return bool(self.add_url or self.import_url)


def ways_in(actor: Actor) -> WaysIn:
    """Return how this visitor may fill a register in which nothing stands yet."""
    return WaysIn(
        add_url=add_url(actor),
        import_url=import_url(actor),
        demonstration_url=(
            link("load-demonstration") if actor.is_administrator else ""
        ),
        staff=staff_links(actor),
        people=[person.name for person in administrators(ASKED)],
    )


def add_url(actor: Actor) -> str:
    """Return where a solution is registered, empty for who may not in any team."""
    if not may_enter_admin(actor) or not may_somewhere(actor, Permission.REGISTER):
        return ""
    return link("admin:reviews_solution_add")


def import_url(actor: Actor) -> str:
    """Return where a file is imported, empty for who may not in any team."""
    return link("import-file") if may_somewhere(actor, Permission.IMPORT) else ""


def staff_links(actor: Actor) -> list[tuple[str, str]]:
    """Return where teams get their people, in words; nothing for who may not."""
    if not actor.is_administrator:
        return []
    places = (
        ("Add a team", "admin:reviews_team_add"),
        ("Add a person", "admin:reviews_user_add"),
        ("Give somebody a role in a team", "admin:reviews_membership_add"),
    )
    return [(label, url) for label, name in places if (url := link(name))]


def may_somewhere(actor: Actor, permission: Permission) -> bool:
    """Return whether there is any team for which the actor has the permission."""
    return any(may(actor, permission, team_id) for team_id in (None, *actor.roles))


@login_required
@require_POST
def demonstrate(request: HttpRequest) -> HttpResponse:
    """Fill an empty register with something to look at."""
    actor = visitor(request)
    if not actor.is_administrator:
        raise PermissionDenied("Only administrators load the demonstration.")
    now = timezone.now()
    today = timezone.localdate(now)
    demonstration = read_demonstration(
        plan=settings.BASE_DIR / "reviews/management/demonstration.toml",
        lock=settings.BASE_DIR / "requirements.lock",
    )
    try:
        count = load_demonstration(
            demonstration=demonstration,
            actor=actor,
            today=today,
            now=now,
        )
        # Nobody who wants to look waits for the night to see what is flagged.
        scan(on=today, today=today, now=now, wait=True)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _loaded(count, demonstration))
    return redirect("home")


def _loaded(count: int, demonstration: Demonstration) -> SafeString:
    """Return what was loaded, and how somebody of it comes to sign in."""
    return format_html(
        "The register now holds {} solutions to look at. Its people cannot sign in "
        'until they have a password: <a href="{}">give them one</a>, or run '
        "<code>manage.py changepassword {}</code>.",
        count,
        link("admin:reviews_user_changelist"),
        demonstration.someone,
    )
