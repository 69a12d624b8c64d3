"""Levelling a team's reviews, or an owner's, on request."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Change, Solution, Team, User
from reviews.rules.access import NotAllowedError
from reviews.rules.levelling import monday_of
from reviews.rules.staleness import SIX_MONTHS, due_date
from reviews.rules.vocabulary import Criticality
from reviews.services.errors import ConflictError, InvalidError, StaleError
from reviews.services.imports import import_inventory
from reviews.services.levelling import Levelling, level_reviews
from reviews.services.planning import plan_reviews
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import (
    OPERATOR,
    evaluated,
    judged,
    registered,
    written,
)

ONE_DAY = date(2026, 9, 16)
"""The day on which everything was evaluated, and so falls due together."""
CLIFF = due_date(ONE_DAY, SIX_MONTHS)


def cliff(
    count: int,
    team: Team,
    owner: User | None = None,
    on: date = ONE_DAY,
    **said: Any,
) -> list[Solution]:
    """Register solutions that were all evaluated on one day."""
    solutions = []
    for number in range(count):
        name = f"{team.name} {owner or 'nobody'} {on} {number}"
        solution = registered(
            name, on=on, team=team, owner_id=owner.pk if owner else None, **said
        )
        evaluated(solution, judged(on=on))
        solutions.append(solution)
    return solutions


def levelled(cast: Cast, *, take: bool = True, **whose: Any) -> Levelling:
    actor = whose.pop("actor", cast.actor(cast.alice))
    return level_reviews(actor=actor, today=TODAY, now=NOW, take=take, **whose)


def weeks(solutions: Iterable[Solution]) -> Counter[date]:
    ids = [solution.pk for solution in solutions]
    days = Solution.objects.filter(pk__in=ids).values_list("next_review_on", flat=True)
    return Counter(monday_of(day) for day in days if day)


@pytest.fixture
def ten_a_week(cast: Cast) -> Cast:
    """The platform team, of which Alice fits four a week and Bob six."""
    User.objects.filter(pk=cast.alice.pk).update(reviews_per_week=4)
    User.objects.filter(pk=cast.bob.pk).update(reviews_per_week=6)
    return cast


def test_a_cliff_is_levelled_within_what_the_team_fits(ten_a_week: Cast) -> None:
    solutions = cliff(120, ten_a_week.platform)

    levelling = levelled(ten_a_week, team_id=ten_a_week.platform.pk)

    assert len(levelling.moves) == 110
    assert (levelling.overfull, levelling.refused) == ((), ())
    assert max(weeks(solutions).values()) == 10
    for solution in solutions:
        solution.refresh_from_db()
        assert solution.next_review_on is not None
        assert TODAY < solution.next_review_on <= CLIFF
        assert solution.clock_due_on == CLIFF


def test_what_owners_have_is_levelled_by_what_each_of_them_fits(
    ten_a_week: Cast,
) -> None:
    team = ten_a_week.platform
    alices = cliff(20, team, ten_a_week.alice)
    bobs = cliff(30, team, ten_a_week.bob)

    levelled(ten_a_week, team_id=team.pk)

    assert max(weeks(alices).values()) == 4
    assert max(weeks(bobs).values()) == 6


def test_what_nobody_owns_goes_where_the_owners_leave_room(ten_a_week: Cast) -> None:
    team = ten_a_week.platform
    owned = cliff(20, team, ten_a_week.alice)
    nobodys = cliff(30, team)

    levelling = levelled(ten_a_week, team_id=team.pk)

    assert levelling.overfull == ()
    assert max(weeks(owned).values()) == 4
    assert max(weeks([*owned, *nobodys]).values()) == 10


def test_what_a_deactivated_person_owns_is_the_teams_to_fit(ten_a_week: Cast) -> None:
    team = ten_a_week.platform
    User.objects.filter(pk=ten_a_week.bob.pk).update(is_active=False)
    bobs = cliff(12, team, ten_a_week.bob)

    levelling = levelled(ten_a_week, team_id=team.pk)

    assert levelling.overfull == ()
    assert max(weeks(bobs).values()) == 4


def test_what_an_owner_does_for_other_teams_takes_its_part(ten_a_week: Cast) -> None:
    elsewhere = cliff(3, ten_a_week.data, ten_a_week.alice)
    here = cliff(8, ten_a_week.platform, ten_a_week.alice)

    levelled(ten_a_week, team_id=ten_a_week.platform.pk)

    assert weeks(elsewhere) == {monday_of(CLIFF): 3}
    assert weeks(here)[monday_of(CLIFF)] == 1
    assert max(weeks([*elsewhere, *here]).values()) == 4


def test_an_owner_is_levelled_in_the_teams_that_the_lead_may_plan_for(
    ten_a_week: Cast,
) -> None:
    theirs = cliff(6, ten_a_week.data, ten_a_week.alice)
    mine = cliff(6, ten_a_week.platform, ten_a_week.alice)

    by_lead = levelled(ten_a_week, take=False, owner_id=ten_a_week.alice.pk)
    by_administrator = levelled(
        ten_a_week,
        owner_id=ten_a_week.alice.pk,
        actor=ten_a_week.actor(ten_a_week.dora),
    )

    assert {move.id for move in by_lead.moves} == {each.pk for each in mine}
    assert len(by_administrator.moves) == 8
    assert max(weeks([*theirs, *mine]).values()) == 4


def test_the_riskiest_go_earliest(ten_a_week: Cast) -> None:
    team = ten_a_week.platform
    low = cliff(12, team, criticality=Criticality.LOW)
    critical = cliff(3, team, on=date(2026, 9, 17), criticality=Criticality.CRITICAL)
    for risk, solutions in enumerate([low, critical]):
        ids = [solution.pk for solution in solutions]
        Solution.objects.filter(pk__in=ids).update(risk_class=3 * risk)

    moves = levelled(ten_a_week, team_id=team.pk).moves

    assert [move.risk_class for move in moves] == [3, 3, 3, 0, 0]
    assert {move.id for move in moves[:3]} == {solution.pk for solution in critical}
    assert max(move.after for move in moves[:3]) <= min(
        move.after for move in moves[3:]
    )


def test_first_reviews_that_fall_together_may_go_to_later_weeks(
    ten_a_week: Cast,
) -> None:
    team = ten_a_week.platform
    solutions = [registered(f"New {n}", team=team) for n in range(80)]
    last = due_date(TODAY, SIX_MONTHS)

    levelling = levelled(ten_a_week, team_id=team.pk)

    assert levelling.overfull == ()
    assert max(weeks(solutions).values()) == 10
    for solution in solutions:
        solution.refresh_from_db()
        assert solution.next_review_on is not None
        assert TODAY < solution.next_review_on <= last
        assert solution.first_review_on == solution.next_review_on


def test_what_cannot_fit_stays_and_is_named(ten_a_week: Cast) -> None:
    soon = date(2026, 6, 3)
    solutions = cliff(40, ten_a_week.platform, ten_a_week.alice, on=soon)

    levelling = levelled(ten_a_week, team_id=ten_a_week.platform.pk)

    (week,) = levelling.overfull
    assert week.whose == "Alice"
    assert (week.week.holds, week.week.fits) == (36, 4)
    assert weeks(solutions) == {date(2026, 11, 23): 4, date(2026, 11, 30): 36}


def test_what_is_overdue_stays_where_it_is(ten_a_week: Cast) -> None:
    solutions = cliff(20, ten_a_week.platform, on=date(2026, 5, 1))

    assert levelled(ten_a_week, team_id=ten_a_week.platform.pk) == Levelling()
    assert weeks(solutions) == {date(2026, 10, 26): 20}


def test_what_is_level_is_left_alone(ten_a_week: Cast) -> None:
    cliff(10, ten_a_week.platform)
    before = written()

    assert levelled(ten_a_week, team_id=ten_a_week.platform.pk) == Levelling()
    assert written() == before


def test_a_preview_is_what_is_done_then(ten_a_week: Cast) -> None:
    cliff(15, ten_a_week.platform)
    cliff(15, ten_a_week.platform, ten_a_week.bob)
    team_id = ten_a_week.platform.pk
    before = written()

    preview = levelled(ten_a_week, take=False, team_id=team_id)

    assert written() == before
    assert levelled(ten_a_week, team_id=team_id, seen=preview.mark) == preview
    assert Change.objects.filter(what="planned").count() == len(preview.moves) == 20


def test_moves_that_are_no_longer_those_seen_are_not_made(ten_a_week: Cast) -> None:
    solutions = cliff(15, ten_a_week.platform)
    team_id = ten_a_week.platform.pk
    preview = levelled(ten_a_week, take=False, team_id=team_id)
    plan_reviews(
        days={solutions[0].pk: date(2026, 12, 8)}, actor=OPERATOR, today=TODAY, now=NOW
    )
    before = written()

    with pytest.raises(StaleError):
        levelled(ten_a_week, team_id=team_id, seen=preview.mark)
    assert written() == before


@pytest.mark.parametrize("person", ["bob", "charlie", "eve", "frank"])
@pytest.mark.parametrize("take", [True, False])
def test_only_leads_level(ten_a_week: Cast, person: str, take: bool) -> None:
    cliff(12, ten_a_week.platform, ten_a_week.alice)
    actor = ten_a_week.actor(getattr(ten_a_week, person))
    before = written()

    with pytest.raises(NotAllowedError):
        levelled(ten_a_week, actor=actor, take=take, team_id=ten_a_week.platform.pk)
    with pytest.raises(NotAllowedError):
        levelled(ten_a_week, actor=actor, take=take, owner_id=ten_a_week.alice.pk)
    assert written() == before


def test_a_team_and_an_owner_are_not_levelled_at_once(cast: Cast) -> None:
    with pytest.raises(InvalidError):
        levelled(cast, team_id=cast.platform.pk, owner_id=cast.alice.pk)
    with pytest.raises(InvalidError):
        levelled(cast)


def test_a_deactivated_owner_is_not_levelled_but_handed_over(cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)

    with pytest.raises(ConflictError, match="hand the solutions over"):
        levelled(cast, owner_id=cast.bob.pk)


def test_who_or_what_is_gone_is_not_levelled(cast: Cast) -> None:
    dora = cast.actor(cast.dora)

    with pytest.raises(ConflictError):
        levelled(cast, actor=dora, owner_id=10**9)
    with pytest.raises(ConflictError):
        levelled(cast, actor=dora, team_id=10**9)


def test_many_are_levelled_in_a_few_statements(ten_a_week: Cast) -> None:
    def statements(count: int, team: Team) -> int:
        cliff(count, team)
        with CaptureQueriesContext(connection) as captured:
            levelling = levelled(
                ten_a_week, team_id=team.pk, actor=ten_a_week.actor(ten_a_week.dora)
            )
        assert levelling.moves
        return len(captured)

    assert statements(80, ten_a_week.platform) <= statements(7, ten_a_week.data) + 1


def test_levelling_again_moves_nothing(ten_a_week: Cast) -> None:
    cliff(40, ten_a_week.platform)
    cliff(30, ten_a_week.platform, ten_a_week.bob)
    team_id = ten_a_week.platform.pk
    levelled(ten_a_week, team_id=team_id)

    assert levelled(ten_a_week, take=False, team_id=team_id).moves == ()


def test_a_day_later_it_is_still_level(ten_a_week: Cast) -> None:
    cliff(40, ten_a_week.platform)
    team_id = ten_a_week.platform.pk
    levelled(ten_a_week, team_id=team_id)

    later = level_reviews(
        actor=OPERATOR,
        today=TODAY + timedelta(1),
        now=NOW + timedelta(1),
        take=False,
        team_id=team_id,
    )

    assert later == Levelling()


def test_an_import_fills_the_emptier_weeks_of_its_team_first(ten_a_week: Cast) -> None:
    team = ten_a_week.platform
    full = date(2026, 12, 9)
    standing = [registered(f"Standing {n}", team=team) for n in range(30)]
    plan_reviews(
        days={solution.pk: full for solution in standing},
        actor=OPERATOR,
        today=TODAY,
        now=NOW,
    )

    bring(ten_a_week, "platform")

    new = Solution.objects.exclude(pk__in=[each.pk for each in standing])
    came = weeks(new)
    assert sum(came.values()) == 100
    assert came[monday_of(full)] == 0
    assert max(came.values()) <= 6


def test_an_import_asks_nothing_of_what_other_teams_have_planned(
    ten_a_week: Cast,
) -> None:
    full = date(2026, 12, 9)
    for number in range(30):
        theirs = registered(f"Theirs {number}", team=ten_a_week.data)
        plan_reviews(days={theirs.pk: full}, actor=OPERATOR, today=TODAY, now=NOW)

    bring(ten_a_week, "platform")

    assert weeks(Solution.objects.filter(team=ten_a_week.platform))[monday_of(full)] > 0


def bring(cast: Cast, team: str) -> None:
    """Import a hundred packages for a team."""
    rows = "".join(f"Package {n},package,{team}\n" for n in range(100))
    report = import_inventory(
        content=f"name,kind,team\n{rows}".encode(),
        filename="inventory.csv",
        actor=OPERATOR,
        today=TODAY,
        now=NOW,
    )
    assert report.counts()["added"] == 100
