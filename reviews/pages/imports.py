"""The import page: a file is looked at first, and then imported whole or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from reviews.formats.detection import SUPPORTED
from reviews.formats.records import (
    CONTENT_LIMIT,
    MEGABYTE,
    FormatError,
    Note,
    Problem,
)
from reviews.pages.beginning import may_somewhere
from reviews.pages.shell import frame, link, visitor
from reviews.pages.uploads import BoundedUpload, forget, keep, kept
from reviews.queries.choosing import built_components
from reviews.queries.home import TeamName, all_teams
from reviews.rules.access import Actor, NotAllowedError, Permission, may
from reviews.services.errors import DomainError
from reviews.services.imports import ImportReport, import_inventory
from reviews.services.imports.report import ImportRefusedError, RowOutcome

ROWS_SHOWN = 200
"""How many rows of a report stand on the page; the figures are of all."""

TOO_LARGE = (
    f"The file has more than {CONTENT_LIMIT // MEGABYTE} MB, and was not read. Split it, "
    "or leave out of the SBOM what no component uses."
)
GONE = (
    "The file that you looked at is no longer kept here, or you have looked at another "
    "one since. Choose it again."
)


class ImportForm(forms.Form):
    """What is to be imported, for whom; the file itself, or the one that is kept."""

    file = forms.FileField(
        required=False, max_length=255, allow_empty_file=True, label="File"
    )
    component = forms.CharField(
        required=False, max_length=120, label="Built component that uses all of it"
    )
    team = forms.ChoiceField(required=False, label="Team that new solutions belong to")
    kept = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, teams: Iterable[TeamName], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["team"]
        field.choices = [
            ("", "the component's, or as the file says"),
            *((team.slug, team.name) for team in teams),
        ]


@dataclass(frozen=True, slots=True)
class Told:
    """
    A report as the page shows it: figures of all rows, and the first of them.

    `missing` says what nobody looks after yet of what was added, empty for nothing.
    """

    filename: str
    format: str
    dry_run: bool
    counts: list[tuple[str, str]]
    rows: list[RowOutcome]
    more_rows: str
    notes: Sequence[Note]
    missing: str

    @property
    def is_news(self) -> bool:
        """Whether the file says anything that the register does not."""
        return bool(self.rows)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file was not taken: every problem with its place in it."""

    filename: str
    problems: Sequence[Problem]


# Before anything reads the body, which the check for forgery does, the limit stands.
@csrf_exempt
def import_file(request: HttpRequest) -> HttpResponse:
    bound = BoundedUpload(CONTENT_LIMIT)
    if request.method == "POST":
        request.upload_handlers.insert(0, bound)
    return _import_file(request, bound)


@login_required
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def _import_file(request: HttpRequest, bound: BoundedUpload) -> HttpResponse:
    actor = visitor(request)
    if not may_somewhere(actor, Permission.IMPORT):
        raise PermissionDenied(
            "To import a file takes the role engineer or lead in a team."
        )
    teams = [team for team in all_teams() if may(actor, Permission.IMPORT, team.id)]
    if request.method != "POST":
        first = {"team": teams[0].slug if len(teams) == 1 else ""}
        return _answer(request, actor, ImportForm(initial=first, teams=teams))
    form = ImportForm(request.POST, request.FILES, teams=teams)
    if bound.was_too_large:
        form.add_error("file", TOO_LARGE)
        return _answer(request, actor, form, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    read = _file_of(request, form) if form.is_valid() else None
    if read is None:
        return _answer(request, actor, form, status=HTTPStatus.BAD_REQUEST)
    filename, content = read
    for_good = request.POST.get("do") == "import"
    now = timezone.now()
    try:
        report = import_inventory(
            content=content,
            filename=filename,
            actor=actor,
            today=timezone.localdate(now),
            now=now,
            component=form.cleaned_data["component"],
            team=form.cleaned_data["team"],
            dry_run=not for_good,
        )
    except (FormatError, ImportRefusedError) as error:
        refusal = Refusal(filename, error.problems)
        return _answer(
            request, actor, form, refusal=refusal, status=HTTPStatus.BAD_REQUEST
        )
    except (DomainError, NotAllowedError) as error:
        named = error.field if isinstance(error, DomainError) else ""
        form.add_error(named if named in form.fields else None, str(error))
        return _answer(request, actor, form, status=HTTPStatus.BAD_REQUEST)
    if for_good:
        forget(request)
        return _answer(request, actor, form, report=report)
    digest = keep(request, filename=filename, content=content)
    return _answer(request, actor, form, report=report, digest=digest)


def _file_of(request: HttpRequest, form: ImportForm) -> tuple[str, bytes] | None:
    """Return the name and content of what is to be imported; or say what is missing."""
    chosen = form.cleaned_data["file"]
    if chosen is not None:
        return chosen.name, chosen.read()
    digest = form.cleaned_data["kept"]
    found = kept(request, digest) if digest else None
    if found is None:
        form.add_error("file", GONE if digest else "Choose the file to import.")
    return found


def _answer(
    request: HttpRequest,
    actor: Actor,
    form: ImportForm,
    *,
    report: ImportReport | None = None,
    digest: str = "",
    refusal: Refusal | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    teams = [id for id in actor.roles if may(actor, Permission.IMPORT, id)]
    context = {
        "here": "import-file",
        "form": form,
        "components": built_components(None if actor.is_administrator else teams),
        "supported": SUPPORTED,
        "limit": f"{CONTENT_LIMIT // MEGABYTE} MB",
        "told": _told(report) if report else None,
        "orphans_url": f"{link('queue')}?show=orphans&whose=all",
        "list_url": link("admin:reviews_solution_changelist"),
        "digest": digest,
        "refusal": refusal,
    }
    return render(request, "import.html", frame(actor) | context, status=status)


def _told(report: ImportReport) -> Told:
    news = [row for row in report.rows if row.what != "unchanged"]
    more = len(news) - ROWS_SHOWN
    return Told(
        filename=report.filename,
        format=report.format,
        dry_run=report.dry_run,
        counts=[(what, f"{n:,}") for what, n in report.counts().items()],
        rows=news[:ROWS_SHOWN],
        more_rows=f"{more:,}" if more > 0 else "",
        notes=report.notes,
        missing="" if report.dry_run else _missing(report),
    )


def _missing(report: ImportReport) -> str:
    """Return how much of what was added has no team or no owner, and what to do."""
    teams, owners = report.teamless, report.ownerless
    lacking = ((teams, "no team"), (owners, "no owner"))
    said = " and ".join(f"{n:,} with {what}" for n, what in lacking if n)
    if not said:
        return ""
    give = " and ".join(
        noun for n, noun in ((teams, "a team"), (owners, "owners")) if n
    )
    return f"Added were {said}: give them {give}."
