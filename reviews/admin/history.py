"""An object's history: what the audit trail tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from reviews.models import Change, Evaluation, Flag, Team, User
from reviews.services.audit import kind_of

PER_PAGE = 50

# Details that are lists by nature, and no pair of an old and a new value.
_LISTS = frozenset({"scopes"})

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Line:
    """One change as its reader sees it; `details` are whole phrases."""

    at: datetime
    actor: str
    door: str
    what: str
    details: list[str]


def changes_of(subject: models.Model) -> models.QuerySet[Change]:
    """Return the changes of an object."""
    return Change.objects.filter(object_id=subject.pk, object_kind=kind_of(subject))


def history_page(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    obj: models.Model,
    changes: models.QuerySet[Change],
) -> HttpResponse:
    """Return an object's history, the latest change first."""
    paginator = Paginator(changes.order_by("-pk"), PER_PAGE)
    page = paginator.get_page(request.GET.get("p"))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"History of {obj}",
        "object": obj,
        "opts": model_admin.opts,
        "module_name": str(model_admin.opts.verbose_name_plural).capitalize(),
        "lines": lines_of(list(page)),
        "page": page,
    }
    return TemplateResponse(request, "admin/object_history.html", context)


def lines_of(changes: Sequence[Change]) -> list[Line]:
    """Return changes in words; what they name by number is called by its name."""
    teams = Team.objects.in_bulk(_numbers("team_id", changes))
    people = User.objects.in_bulk(_numbers("owner_id", changes))
    flags = Flag.objects.in_bulk(_numbers("flag", changes))
    evaluations = Evaluation.objects.in_bulk(_numbers("evaluation", changes))
    names = {
        "team_id": {pk: team.name for pk, team in teams.items()},
        "owner_id": {pk: user.label() for pk, user in people.items()},
        "flag": {pk: flag.get_cause_display() for pk, flag in flags.items()},
        "evaluation": {pk: str(row) for pk, row in evaluations.items()},
    }
    return [
        Line(
            at=change.at,
            actor=change.actor,
            door=change.door,
            what=change.what,
            details=[
                _phrase(name, told, names.get(name, {}))
                for name, told in change.details.items()
            ],
        )
        for change in changes
    ]


def _numbers(name: str, changes: Sequence[Change]) -> set[int]:
    """Return the numbers under a name: one, or an old and a new one."""
    told = (change.details.get(name) for change in changes)
    return {
        number
        for value in told
        for number in (value if isinstance(value, list) else [value])
        if isinstance(number, int) and abs(number) <= _LARGEST
    }


def _phrase(name: str, told: Any, names: Mapping[int, str]) -> str:
    word = name.removesuffix("_id").replace("_", " ")
    if isinstance(told, list) and len(told) == 2 and name not in _LISTS:
        before, after = (
            _shown(names.get(value, value)) if isinstance(value, int) else _shown(value)
            for value in told
        )
        return f"{word}: {before} → {after}"
    if isinstance(told, int) and told in names:
        return f"{word}: {names[told]}"
    return f"{word}: {_shown(told)}"


def _shown(value: Any) -> str:
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
