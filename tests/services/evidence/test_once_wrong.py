"""What was wrong once, found by an audit: questions that change, gaps, and flapping."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from reviews.models import Flag, ListedProduct, Signal, Solution, SourceCheck, Watch
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import HostBusyError, Validators
from reviews.rules.matches import Match
from reviews.rules.signals import (
    Confidence,
    Fact,
    Severity,
    SignalKind,
    Source,
    SourceState,
)
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from reviews.services.drafts import Draft, draft_of
from reviews.services.evidence.judging import judge_solutions
from reviews.services.evidence.keeping import keep_prediction
from reviews.services.evidence.watching import (
    claim_due,
    take_claimed,
    watch_new_solutions,
)
from tests.conftest import NOW, TODAY
from tests.services.building import edited, evaluated, judged, registered
from tests.services.evidence.sources import (
    Told,
    answer,
    at,
    causes,
    collected,
    end_of_life,
    endoflife,
    fact,
    night,
    pypi,
)

pytestmark = pytest.mark.django_db

DJANGO = ((Scheme.PURL, "pkg:pypi/django"),)
QUARANTINED = fact(SignalKind.PROJECT_STATUS, "quarantined")
INACTIVE = fact(SignalKind.INACTIVE_CLASSIFIER)
LATEST = fact(SignalKind.LATEST_RELEASE, "5.2")
FLAW = fact(
    SignalKind.VULNERABILITY,
    "A flaw",
    subject="CVE-2026-1",
    severity=Severity.HIGH,
    fixed_in="4.2.9",
)
NOTHING = SourceAnswer(SourceState.NOT_FOUND, "https://source.example/none")


@pytest.fixture
def adopted() -> Solution:
    solution = registered(identifiers=DJANGO, version="4.2")
    evaluated(solution, judged())
    return solution


def after(days: int) -> date:
    return TODAY + timedelta(days=days)


def for_days(solution: Solution, days: int, *sources: Told) -> None:
    for day in range(days):
        collected(solution, *sources, on=after(day), insist=True)
        night(after(day))
    solution.refresh_from_db()


class TestAnotherQuestion:
    @pytest.mark.parametrize(
        ("changed", "facts"),
        [
            pytest.param(
                lambda draft: replace(
                    draft, identifiers=((Scheme.PURL, "pkg:npm/django"),)
                ),
                [QUARANTINED],
                id="another registry",
            ),
            pytest.param(
                lambda draft: replace(
                    draft, identifiers=((Scheme.PURL, "pkg:pypi/djnago"),)
                ),
                [LATEST, QUARANTINED],
                id="a name that is none",
            ),
        ],
    )
    def test_leaves_nothing_of_what_was_said_of_the_first(
        self, adopted: Solution, changed: Callable[[Draft], Draft], facts: list[Fact]
    ) -> None:
        source = pypi(*facts)
        collected(adopted, source)
        assert causes(adopted) == [("withdrawn", "deprecate")]

        edited(adopted, changed(draft_of(adopted)))
        source.reply = NOTHING
        for_days(adopted, 6, source)

        assert causes(adopted) == []
        assert adopted.next_review_on == adopted.clock_due_on

    def test_of_no_version_ends_the_flaws_of_the_last(self, adopted: Solution) -> None:
        osv = Told(Source.OSV, answer(FLAW))
        collected(adopted, osv)

        edited(adopted, replace(draft_of(adopted), version=""))
        collected(adopted, osv, on=after(1))

        assert causes(adopted) == []

    def test_in_another_ecosystem_is_not_the_same(self, adopted: Solution) -> None:
        osv = Told(Source.OSV, answer(FLAW))
        collected(adopted, osv)
        npm = ((Scheme.PURL, "pkg:npm/django"),)

        edited(adopted, replace(draft_of(adopted), identifiers=npm))
        osv.reply = NOTHING
        collected(adopted, osv, insist=True)

        assert causes(adopted) == []


class TestAPageThatIsMissing:
    def test_once_after_an_outage_is_no_disappearance(self, adopted: Solution) -> None:
        source = pypi(LATEST)
        collected(adopted, source)
        source.fails()
        for_days(adopted, 4, source)

        source.reply = NOTHING
        collected(adopted, source, on=after(4), insist=True)

        assert causes(adopted) == []

    def test_and_comes_back_after_a_failure_takes_its_flag_away(
        self, adopted: Solution
    ) -> None:
        source = pypi(LATEST)
        collected(adopted, source)
        source.reply = NOTHING
        for_days(adopted, 4, source)
        assert causes(adopted) == [("withdrawn", "deprecate")]
        source.fails()
        collected(adopted, source, on=after(5), insist=True)

        for day in range(6, 10):
            collected(adopted, _Honest(), on=after(day), insist=True)  # type: ignore[arg-type]
            night(after(day))

        assert causes(adopted) == []


class _Honest:
    """A source that says "unchanged" to whoever knows its page, as HTTP has it."""

    name = Source.PYPI

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        return answer(unchanged=True) if known.etag else answer(LATEST)


class TestWhatWasAnswered:
    def test_is_not_asked_again_for_a_flap(self, adopted: Solution) -> None:
        source = pypi(INACTIVE)
        collected(adopted, source)
        evaluated(adopted, judged())

        for half_day in range(1, 20):
            now = NOW + timedelta(hours=12 * half_day)
            source.says(*([INACTIVE] if half_day % 2 == 0 else []))
            collected(adopted, source, on=now.date(), now=now, insist=True)
            night(now.date(), now)

        assert Flag.objects.filter(cause="unmaintained").count() == 1
        assert causes(adopted) == []

    def test_during_the_hold_is_answered(self, adopted: Solution) -> None:
        source = pypi(INACTIVE)
        collected(adopted, source)
        source.says()
        collected(adopted, source, now=NOW + timedelta(hours=7), insist=True)

        evaluated(adopted, judged(), now=NOW + timedelta(hours=8))

        assert causes(adopted) == []

    @pytest.mark.parametrize(
        "later",
        [
            pytest.param(replace(FLAW, value="Reworded"), id="other words"),
            pytest.param(
                replace(FLAW, subject="GHSA-1", aliases=("CVE-2026-1",)), id="a name"
            ),
            pytest.param(
                replace(FLAW, subject="CVE-2025-9", aliases=("CVE-2026-1",)),
                id="a better name",
            ),
        ],
    )
    def test_of_a_flaw_is_not_asked_again_for(
        self, adopted: Solution, later: Fact
    ) -> None:
        osv = Told(Source.OSV, answer(FLAW))
        collected(adopted, osv)
        evaluated(adopted, judged())

        osv.says(later)
        collected(adopted, osv, on=after(1))

        assert causes(adopted) == []

    def test_of_a_licence_is_not_asked_again_at_every_release(
        self, adopted: Solution
    ) -> None:
        source = pypi()
        for week in range(5):
            source.says(
                fact(SignalKind.ADOPTED_RELEASE, "4.2"),
                fact(SignalKind.LATEST_RELEASE, f"5.{week}"),
                fact(SignalKind.LICENCE, "MIT", subject="4.2"),
                fact(SignalKind.LICENCE, "AGPL-3.0-only", subject=f"5.{week}"),
            )
            on = after(7 * week)
            collected(adopted, source, on=on)
            if week == 0:
                evaluated(adopted, judged())

        assert Flag.objects.filter(cause="licence_changed").count() == 1
        assert causes(adopted) == []

    def test_of_a_prediction_is_not_asked_again_as_it_drifts(
        self, adopted: Solution
    ) -> None:
        for day in range(0, 90, 15):
            ends_on = after(day + 100)
            keep_prediction(
                solution_id=adopted.pk,
                facts=[
                    fact(
                        SignalKind.PREDICTED_END,
                        f"until {ends_on}",
                        subject="4.2",
                        effective_on=ends_on,
                        confidence=Confidence.PREDICTED,
                    )
                ],
                today=after(day),
                now=at(after(day)),
            )
            judge_solutions(
                solution_ids=[adopted.pk], today=after(day), now=at(after(day))
            )
            if day == 0:
                evaluated(adopted, judged())

        assert Flag.objects.filter(cause="end_of_life").count() == 1
        assert causes(adopted) == []


def test_a_further_fact_never_pushes_the_review_back(adopted: Solution) -> None:
    osv = Told(Source.OSV, answer(FLAW))
    collected(adopted, osv)

    for week in range(1, 5):
        more = [replace(FLAW, subject=f"CVE-2027-{n}") for n in range(week)]
        osv.says(FLAW, *more)
        collected(adopted, osv, on=after(7 * week))

    assert adopted.next_review_on == TODAY
    assert Flag.objects.open().get().due_on == TODAY


def test_an_end_that_came_earlier_is_asked_about_whatever_else_changes(
    adopted: Solution,
) -> None:
    source = endoflife(end_of_life(date(2029, 1, 1)))
    collected(adopted, source)
    source.says(end_of_life(date(2028, 1, 1)))
    collected(adopted, source, on=after(1))

    source.says(end_of_life(date(2028, 1, 1), replacement="5.2"))
    collected(adopted, source, on=after(2))
    night(after(6))

    assert causes(adopted) == [("end_of_life", "review")]


def test_ones_own_repository_that_nobody_sees_is_no_sign_of_an_end() -> None:
    own = ((Scheme.REPOSITORY, "https://github.com/acme/billing"),)
    solution = registered("Billing", kind=Kind.BUILT, identifiers=own)
    gone = fact(SignalKind.REPOSITORY_GONE, subject="acme/billing")

    collected(solution, Told(Source.GITHUB, answer(gone)))

    assert causes(solution) == []


def test_a_repository_that_a_person_confirms_counts_as_proof(
    adopted: Solution,
) -> None:
    link = fact(SignalKind.REPOSITORY, "https://github.com/owner/name")
    github = Told(
        Source.GITHUB,
        answer(fact(SignalKind.REPOSITORY_ARCHIVED, subject="owner/name")),
    )
    collected(adopted, pypi(link), github)

    named = (*DJANGO, (Scheme.REPOSITORY, "https://github.com/owner/name"))
    edited(adopted, replace(draft_of(adopted), identifiers=named))
    collected(adopted, pypi(link), github, on=after(1))

    assert Signal.objects.standing().get(kind="repository_archived").verified


def test_a_source_that_is_switched_off_is_not_waited_for(adopted: Solution) -> None:
    osv = Told(Source.OSV, answer())
    osv.fails()
    watch_new_solutions(now=NOW)
    collected(adopted, pypi(), osv)
    rounds = 0

    for minutes in range(5, 24 * 60, 5):
        now = NOW + timedelta(minutes=minutes)
        for solution_id, until in claim_due(now=now, limit=10):
            take_claimed(solution_id=solution_id, until=until, now=now)
            collected(adopted, pypi(), now=now)
            rounds += 1

    assert rounds <= 3


def test_an_edit_amid_the_asking_is_asked_about_at_once(adopted: Solution) -> None:
    class Edited:
        name = Source.PYPI

        def ask(self, match: Match, known: Validators) -> SourceAnswer:
            solution = Solution.objects.get(pk=adopted.pk)
            changed = replace(draft_of(solution), version="5.2")
            edited(solution, changed, now=NOW + timedelta(seconds=9))
            return answer()

    collected(adopted, Edited())  # type: ignore[arg-type]

    assert Watch.objects.get(solution=adopted).ask_at == NOW


def test_a_source_with_no_turn_left_for_weeks_is_not_ok(adopted: Solution) -> None:
    osv = Told(Source.OSV, answer(FLAW))
    collected(adopted, osv)
    osv.reply = HostBusyError("Later.", retry_after=timedelta(hours=1))

    for day in range(1, 20):
        collected(adopted, osv, on=after(day))

    assert SourceCheck.objects.get(source="osv").state == SourceState.STALE


def test_a_connector_that_breaks_down_costs_the_others_nothing(
    adopted: Solution,
) -> None:
    class Broken:
        name = Source.PYPI

        def ask(self, match: Match, known: Validators) -> SourceAnswer:
            raise AttributeError("a bug")

    collected(adopted, Broken(), Told(Source.OSV, answer(FLAW)))  # type: ignore[arg-type]

    assert causes(adopted) == [("vulnerability", "review")]
    assert "a fault of the tracker" in SourceCheck.objects.get(source="pypi").error


@pytest.mark.parametrize("cycles", [7, [], {"name": 1}], ids=["7", "list", "other"])
def test_a_product_that_cannot_be_read_is_begun_anew(
    adopted: Solution, cycles: object
) -> None:
    ListedProduct.objects.create(
        name="django", cycles=cycles, raw_hash="", fetched_at=NOW
    )
    collected(adopted, endoflife(end_of_life(None)))

    night(after(1))

    assert Signal.objects.standing().filter(kind="end_of_life").exists()


@pytest.mark.parametrize("written", ["5", '"text"', '{"a": 1}', "null"])
def test_a_row_that_cannot_be_read_does_not_stop_the_night(
    adopted: Solution, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = registered("Other", identifiers=((Scheme.PURL, "pkg:pypi/other"),))
    evaluated(other, judged(Verdict.ADOPT))
    ahead = TODAY + timedelta(days=211)
    for solution in (adopted, other):
        collected(solution, endoflife(end_of_life(ahead)), pypi())
        Signal.objects.get_or_create(
            solution=solution,
            source="endoflife",
            key="end_of_life:4.2",
            ended_at=None,
            defaults={
                "kind": "end_of_life",
                "subject": "4.2",
                "value": str(ahead),
                "effective_on": ahead,
                "published_on": TODAY,
                "confidence": "stated",
                "verified": True,
                "fetched_at": NOW,
            },
        )
    _write_badly(adopted, written)

    night(after(1))

    assert ("end_of_life", "review") in causes(other)


def _write_badly(solution: Solution, written: str) -> None:
    """Add a signal as no service would, past the application."""
    import json

    Signal.objects.create(
        solution=solution,
        source="github",
        kind="maintainers",
        key="bad",
        value="1",
        aliases=json.loads(written) if written != "null" else [None, 1],
        published_on=TODAY,
        confidence="stated",
        verified=True,
        fetched_at=NOW,
    )
