"""Who is asked about an open flag on which day."""

from datetime import date, timedelta

import pytest

from reviews.rules.escalation import (
    DEFAULT_HEAD_AFTER_DAYS,
    DEFAULT_LEAD_AFTER_DAYS,
    Level,
    Patience,
    Rung,
    patience_for,
    rung_of,
)
from reviews.rules.staleness import SIX_MONTHS, PolicyScope
from reviews.rules.vocabulary import Criticality, Kind

DUE = date(2026, 11, 1)
LEAD_ON = DUE + timedelta(7)
HEAD_ON = DUE + timedelta(28)


def rung(
    today: date,
    *,
    due_on: date = DUE,
    asked_from: date = DUE,
    patience: Patience = Patience(),  # noqa: B008
    has_owner: bool = True,
    has_lead: bool = True,
) -> Rung:
    return rung_of(
        due_on,
        today,
        asked_from=asked_from,
        patience=patience,
        has_owner=has_owner,
        has_lead=has_lead,
    )


@pytest.mark.parametrize(
    ("today", "level"),
    [
        pytest.param(DUE, Level.OWNER, id="on its day"),
        pytest.param(LEAD_ON - timedelta(1), Level.OWNER, id="the day before"),
        pytest.param(LEAD_ON, Level.LEAD, id="after seven days"),
        pytest.param(HEAD_ON - timedelta(1), Level.LEAD, id="the day before the next"),
        pytest.param(HEAD_ON, Level.HEAD, id="after twenty-one more"),
        pytest.param(date.max, Level.HEAD, id="for ever"),
    ],
)
def test_a_flag_climbs_by_its_days(today: date, level: Level) -> None:
    assert rung(today).level is level


def test_a_flag_says_since_when_and_when_next() -> None:
    assert rung(DUE) == Rung(Level.OWNER, DUE, LEAD_ON, Level.LEAD)
    assert rung(LEAD_ON) == Rung(Level.LEAD, LEAD_ON, HEAD_ON, Level.HEAD)
    assert rung(HEAD_ON) == Rung(Level.HEAD, HEAD_ON, None, None)


def test_what_is_not_due_yet_stays_with_the_owner() -> None:
    assert rung(DUE - timedelta(60), asked_from=DUE - timedelta(90)) == Rung(
        Level.OWNER, DUE - timedelta(90), LEAD_ON, Level.LEAD
    )


def test_a_flag_that_was_opened_late_is_asked_of_the_owner_first() -> None:
    opened = DUE + timedelta(300)

    assert rung(opened, asked_from=opened).level is Level.OWNER
    assert rung(opened + timedelta(7), asked_from=opened).level is Level.LEAD


def test_without_an_owner_it_starts_at_the_lead() -> None:
    asked_from = DUE - timedelta(30)

    found = rung(DUE - timedelta(20), asked_from=asked_from, has_owner=False)

    assert found == Rung(Level.LEAD, asked_from, HEAD_ON, Level.HEAD)


def test_a_team_without_a_lead_is_passed_over() -> None:
    assert rung(DUE, has_lead=False) == Rung(Level.OWNER, DUE, LEAD_ON, Level.HEAD)
    assert rung(LEAD_ON, has_lead=False) == Rung(Level.HEAD, LEAD_ON)


def test_without_either_it_starts_at_the_leads_lead() -> None:
    assert rung(DUE, has_owner=False, has_lead=False) == Rung(Level.HEAD, DUE)


def test_no_days_at_all_climb_at_once() -> None:
    assert rung(DUE, patience=Patience(0, 0)).level is Level.HEAD
    assert rung(DUE, patience=Patience(0, 5)).level is Level.LEAD
    never_at_the_lead = rung(DUE, patience=Patience(3, 0))
    assert never_at_the_lead.next_level is Level.HEAD
    assert never_at_the_lead.next_on == DUE + timedelta(3)


def test_the_last_day_of_all_is_no_error() -> None:
    found = rung(date.max, due_on=date.max, asked_from=date.max)

    assert found.level is Level.HEAD


@pytest.mark.parametrize("has_owner", [True, False])
@pytest.mark.parametrize("has_lead", [True, False])
@pytest.mark.parametrize("patience", [Patience(), Patience(0, 0), Patience(3, 1)])
def test_a_flag_never_climbs_down_and_comes_when_it_said(
    has_owner: bool, has_lead: bool, patience: Patience
) -> None:
    days = [DUE + timedelta(n) for n in range(-10, 60)]
    found = [
        rung(
            day,
            asked_from=days[0],
            patience=patience,
            has_owner=has_owner,
            has_lead=has_lead,
        )
        for day in days
    ]

    heights = [list(Level).index(each.level) for each in found]
    assert heights == sorted(heights)
    for day, each, then in zip(days, found, found[1:], strict=False):
        tomorrow = day + timedelta(1)
        if each.next_on == tomorrow:
            assert (then.level, then.since) == (each.next_level, tomorrow)
        else:
            assert then == each


def scope(lead: int | None, head: int | None, **covers: object) -> PolicyScope:
    return PolicyScope(
        SIX_MONTHS,
        lead_after_days=lead,
        head_after_days=head,
        **covers,  # type: ignore[arg-type]
    )


def patience(*scopes: PolicyScope) -> Patience:
    return patience_for(Kind.PACKAGE, Criticality.HIGH, frozenset({"web"}), scopes)


def test_without_a_policy_the_defaults_hold() -> None:
    assert patience() == Patience(DEFAULT_LEAD_AFTER_DAYS, DEFAULT_HEAD_AFTER_DAYS)
    assert patience(scope(None, None)) == Patience()


def test_of_several_policies_the_fewest_days_count_each_for_itself() -> None:
    several = [
        scope(5, 30, kind=Kind.PACKAGE),
        scope(9, 10, criticality=Criticality.HIGH),
        scope(None, 25, tag="web"),
    ]

    assert patience(*several) == Patience(5, 10)


def test_a_policy_may_wait_longer_than_the_default() -> None:
    assert patience(scope(14, 60)) == Patience(14, 60)


def test_a_policy_for_others_does_not_count() -> None:
    assert patience(scope(1, 1, kind=Kind.MODEL), scope(1, 1, tag="ml")) == Patience()
