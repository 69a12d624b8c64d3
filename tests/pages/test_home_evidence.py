"""What the lists of the home page tell of evidence."""

from datetime import date

import pytest
from django.test import Client

from reviews.models import Solution
from reviews.rules.signals import SignalKind
from reviews.rules.vocabulary import Verdict
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged, said
from tests.pages.building import evaluated, registered, scanned
from tests.pages.reading import section

LATE = date(2026, 5, 10)


@pytest.mark.parametrize(
    ("listing", "reviewed_on", "verdict"),
    [
        pytest.param("overdue", LATE, Verdict.ADOPT, id="overdue"),
        pytest.param("due_soon", date(2026, 6, 1), Verdict.ADOPT, id="due soon"),
        pytest.param("never_reviewed", None, Verdict.ADOPT, id="never reviewed"),
        pytest.param("to_deprecate", LATE, Verdict.DEPRECATE, id="to deprecate"),
    ],
)
def test_every_list_tells_what_evidence_asks(
    alice: Client,
    cast: Cast,
    listing: str,
    reviewed_on: date | None,
    verdict: Verdict,
) -> None:
    django = registered("Django", team=cast.platform)
    if reviewed_on:
        evaluated(django, reviewed_on, verdict)
    flagged(django)
    flagged(
        django,
        cause="vulnerability",
        action="review",
        severity="medium",
        reason="OSV says that 4.2 has a flaw.",
        source_url="javascript:alert(1)",
    )

    [item] = section(alice, listing, f"?list={listing}").items

    assert [(told.reason, told.severity, told.link) for told in item.told] == [
        (
            "endoflife.date says that 4.2 has ended.",
            "high",
            "https://endoflife.example/django",
        ),
        ("OSV says that 4.2 has a flaw.", "", ""),
    ]
    html = " ".join(alice.get(f"/?list={listing}").content.decode().split())
    assert (
        '<span class="chip bad">high</span> '
        '<bdi class="said">endoflife.date says that 4.2 has ended.</bdi> '
        '<a href="https://endoflife.example/django" rel="noopener noreferrer">'
        "Read it at endoflife.example</a>"
    ) in html
    assert "javascript:" not in html


def test_flags_of_the_clock_and_closed_ones_are_no_evidence(
    alice: Client, cast: Cast
) -> None:
    django = registered("Django", team=cast.platform)
    evaluated(django, LATE)
    scanned()
    flagged(django, closed_at=NOW, closed_because="evaluated")

    [item] = section(alice, "overdue").items

    assert (item.why, item.told) == ("Last reviewed 2026-05-10", [])


def test_what_a_flag_tells_is_not_told_twice(alice: Client, cast: Cast) -> None:
    django = registered("Django", team=cast.platform)
    evaluated(django, date(2026, 11, 1))
    flagged(django, said(django, SignalKind.END_OF_LIFE, "2026-04-30"))
    Solution.objects.filter(pk=django.pk).update(
        next_review_on=TODAY, pulled_by="endoflife.date says that 4.2 has en…"
    )

    [item] = section(alice, "due_soon").items

    assert item.why == "Last reviewed 2026-11-01; pulled forward"
    assert [told.reason for told in item.told] == [
        "endoflife.date says that 4.2 has ended."
    ]
