"""The evidence on a solution's own page, and how much of the register has any."""

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reviews.models import Solution
from reviews.queries.solution_log import GROUNDS_SHOWN
from reviews.rules.signals import Confidence, Severity, SignalKind, Source, SourceState
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from tests.conftest import NOW, Cast
from tests.evidence import checked, ended, flagged, replaced, said
from tests.pages.building import evaluated, registered
from tests.pages.reading import html_of, words

UNKNOWN = "Unknown: no source answers for it."


@pytest.fixture
def django(cast: Cast) -> Solution:
    return registered("Django", team=cast.platform)


def test_a_fact_says_what_who_since_when_and_how_it_is_known(
    alice: Client, django: Solution
) -> None:
    checked(django, Source.ENDOFLIFE)
    said(
        django,
        SignalKind.END_OF_LIFE,
        "2028-04-30",
        source=Source.ENDOFLIFE,
        subject="5.2",
        effective_on=date(2028, 4, 30),
        seen_on=date(2026, 10, 2),
        fetched_at=NOW - timedelta(hours=3),
        severity=Severity.HIGH,
        replacement="6.2",
        address="https://endoflife.example/django",
    )

    section = words(alice, "evidence")

    for told in [
        "End of life 5.2",
        "2028-04-30 severity high",
        "Instead: 6.2",
        "endoflife.date stated",
        "2026-10-02",
        "3 hours ago",
        "1 source answers for it.",
    ]:
        assert told in section
    assert (
        '<a href="https://endoflife.example/django" rel="noopener noreferrer">'
        "endoflife.date</a>"
    ) in html_of(alice)


@pytest.mark.parametrize(
    ("confidence", "verified", "told"),
    [
        (Confidence.STATED, True, "stated"),
        (Confidence.DERIVED, True, "derived"),
        (Confidence.PREDICTED, True, "predicted"),
        (Confidence.STATED, False, "stated, unverified"),
    ],
)
def test_how_a_fact_is_known_is_said_in_words(
    alice: Client,
    django: Solution,
    confidence: Confidence,
    verified: bool,
    told: str,
) -> None:
    said(django, confidence=confidence, verified=verified)

    assert f'<span class="kind">{told}</span>' in html_of(alice)


@pytest.mark.parametrize(
    "address", ["", "javascript:alert(1)", "data:text/html,x", "ftp://x.example/"]
)
def test_an_address_that_may_not_be_followed_is_no_link(
    alice: Client, django: Solution, address: str
) -> None:
    signal = said(django, address=address)
    flagged(django, signal, source_url=address)
    checked(django, address=address)
    evaluated(django, date(2026, 11, 1))

    html = html_of(alice)

    assert 'rel="noopener noreferrer"' not in html
    assert "javascript:" not in html


def test_what_nobody_asked_about_is_unknown(alice: Client, django: Solution) -> None:
    assert words(alice, "evidence").startswith(
        f"> Evidence {UNKNOWN} Nobody has asked yet."
    )


@pytest.mark.parametrize(
    ("state", "more", "told"),
    [
        pytest.param(
            SourceState.FAILED,
            {"error": "It timed out."},
            "unknown: it could not be asked It timed out.",
            id="failed",
        ),
        pytest.param(
            SourceState.NOT_FOUND,
            {},
            "unknown: it lists nothing under this name",
            id="not found",
        ),
        pytest.param(
            SourceState.UNSUPPORTED,
            {"note": "It lists no dates for it."},
            "unknown: it does not say It lists no dates for it.",
            id="unsupported",
        ),
        pytest.param(
            SourceState.STALE,
            {"error": "It timed out.", "answered_at": NOW - timedelta(days=9)},
            "unknown by now: it could not be asked lately It timed out.",
            id="stale",
        ),
    ],
)
def test_a_source_that_does_not_answer_is_called_unknown_and_says_why(
    alice: Client,
    django: Solution,
    state: SourceState,
    more: dict[str, object],
    told: str,
) -> None:
    checked(django, Source.PYPI, state, **more)

    section = words(alice, "evidence")

    assert UNKNOWN in section
    assert told in section
    last = "9 days ago" if state is SourceState.STALE else "never"
    assert section.endswith(last)


def test_sources_that_could_not_know_it_are_folded_under_one_line(
    alice: Client, django: Solution
) -> None:
    checked(django, Source.PYPI)
    for source in (Source.NPM, Source.HUGGING_FACE):
        checked(
            django,
            source,
            SourceState.UNSUPPORTED,
            subject="",
            matched_by="",
            why="It is no such thing.",
        )

    section = words(alice, "evidence")

    assert "1 source answers for it. What" not in section
    table, _, folded = section.partition("Not for this kind (2) ")
    assert folded == "npm: It is no such thing. Hugging Face: It is no such thing."
    assert "It is no such thing." not in table


def test_all_signals_are_a_link_away_for_staff(alice: Client, django: Solution) -> None:
    ended(said(django))
    address = f"/admin/reviews/signal/?solution={django.pk}"

    html = html_of(alice)

    assert f'<a href="{address}">All signals, earlier ones too</a>' in html
    assert "5.2.19" in html_of(alice, address)


def test_who_only_views_is_told_where_all_signals_are(
    charlie: Client, django: Solution
) -> None:
    html = html_of(charlie)

    # No link: the API takes a token.
    assert "earlier ones too: <code>/api/v1/solutions/django/signals/</code>" in html
    assert "/admin/" not in html


