"""The home page's figures and lists, held to the rules row by row."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from pytest_django import DjangoAssertNumQueries

from reviews.models import Flag, Solution
from reviews.queries.home import (
    Figures,
    Filter,
    Listing,
    OwnerName,
    TeamName,
    census,
    listed,
    team_name,
    total,
)
from reviews.rules.staleness import freshness, is_overdue, reviewed_since
from reviews.rules.vocabulary import (
    BY_THE_CLOCK,
    UNREVIEWED,
    Action,
    Cause,
    Criticality,
    Freshness,
    Kind,
    Verdict,
)
from tests.conftest import NOW, TODAY, Cast

# Far away, on each side of every boundary, and on it.
OFFSETS = (-400, -31, -1, 0, 1, 29, 30, 31, 180)
REVIEWS = (0, 1, 90, 180, 183, 184, 185, 186, 400)


def any_solution(random: Random, number: int, cast: Cast) -> Solution:
    state = random.choice([UNREVIEWED, UNREVIEWED, *(word.value for word in Verdict)])
    reviewed_on = TODAY - timedelta(random.choice(REVIEWS))
    due_on = TODAY + timedelta(random.choice(OFFSETS))
    return Solution(
        slug=f"solution-{number}",
        key=f"package:solution-{number}",
        name=random.choice(["alpha", "Beta", "gamma", "Ärger"]),
        kind=random.choice(list(Kind)).value,
        criticality=random.choice(list(Criticality)).value,
        team=random.choice([None, cast.platform, cast.data]),
        owner=random.choice([None, cast.alice, cast.bob, cast.eve]),
        registered_on=date(2025, 1, 1),
        created_at=NOW,
        updated_at=NOW,
        state=state,
        last_evaluated_on=None if state == UNREVIEWED else reviewed_on,
        first_review_on=date(2025, 6, 1),
        next_review_on=None if state == Verdict.RETIRE.value else due_on,
    )


@pytest.fixture(params=range(4))
def some_register(request: pytest.FixtureRequest, cast: Cast) -> list[Solution]:
    random = Random(request.param)
    Solution.objects.bulk_create(any_solution(random, n, cast) for n in range(250))
    solutions = list(Solution.objects.order_by("pk"))
    Flag.objects.bulk_create(
        Flag(
            solution=solution,
            cause=cause.value,
            action=random.choice(list(Action)).value,
            due_on=TODAY,
            opened_at=NOW,
            closed_at=(closed := random.choice([None, NOW])),
            closed_because="evaluated" if closed else "",
            reason="" if cause in BY_THE_CLOCK else "Django says so.",
        )
        for solution in random.sample(solutions, 120)
        for cause in Cause
    )
    return solutions


def figures_row_by_row(solutions: list[Solution]) -> Figures:
    asked = set(
        Flag.objects.open()
        .filter(action=Action.DEPRECATE.value)
        .values_list("solution_id", flat=True)
    )
    counts: Counter[str] = Counter()
    for row in solutions:
        verdict, due_on = row.verdict(), row.next_review_on
        standing = freshness(verdict=verdict, next_review_on=due_on, today=TODAY)
        if standing is None:
            continue
        assert due_on is not None
        # What was never reviewed is judged as if it had been, for the day it is owed.
        as_if = freshness(verdict=Verdict.ADOPT, next_review_on=due_on, today=TODAY)
        never = standing is Freshness.UNREVIEWED
        assert is_overdue(due_on, TODAY) == (as_if is Freshness.OVERDUE)
        counts["registered"] += 1
        counts["reviewed"] += (
            row.last_evaluated_on is not None
            and row.last_evaluated_on >= reviewed_since(TODAY)
        )
        counts["overdue"] += as_if is Freshness.OVERDUE
        counts["overdue_never"] += never and as_if is Freshness.OVERDUE
        counts["due_soon"] += as_if is Freshness.DUE_SOON
        counts["due_soon_never"] += never and as_if is Freshness.DUE_SOON
        counts["never_reviewed"] += never
        counts["to_deprecate"] += verdict is Verdict.DEPRECATE or row.pk in asked
    return Figures(**counts)


def test_the_figures_are_what_the_rules_say_row_by_row(
    some_register: list[Solution],
) -> None:
    figures = total(census(TODAY).groups)

    assert figures == figures_row_by_row(some_register)
    by_rule = Counter(
        freshness(verdict=row.verdict(), next_review_on=row.next_review_on, today=TODAY)
        for row in some_register
    )
    assert figures.overdue - figures.overdue_never == by_rule[Freshness.OVERDUE]
    assert figures.due_soon - figures.due_soon_never == by_rule[Freshness.DUE_SOON]
    assert figures.never_reviewed == by_rule[Freshness.UNREVIEWED]
    assert figures.registered == len(some_register) - by_rule[None]


def test_every_group_has_the_figures_of_its_own_rows(
    some_register: list[Solution],
) -> None:
    groups = census(TODAY).groups

    assert len(groups) == len({(group.team, group.owner) for group in groups})
    for group in groups:
        own = [
            row
            for row in some_register
            if (row.team_id, row.owner_id) == (group.team.id, group.owner.id)
        ]
        assert group.figures == figures_row_by_row(own)


@pytest.mark.parametrize("listing", Listing)
def test_a_list_is_as_long_as_its_figure_says(
    some_register: list[Solution], listing: Listing
) -> None:
    for group in census(TODAY).groups:
        narrowed = Filter(group.team, group.owner)
        rows = listed(listing, narrowed, today=TODAY, limit=1000)
        assert len(rows) == group.figures.count(listing)


@pytest.mark.parametrize("listing", Listing)
def test_pages_put_together_are_the_whole_list_in_its_order(
    some_register: list[Solution], listing: Listing
) -> None:
    whole = listed(listing, Filter(), today=TODAY, limit=1000)

    pages, after = [], None
    while page := listed(listing, Filter(), today=TODAY, limit=7, after=after):
        pages += page
        after = page[-1].position

    assert pages == whole
    assert len({row.id for row in whole}) == len(whole) > 7
    keys = [(row.position.next_review_on, row.position.rank) for row in whole]
    assert keys == sorted(keys)


@pytest.mark.parametrize("listing", Listing)
def test_a_list_carries_the_open_flags_of_evidence(
    some_register: list[Solution], listing: Listing
) -> None:
    rows = listed(listing, Filter(), today=TODAY, limit=1000)

    asked = Flag.objects.open().exclude(cause__in=BY_THE_CLOCK)
    for row in rows:
        causes = {flag.cause.value for flag in row.flags if not flag.is_by_the_clock}
        told = asked.filter(solution=row.id).values_list("cause", flat=True)
        assert causes == set(told)
        if listing is not Listing.TO_DEPRECATE:
            assert len(row.flags) == len(causes)


@pytest.mark.parametrize("listing", Listing)
def test_a_list_takes_one_query_for_its_rows_and_one_for_their_flags(
    some_register: list[Solution],
    listing: Listing,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        listed(listing, Filter(), today=TODAY, limit=1000)


def test_the_most_critical_comes_first_among_the_equally_late(cast: Cast) -> None:
    for word in Criticality:
        row = any_solution(Random(1), 0, cast)
        row.slug, row.key = word.value, word.value
        row.state, row.criticality = "adopt", word.value
        row.last_evaluated_on = date(2026, 1, 1)
        row.next_review_on = date(2026, 7, 1)
        row.save()

    rows = listed(Listing.OVERDUE, Filter(), today=TODAY, limit=10)

    assert [row.slug for row in rows] == ["critical", "high", "medium", "low"]


def test_what_nobody_owns_is_a_group_of_its_own(cast: Cast) -> None:
    row = any_solution(Random(1), 0, cast)
    row.state, row.team, row.owner, row.last_evaluated_on = UNREVIEWED, None, None, None
    row.next_review_on = TODAY
    row.save()

    [group] = census(TODAY).groups

    assert group.team == TeamName(None, "", "no team")
    assert group.owner == OwnerName(None, "", "no owner")
    assert listed(
        Listing.DUE_SOON, Filter(TeamName(), OwnerName()), today=TODAY, limit=9
    )
    elsewhere = Filter(team_name(cast.platform))
    assert not listed(Listing.DUE_SOON, elsewhere, today=TODAY, limit=9)


def test_the_share_of_nothing_is_unknown_and_of_nearly_all_is_not_all() -> None:
    assert Figures().reviewed_percent() is None
    assert Figures(registered=1000, reviewed=999).reviewed_percent() == 99
    assert Figures(registered=3, reviewed=3).reviewed_percent() == 100
