"""What stands before the evaluation form: the question which solution it is about."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from reviews.admin.actor import actor_at
from reviews.admin.onward import asked_next
from reviews.admin.picking import is_number
from reviews.admin.wording import Standing, standing
from reviews.models import Solution
from reviews.rules.access import Permission, may
from reviews.rules.vocabulary import Verdict

OFFERED = 20
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """A solution that may be evaluated, and where."""

    name: str
    kind: str
    team: str
    standing: Standing
    address: str


def start_page(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    offered: QuerySet[Solution],
) -> HttpResponse:
    """Ask which of the solutions is meant: one's own first, or what is searched for."""
    asked = {"verdict": asked_verdict(request), "next": asked_next(request)}
    carried = {name: value for name, value in asked.items() if value}
    searched = request.GET.get("q", "").strip().replace("\0", "")[:LONGEST_SEARCH]
    if searched:
        found = offered.filter(
            Q(name__icontains=searched)
            | Q(slug__icontains=searched)
            | Q(key__icontains=searched)
        )
    else:
        found = offered.filter(owner=actor_at(request).user_id)
    rows = list(
        found.select_related("team").order_by(
            F("next_review_on").asc(nulls_last=True), "pk"
        )[: OFFERED + 1]
    )
    today = timezone.localdate()
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Log an evaluation: of which solution?",
        "opts": model_admin.opts,
        "refused": refusal_at(request),
        "searched": searched,
        "carried": carried,
        "has_more": len(rows) > OFFERED,
        "offers": [
            Offer(
                name=row.name,
                kind=row.get_kind_display(),
                team=row.team.name if row.team else "no team",
                standing=standing(row, today),
                address=_address(row, carried),
            )
            for row in rows[:OFFERED]
        ],
    }
    return TemplateResponse(request, "admin/reviews/evaluation/start.html", context)


def asked_verdict(request: HttpRequest) -> str:
    """Return the verdict that the address asks for, empty if it asks for none."""
    asked = request.GET.get("verdict", "")
    return asked if asked in set(Verdict) else ""


def refusal_at(request: HttpRequest) -> str:
    """Return why the solution that the address names may not be evaluated, if so."""
    asked = request.GET.get("solution", "")
    if not is_number(asked):
        return ""
    solution = Solution.objects.select_related("team").filter(pk=int(asked)).first()
    if solution is None:
        return "The solution that this address names is not in the register."
    if may(actor_at(request), Permission.EVALUATE, solution.team_id):
        return ""
    if solution.team is None:
        return (
            f"To log evaluations of {solution.name}, which has no team, takes an "
            "administrator."
        )
    return (
        f"To log evaluations of {solution.name} takes the role engineer or lead in "
        f"{solution.team.name}."
    )


def _address(solution: Solution, carried: dict[str, str]) -> str:
    asked = {"solution": str(solution.pk)} | carried
    return f"{reverse('admin:reviews_evaluation_add')}?{urlencode(asked)}"