def test_a_product_of_endoflife_date_keeps_its_lower_case(
    alice: Client, cast: Cast
) -> None:
    identifiers = [(Scheme.ENDOFLIFE, "django"), (Scheme.PURL, "pkg:pypi/django")]
    registered("Django", team=cast.platform, identifiers=identifiers)

    section = words(alice, "facts")

    assert "endoflife.date product django" in section
    assert "Package URL pkg:pypi/django" in section


def test_a_silent_source_beside_one_that_answers_stays_unknown(
    alice: Client, django: Solution
) -> None:
    checked(django, Source.PYPI)
    checked(django, Source.OSV, SourceState.FAILED)

    section = words(alice, "evidence")

    assert "1 source answers for it. What 1 other would say is unknown." in section
    assert UNKNOWN not in section


def test_sources_that_disagree_stand_beside_each_other(
    alice: Client, django: Solution
) -> None:
    said(django, value="5.2.19", source=Source.PYPI)
    said(django, value="5.3", source=Source.GITHUB)

    section = words(alice, "evidence")

    assert "Sources disagree Latest release: GitHub 5.3 PyPI 5.2.19" in section


def test_sources_that_agree_do_not_disagree(alice: Client, django: Solution) -> None:
    said(django, value="5.2.19", source=Source.PYPI)
    said(django, value="v5.2.19", source=Source.GITHUB)

    assert "Sources disagree" not in words(alice)


def test_a_flag_shows_its_severity_its_reason_and_what_it_rests_on(
    alice: Client, django: Solution
) -> None:
    end = said(django, SignalKind.END_OF_LIFE, "2026-04-30", subject="4.2")
    flagged(django, end)

    section = words(alice, "flags")

    for told in [
        "Deprecate , due today.",
        "Severity high.",
        "endoflife.date says that 4.2 has ended.",
        "Read it at endoflife.example",
        "End of life 4.2 : 2026-04-30 (PyPI, stated, fetched less than a minute ago)",
    ]:
        assert told in section


def test_an_evaluation_lists_what_it_rested_on(alice: Client, django: Solution) -> None:
    release = said(django, value="5.2.18")
    said(django, SignalKind.MAINTAINERS, "4")
    evaluated(django, date(2026, 11, 20))
    replaced(release, "5.2.19")

    section = words(alice, "log")

    assert "Rested on 2 facts" in section
    # As it then was, whatever the source says now.
    assert "Latest release: 5.2.18" in section
    assert "5.2.19" not in section


def test_an_evaluation_without_evidence_says_so(
    alice: Client, django: Solution
) -> None:
    evaluated(django, date(2026, 11, 20))
    said(django)

    assert "No evidence stood when it was logged." in words(alice, "log")


def test_an_evaluation_that_rested_on_much_is_cut_short_in_words(
    alice: Client, django: Solution
) -> None:
    for number in range(GROUNDS_SHOWN + 7):
        said(django, SignalKind.VULNERABILITY, "Bad.", subject=f"CVE-{number:04}")
    evaluated(django, date(2026, 11, 20))

    section = words(alice, "log")

    assert f"Rested on {GROUNDS_SHOWN + 7} facts" in section
    assert "And 7 more, which the API lists." in section


def test_words_of_strangers_are_text_and_keep_their_direction_to_themselves(
    alice: Client, django: Solution
) -> None:
    text = "**bold** <b>x</b> [y](https://evil.example) \u202etxt.exe"
    said(django, SignalKind.NOTICE_TEXT, text, subject="summary", quote=f"{text}!")

    html = html_of(alice)

    escaped = "**bold** &lt;b&gt;x&lt;/b&gt; [y](https://evil.example) \u202etxt.exe"
    assert f'<bdi class="said">{escaped}</bdi>' in html
    assert f'<bdi class="said">{escaped}!</bdi>' in html
    assert 'href="https://evil.example"' not in html


def test_a_page_needs_as_many_queries_with_much_evidence_as_with_little(
    alice: Client,
    django: Solution,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    checked(django)
    flagged(django, said(django))
    for number in range(10):
        said(django, SignalKind.VULNERABILITY, "Bad.", subject=f"CVE-{number}")
        evaluated(django, date(2026, 11, 1 + number))

    # Five of them look for what stands in the way of "still true", one for overrides.
    with django_assert_max_num_queries(31):
        alice.get("/solutions/django/")


def test_the_home_page_says_of_how_much_anything_is_known(
    alice: Client, cast: Cast, django: Solution
) -> None:
    registered("Flask", team=cast.data)
    registered("Shop", kind=Kind.BUILT, team=cast.platform)
    gone = registered("Nose", team=cast.platform)
    evaluated(gone, date(2026, 11, 20), Verdict.RETIRE)
    for solution in (django, gone):
        checked(solution)

    everything = words(alice, path="/")
    ours = words(alice, path="/?team=platform")

    assert "Coverage 33 % 1 of 3 have a source that answers" in everything
    assert "built component 0 of 1 · open-source package 1 of 2" in everything
    assert "Coverage 50 % 1 of 2 have a source that answers" in ours


def test_coverage_of_nothing_is_unknown(
    alice: Client, cast: Cast, django: Solution
) -> None:
    assert "Coverage unknown" in words(alice, path="/?team=data")
    assert "Coverage 0 %" in words(alice, path="/?team=platform")
