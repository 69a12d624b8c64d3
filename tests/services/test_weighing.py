"""A solution's place in the queue: the statement is held to the rule."""

import random
from datetime import date, timedelta

import pytest

from reviews.models import Dependency, Flag, Solution
from reviews.rules.risk import risk_class
from reviews.rules.signals import Severity
from reviews.rules.vocabulary import Cause, Criticality, Kind
from reviews.services.imports import import_inventory
from reviews.services.weighing import weigh_quiet, weigh_register, weigh_solutions
from reviews.tasks import weigh_register as weigh_task
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.services.building import OPERATOR, draft, edited, registered

SEVERITIES: list[Severity | None] = [None, *Severity]
DEPENDENTS = (0, 1, 2, 3, 9, 10, 11)


def used_by(solution: Solution, components: list[Solution]) -> None:
    Dependency.objects.bulk_create(
        Dependency(
            component=component,
            solution=solution,
            version=version,
            first_seen_on=TODAY,
            last_seen_on=TODAY,
        )
        for component in components
        # A component that uses two versions of it is one dependent.
        for version in ("1.0", "2.0")
    )


def expected(solution: Solution, today: date) -> tuple[int, date | None]:
    """Return the class and the quiet, worked out by the rule and in plain Python."""
    flags = list(Flag.objects.filter(solution=solution, closed_at=None))
    asked = [
        Severity(flag.severity)
        for flag in flags
        if flag.severity and (not flag.covered_until or flag.covered_until <= today)
    ]
    worst = max(asked, key=list(Severity).index, default=None)
    components = Dependency.objects.filter(solution=solution).values("component")
    days = [flag.covered_until for flag in flags if flag.covered_until]
    quiet = None
    if flags and len(days) == len(flags):
        causes = {flag.cause for flag in flags}
        review = solution.unpulled_on or solution.next_review_on
        # What the clock asks by itself, it asks on its day.
        clock = {Cause.REVIEW_DUE: review, Cause.TRUST_DECAYED: solution.trust_ends_on}
        asks = [day for cause, day in clock.items() if day and cause not in causes]
        quiet = min([*days, *asks])
    dependents = components.distinct().count()
    return risk_class(Criticality(solution.criticality), worst, dependents), quiet


@pytest.mark.parametrize("seed", range(3))
def test_the_statement_says_what_the_rule_says(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    components = [registered(f"C{number}", kind=Kind.BUILT) for number in range(11)]
    solutions = []
    for number in range(30):
        solution = registered(
            f"S{number}", criticality=chance.choice(list(Criticality))
        )
        used_by(solution, components[: chance.choice(DEPENDENTS)])
        for cause in chance.sample(list(Cause), chance.randrange(4)):
            severity = chance.choice(SEVERITIES)
            cover: dict[str, object] = {}
            if chance.random() < 0.6:
                until = TODAY + timedelta(days=chance.randrange(-2, 20))
                cover = {"covered_by": "snooze", "covered_until": until}
            elif chance.random() < 0.2:
                cover = {
                    "closed_at": "2026-11-01T00:00Z",
                    "closed_because": "evaluated",
                }
            flagged(solution, cause=cause.value, severity=severity or "", **cover)
        solutions.append(solution)

    weigh_solutions(solution_ids=[each.pk for each in solutions], today=TODAY)

    for solution in solutions:
        solution.refresh_from_db()
        found = (solution.risk_class, solution.quiet_until)
        assert found == expected(solution, TODAY)
    assert weigh_register(today=TODAY) == 0


def test_only_what_is_named_is_weighed(cast: Cast) -> None:
    one, two = registered("One"), registered("Two")
    Solution.objects.update(criticality="critical")

    assert weigh_solutions(solution_ids=[one.pk], today=TODAY) == 1
    assert weigh_solutions(solution_ids=[one.pk], today=TODAY) == 0
    assert weigh_solutions(solution_ids=[], today=TODAY) == 0

    one.refresh_from_db()
    two.refresh_from_db()
    assert one.risk_class == 3
    assert two.risk_class != 3


def test_what_is_quiet_is_weighed_again_when_its_day_has_come(cast: Cast) -> None:
    solution = registered(criticality=Criticality.LOW)
    flag = flagged(solution, severity="high", covered_by="snooze", covered_until=TODAY)
    before = TODAY - timedelta(days=1)
    weigh_solutions(solution_ids=[solution.pk], today=before)
    solution.refresh_from_db()
    assert (solution.risk_class, solution.quiet_until) == (0, TODAY)

    weigh_quiet(today=TODAY)

    solution.refresh_from_db()
    assert solution.risk_class == 2
    Flag.objects.filter(pk=flag.pk).update(covered_by="", covered_until=None)
    weigh_quiet(today=TODAY)
    solution.refresh_from_db()
    assert solution.quiet_until is None


def test_every_night_the_dependents_are_counted_anew(cast: Cast) -> None:
    solution = registered("Django", criticality=Criticality.LOW)
    weigh_register(today=TODAY)
    used_by(
        solution, [registered(f"C{number}", kind=Kind.BUILT) for number in range(10)]
    )

    weigh_task()

    solution.refresh_from_db()
    assert solution.risk_class == 2


def test_what_is_registered_edited_or_imported_stands_in_its_class(
    cast: Cast,
) -> None:
    larch = registered("Larch", criticality=Criticality.CRITICAL)
    content = b"name,kind,criticality\nBirch,package,high\nAsh,package,\n"

    import_inventory(
        content=content, filename="sheet.csv", actor=OPERATOR, today=TODAY, now=NOW
    )
    edited(larch, draft("Larch", criticality=Criticality.LOW))

    assert dict(Solution.objects.values_list("name", "risk_class")) == {
        "Larch": 0,
        "Birch": 2,
        "Ash": 1,
    }
