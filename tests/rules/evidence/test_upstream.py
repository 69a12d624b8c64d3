"""What is made of what a registry, a package and a repository say of a project's end."""

from datetime import date
from typing import Any

import pytest

from reviews.rules.evidence.findings import StandingSignal
from reviews.rules.evidence.upstream import (
    is_silent,
    said,
    unmaintained,
    version_withdrawn,
    withdrawn,
)
from reviews.rules.signals import SOURCE_NAMES, Severity, SignalKind, Source
from reviews.rules.vocabulary import Action, Cause
from tests.conftest import TODAY
from tests.rules.evidence.situations import signal, situation

QUARANTINED = signal(SignalKind.PROJECT_STATUS, "quarantined", id=1)
ARCHIVED = signal(SignalKind.PROJECT_STATUS, "archived", id=2)
ACTIVE = signal(SignalKind.PROJECT_STATUS, "active", id=3)
SUMMARY = signal(SignalKind.NOTICE_TEXT, "deprecated", id=4, subject="summary")
DESCRIPTION = signal(SignalKind.NOTICE_TEXT, "deprecated", id=5, subject="description")
INACTIVE = signal(SignalKind.INACTIVE_CLASSIFIER, id=6)
REPOSITORY = signal(
    SignalKind.REPOSITORY_ARCHIVED, id=7, source=Source.GITHUB, subject="a/b"
)
LINKED = signal(
    SignalKind.REPOSITORY_ARCHIVED,
    id=8,
    source=Source.GITHUB,
    subject="a/b",
    verified=False,
)
DEPRECATED = signal(SignalKind.REGISTRY_DEPRECATED, "use x", id=9, source=Source.NPM)


def released(on: date) -> StandingSignal:
    return signal(SignalKind.LATEST_RELEASE, "1.0", id=20, effective_on=on)


SILENT = released(date(2024, 11, 22))
LIVELY = released(date(2024, 11, 23))


class TestAProjectTakenAway:
    @pytest.mark.parametrize(
        "kind",
        [
            SignalKind.UNPUBLISHED,
            SignalKind.ALL_RELEASES_YANKED,
            SignalKind.NO_FILES,
            SignalKind.MODEL_DISABLED,
        ],
    )
    def test_asks_for_a_deprecation(self, kind: SignalKind) -> None:
        found = withdrawn(situation(signal(kind)))

        assert found is not None
        assert (found.cause, found.action) == (Cause.WITHDRAWN, Action.DEPRECATE)
        assert found.severity is Severity.HIGH

    def test_is_critical_if_it_is_in_quarantine(self) -> None:
        found = withdrawn(situation(QUARANTINED))

        assert found is not None
        assert found.severity is Severity.CRITICAL
        assert found.reason == "PyPI marks the project as quarantined."

    @pytest.mark.parametrize("other", [ARCHIVED, ACTIVE, INACTIVE, REPOSITORY])
    def test_is_not_one_that_was_given_up(self, other: StandingSignal) -> None:
        assert withdrawn(situation(other)) is None

    def test_in_two_ways_is_one_finding(self) -> None:
        found = withdrawn(situation(QUARANTINED, signal(SignalKind.NO_FILES, id=10)))

        assert found is not None
        assert found.signals == (1, 10)
        assert found.reason.endswith("1 further fact says the same.")


class TestAProjectGivenUp:
    @pytest.mark.parametrize(
        ("signals", "severity"),
        [
            pytest.param([ARCHIVED], Severity.HIGH, id="archived"),
            pytest.param([DEPRECATED], Severity.HIGH, id="deprecated at the registry"),
            pytest.param([SUMMARY], Severity.HIGH, id="notice in the summary"),
            pytest.param([DESCRIPTION], Severity.MEDIUM, id="in the description"),
            pytest.param([INACTIVE], Severity.MEDIUM, id="inactive"),
            pytest.param([REPOSITORY], Severity.HIGH, id="repository archived"),
            pytest.param([INACTIVE, SILENT], Severity.HIGH, id="inactive and silent"),
            pytest.param([INACTIVE, LIVELY], Severity.MEDIUM, id="but lively"),
        ],
    )
    def test_asks_for_a_review_by_its_weight(
        self, signals: list[StandingSignal], severity: Severity
    ) -> None:
        found = unmaintained(situation(*signals), TODAY)

        assert found is not None
        assert (found.cause, found.action) == (Cause.UNMAINTAINED, Action.REVIEW)
        assert found.severity is severity

    @pytest.mark.parametrize(
        "signals",
        [
            pytest.param([ARCHIVED, REPOSITORY], id="registry and repository"),
            pytest.param([SUMMARY, REPOSITORY], id="words and repository"),
            pytest.param([ARCHIVED, SUMMARY], id="registry and words"),
            pytest.param([DESCRIPTION, REPOSITORY, SILENT], id="raised by silence"),
        ],
    )
    def test_by_two_independent_voices_asks_for_a_deprecation(
        self, signals: list[StandingSignal]
    ) -> None:
        found = unmaintained(situation(*signals), TODAY)

        assert found is not None
        assert found.action is Action.DEPRECATE

    @pytest.mark.parametrize(
        "signals",
        [
            pytest.param([ARCHIVED, DEPRECATED], id="one registry's two words"),
            pytest.param([SUMMARY, INACTIVE, SILENT], id="one upload's two words"),
            pytest.param([ARCHIVED, LINKED], id="one that nobody has checked"),
            pytest.param([DESCRIPTION, REPOSITORY], id="one of them faint"),
        ],
    )
    def test_by_less_than_that_asks_for_a_review(
        self, signals: list[StandingSignal]
    ) -> None:
        found = unmaintained(situation(*signals), TODAY)

        assert found is not None
        assert found.action is Action.REVIEW

    @pytest.mark.parametrize(
        "signals",
        [
            pytest.param([], id="nothing known"),
            pytest.param([SILENT], id="silence"),
            pytest.param([ACTIVE, SILENT], id="active and silent"),
            pytest.param(
                [SILENT, signal(SignalKind.SCORECARD_MAINTAINED, "0")], id="scorecard"
            ),
            pytest.param(
                [SILENT, signal(SignalKind.MAINTAINERS, "1")], id="one person"
            ),
        ],
    )
    def test_is_not_what_is_only_quiet(self, signals: list[StandingSignal]) -> None:
        assert unmaintained(situation(*signals), TODAY) is None

    def test_leaves_the_corroboration_out_of_what_an_answer_has_to_rest_on(
        self,
    ) -> None:
        found = unmaintained(situation(INACTIVE, SILENT), TODAY)

        assert found is not None
        assert found.signals == (INACTIVE.id,)


