"""
What can be decided on many entries of the queue at once.

A step is read from a form, says what would become of each solution, and then has that
done by the services, one solution after the other.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from reviews.pages.wording import counted
from reviews.queries.home import OwnerName
from reviews.queries.selected import SelectedRow, active_person
from reviews.rules.access import Actor, NotAllowedError, Permission, require
from reviews.rules.covers import LONGEST_SNOOZE_DAYS
from reviews.rules.text import TextError, clean_line, shown
from reviews.rules.weeks import Week, coming_weeks, day_within
from reviews.services.covers import snooze_flag
from reviews.services.errors import InvalidError
from reviews.services.planning import check_plan, plan_reviews
from reviews.services.succession import reassign_solution

LONGEST_REASON = 500


class Word(StrEnum):
    """The steps, as a form names them."""

    REASSIGN = "reassign"
    SNOOZE = "snooze"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who decides, and when."""

    actor: Actor
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Fate:
    """What a solution is now, what it will be, or else why it stays as it is."""

    row: SelectedRow
    now: str
    then: str = ""
    refusal: str = ""


class Step(ABC):
    """One decision, complete, and to be taken on many solutions."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand

    @property
    @abstractmethod
    def title(self) -> str:
        """The decision as a command."""

    @property
    @abstractmethod
    def done(self) -> str:
        """The decision as a fact, before the number of solutions."""

    @abstractmethod
    def said(self) -> Mapping[str, str]:
        """Return the fields of the form from which the same step is read again."""

    @abstractmethod
    def fates(self, rows: Sequence[SelectedRow]) -> list[Fate]:
        """Return what would become of each solution, and change nothing."""

    @abstractmethod
    def take(self, row: SelectedRow) -> None:
        """
        Decide on one solution.

        :raises DomainError: if the service refuses it.
        :raises NotAllowedError: if that is beyond the actor's rights.
        """


class Reassign(Step):
    """Somebody else becomes the owner."""

    def __init__(self, hand: Hand, owner: OwnerName) -> None:
        super().__init__(hand)
        self.owner = owner

    @property
    def title(self) -> str:
        return f"Reassign to {self.owner.name}"

    @property
    def done(self) -> str:
        return f"Reassigned to {self.owner.name}"

    def said(self) -> Mapping[str, str]:
        return {"owner": self.owner.username}

    def fates(self, rows: Sequence[SelectedRow]) -> list[Fate]:
        return [
            Fate(
                row,
                f"owner: {row.owner.name}",
                f"owner: {self.owner.name}",
                self._refusal(row),
            )
            for row in rows
        ]

    def _refusal(self, row: SelectedRow) -> str:
        if missing := _missing(self.hand.actor, Permission.REASSIGN, row):
            return missing
        return "It is theirs already." if row.owner.id == self.owner.id else ""

    def take(self, row: SelectedRow) -> None:
        reassign_solution(
            solution_id=row.id,
            owner_id=self.owner.id,
            actor=self.hand.actor,
            today=self.hand.today,
            now=self.hand.now,
        )


class Snooze(Step):
    """All that is asked is asked later."""

    def __init__(self, hand: Hand, until: date, reason: str) -> None:
        super().__init__(hand)
        self.until = until
        self.reason = reason

    @property
    def title(self) -> str:
        return f"Snooze until {self.until}"

    @property
    def done(self) -> str:
        return f"Snoozed until {self.until}"

    def said(self) -> Mapping[str, str]:
        return {"until": str(self.until), "reason": self.reason}

    def fates(self, rows: Sequence[SelectedRow]) -> list[Fate]:
        return [self._fate(row) for row in rows]

    def _fate(self, row: SelectedRow) -> Fate:
        causes = ", ".join(flag.cause for flag in row.asked)
        refusal = _missing(self.hand.actor, Permission.COVER, row)
        if not refusal and not row.asked:
            refusal = "There is nothing to snooze: " + (
                "what is open is covered already."
                if row.covered
                else "no flag is open before the day of its review."
            )
        return Fate(
            row,
            f"asked: {causes}" if causes else "nothing is asked",
            f"asked again on {self.until}",
            refusal,
        )

    def take(self, row: SelectedRow) -> None:
        if not row.asked:
            raise InvalidError("There is nothing to snooze.")
        for flag in row.asked:
            snooze_flag(
                flag_id=flag.id,
                until=self.until,
                reason=self.reason,
                actor=self.hand.actor,
                today=self.hand.today,
                now=self.hand.now,
            )


class Plan(Step):
    """The next review is owed in a week of somebody's choice."""

    def __init__(self, hand: Hand, week: Week) -> None:
        super().__init__(hand)
        self.week = week

    @property
    def title(self) -> str:
        return f"Plan for {self.week.words}"

    @property
    def done(self) -> str:
        return f"Planned for {self.week.words}"

    def said(self) -> Mapping[str, str]:
        return {"week": str(self.week)}

    def fates(self, rows: Sequence[SelectedRow]) -> list[Fate]:
        days = {row.id: self._day(row) for row in rows}
        plan = check_plan(days=days, actor=self.hand.actor, today=self.hand.today)
        moved = {each.id for each in plan.moved}
        refused = dict(plan.refused)
        return [
            Fate(
                row,
                f"due by {row.next_review_on or 'no day'}",
                f"due by {days[row.id]}",
                refused.get(row.slug, "")
                or ("" if row.id in moved else "It is due on that day already."),
            )
            for row in rows
        ]

    def take(self, row: SelectedRow) -> None:
        plan = plan_reviews(
            days={row.id: self._day(row)},
            actor=self.hand.actor,
            today=self.hand.today,
            now=self.hand.now,
        )
        if plan.refused:
            raise InvalidError(plan.refused[0].why)
        if not plan.moved:
            raise InvalidError("It is due on that day already.")

    def _day(self, row: SelectedRow) -> date:
        # What was never reviewed may be planned anew beyond its first day.
        return day_within(
            self.week, row.clock_due_on if row.last_evaluated_on else None
        )


