"""The queue's order, held against sorting all of it by the rule."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Cover, Decision, Evaluation, Flag, Solution, User
from reviews.queries.queue_order import (
    MOST_COUNTED,
    Place,
    Show,
    Wanted,
    Whose,
    figures,
    places,
    proposal_ids,
    waiver_ids,
)
from reviews.rules.risk import CLASSES, risk
from reviews.rules.staleness import due_soon_until
from reviews.rules.vocabulary import UNREVIEWED, Cause, Criticality, Kind, Verdict
from tests.conftest import NOW, TODAY, Cast

SOLUTION_LISTS = (Show.DUE, Show.OVERDUE, Show.DUE_SOON, Show.PULLED, Show.ORPHANS)


def stored(**said: Any) -> Solution:
    """Return a solution that nobody registered: only what the order goes by is real."""
    number = Solution.objects.count()
    retired = said.get("state") == Verdict.RETIRE.value
    given: dict[str, Any] = {
        "slug": f"solution-{number}",
        "key": f"package:{number}",
        "name": f"Solution {number}",
        "kind": Kind.PACKAGE.value,
        "registered_on": TODAY,
        "first_review_on": TODAY,
        "last_evaluated_on": TODAY if retired else None,
        "next_review_on": None if retired else TODAY,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Solution.objects.create(**given | said)


def away(days: int) -> date:
    return TODAY + timedelta(days=days)


def scattered(cast: Cast, seed: int, size: int = 150) -> None:
    chance = random.Random(seed)
    people = [cast.alice, cast.bob, cast.eve, None]
    cast.eve.is_active = False
    cast.eve.save()
    for _ in range(size):
        if chance.random() < 0.05:
            stored(state=Verdict.RETIRE.value, owner=chance.choice(people))
            continue
        stored(
            kind=chance.choice(list(Kind)).value,
            criticality=chance.choice(list(Criticality)).value,
            risk_class=chance.choice(CLASSES),
            next_review_on=away(chance.choice([-400, -30, -3, -1, 0, 1, 29, 30, 31])),
            team=chance.choice([cast.platform, cast.data, None]),
            owner=chance.choice(people),
            pulled_by=chance.choice(["", "", "an advisory"]),
            quiet_until=chance.choice([None, None, away(-1), TODAY, away(1), away(60)]),
        )


def is_listed(show: Show, row: Solution, left: set[int]) -> bool:
    if row.state == Verdict.RETIRE.value or row.next_review_on is None:
        return False
    if show is Show.ORPHANS:
        return row.owner_id is None or row.owner_id in left
    due_on = row.next_review_on
    is_quiet = row.quiet_until is not None and row.quiet_until > TODAY
    if due_on > due_soon_until(TODAY) or (due_on <= TODAY and is_quiet):
        return False
    match show:
        case Show.OVERDUE:
            return due_on < TODAY
        case Show.DUE_SOON:
            return due_on >= TODAY
        case Show.PULLED:
            return row.pulled_by != ""
        case _:
            return True


def is_theirs(show: Show, wanted: Wanted, row: Solution) -> bool:
    if wanted.kind and row.kind != wanted.kind:
        return False
    if wanted.criticality and row.criticality != wanted.criticality:
        return False
    if wanted.whose is Whose.ALL:
        return True
    if wanted.whose is Whose.TEAM or show is Show.ORPHANS:
        return row.team_id in wanted.team_ids
    return row.owner_id == wanted.user_id


def expected(show: Show, wanted: Wanted) -> list[int]:
    left = set(User.objects.filter(is_active=False).values_list("pk", flat=True))
    rows = [
        row
        for row in Solution.objects.all()
        if is_listed(show, row, left) and is_theirs(show, wanted, row)
    ]

    def order(row: Solution) -> tuple[int, date, int]:
        due_on = row.next_review_on
        assert due_on is not None
        if show is Show.ORPHANS:
            return (-row.risk_class, due_on, row.pk)
        return (-risk(due_on, TODAY, row.risk_class), due_on, row.pk)

    return [row.pk for row in sorted(rows, key=order)]


def ids(found: list[Place]) -> list[int]:
    return [place.id for place in found]


@pytest.mark.parametrize("seed", range(4))
def test_the_queue_is_the_whole_register_sorted_by_the_rule(
    cast: Cast, seed: int
) -> None:
    scattered(cast, seed)
    bob = cast.bob.pk
    both = (cast.platform.pk, cast.data.pk)

    for show in SOLUTION_LISTS:
        for wanted in [
            Wanted(),
            Wanted(Whose.MINE, bob, both[:1]),
            Wanted(Whose.TEAM, team_ids=both[:1]),
            Wanted(Whose.TEAM, team_ids=both),
            Wanted(Whose.TEAM),
            Wanted(kind=Kind.MODEL),
            Wanted(Whose.TEAM, team_ids=both, kind=Kind.VENDOR),
        ]:
            whole = expected(show, wanted)
            found = places(show, wanted, today=TODAY, limit=200)
            assert ids(found) == whole, (show, wanted)
            part = places(show, wanted, today=TODAY, limit=7, offset=5)
            assert ids(part) == whole[5:12], (show, wanted)
            counted = min(len(whole), MOST_COUNTED + 1)
            assert figures(wanted, today=TODAY)[show] == counted, (show, wanted)


@pytest.mark.parametrize("criticality", Criticality)
def test_every_class_that_a_criticality_can_have_is_looked_through(
    db: None, criticality: Criticality
) -> None:
    powers = range(list(Criticality).index(criticality), 9)
    for power in powers:
        stored(criticality=criticality.value, risk_class=power)
    reachable = [power for power in powers if power <= powers[0] + 5]

    found = places(Show.DUE, Wanted(criticality=criticality), today=TODAY, limit=50)

    assert [place.risk_class for place in found] == reachable[::-1]


def test_a_cause_narrows_to_what_is_asked_and_not_to_what_is_covered(
    db: None,
) -> None:
    def flag(solution: Solution, **said: Any) -> None:
        given = {
            "cause": Cause.END_OF_LIFE.value,
            "action": "review",
            "due_on": TODAY,
            "reason": "It ends.",
            "opened_at": NOW,
        }
        Flag.objects.create(solution=solution, **given | said)

    asked, covered, closed, other = (stored() for _ in range(4))
    flag(asked)
    flag(covered, covered_by="snooze", covered_until=away(1))
    flag(closed, closed_at=NOW, closed_because="withdrawn")
    flag(other, cause=Cause.VULNERABILITY.value)
    wanted = Wanted(cause=Cause.END_OF_LIFE)

    assert ids(places(Show.DUE, wanted, today=TODAY, limit=9)) == [asked.pk]
    assert figures(wanted, today=TODAY)[Show.DUE] == 1


@pytest.mark.parametrize(
    ("due", "quiet", "is_shown"),
    [
        (0, 1, False),
        (0, 0, True),
        (-9, 1, False),
        (-9, 0, True),
        (1, 60, True),
        (30, None, True),
        (31, None, False),
    ],
)
def test_what_is_covered_is_left_out_until_the_cover_s_day(
    db: None, due: int, quiet: int | None, is_shown: bool
) -> None:
    stored(next_review_on=away(due), quiet_until=None if quiet is None else away(quiet))

    assert figures(Wanted(), today=TODAY)[Show.DUE] == is_shown


def test_a_long_list_is_not_counted_to_its_end(db: None) -> None:
    Solution.objects.bulk_create(
        Solution(
            slug=f"s-{number}",
            key=f"package:{number}",
            name=f"S {number}",
            kind=Kind.PACKAGE.value,
            registered_on=TODAY,
            first_review_on=TODAY,
            next_review_on=away(-1),
            created_at=NOW,
            updated_at=NOW,
        )
        for number in range(MOST_COUNTED + 20)
    )

    assert figures(Wanted(), today=TODAY)[Show.DUE] == MOST_COUNTED + 1


def proposal(solution: Solution, author: User, day: int = 0, **said: Any) -> Evaluation:
    given: dict[str, Any] = {
        "author_name": author.label(),
        "evaluated_on": away(day),
        "recorded_on": TODAY,
        "recorded_at": NOW,
        "verdict": Verdict.RETIRE.value,
        "summary": "It is done for.",
        "is_proposal": True,
    }
    return Evaluation.objects.create(solution=solution, author=author, **given | said)


def test_proposals_wait_for_whom_they_concern(cast: Cast) -> None:
    ours = proposal(stored(team=cast.platform), cast.bob)
    theirs = proposal(stored(team=cast.data, owner=cast.frank), cast.eve)
    proposal(stored(team=cast.data), cast.eve, is_proposal=False)
    decided = proposal(stored(), cast.bob)
    Decision.objects.create(
        evaluation=decided, approved=True, decided_by_name="Dora", decided_at=NOW
    )

    def found(wanted: Wanted) -> list[int]:
        listed = proposal_ids(wanted, today=TODAY, limit=9)
        assert figures(wanted, today=TODAY)[Show.PROPOSALS] == len(listed)
        return listed

    assert found(Wanted()) == [ours.pk, theirs.pk]
    assert found(Wanted(Whose.TEAM, team_ids=(cast.data.pk,))) == [theirs.pk]
    assert found(Wanted(Whose.MINE, user_id=cast.frank.pk)) == [theirs.pk]
    assert found(Wanted(kind=Kind.MODEL)) == []


def test_waivers_are_listed_in_their_last_fortnight(cast: Cast) -> None:
    def waiver(until: int, kind: str = "waiver", **said: Any) -> Cover:
        flag = Flag.objects.create(
            solution=stored(team=said.pop("team", None)),
            cause=Cause.END_OF_LIFE.value,
            action="review",
            due_on=TODAY,
            reason="It ends.",
            opened_at=NOW,
        )
        given: dict[str, Any] = {
            "kind": kind,
            "reason": "Accepted.",
            "until": away(until),
            "owner_name": "Bob",
            "approver_name": "Alice",
            "made_by_name": "Alice",
            "made_at": NOW,
            "action": "review",
        }
        return Cover.objects.create(flag=flag, **given | said)

    last = waiver(14, team=cast.platform)
    first = waiver(1, owner=cast.bob)
    waiver(0)
    waiver(15)
    waiver(3, "snooze")
    waiver(3, ended_at=NOW, ended_because="revoked")
    Solution.objects.filter(flags__covers=last).update(owner=cast.frank)

    def found(wanted: Wanted) -> list[int]:
        listed = waiver_ids(wanted, today=TODAY, limit=9)
        assert figures(wanted, today=TODAY)[Show.WAIVERS] == len(listed)
        return listed

    assert found(Wanted()) == [first.pk, last.pk]
    assert found(Wanted(Whose.TEAM, team_ids=(cast.platform.pk,))) == [last.pk]
    assert found(Wanted(Whose.MINE, user_id=cast.bob.pk)) == [first.pk]
    assert found(Wanted(Whose.MINE, user_id=cast.frank.pk)) == [last.pk]
    assert found(Wanted(cause=Cause.VULNERABILITY)) == []
    assert len(found(Wanted(cause=Cause.END_OF_LIFE))) == 2


def plan_of(read: Callable[[], object]) -> str:
    """Return how the database reads what a function asks it for last."""
    with CaptureQueriesContext(connection) as queries:
        read()
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgres:
            cursor.execute("ANALYZE reviews_solution")
            # So small a table is read from end to end, unless that is forbidden.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        explain = "EXPLAIN " if is_postgres else "EXPLAIN QUERY PLAN "
        cursor.execute(explain + queries[-1]["sql"])
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize(
    ("show", "whose", "index"),
    [
        (Show.DUE, Whose.ALL, "solution_queue"),
        (Show.DUE, Whose.TEAM, "solution_queue_of_team"),
        (Show.DUE, Whose.MINE, "solution_queue_of_owner"),
        (Show.PULLED, Whose.ALL, "solution_queue_pulled"),
        (Show.ORPHANS, Whose.ALL, "solution_queue_of_owner"),
    ],
)
def test_each_class_comes_off_an_index_in_its_order(
    cast: Cast, show: Show, whose: Whose, index: str
) -> None:
    scattered(cast, 1, size=300)
    wanted = Wanted(whose, cast.bob.pk, (cast.platform.pk, cast.data.pk))

    plan = plan_of(lambda: places(show, wanted, today=TODAY, limit=51))

    read = [line for line in plan.splitlines() if f" {index} " in f"{line} "]
    # Classes, and teams, take turns in one reading of the index.
    assert len(read) == (2 if show is Show.ORPHANS else 1)
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_unreviewed_is_in_the_queue_from_its_first_review_on(db: None) -> None:
    row = stored(state=UNREVIEWED, next_review_on=away(-2))

    [place] = places(Show.OVERDUE, Wanted(), today=TODAY, limit=9)

    assert place == Place(row.pk, 1, away(-2))
    assert place.risk_on(TODAY) == 3 * 2
