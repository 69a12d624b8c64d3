"""Whether a solution's last verdict may be said again just so, and where that is sent."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from reviews.queries.reaffirming import obstacles
from reviews.queries.solution_page import SolutionPage
from reviews.rules.access import Actor, Permission, may
from reviews.rules.verdicts import needs_approval


@dataclass(frozen=True, slots=True)
class Reaffirmation:
    """Whether "still true" is offered; `obstacle` says why it cannot be said now."""

    url: str
    obstacle: str


def reaffirmation(
    page: SolutionPage, actor: Actor, *, query: str, today: date, now: datetime
) -> Reaffirmation | None:
    """
    Return what is offered, None to who may not evaluate; `query` is that of the queue.

    As many queries as obstacles take.
    """
    if not may(actor, Permission.EVALUATE, page.team.id):
        return None
    obstacle = obstacles([page.id], today=today, now=now)[page.id]
    if page.verdict and not obstacle:
        # An ending takes the right to end, though it only says again what was said.
        may_end = may(actor, Permission.END, page.team.id)
        if needs_approval(page.verdict, may_end=may_end):
            obstacle = f"To say {page.state} again takes a lead of the owning team."
    return Reaffirmation(
        url=reverse("decide-reaffirm", args=[page.slug]) + f"?{query}",
        obstacle=obstacle,
    )