def step_of(said: Mapping[str, str], hand: Hand) -> Step:
    """
    Return the step that a form asks for.

    :raises InvalidError: if it is incomplete; `field` names the part.
    """
    match said.get("step", ""):
        case Word.REASSIGN:
            return Reassign(hand, _owner(said.get("owner", "")))
        case Word.SNOOZE:
            until = _until(said.get("until", ""), hand.today)
            return Snooze(hand, until, _reason(said.get("reason", "")))
        case Word.PLAN:
            return Plan(hand, _week(said.get("week", ""), hand.today))
        case _:
            raise InvalidError(
                "Say what is to be done with those chosen.", field="step"
            )


def last_snooze(today: date) -> date:
    """Return the last day until which anything can be snoozed."""
    return today + timedelta(days=LONGEST_SNOOZE_DAYS)


def _missing(actor: Actor, permission: Permission, row: SelectedRow) -> str:
    try:
        require(actor, permission, row.team_id)
    except NotAllowedError as error:
        return str(error)
    return ""


def _owner(typed: str) -> OwnerName:
    username = _line(typed, "owner", limit=150, wanted="a username")
    person = active_person(username)
    if person is None:
        raise InvalidError(
            f"Nobody who may sign in has the username {shown(username)}.",
            field="owner",
        )
    return person


def _until(typed: str, today: date) -> date:
    first, last = today + timedelta(days=1), last_snooze(today)
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError as error:
        raise InvalidError(
            f"Write the day on which to ask again, such as {first}.", field="until"
        ) from error
    if not first <= day <= last:
        raise InvalidError(
            f"A snooze lasts at most {counted(LONGEST_SNOOZE_DAYS, 'day')}: name a day "
            f"from {first} to {last}, not {day}.",
            field="until",
        )
    return day


def _reason(typed: str) -> str:
    return _line(typed, "reason", limit=LONGEST_REASON, wanted="a reason")


def _week(typed: str, today: date) -> Week:
    weeks = {str(week): week for week in coming_weeks(today)}
    if typed not in weeks:
        first, *_, last = weeks
        raise InvalidError(
            f"Choose one of the coming weeks, {first} to {last}.", field="week"
        )
    return weeks[typed]


def _line(typed: str, field: str, *, limit: int, wanted: str) -> str:
    if not typed.strip():
        raise InvalidError(f"It takes {wanted}.", field=field)
    try:
        return clean_line(typed, limit=limit)
    except TextError as error:
        raise InvalidError(
            f"The {field} cannot be used: {error}", field=field
        ) from error
