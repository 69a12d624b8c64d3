"""The nightly scan."""

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviews.models import Cover, Flag, Notice, Recheck, Scan, Solution
from reviews.rules.access import operator
from reviews.rules.staleness import is_due
from reviews.rules.vocabulary import Kind, Verdict
from reviews.services.drafts import Draft
from reviews.services.errors import BusyError
from reviews.services.evaluations import Judgement, record_evaluation
from reviews.services.scanning import ScanOutcome, scan
from reviews.services.solutions import register_solution
from tests.conftest import NOW, TODAY, Cast
from tests.services.covering import overdue, snoozed

ACTOR = operator("test")


def registered(name: str = "Django", on: date = TODAY) -> Solution:
    return register_solution(
        draft=Draft(name=name, kind=Kind.PACKAGE), actor=ACTOR, today=on, now=NOW
    )


def evaluated(
    solution: Solution, on: date, verdict: Verdict = Verdict.ADOPT, *, today: date
) -> None:
    record_evaluation(
        solution_id=solution.pk,
        judgement=Judgement(verdict=verdict, evaluated_on=on, summary="Fine."),
        actor=ACTOR,
        today=today,
        now=NOW,
    )


def scanned(on: date, today: date | None = None) -> ScanOutcome:
    return scan(on=on, today=today or on, now=NOW)


def open_flags() -> set[tuple[str, str, date]]:
    rows = Flag.objects.open().values_list("solution__name", "cause", "due_on")
    return set(rows)


@pytest.mark.django_db
class TestOpening:
    def test_a_flag_opens_on_the_due_day_and_never_a_day_early(self) -> None:
        evaluated(registered(), date(2026, 8, 31), today=TODAY)

        assert scanned(date(2027, 2, 27)).settlement.opened == 0
        assert scanned(date(2027, 2, 28)).settlement.opened == 1
        assert open_flags() == {("Django", "review_due", date(2027, 2, 28))}

    def test_a_first_review_is_flagged_when_it_is_due(self) -> None:
        solution = registered()

        scanned(solution.next_review_on or TODAY)

        assert open_flags() == {("Django", "review_due", solution.next_review_on)}

    def test_a_year_without_a_review_asks_for_a_deprecation(self) -> None:
        evaluated(registered(), date(2025, 11, 23), today=date(2025, 11, 23))

        scanned(date(2026, 11, 22))
        before = open_flags()
        scanned(date(2026, 11, 23))

        assert before == {("Django", "review_due", date(2026, 5, 23))}
        assert open_flags() - before == {
            ("Django", "trust_decayed", date(2026, 11, 23))
        }
        assert Flag.objects.get(cause="trust_decayed").action == "deprecate"

    def test_every_flag_has_its_notice_in_the_outbox(self) -> None:
        evaluated(registered(), date(2026, 1, 1), today=date(2026, 1, 1))

        scanned(TODAY)

        keys = {f"flag:{flag.pk}:open" for flag in Flag.objects.all()}
        told = Notice.objects.filter(key__startswith="flag:")
        assert set(told.values_list("key", flat=True)) == keys
        assert len(keys) == 1

    def test_what_is_retired_is_never_flagged(self) -> None:
        evaluated(
            registered(), date(2025, 1, 1), Verdict.RETIRE, today=date(2025, 1, 1)
        )

        assert scanned(TODAY).settlement.opened == 0

    def test_a_later_day_opens_what_will_be_due_then(self) -> None:
        evaluated(registered(), TODAY, today=TODAY)

        outcome = scanned(date(2027, 5, 22), today=TODAY)

        assert outcome.settlement.opened == 1


