"""What the evidence asks, and when it is answered."""

from datetime import date, timedelta
from typing import Any

import pytest

from reviews.rules.evidence.findings import SEVERITIES, StandingSignal, raised
from reviews.rules.evidence.judgement import judge, open_findings, pull_of
from reviews.rules.evidence.licensing import licence_changed
from reviews.rules.evidence.retirement import model_retirement
from reviews.rules.evidence.support import end_of_life
from reviews.rules.evidence.vulnerabilities import known_flaws, vulnerability
from reviews.rules.signals import Severity, SignalKind, Source
from reviews.rules.vocabulary import Action, Cause, Kind, Verdict
from tests.conftest import TODAY
from tests.rules.evidence.situations import signal, situation

YESTERDAY = TODAY - timedelta(days=1)
INACTIVE = signal(SignalKind.INACTIVE_CLASSIFIER, id=1)
YANKED = signal(SignalKind.ALL_RELEASES_YANKED, id=2)


def flaw(
    name: str,
    severity: Severity | None = Severity.HIGH,
    *,
    id: int = 1,
    source: Source = Source.OSV,
    aliases: tuple[str, ...] = (),
    fixed_in: str = "",
) -> StandingSignal:
    return signal(
        SignalKind.VULNERABILITY,
        id=id,
        source=source,
        subject=name,
        aliases=aliases,
        severity=severity,
        fixed_in=fixed_in,
    )


def end(days: int | None, **more: Any) -> StandingSignal:
    day = TODAY + timedelta(days=days) if days is not None else None
    return signal(
        SignalKind.END_OF_LIFE,
        str(day) if day else str(more.pop("value", "not ended")),
        source=Source.ENDOFLIFE,
        subject="4.2",
        effective_on=day,
        **more,
    )


class TestAnEvaluation:
    @pytest.mark.parametrize(
        ("evaluated_on", "rested_on", "asked"),
        [
            pytest.param(None, (), True, id="none"),
            pytest.param(YESTERDAY, (INACTIVE,), True, id="before it was seen"),
            pytest.param(TODAY, (), True, id="that did not know of it"),
            pytest.param(TODAY, (INACTIVE,), False, id="that rested on it"),
        ],
    )
    def test_answers_a_review_it_knew_of(
        self,
        evaluated_on: date | None,
        rested_on: tuple[StandingSignal, ...],
        asked: bool,
    ) -> None:
        found = open_findings(
            situation(
                INACTIVE,
                verdict=Verdict.ADOPT if evaluated_on else None,
                evaluated_on=evaluated_on,
                rested_on=rested_on,
            ),
            TODAY,
        )

        assert bool(found) is asked

    @pytest.mark.parametrize(
        ("verdict", "asked"),
        [(verdict, verdict not in ("deprecate", "retire")) for verdict in Verdict],
    )
    def test_answers_a_deprecation_by_its_verdict_alone(
        self, verdict: Verdict, asked: bool
    ) -> None:
        found = open_findings(
            situation(YANKED, verdict=verdict, evaluated_on=TODAY, rested_on=(YANKED,)),
            TODAY,
        )

        assert bool(found) is asked

    @pytest.mark.parametrize(
        ("now", "asked"),
        [
            pytest.param(
                flaw("GHSA-1", aliases=("CVE-1",)), False, id="a further name"
            ),
            pytest.param(flaw("GHSA-1", Severity.CRITICAL), True, id="a worse rating"),
            pytest.param(flaw("GHSA-1", fixed_in="2.0"), True, id="a fix"),
            pytest.param(flaw("GHSA-2"), True, id="another flaw"),
        ],
    )
    def test_answers_a_flaw_under_all_its_names_but_not_what_is_new_of_it(
        self, now: StandingSignal, asked: bool
    ) -> None:
        found = open_findings(
            situation(
                now,
                verdict=Verdict.ADOPT,
                evaluated_on=TODAY,
                rested_on=(flaw("GHSA-1"),),
            ),
            TODAY,
        )

        assert bool(found) is asked


class TestPulling:
    def test_goes_by_the_earliest_finding(self) -> None:
        early = signal(SignalKind.VERSION_YANKED, id=3, seen_on=YESTERDAY, subject="1")

        pull = pull_of(judge(situation(INACTIVE, early), TODAY))

        assert pull is not None
        assert pull.on == YESTERDAY
        assert pull.reason == "PyPI lists version 1 as yanked: “said”"

    def test_is_nothing_without_a_finding(self) -> None:
        assert pull_of(()) is None

    def test_fits_into_its_column(self) -> None:
        long = signal(SignalKind.NOTICE_TEXT, "x", subject="s" * 400, quote="q" * 2_000)

        pull = pull_of(judge(situation(long), TODAY))

        assert pull is not None
        assert len(pull.reason) <= 200


