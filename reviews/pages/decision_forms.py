"""
The forms beside a solution in focus: which there are for a visitor, and what they hold.

What they are sent to is in `pages.decisions`. A form that was refused comes back as it
was filled in, with the refusal beside the field that it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.urls import reverse

from reviews.models.choices import CAUSES
from reviews.pages.wording import counted, titled
from reviews.queries.covers import CoverRow
from reviews.queries.home import OwnerName
from reviews.queries.solution_log import EvaluationRow
from reviews.queries.solution_page import OpenFlag, SolutionPage
from reviews.rules.access import Actor, Permission, may
from reviews.rules.covers import (
    DEFAULT_WAIVER_DAYS,
    LONGEST_SNOOZE_DAYS,
    LONGEST_WAIVER_DAYS,
)
from reviews.rules.vocabulary import CoverKind, Verdict

SNOOZE_DAYS = 7
"""How long a snooze lasts where nobody says otherwise."""

_CAUSE_NAMES = dict(CAUSES)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused: the form's name, why, at which field, and what was typed."""

    form: str
    message: str
    at: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled field; `kind` is text, date, choice, or name for a username or slug."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    required: bool = True
    limit: int = 500
    least: str = ""
    most: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One decision; `key` is the letter that opens it."""

    name: str
    title: str
    key: str
    url: str
    button: str
    note: str
    fields: tuple[Field, ...]
    is_open: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """
    Who decides on what, and when.

    `people` are those of the owning team, `others` slugs and names to use instead.
    """

    page: SolutionPage
    actor: Actor
    today: date
    covers: tuple[CoverRow, ...]
    people: tuple[OwnerName, ...]
    username: str
    others: tuple[tuple[str, str], ...] = ()

    def may(self, permission: Permission) -> bool:
        """Return whether the visitor has a permission towards the solution."""
        return may(self.actor, permission, self.page.team.id)

    @property
    def asked(self) -> list[OpenFlag]:
        """The open flags that nothing covers."""
        return [flag for flag in self.page.flags if flag.is_asked(self.today)]


def forms(desk: Desk, refusal: Refusal | None, query: str) -> list[Form]:
    """Return the forms that are open to the visitor; `query` is that of the queue."""
    found = _proposed(desk.page, desk.actor)
    if desk.may(Permission.EVALUATE) and desk.page.verdict is not Verdict.RETIRE:
        found.append(_deprecate(desk))
    if desk.may(Permission.COVER):
        found += _covering(desk)
    if desk.may(Permission.REASSIGN):
        found.append(_reassign(desk))
    if desk.may(Permission.COVER):
        found += [_revoke(cover) for cover in desk.covers]
    return [_after(_carrying(form, query), refusal) for form in found]


def proposal_forms(page: SolutionPage, actor: Actor) -> list[Form]:
    """Return the forms that decide on proposals; nobody decides on their own."""
    return [_carrying(form, "") for form in _proposed(page, actor)]


def beyond_rights(desk: Desk) -> str:
    """Return in a sentence what the visitor may not do here, empty if that is nothing."""
    team = desk.page.team
    of_team = f" of {team.name}" if team.id is not None else ""
    if not desk.may(Permission.EVALUATE):
        who = f"an engineer or a lead{of_team}" if of_team else "an administrator"
        return f"You may read this. To decide on it takes {who}."
    if not desk.may(Permission.COVER):
        return f"To snooze, waive, override or reassign takes a lead{of_team}."
    return ""


def _proposed(page: SolutionPage, actor: Actor) -> list[Form]:
    if not may(actor, Permission.DECIDE, page.team.id):
        return []
    rows = [
        row
        for row in page.pending
        if actor.user_id is None or row.author_id != actor.user_id
    ]
    # A key opens the first; with several, the others are reached like any control.
    return [
        form
        for number, row in enumerate(rows)
        for form in (_approve(row, not number), _decline(row, not number))
    ]


def _approve(row: EvaluationRow, has_key: bool) -> Form:
    return Form(
        name=f"approve-{row.id}",
        title=f"Approve: {row.verdict}",
        key="y" if has_key else "",
        url=reverse("decide-approve", args=[row.id]),
        button="Approve it",
        note=f"What {row.author} proposed on {row.recorded_on} takes effect at once.",
        fields=(Field("reason", "Reason", required=False),),
    )


def _decline(row: EvaluationRow, has_key: bool) -> Form:
    return Form(
        name=f"decline-{row.id}",
        title=f"Decline: {row.verdict}",
        key="x" if has_key else "",
        url=reverse("decide-decline", args=[row.id]),
        button="Decline it",
        note=f"What {row.author} proposed on {row.recorded_on} changes nothing.",
        fields=(Field("reason", "Reason"),),
    )


def _deprecate(desk: Desk) -> Form:
    at_once = desk.may(Permission.END)
    effect = (
        "It takes effect at once."
        if at_once
        else "It is a proposal, on which a lead of the owning team decides."
    )
    return Form(
        name="deprecate",
        title="Deprecate",
        key="d",
        url=reverse("decide-deprecate", args=[desk.page.slug]),
        button="Deprecate it" if at_once else "Propose to deprecate it",
        note=f"{_dependents(desk.page)} {effect}",
        fields=(
            Field("summary", "Why, in a sentence", limit=200),
            Field(
                "replacement",
                "Use instead",
                kind="name",
                required=False,
                limit=120,
                choices=desk.others,
                hint="A registered solution by the last part of its page's address. "
                "It may stay empty.",
            ),
        ),
    )


def _dependents(page: SolutionPage) -> str:
    used_by = page.used_by
    if not used_by.rows:
        return "No built component is known to depend on it."
    count = counted(len(used_by.rows), "built component")
    verb = "depends" if len(used_by.rows) == 1 else "depend"
    if used_by.has_more:
        return f"More than {count} {verb} on it."
    return f"{count} {verb} on it."


def _covering(desk: Desk) -> list[Form]:
    """Return the forms that cover what is asked; an override takes a signal."""
    asked = desk.asked
    told = [flag for flag in asked if not flag.question.is_by_the_clock]
    found = []
    if asked:
        found += [_snooze(asked, desk.today), _waive(asked, desk)]
    if told:
        found.append(_override(told))
    return found


def _snooze(asked: list[OpenFlag], today: date) -> Form:
    return Form(
        name="snooze",
        title="Snooze",
        key="s",
        url=reverse("decide-snooze", args=[asked[0].id]),
        button="Snooze it",
        note=f"Ask later. It accepts no risk, and lasts {LONGEST_SNOOZE_DAYS} days at "
        "most.",
        fields=(
            *_which(asked),
            _until(today, SNOOZE_DAYS, LONGEST_SNOOZE_DAYS),
            Field("reason", "Reason"),
        ),
    )


def _waive(asked: list[OpenFlag], desk: Desk) -> Form:
    return Form(
        name="waive",
        title="Waive",
        key="w",
        url=reverse("decide-waive", args=[asked[0].id]),
        button="Waive it",
        note="This is accepted until a day, and somebody answers for it. You approve it.",
        fields=(
            *_which(asked),
            _person(
                desk, "Who answers for it", desk.page.owner.username or desk.username
            ),
            _until(desk.today, DEFAULT_WAIVER_DAYS, LONGEST_WAIVER_DAYS),
            Field("reason", "Reason"),
        ),
    )


def _override(told: list[OpenFlag]) -> Form:
    return Form(
        name="override",
        title="Override",
        key="o",
        url=reverse("decide-override", args=[told[0].id]),
        button="Override it",
        note="The signal is wrong. It ends when what the signal says changes.",
        fields=(*_which(told), Field("reason", "What is wrong with it")),
    )


def _reassign(desk: Desk) -> Form:
    now = desk.page.owner
    owner = _person(desk, "New owner", now.username)
    # Where nobody owns it, an empty field would change nothing.
    hint = "A username; empty for no owner." if now.username else owner.hint
    return Form(
        name="reassign",
        title="Reassign",
        key="a",
        url=reverse("decide-reassign", args=[desk.page.slug]),
        button="Reassign it",
        note=f"Now: {now.name}.",
        fields=(replace(owner, required=not now.username, hint=hint),),
    )


def _revoke(cover: CoverRow) -> Form:
    word = CoverKind(cover.kind).value
    return Form(
        name=f"revoke-{cover.id}",
        title=f"End the {word}",
        key="",
        url=reverse("decide-revoke", args=[cover.id]),
        button=f"End the {word}",
        note=f"{titled(_CAUSE_NAMES[cover.cause])} is asked again at once.",
        fields=(Field("reason", "Reason"),),
    )


def _which(flags: list[OpenFlag]) -> tuple[Field, ...]:
    """Return the choice among several flags; one alone is in the form's address."""
    if len(flags) == 1:
        return ()
    choices = tuple(
        (
            str(flag.id),
            f"{_CAUSE_NAMES[flag.question.cause]}, due {flag.question.due_on}",
        )
        for flag in flags
    )
    return (
        Field(
            "flag", "Which flag", kind="choice", value=choices[0][0], choices=choices
        ),
    )