@pytest.mark.django_db
class TestRepeating:
    def test_a_second_scan_of_a_day_changes_nothing(self) -> None:
        evaluated(registered(), date(2026, 1, 1), today=date(2026, 1, 1))
        scanned(TODAY)
        flags = list(Flag.objects.values())

        for _ in range(5):
            assert scanned(TODAY).settlement.opened == 0

        assert list(Flag.objects.values()) == flags

    @pytest.mark.parametrize("days", [3, 400])
    def test_days_of_outage_are_caught_up_with_one_flag_each(self, days: int) -> None:
        for number in range(4):
            on = date(2026, 5, 23) + timedelta(days=number % 3)
            evaluated(registered(f"Solution {number}", on=on), on, today=on)
        scanned(TODAY - timedelta(days=1))

        scanned(TODAY + timedelta(days=days))

        due_days = Flag.objects.filter(cause="review_due").values_list(
            "due_on", "solution__next_review_on"
        )
        assert len(due_days) == 4
        assert all(due_on == next_review_on for due_on, next_review_on in due_days)

    def test_a_clock_that_was_a_year_ahead_misses_nothing_afterwards(self) -> None:
        scanned(TODAY + timedelta(days=365))
        evaluated(registered(), TODAY, today=TODAY)
        scanned(TODAY)

        scanned(date(2027, 5, 22))

        assert open_flags() == {("Django", "review_due", date(2027, 5, 22))}

    def test_what_a_scan_for_a_later_day_opened_todays_closes(self) -> None:
        evaluated(registered(), TODAY, today=TODAY)
        scanned(date(2027, 5, 22), today=TODAY)
        early = Flag.objects.get()

        outcome = scanned(TODAY)

        assert (outcome.settlement.opened, outcome.settlement.closed) == (0, 1)
        scanned(date(2027, 5, 22))
        assert Flag.objects.open().get().reopens == early

    def test_a_scan_that_ended_two_hours_ahead_hides_no_credible_one(self) -> None:
        scanned(TODAY)
        credible = Scan.objects.get()
        scan(on=TODAY, today=TODAY, now=NOW + timedelta(minutes=90))

        assert Scan.objects.last_complete(NOW) == credible

    def test_a_scan_for_a_day_that_was_over_is_no_complete_scan(self) -> None:
        scanned(TODAY - timedelta(days=1), today=TODAY)

        assert Scan.objects.last_complete(NOW) is None

    def test_a_scan_for_a_later_day_hides_nothing_from_the_scans_before_it(
        self,
    ) -> None:
        scanned(date(2028, 1, 1), today=TODAY)
        evaluated(registered(), TODAY, today=TODAY)

        scanned(date(2027, 5, 22))

        assert len(open_flags()) == 1


@pytest.mark.django_db
class TestWhatOthersChange:
    """Dates that no service moved are seen all the same."""

    def test_a_date_moved_into_the_past_by_sql_is_flagged(self) -> None:
        solution = registered()
        scanned(TODAY)
        _sql("UPDATE reviews_solution SET next_review_on = %s", "2026-03-01")

        scanned(TODAY)

        assert open_flags() == {("Django", "review_due", date(2026, 3, 1))}
        assert solution.next_review_on != date(2026, 3, 1)

    def test_a_date_moved_into_the_future_by_sql_closes_its_flag(self) -> None:
        evaluated(registered(), date(2026, 1, 1), today=date(2026, 1, 1))
        scanned(TODAY)
        _sql("UPDATE reviews_solution SET next_review_on = %s", "2027-03-01")

        outcome = scanned(TODAY)

        assert outcome.settlement.closed == 1
        assert Flag.objects.get().closed_because == "rescheduled"

    def test_a_date_that_stays_due_moves_its_flag(self) -> None:
        evaluated(registered(), date(2026, 1, 1), today=date(2026, 1, 1))
        scanned(TODAY)
        _sql("UPDATE reviews_solution SET next_review_on = %s", "2026-02-01")

        scanned(TODAY)

        assert open_flags() == {("Django", "review_due", date(2026, 2, 1))}
        assert Flag.objects.count() == 1

    def test_what_a_scan_saw_it_need_not_see_again(self) -> None:
        registered()
        assert Recheck.objects.exists()

        scanned(TODAY)

        assert not Recheck.objects.exists()


@pytest.fixture
def poison(db: None) -> Callable[[Solution], None]:
    """Make the database refuse every flag of one solution, as a broken row would."""

    def refuse(solution: Solution) -> None:
        for statement in _refusal(solution.pk):
            _sql(statement)

    return refuse


def _refusal(solution_id: int, event: str = "INSERT") -> list[str]:
    if connection.vendor == "sqlite":
        return [
            f"CREATE TRIGGER poison BEFORE {event} ON reviews_flag "
            f"WHEN NEW.solution_id = {solution_id} "
            "BEGIN SELECT RAISE(ABORT, 'poisoned row'); END"
        ]
    return [
        "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'poisoned row'; END $$",
        f"CREATE TRIGGER poison BEFORE {event} ON reviews_flag FOR EACH ROW "
        f"WHEN (NEW.solution_id = {solution_id}) EXECUTE FUNCTION poison()",
    ]