class TestTheEndOfSupport:
    @pytest.mark.parametrize(
        ("days", "action"),
        [
            (211, None),
            (210, Action.REVIEW),
            (1, Action.REVIEW),
            (0, Action.DEPRECATE),
            (-400, Action.DEPRECATE),
        ],
    )
    def test_asks_by_how_near_it_is(self, days: int, action: Action | None) -> None:
        found = end_of_life(situation(end(days)), TODAY)

        assert (found.action if found else None) is action

    def test_without_a_day_asks_once_it_is_listed_as_come(self) -> None:
        found = end_of_life(situation(end(None, value="ended")), TODAY)

        assert found is not None
        assert found.action is Action.DEPRECATE
        assert "without a day" in found.reason

    def test_that_is_not_listed_asks_nothing(self) -> None:
        assert end_of_life(situation(end(None)), TODAY) is None

    def test_dates_from_the_day_it_came_within_sight(self) -> None:
        seen_on = TODAY - timedelta(days=300)

        found = end_of_life(situation(end(100, seen_on=seen_on)), TODAY)

        assert found is not None
        assert found.since == TODAY - timedelta(days=110)

    def test_dates_from_the_day_it_was_seen_if_that_is_later(self) -> None:
        found = end_of_life(situation(end(-900, seen_on=YESTERDAY)), TODAY)

        assert found is not None
        assert found.since == YESTERDAY

    def test_tells_of_extended_support_while_it_is_to_be_had(self) -> None:
        until = TODAY + timedelta(days=400)
        extended = signal(
            SignalKind.END_OF_EXTENDED_SUPPORT, subject="4.2", effective_on=until
        )

        found = end_of_life(situation(end(-1), extended), TODAY)

        assert found is not None
        assert f"extended support is to be had until {until}" in found.reason

    @pytest.mark.parametrize(("days", "asked"), [(30, False), (31, True)])
    def test_that_came_more_than_thirty_days_earlier_asks_at_once(
        self, days: int, asked: bool
    ) -> None:
        before = TODAY + timedelta(days=800)

        found = end_of_life(situation(end(800 - days, moved_from=before)), TODAY)

        assert bool(found) is asked

    def test_predicted_asks_for_a_review_and_never_more(self) -> None:
        predicted = signal(
            SignalKind.PREDICTED_END,
            "It is expected about 2026-12-01.",
            source=Source.FORECAST,
            effective_on=TODAY - timedelta(days=30),
        )

        found = end_of_life(situation(end(None), predicted), TODAY)

        assert found is not None
        assert found.action is Action.REVIEW
        assert found.severity is Severity.LOW
        assert found.reason == "The forecast: It is expected about 2026-12-01."

    def test_listed_goes_before_what_is_predicted(self) -> None:
        predicted = signal(SignalKind.PREDICTED_END, source=Source.FORECAST)

        assert end_of_life(situation(end(900), predicted), TODAY) is None


class TestAHostedModel:
    def test_is_asked_about_once_however_it_is_listed(self) -> None:
        day = TODAY + timedelta(days=30)
        retirement = signal(
            SignalKind.MODEL_RETIREMENT, id=5, subject="m", effective_on=day
        )

        found = judge(situation(retirement, end(30), kind=Kind.MODEL), TODAY)

        assert [each.cause for each in found] == [Cause.MODEL_RETIREMENT]

    @pytest.mark.parametrize(
        ("days", "severity"),
        [(61, Severity.HIGH), (60, Severity.CRITICAL), (-5, Severity.CRITICAL)],
    )
    def test_weighs_more_the_nearer_it_is(self, days: int, severity: Severity) -> None:
        day = TODAY + timedelta(days=days)
        found = model_retirement(
            situation(signal(SignalKind.MODEL_RETIREMENT, effective_on=day)), TODAY
        )

        assert found is not None
        assert found.severity is severity

    def test_announced_without_a_day_is_asked_about_all_the_same(self) -> None:
        found = model_retirement(situation(signal(SignalKind.MODEL_RETIREMENT)), TODAY)

        assert found is not None
        assert "on a day that it does not name" in found.reason


