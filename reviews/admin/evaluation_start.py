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
from reviews.admin.wording import Standing, standing
from reviews.models import Solution
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
    verdict = asked_verdict(request)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Log an evaluation: of which solution?",
        "opts": model_admin.opts,
        "searched": searched,
        "verdict": verdict,
        "has_more": len(rows) > OFFERED,
        "offers": [
            Offer(
                name=row.name,
                kind=row.get_kind_display(),
                team=row.team.name if row.team else "no team",
                standing=standing(row, today),
                address=_address(row, verdict),
            )
            for row in rows[:OFFERED]
        ],
    }
    return TemplateResponse(request, "admin/reviews/evaluation/start.html", context)


def asked_verdict(request: HttpRequest) -> str:
    """Return the verdict that the address asks for, empty if it asks for none."""
    asked = request.GET.get("verdict", "")
    return asked if asked in set(Verdict) else ""


def _address(solution: Solution, verdict: str) -> str:
    asked = {"solution": solution.pk} | ({"verdict": verdict} if verdict else {})
    return f"{reverse('admin:reviews_evaluation_add')}?{urlencode(asked)}"
