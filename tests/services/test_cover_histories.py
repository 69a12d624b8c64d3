"""Whatever happens to a flag and its covers, held to a small model of it."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from reviews.models import Cover, Flag, Solution
from reviews.rules.signals import Severity
from reviews.services.errors import DomainError
from reviews.services.scanning import scan
from tests.conftest import TODAY, Cast
from tests.services.building import evaluated, judged
from tests.services.covering import (
    flaw,
    overridden,
    questioned,
    revoked,
    snoozed,
    waived,
)
from tests.services.evidence.sources import at, collected, night, pypi

_REPLACES = {
    "snooze": {"snooze"},
    "waiver": {"snooze", "waiver", "override"},
    "override": {"snooze", "waiver", "override"},
}


@dataclass
class Expected:
    """What is expected of a flag: its newest cover, and whether a scan ended it early."""

    kind: str = ""
    until: date | None = None
    ended: bool = True
    early: bool = False
    severity: Severity = Severity.LOW
    weight: Severity = Severity.LOW
    is_open: bool = True
    days: int = 0

    @property
    def today(self) -> date:
        return TODAY + timedelta(days=self.days)

    def covers(self, day: date) -> bool:
        return not self.ended and (self.until is None or self.until > day)


class Histories(RuleBasedStateMachine):
    """A flaw that becomes graver, one flag, and everything that may happen to it."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()
        self.said = Expected()
        self.flag = questioned(self.cast, flaw(Severity.LOW))
        self.solution = Solution.objects.get(pk=self.flag.solution_id)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rolled_back.__exit__(None, None, None)

    def make(self, kind: str, until: date | None) -> None:
        said = self.said
        refused = not said.is_open or (
            said.covers(said.today) and said.kind not in _REPLACES[kind]
        )
        try:
            if kind == "snooze":
                snoozed(self.flag, until or said.today, on=said.today)
            elif kind == "waiver":
                waived(self.flag, self.cast.bob, until or said.today, on=said.today)
            else:
                overridden(self.flag, on=said.today)
        except DomainError:
            assert refused
            return
        assert not refused
        said.kind, said.until, said.ended, said.early = kind, until, False, False
        said.weight = said.severity

    @rule(days=st.integers(1, 30))
    def snooze(self, days: int) -> None:
        self.make("snooze", self.said.today + timedelta(days=days))

    @rule(days=st.integers(1, 40))
    def waive(self, days: int) -> None:
        self.make("waiver", self.said.today + timedelta(days=days))

    @rule()
    def override(self) -> None:
        self.make("override", None)

    @rule()
    def revoke(self) -> None:
        cover = Cover.objects.active().filter(flag=self.flag).first()
        assert (cover is None) == self.said.ended
        if cover is not None:
            revoked(cover, on=self.said.today)
            self.said.ended, self.said.early = True, False

    @rule(days=st.integers(1, 12))
    def let_days_pass(self, days: int) -> None:
        self.said.days += days
        # The nights between are what keeps the evidence's pull up to date.
        night(self.said.today)

    @rule(ahead=st.sampled_from([-3, 0, 0, 0, 5, 35]))
    def scan(self, ahead: int) -> None:
        said = self.said
        on = said.today + timedelta(days=ahead)
        scan(on=on, today=said.today, now=at(said.today))
        if said.early and said.until is not None:
            # Ended too early, and the day is still to come: it covers again.
            worse = _weight(said.severity) > _weight(said.weight)
            still = said.is_open and not worse
            if still and said.until > max(on, said.today):
                said.ended, said.early = False, False
        if not said.ended and said.until is not None and said.until <= on:
            said.ended, said.early = True, True

    @precondition(lambda self: self.said.is_open)
    @rule(severity=st.sampled_from([Severity.LOW, Severity.MEDIUM, Severity.HIGH]))
    def say_how_grave_it_is(self, severity: Severity) -> None:
        said = self.said
        collected(self.solution, pypi(flaw(severity)), on=said.today, insist=True)
        # The flag takes the value at once; only a rise asks again.
        covers = said.covers(said.today)
        graver = _weight(severity) > _weight(said.weight)
        other = said.kind == "override" and severity is not said.weight
        if covers and (graver or other):
            said.ended, said.early = True, False
        said.severity = severity

    @precondition(lambda self: self.said.is_open)
    @rule()
    def evaluate(self) -> None:
        on = self.said.today
        evaluated(self.solution, judged(on=on), today=on, now=at(on))
        self.flag.refresh_from_db()
        self.said.is_open = self.flag.closed_at is None
        if not self.said.is_open:
            self.said.ended, self.said.early = True, False

    @invariant()
    def the_flag_says_what_covers_it(self) -> None:
        flag = Flag.objects.get(pk=self.flag.pk)
        active = list(Cover.objects.active().filter(flag=flag))
        said = self.said
        assert (flag.closed_at is None) == said.is_open
        assert len(active) == (0 if said.ended else 1)
        if said.ended:
            assert (flag.covered_by, flag.covered_until) == ("", None)
        else:
            assert (active[0].kind, active[0].until) == (said.kind, said.until)
            until = said.until or date.max
            assert (flag.covered_by, flag.covered_until) == (said.kind, until)
        for ahead in (0, 1, 29, 400):
            day = said.today + timedelta(days=ahead)
            asked = Flag.objects.asked_on(day).filter(pk=flag.pk).exists()
            assert asked == (said.is_open and not said.covers(day))


def _weight(severity: Severity) -> int:
    return list(Severity).index(severity)


@pytest.mark.django_db
def test_histories_of_covers_follow_the_model(cast: Cast) -> None:
    class OfThisCast(Histories):
        pass

    OfThisCast.cast = cast
    run_state_machine_as_test(
        OfThisCast,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