class TestFlaws:
    def test_under_two_names_are_one(self) -> None:
        listed = [
            flaw("GHSA-1", aliases=("CVE-2026-1",), id=1),
            flaw("PYSEC-7", aliases=("CVE-2026-1",), id=2, source=Source.PYPI),
        ]

        (known,) = known_flaws(listed)

        assert known.name == "CVE-2026-1"
        assert {s.id for s in known.signals} == {1, 2}

    def test_are_joined_through_a_third_name(self) -> None:
        listed = [
            flaw("A", id=1),
            flaw("B", id=2),
            flaw("C", id=3, aliases=("A", "B")),
        ]

        assert len(known_flaws(listed)) == 1

    def test_make_one_finding_that_names_the_worst(self) -> None:
        found = vulnerability(
            situation(
                flaw("CVE-1", Severity.LOW, id=1),
                flaw("CVE-2", Severity.CRITICAL, id=2, fixed_in="4.2.9"),
            ),
            TODAY,
        )

        assert found is not None
        assert found.severity is Severity.CRITICAL
        assert found.reason == (
            "OSV lists CVE-2 (critical) for the version in use, fixed in 4.2.9, and 1 more."
        )

    def test_without_a_rating_are_not_harmless(self) -> None:
        found = vulnerability(situation(flaw("CVE-1", None)), TODAY)

        assert found is not None
        assert found.severity is Severity.MEDIUM
        assert found.reason == (
            "OSV lists CVE-1 (not rated) for the version in use, no fix is known."
        )

    def test_rated_by_one_source_are_rated(self) -> None:
        listed = [
            flaw("CVE-1", None, id=1, source=Source.PYPI),
            flaw("CVE-1", Severity.LOW, id=2),
        ]

        found = vulnerability(situation(*listed), TODAY)

        assert found is not None
        assert "CVE-1 (low)" in found.reason

    def test_without_a_fix_in_a_silent_project_weigh_more(self) -> None:
        last = signal(
            SignalKind.LATEST_RELEASE, "1", effective_on=TODAY - timedelta(days=400)
        )

        found = vulnerability(situation(flaw("CVE-1", Severity.LOW), last), TODAY)

        assert found is not None
        assert found.severity is Severity.HIGH
        assert "no fix is known" in found.reason


class TestALicence:
    def licences(
        self, before: str, after: str, other: Source = Source.NPM
    ) -> list[StandingSignal]:
        return [
            signal(SignalKind.ADOPTED_RELEASE, "1.0", source=Source.NPM),
            signal(SignalKind.LATEST_RELEASE, "2.0", source=Source.NPM),
            signal(SignalKind.LICENCE, before, source=Source.NPM, subject="1.0"),
            signal(SignalKind.LICENCE, after, source=other, subject="2.0"),
        ]

    @pytest.mark.parametrize(
        ("before", "after", "asked"),
        [
            ("MIT", "BUSL-1.1", True),
            ("Apache-2.0", "AGPL-3.0-only", True),
            ("MIT", "Apache-2.0", False),
            ("GPL-3.0-only", "MIT", False),
            ("MIT", "", False),
            ("", "GPL-3.0-only", False),
            ("MIT", "MIT", False),
        ],
    )
    def test_that_became_stricter_asks_for_a_review(
        self, before: str, after: str, asked: bool
    ) -> None:
        found = licence_changed(situation(*self.licences(before, after)))

        assert bool(found) is asked

    def test_as_two_sources_name_it_is_no_change(self) -> None:
        listed = self.licences("MIT", "GPL-3.0-only", other=Source.DEPS_DEV)

        assert licence_changed(situation(*listed)) is None


def test_what_is_retired_is_asked_nothing() -> None:
    assert judge(situation(YANKED, verdict=Verdict.RETIRE), TODAY) == ()


def test_there_is_one_finding_for_a_cause() -> None:
    found = judge(
        situation(INACTIVE, YANKED, flaw("CVE-1", id=7), flaw("CVE-2", id=8), end(3)),
        TODAY,
    )

    assert len({each.cause for each in found}) == len(found) == 4


@pytest.mark.parametrize("severity", SEVERITIES)
def test_silence_raises_by_one_step_and_not_to_critical(severity: Severity) -> None:
    order = list(SEVERITIES)

    step = order.index(raised(severity)) - order.index(severity)

    assert step == (0 if severity in (Severity.HIGH, Severity.CRITICAL) else 1)