def _named(flag: OpenFlag) -> str:
    asked = flag.question
    action = titled(asked.action.value)
    return f"{action}: {_CAUSE_NAMES[asked.cause]}, due {asked.due_on}"


def _until(today: date, usual: int, longest: int) -> Field:
    return Field(
        "until",
        "Ask again on",
        kind="date",
        value=str(today + timedelta(usual)),
        least=str(today + timedelta(1)),
        most=str(today + timedelta(longest)),
    )


def _person(desk: Desk, label: str, username: str) -> Field:
    return Field(
        "owner",
        label,
        kind="name",
        value=username,
        hint="A username.",
        limit=150,
        choices=tuple((each.username, each.name) for each in desk.people),
    )


def _carrying(form: Form, query: str) -> Form:
    # Where it is refused, the page comes back within the same queue.
    return replace(form, url=f"{form.url}?{query}" if query else form.url)


def _after(form: Form, refusal: Refusal | None) -> Form:
    """Return a form as it was filled in, if it is the one that was refused."""
    if refusal is None or refusal.form != form.name:
        return form
    fields = tuple(
        replace(
            each,
            value=refusal.typed.get(each.name, each.value),
            error=refusal.message if each.name == refusal.at else "",
        )
        for each in form.fields
    )
    return replace(form, fields=fields, is_open=True, error=refusal.message)
