"""What is kept of what sources say: appended, and never overwritten."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from reviews.models import ListedProduct, Signal, Solution, SourceCheck
from reviews.models.final import FinalError
from reviews.rules.endoflife.lifecycle import Cycle, Product
from reviews.rules.signals import Severity, SignalKind, Source, SourceState
from reviews.rules.vocabulary import Kind, Scheme
from reviews.services.drafts import draft_of
from reviews.services.evidence.forecasting import product_of
from reviews.services.solutions import delete_solution, edit_solution
from tests.conftest import NOW, TODAY
from tests.services.building import OPERATOR, registered
from tests.services.evidence.sources import (
    answer,
    causes,
    collected,
    end_of_life,
    endoflife,
    fact,
    later,
    pypi,
)

pytestmark = pytest.mark.django_db

LATEST = fact(SignalKind.LATEST_RELEASE, "5.2", effective_on=date(2026, 11, 3))


@pytest.fixture
def django() -> Solution:
    return registered(identifiers=((Scheme.PURL, "pkg:pypi/django"),), version="4.2")


def standing() -> list[tuple[str, str]]:
    rows = Signal.objects.standing().order_by("pk")
    return list(rows.values_list("kind", "value"))


def state_of(solution: Solution, source: Source = Source.PYPI) -> SourceCheck:
    return SourceCheck.objects.get(solution=solution, source=source.value)


class TestAFact:
    def test_is_kept_with_all_that_was_said_of_it(self, django: Solution) -> None:
        collected(
            django,
            pypi(
                fact(
                    SignalKind.VULNERABILITY,
                    "A flaw",
                    subject="GHSA-1",
                    aliases=("CVE-2026-1",),
                    severity=Severity.CRITICAL,
                    fixed_in="4.2.9",
                    quote="Upgrade.",
                )
            ),
        )

        signal = Signal.objects.get()
        assert signal.key == "vulnerability:CVE-2026-1"
        assert (signal.subject, signal.aliases) == ("GHSA-1", ["CVE-2026-1"])
        assert (signal.severity, signal.fixed_in) == ("critical", "4.2.9")
        assert signal.quote == "Upgrade."
        assert (signal.published_on, signal.fetched_at) == (TODAY, NOW)
        assert signal.raw_hash == "0" * 64
        assert signal.verified

    def test_that_is_said_again_is_kept_once(self, django: Solution) -> None:
        for day in range(3):
            collected(django, pypi(LATEST), on=TODAY + timedelta(days=day))

        assert Signal.objects.get().published_on == TODAY

    def test_in_other_words_is_the_same_fact(self, django: Solution) -> None:
        first = fact(SignalKind.NOTICE_TEXT, "deprecated", subject="summary", quote="A")
        second = fact(
            SignalKind.NOTICE_TEXT, "deprecated", subject="summary", quote="B"
        )

        collected(django, pypi(first))
        collected(django, pypi(second), now=later(hours=7))

        assert Signal.objects.get().quote == "A"

    def test_that_changed_is_a_new_row_beside_the_old(self, django: Solution) -> None:
        collected(django, pypi(LATEST))

        newer = fact(SignalKind.LATEST_RELEASE, "6.0", effective_on=TODAY)
        collected(django, pypi(newer), on=TODAY + timedelta(days=1))

        old, new = Signal.objects.order_by("pk")
        assert (old.value, old.ended_because) == ("5.2", "superseded")
        assert (new.value, new.supersedes) == ("6.0", old)
        assert new.published_on == TODAY + timedelta(days=1)

    def test_that_is_no_longer_said_is_withdrawn_and_stays(
        self, django: Solution
    ) -> None:
        collected(django, pypi(LATEST))

        collected(django, pypi(), now=later(hours=7))

        signal = Signal.objects.get()
        assert signal.ended_because == "withdrawn"
        assert signal.ended_at == later(hours=7)

    def test_said_twice_in_one_answer_is_kept_once(self, django: Solution) -> None:
        collected(django, pypi(LATEST, LATEST))

        assert standing() == [("latest_release", "5.2")]

    def test_of_a_released_versions_licence_outlives_the_next_release(
        self, django: Solution
    ) -> None:
        before = fact(SignalKind.LICENCE, "MIT", subject="4.2")
        after = fact(SignalKind.LICENCE, "BUSL-1.1", subject="5.0")
        collected(
            django,
            pypi(
                before,
                fact(SignalKind.LATEST_RELEASE, "4.2"),
                fact(SignalKind.ADOPTED_RELEASE, "4.2"),
            ),
        )

        collected(
            django,
            pypi(
                after,
                fact(SignalKind.LATEST_RELEASE, "5.0"),
                fact(SignalKind.ADOPTED_RELEASE, "4.2"),
            ),
            now=later(hours=7),
        )

        assert causes(django) == [("licence_changed", "review")]

    @pytest.mark.parametrize(
        "text", ["\0nothing", "\ud800half", "x" * 5_000, "\u202ereversed", "<script>"]
    )
    def test_of_any_text_can_be_kept(self, django: Solution, text: str) -> None:
        collected(
            django, pypi(fact(SignalKind.NOTICE_TEXT, text, subject=text, quote=text))
        )

        assert len(Signal.objects.get().value) <= 500


class TestARow:
    @pytest.fixture
    def signal(self, django: Solution) -> Signal:
        collected(django, pypi(LATEST))
        return Signal.objects.get()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE reviews_signal SET value = 'forged'",
            "UPDATE reviews_signal SET value = 'forged', ended_at = fetched_at, "
            "ended_because = 'withdrawn'",
            "UPDATE reviews_signal SET fetched_at = '2030-01-01'",
            "DELETE FROM reviews_signal",
        ],
    )
    def test_cannot_be_changed_past_the_application(
        self, signal: Signal, statement: str
    ) -> None:
        with (
            pytest.raises(DatabaseError, match="never changes"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

        signal.refresh_from_db()
        assert signal.value == "5.2"

    def test_ends_once(self, signal: Signal) -> None:
        Signal.objects.all().end("withdrawn", NOW)

        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            Signal.objects.all().end("superseded", later(hours=7))

    def test_is_refused_to_whoever_would_update_it(self, signal: Signal) -> None:
        with pytest.raises(FinalError):
            Signal.objects.update(value="forged")

    def test_leaves_with_a_solution_that_was_registered_by_mistake(
        self, signal: Signal
    ) -> None:
        delete_solution(solution_id=signal.solution_id, actor=OPERATOR, now=NOW)

        assert not Signal.objects.exists()


class TestASourceThatFails:
    def test_clears_and_ages_nothing(self, django: Solution) -> None:
        source = pypi(LATEST)
        collected(django, source)
        source.fails("It answered with a page instead of JSON.")

        collected(django, source, now=later(days=3))

        check = state_of(django)
        assert standing() == [("latest_release", "5.2")]
        assert check.state == SourceState.STALE
        assert check.answered_at == NOW
        assert check.asked_at == later(days=3)
        assert check.error == "It answered with a page instead of JSON."

    def test_and_never_answered_is_failed(self, django: Solution) -> None:
        source = pypi()
        source.fails()

        collected(django, source)

        assert state_of(django).state == SourceState.FAILED

    def test_is_left_alone_for_longer_each_time(self, django: Solution) -> None:
        source = pypi()
        source.fails()
        waits = []
        now = NOW
        for _ in range(3):
            collected(django, source, now=now)
            retry_at = state_of(django).retry_at
            assert retry_at is not None
            waits.append(retry_at - now)
            now = retry_at

        assert waits == [timedelta(minutes=minutes) for minutes in (15, 30, 60)]

    def test_is_left_alone_for_as_long_as_it_wants(self, django: Solution) -> None:
        source = pypi()
        source.fails(retry_after=timedelta(hours=5))
        collected(django, source)

        collected(django, source, now=later(hours=4))

        assert len(source.asked) == 1

    def test_is_asked_again_when_its_time_has_come(self, django: Solution) -> None:
        source = pypi()
        source.fails(retry_after=timedelta(hours=5))
        collected(django, source)
        source.says(LATEST)

        collected(django, source, now=later(hours=5))

        assert state_of(django).state == SourceState.OK
        assert state_of(django).failures == 0

    def test_does_not_keep_another_from_being_asked(self, django: Solution) -> None:
        source, other = pypi(), endoflife(end_of_life(date(2030, 1, 1)))
        source.fails()

        collection = collected(django, source, other)

        assert list(collection.failed) == [Source.PYPI]
        assert standing() == [("end_of_life", "2030-01-01")]


class TestASourceThatKnowsNothing:
    def test_is_not_found_and_takes_nothing_back(self, django: Solution) -> None:
        source = pypi(LATEST)
        collected(django, source)
        source.reply = answer(state=SourceState.NOT_FOUND)

        collected(django, source, now=later(hours=7))

        assert state_of(django).state == SourceState.NOT_FOUND
        assert standing() == [("latest_release", "5.2")]

    def test_any_more_for_two_days_is_a_flag(self, django: Solution) -> None:
        source = pypi(LATEST)
        collected(django, source)
        source.reply = answer(state=SourceState.NOT_FOUND)

        collected(django, source, on=TODAY + timedelta(days=1))
        early = causes(django)
        collected(django, source, on=TODAY + timedelta(days=2))

        assert early == []
        assert causes(django) == [("withdrawn", "deprecate")]

    def test_and_never_did_is_no_flag(self, django: Solution) -> None:
        source = pypi()
        source.reply = answer(state=SourceState.NOT_FOUND)

        for day in range(4):
            collected(django, source, on=TODAY + timedelta(days=day))

        assert causes(django) == []


class TestAnAnswerThatStillHolds:
    def test_is_asked_for_with_its_marks(self, django: Solution) -> None:
        source = pypi(LATEST)
        collected(django, source)

        collected(django, source, now=later(hours=7))

        assert [known.etag for _, known in source.asked] == ["", '"one"']

    def test_leaves_the_facts_and_renews_the_check(self, django: Solution) -> None:
        source = pypi(LATEST)
        collected(django, source)
        source.reply = answer(unchanged=True)

        collected(django, source, now=later(days=1))

        check = state_of(django)
        assert standing() == [("latest_release", "5.2")]
        assert check.answered_at == later(days=1)
        assert check.etag == '"one"'

    def test_is_asked_for_in_full_of_another_version(self, django: Solution) -> None:
        source = pypi(LATEST)
        collected(django, source)
        edit_solution(
            solution_id=django.pk,
            draft=_with_version(django, "5.0"),
            actor=OPERATOR,
            today=TODAY,
            now=NOW,
        )

        collected(django, source, now=later(hours=7))

        assert [known.etag for _, known in source.asked] == ["", ""]


class TestAProduct:
    def product(self, ends_on: date | None) -> Product:
        return Product(
            name="django", cycles=(Cycle("4.2", date(2023, 4, 3), ends_on=ends_on),)
        )

    def test_gathers_what_was_listed_of_it(self, django: Solution) -> None:
        first, second = date(2026, 4, 30), date(2026, 12, 31)
        for day, ends_on in enumerate([first, first, second]):
            collected(
                django,
                endoflife(end_of_life(ends_on), product=self.product(ends_on)),
                on=TODAY + timedelta(days=day),
            )

        (cycle,) = product_of(ListedProduct.objects.get()).cycles
        assert [(each.seen_on, each.ends_on) for each in cycle.listings] == [
            (TODAY, first),
            (TODAY + timedelta(days=2), second),
        ]


def test_a_source_that_cannot_be_asked_says_why() -> None:
    vendor = registered("Some vendor", kind=Kind.VENDOR)

    collected(vendor, pypi())

    check = state_of(vendor)
    assert check.state == SourceState.UNSUPPORTED
    assert check.why


def _with_version(solution: Solution, version: str) -> Any:
    draft = draft_of(solution)
    return type(draft)(
        **{
            name: getattr(draft, name)
            for name in draft.__dataclass_fields__
            if name != "version"
        },
        version=version,
    )