class TestAVersionTakenBack:
    @pytest.mark.parametrize(
        ("reason", "severity"),
        [("broken build", Severity.MEDIUM), ("fixes CVE-2026-1", Severity.HIGH)],
    )
    def test_asks_for_a_review(self, reason: str, severity: Severity) -> None:
        found = version_withdrawn(
            situation(signal(SignalKind.VERSION_YANKED, reason, subject="4.2.12"))
        )

        assert found is not None
        assert (found.cause, found.action) == (Cause.VERSION_WITHDRAWN, Action.REVIEW)
        assert found.severity is severity
        assert found.reason == f"PyPI lists version 4.2.12 as yanked: “{reason}”."

    def test_is_not_another_version(self) -> None:
        assert version_withdrawn(situation(ARCHIVED)) is None


class TestSilence:
    @pytest.mark.parametrize(
        ("last", "silent"),
        [(SILENT, True), (LIVELY, False)],
        ids=["24 m", "a day less"],
    )
    def test_is_two_years_without_a_release(
        self, last: StandingSignal, silent: bool
    ) -> None:
        assert is_silent(situation(last), TODAY) is silent

    def test_is_not_what_nobody_knows(self) -> None:
        assert not is_silent(situation(), TODAY)

    def test_is_broken_by_a_release_that_any_source_knows_of(self) -> None:
        assert not is_silent(situation(SILENT, LIVELY), TODAY)


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("OVER ---------- Use no more.", "“OVER Use no more.”"),
        ("Use x instead", "“Use x instead”."),
        ('"Use x!', "“Use x!”"),
        ("a " * 200, "“" + ("a " * 200)[:159].strip() + "…”"),
    ],
    ids=["underlined", "no stop", "a loose quote", "long"],
)
def test_a_quotation_is_cleaned_and_ends_the_sentence(quote: str, words: str) -> None:
    notice = signal(SignalKind.NOTICE_TEXT, "over", subject="summary", quote=quote)

    assert said(notice) == f"PyPI shows a notice in its summary: {words}"


@pytest.mark.parametrize(
    ("quote", "words"), [("----", ": “deprecated”."), ("", ": “deprecated”.")]
)
def test_where_nothing_is_left_of_a_quotation_the_value_is_told(
    quote: str, words: str
) -> None:
    deprecated = signal(SignalKind.REGISTRY_DEPRECATED, "deprecated", quote=quote)

    assert said(deprecated) == f"PyPI marks its latest release as deprecated{words}"


def test_what_says_nothing_at_all_is_not_quoted() -> None:
    deprecated = signal(SignalKind.REGISTRY_DEPRECATED, "---")

    assert said(deprecated) == "PyPI marks its latest release as deprecated."


@pytest.mark.parametrize(
    "kind",
    [
        SignalKind.PROJECT_STATUS,
        SignalKind.REGISTRY_DEPRECATED,
        SignalKind.VERSION_DEPRECATED,
        SignalKind.VERSION_YANKED,
        SignalKind.NOTICE_TEXT,
        SignalKind.INACTIVE_CLASSIFIER,
        SignalKind.ALL_RELEASES_YANKED,
        SignalKind.UNPUBLISHED,
        SignalKind.NO_FILES,
        SignalKind.MODEL_DISABLED,
        SignalKind.REPOSITORY_ARCHIVED,
        SignalKind.REPOSITORY_GONE,
        SignalKind.REPOSITORY_DISABLED,
    ],
)
@pytest.mark.parametrize("source", [s for s in Source if s is not Source.FORECAST])
def test_every_fact_is_a_sentence_that_names_who_says_it(
    kind: SignalKind, source: Source
) -> None:
    more: dict[str, Any] = {"source": source, "subject": "1.0", "replacement": "other"}

    sentence = said(signal(kind, "archived", **more))

    assert sentence.startswith(SOURCE_NAMES[source])
    assert sentence.endswith(", and points to other.")
