"""
What stands above the form of a new solution: is it registered, and what is known of it.

The sources are asked only by who presses for it, in bounded time, and nothing that they
say is kept: it fills a form, which a person then saves.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from reviews.admin.solution_panel import log_address
from reviews.queries.facts import KIND_NAMES, followable
from reviews.queries.lookup import Answer, Registered, look_up
from reviews.rules.access import Actor, Permission, may
from reviews.rules.filling import Filling, Told, filling
from reviews.rules.purl import PurlError
from reviews.rules.recognising import Form, Recognised
from reviews.rules.signals import SOURCE_NAMES, SignalKind, Source
from reviews.rules.text import TextError
from reviews.rules.vocabulary import Freshness, Scheme, Verdict
from reviews.services.evidence.asking import ask_about
from reviews.wiring import HURRIED_SECONDS, hurried_sources

WITHIN_SECONDS = 5.0
"""How long somebody waits for all the sources together."""

FILLABLE = frozenset({"name", "kind", "version", "homepage", "identifiers"})
"""The fields of the form that looking something up may fill."""

KEPT = frozenset(
    {
        *("description", "criticality", "team", "owner", "tags"),
        *("contract_ends_on", "notice_period_days"),
    }
)
"""Those that hold what is typed, and nothing else."""

_FORMS = {
    Form.PURL: "the package {}",
    Form.REPOSITORY: "the repository {}",
    Form.MODEL: "the model {}",
    Form.NAME: "the name {}",
}
_ENDED = frozenset({Verdict.DEPRECATE.value, Verdict.RETIRE.value})


@dataclass(frozen=True, slots=True)
class Line:
    """A registered solution in words; `log_url` is empty for who may not evaluate it."""

    row: Registered
    colour: str
    standing: str
    flags: str
    is_ended: bool
    log_url: str

    @property
    def ask(self) -> str:
        """Who knows more of it, empty if nobody owns it."""
        owner, team = self.row.owner, self.row.team
        return ", ".join(each.name for each in (owner, team) if each.id is not None)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the register has on a text; `error` says why it cannot be read."""

    answer: Answer | None
    reading: str
    exact: list[Line]
    alike: list[Line]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A line of what a source says."""

    label: str
    value: str
    on: date | None
    replacement: str
    source: str
    link: str


@dataclass(frozen=True, slots=True)
class Filled:
    """
    What the form opens with, and what the sources say beside it.

    `initial` are the fields that were still empty. `unknown` says of each question and
    each source without an answer why there is none.
    """

    initial: Mapping[str, Any]
    fields: str
    version_in_use: str
    figures: list[Said]
    warnings: list[Said]
    unknown: list[str]
    answered: str


def look_up_here(text: str, actor: Actor) -> LookedUp | None:
    """Return what the register has on a text, None where nothing is typed."""
    if not text.strip():
        return None
    try:
        answer = look_up(text, today=timezone.localdate())
    except (PurlError, TextError) as error:
        return LookedUp(None, "", [], [], str(error))
    return LookedUp(
        answer=answer,
        reading=_FORMS[answer.asked.form].format(answer.asked.value),
        exact=[_line(row, actor) for row in answer.exact],
        alike=[_line(row, actor) for row in answer.alike],
    )


def typed_in(form: QueryDict) -> dict[str, str]:
    """
    Return what somebody typed into the form, by its fields.

    What was filled in there, and left as it was, is not somebody's own.
    """
    return {
        name: value
        for name in FILLABLE | KEPT
        if (value := form.get(name, ""))
        and value.split() != form.get(f"filled-{name}", "").split()
    }


def fill_in(answer: Answer | None, typed: Collection[str] = ()) -> Filled:
    """
    Return what is to fill the form: what a text says itself, and the sources know of it.

    The fields in `typed` keep what they hold.
    """
    if answer is None:
        raise ValueError("What could not be read fills no form.")
    asked = answer.asked
    told: tuple[Told, ...] = ()
    unknown: dict[str, str] = {}
    answered: tuple[Source, ...] = ()
    if settings.EVIDENCE:
        # No transaction is open here: the admin opens one for what is sent to it only.
        found = ask_about(
            asked=asked,
            sources=hurried_sources(),
            within_seconds=WITHIN_SECONDS,
            longest_seconds=HURRIED_SECONDS,
        )
        told, answered = found.told, found.answered
        unknown = {SOURCE_NAMES[each]: why for each, why in found.unknown.items()}
    filled = filling(asked, told)
    initial = {
        field: value for field, value in _initial(filled).items() if field not in typed
    }
    return Filled(
        initial=initial,
        fields=", ".join(initial),
        version_in_use=asked.version,
        figures=[_said(each) for each in filled.figures],
        warnings=[_said(each) for each in filled.warnings],
        unknown=[
            *_unasked(asked, filled),
            *(f"{name}: unknown. {why}" for name, why in unknown.items()),
        ],
        answered=", ".join(dict.fromkeys(SOURCE_NAMES[each] for each in answered)),
    )


def _line(row: Registered, actor: Actor) -> Line:
    colour, standing = _standing(row)
    return Line(
        row=row,
        colour=colour,
        standing=standing,
        flags=", ".join(
            f"{flag.cause.replace('_', ' ')} ({flag.action})" for flag in row.flags
        ),
        is_ended=row.state in _ENDED,
        log_url=log_address(row.id)
        if may(actor, Permission.EVALUATE, row.team.id)
        else "",
    )


def _standing(row: Registered) -> tuple[str, str]:
    if row.state == Verdict.RETIRE.value:
        return "retired", f"retired on {row.last_evaluated_on}"
    if row.last_evaluated_on is None:
        day = row.next_review_on
        is_past = day is not None and day < timezone.localdate()
        return (
            "unreviewed",
            f"never reviewed; a first review {'was' if is_past else 'is'} due {day}",
        )
    said = f"{row.state}, reviewed {row.last_evaluated_on}"
    if row.freshness is Freshness.OVERDUE:
        return "overdue", f"{said}; overdue since {row.next_review_on}"
    colour = "due_soon" if row.freshness is Freshness.DUE_SOON else "fresh"
    return colour, f"{said}; next review {row.next_review_on}"


def _initial(filled: Filling) -> dict[str, Any]:
    lines = [
        value if scheme is Scheme.PURL else f"{scheme}: {value}"
        for scheme, value in filled.identifiers
    ]
    said = {
        "name": filled.name,
        "kind": filled.kind.value if filled.kind else "",
        "version": filled.version,
        "homepage": filled.homepage,
        "identifiers": "\n".join(lines),
    }
    return {field: value for field, value in said.items() if value}


def _said(told: Told) -> Said:
    fact = told.fact
    subject = f" of {fact.subject}" if fact.subject else ""
    return Said(
        label=f"{KIND_NAMES[fact.kind]}{subject}",
        value=fact.quote or fact.value,
        on=fact.effective_on,
        replacement=fact.replacement,
        source=SOURCE_NAMES[told.source],
        link=followable(fact.address),
    )


def _unasked(asked: Recognised, filled: Filling) -> list[str]:
    """Return what nobody has said of what a registration asks for."""
    if filled.kind is None:
        said = f"Kind: {asked.name} does not tell it by itself. Choose it below."
        return [said, *_unasked_figures(filled)]
    return _unasked_figures(filled)


def _unasked_figures(filled: Filling) -> list[str]:
    questions = {
        SignalKind.LATEST_RELEASE: "Latest version: unknown.",
        SignalKind.LICENCE: "Licence: unknown.",
    }
    return [said for kind, said in questions.items() if not filled.tells(kind)]