class TestPoison:
    @pytest.mark.parametrize("place", [0, 3, 6], ids=["first", "middle", "last"])
    def test_a_poisoned_row_is_reported_and_the_rest_is_done(
        self, poison: Callable[[Solution], None], place: int
    ) -> None:
        solutions = [registered(f"Solution {n}") for n in range(7)]
        poison(solutions[place])

        outcome = scanned(date(2027, 1, 22))

        assert outcome.settlement.opened == 6
        assert [problem.solution for problem in outcome.problems] == [
            solutions[place].slug
        ]
        assert "poisoned row" in outcome.problems[0].message
        assert Scan.objects.get().problems[0]["solution"] == solutions[place].slug

    def test_it_keeps_no_snooze_from_ending(
        self, poison: Callable[[Solution], None], cast: Cast
    ) -> None:
        cover = snoozed(overdue(cast), date(2026, 12, 1))
        poison(registered("Celery"))

        outcome = scanned(date(2027, 1, 22))

        cover.refresh_from_db()
        assert [problem.solution for problem in outcome.problems] == ["celery"]
        assert outcome.settlement.asked_again == 1
        assert cover.ended_because == "expired"
        assert Flag.objects.get(pk=cover.flag_id).covered_until is None

    def test_a_solution_whose_snooze_the_database_keeps_is_left_out_alone(
        self, cast: Cast
    ) -> None:
        kept, ended = (snoozed(overdue(cast, name)) for name in ("Django", "Celery"))
        for statement in _refusal(kept.flag.solution_id, "UPDATE"):
            _sql(statement)

        outcome = scanned(TODAY + timedelta(days=30))

        ended.refresh_from_db()
        assert [problem.solution for problem in outcome.problems] == ["django"]
        assert outcome.settlement.asked_again == 1
        assert ended.ended_because == "expired"
        assert Cover.objects.active().get() == kept

    def test_a_poisoned_row_is_tried_again_until_it_heals(
        self, poison: Callable[[Solution], None]
    ) -> None:
        solution = registered()
        poison(solution)
        scanned(date(2027, 1, 22))
        assert scanned(date(2027, 1, 23)).problems

        table = "" if connection.vendor == "sqlite" else " ON reviews_flag"
        _sql(f"DROP TRIGGER poison{table}")
        outcome = scanned(date(2027, 1, 24))

        assert outcome.problems == []
        assert open_flags() == {("Django", "review_due", solution.next_review_on)}


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_scans_that_run_at_once_are_one_scan(self) -> None:
        for number in range(40):
            registered(f"Solution {number}")
        errors: list[Exception] = []

        def one() -> None:
            try:
                scan(on=date(2027, 1, 22), today=TODAY, now=NOW, wait=True)
            except Exception as error:  # noqa: BLE001 - reported below
                errors.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert errors == []
        assert Flag.objects.count() == 40
        assert Notice.objects.count() == 40
        assert sum(Scan.objects.values_list("opened", flat=True)) == 40

    def test_a_scan_that_finds_another_running_stands_back(self) -> None:
        if connection.vendor == "sqlite":
            # There one transaction writes at a time: the second scan waits its turn.
            assert scanned(TODAY).problems == []
            return
        holds, done = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM reviews_lease WHERE name = 'scan' FOR UPDATE"
                )
                holds.set()
                done.wait(10)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        holds.wait(10)
        try:
            with pytest.raises(BusyError):
                scanned(TODAY)
        finally:
            done.set()
            holder.join()


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    ages=st.lists(st.integers(0, 420), min_size=1, max_size=8),
    ahead=st.integers(-3, 400),
)
def test_the_scan_flags_what_the_rule_calls_due(ages: list[int], ahead: int) -> None:
    """Hold the SQL to `rules.staleness`."""
    with transaction.atomic():
        for number, age in enumerate(ages):
            on = TODAY - timedelta(days=age)
            evaluated(registered(f"Solution {number}", on=on), on, today=on)
        day = TODAY + timedelta(days=ahead)

        scanned(day, today=day)

        expected = set()
        for solution in Solution.objects.all():
            for cause, due_on in (
                ("review_due", solution.next_review_on),
                ("trust_decayed", solution.trust_ends_on),
            ):
                if due_on and is_due(due_on, day):
                    expected.add((solution.name, cause, due_on))
        assert open_flags() == expected
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_reopened_question_points_at_the_old() -> None:
    solution = registered(on=TODAY - timedelta(days=300))
    scanned(TODAY)
    first = Flag.objects.get()
    evaluated(solution, TODAY, today=TODAY)
    scanned(date(2027, 5, 22))

    second = Flag.objects.open().get()

    assert second.reopens == first
    first.refresh_from_db()
    assert first.closed_because == "evaluated"
    assert first.closed_by is not None
    assert second.pk != first.pk


def _sql(statement: str, *parameters: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
