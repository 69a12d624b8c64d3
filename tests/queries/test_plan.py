"""What is ahead, week by week."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Membership, Solution, User
from reviews.queries.home import Filter, OwnerName, TeamName, owner_name, team_name
from reviews.queries.plan import WEEKS, Load, Outlook, outlook
from reviews.rules.levelling import monday_of
from reviews.rules.vocabulary import Verdict
from tests.conftest import TODAY, Cast
from tests.services.building import evaluated, judged, registered

THIS_MONDAY = date(2026, 11, 16)


def due(on: date, name: str = "", **said: Any) -> Solution:
    """Register a solution whose next review is on a day."""
    solution = registered(name or f"Due {on} {Solution.objects.count()}", **said)
    Solution.objects.filter(pk=solution.pk).update(next_review_on=on)
    return solution


def everything(today: date = TODAY) -> Load:
    return outlook(today).load(Filter())


def test_the_weeks_begin_with_this_one_and_with_mondays(cast: Cast) -> None:
    mondays = outlook(TODAY).mondays

    assert mondays[0] == THIS_MONDAY
    assert len(mondays) == WEEKS == 26
    assert {monday.weekday() for monday in mondays} == {0}
    assert len(set(mondays)) == WEEKS


@pytest.mark.parametrize(
    ("days", "place"),
    [(0, 0), (1, 1), (7, 1), (8, 2), (7 * 25, 25)],
    ids=["today", "tomorrow is a Monday", "the Sunday after", "and on", "the last"],
)
def test_a_review_counts_in_the_week_of_its_day(
    cast: Cast, days: int, place: int
) -> None:
    due(TODAY + timedelta(days))

    weeks = everything().weeks
    assert [n for n, count in enumerate(weeks) if count] == [place]


def test_what_is_overdue_stands_apart(cast: Cast) -> None:
    due(TODAY - timedelta(1))
    due(TODAY - timedelta(1000))

    load = everything()

    assert (load.backlog, load.coming, load.beyond) == (2, 0, 0)


def test_what_is_due_later_is_counted_and_in_no_week(cast: Cast) -> None:
    due(THIS_MONDAY + timedelta(weeks=26))

    load = everything()

    assert (load.backlog, load.coming, load.beyond) == (0, 0, 1)


def test_what_is_retired_is_left_out(cast: Cast) -> None:
    evaluated(registered("Gone"), judged(Verdict.RETIRE))

    assert everything() == Load()


def test_the_counts_are_those_of_the_register(cast: Cast) -> None:
    teams = [cast.platform, cast.data, None]
    owners = [cast.alice, cast.bob, None]
    for number in range(40):
        due(
            TODAY + timedelta(number * 5 - 10),
            team=teams[number % 3],
            owner_id=getattr(owners[number % 2 * 2 or number % 3], "pk", None),
        )

    ahead = outlook(TODAY)

    for team in teams:
        for owner in owners:
            rows = Solution.objects.filter(team=team, owner=owner)
            days = [day for day in rows.values_list("next_review_on", flat=True) if day]
            weeks = Counter(monday_of(day) for day in days if day >= TODAY)
            load = ahead.load(Filter(team_name(team), owner_name(owner)))
            assert load.backlog == sum(1 for day in days if day < TODAY)
            assert load.weeks == tuple(weeks[monday] for monday in ahead.mondays)
    assert sum(each.load.coming for each in ahead.owned) == everything().coming


class TestWhatFits:
    @pytest.fixture
    def ahead(self, cast: Cast) -> Outlook:
        User.objects.filter(pk=cast.alice.pk).update(reviews_per_week=3)
        for owner in (cast.alice, cast.frank):
            due(TODAY, team=cast.platform, owner_id=owner.pk)
        return outlook(TODAY)

    def test_a_team_fits_what_its_leads_and_engineers_do(
        self, ahead: Outlook, cast: Cast
    ) -> None:
        # Charlie only views.
        assert ahead.capacity(Filter(team=team_name(cast.platform))) == 3 + 5

    def test_an_owner_fits_what_is_said_of_them(
        self, ahead: Outlook, cast: Cast
    ) -> None:
        assert ahead.capacity(Filter(owner=owner_name(cast.alice))) == 3
        assert ahead.capacity(Filter(owner=owner_name(cast.frank))) == 5

    def test_somebody_in_two_teams_counts_once_in_all_of_them(self, cast: Cast) -> None:
        Membership.objects.create(user=cast.bob, team=cast.data, role="lead")

        ahead = outlook(TODAY)

        assert ahead.capacity(Filter()) == 5 * len([cast.alice, cast.bob, cast.eve])
        assert ahead.capacity(Filter(team=team_name(cast.data))) == 10

    def test_who_is_deactivated_fits_nothing(self, cast: Cast) -> None:
        due(TODAY, team=cast.platform, owner_id=cast.bob.pk)
        User.objects.filter(pk=cast.bob.pk).update(is_active=False)

        ahead = outlook(TODAY)

        assert ahead.capacity(Filter(team=team_name(cast.platform))) == 5
        assert ahead.capacity(Filter(owner=owner_name(cast.bob))) == 0

    def test_nobody_knows_what_fits_where_there_is_nobody(self, ahead: Outlook) -> None:
        assert ahead.capacity(Filter(team=TeamName())) is None
        assert ahead.capacity(Filter(owner=OwnerName())) is None
        assert {week.over for week in ahead.weeks(Filter(team=TeamName()))} == {0}


def test_a_week_with_more_than_fits_says_by_how_much(cast: Cast) -> None:
    User.objects.filter(pk=cast.eve.pk).update(reviews_per_week=2)
    for _ in range(5):
        due(TODAY + timedelta(1), team=cast.data)

    this, cliff, *later = outlook(TODAY).weeks(Filter(team=team_name(cast.data)))

    assert (cliff.number, cliff.due, cliff.fits, cliff.over) == (48, 5, 2, 3)
    assert {week.over for week in [this, *later]} == {0}


def test_it_takes_four_queries_however_much_there_is(cast: Cast) -> None:
    for number in range(30):
        due(
            TODAY + timedelta(number * 6),
            team=[cast.platform, cast.data][number % 2],
            owner_id=[cast.alice.pk, cast.bob.pk, cast.eve.pk][number % 3],
        )

    with CaptureQueriesContext(connection) as captured:
        outlook(TODAY)

    assert len(captured) == 4
