"""What a solution's page says has changed since its last evaluation."""

from datetime import date

import pytest
from django.test import Client

from reviews.models import Solution
from reviews.pages.evidence import CHANGES_SHOWN
from reviews.queries.evidence import FACTS_LIMIT
from reviews.rules.signals import SignalKind, Source, SourceState
from tests.conftest import Cast
from tests.evidence import checked, ended, replaced, said
from tests.pages.building import evaluated, registered
from tests.pages.reading import words
from tests.services.covering import overridden, questioned


@pytest.fixture
def django(cast: Cast) -> Solution:
    return registered("Django", team=cast.platform)


def test_without_an_evaluation_there_is_nothing_to_compare_with(
    alice: Client, django: Solution
) -> None:
    said(django)

    assert "It was never evaluated" in words(alice, "changes")


def test_that_nothing_has_changed_is_said_with_the_day(
    alice: Client, django: Solution
) -> None:
    checked(django)
    said(django)
    evaluated(django, date(2026, 11, 20))

    section = words(alice, "changes")

    assert section.endswith("Nothing has changed since the evaluation of 2026-11-20.")


def test_that_nothing_has_changed_is_not_said_when_nobody_answers(
    alice: Client, django: Solution
) -> None:
    checked(django, state=SourceState.STALE)
    said(django)
    evaluated(django, date(2026, 11, 20))

    assert "as far as anybody said; no source answers now." in words(alice, "changes")


def test_what_has_changed_since_the_evaluation_is_told(
    alice: Client, django: Solution
) -> None:
    release = said(django, value="5.2.18")
    status = said(django, SignalKind.PROJECT_STATUS, "active")
    evaluated(django, date(2026, 11, 20))
    replaced(release, "5.2.19")
    ended(status)
    said(django, SignalKind.NOTICE_TEXT, "no longer maintained", subject="summary")

    section = words(alice, "changes")

    for told in [
        "Compared with what the evaluation of 2026-11-20 rested on:",
        "Changed : Latest release: 5.2.19 (PyPI, stated) value 5.2.18 → 5.2.19",
        "New : Notice text summary : no longer maintained",
        "No longer said : Project status: active",
    ]:
        assert told in section


@pytest.mark.parametrize(
    ("state", "value", "told"),
    [
        pytest.param(
            SourceState.OK,
            "5.2.19",
            "No evidence stood when it was logged, so there is nothing to compare with.",
            id="known now",
        ),
        pytest.param(
            SourceState.OK,
            "",
            "No evidence stood when it was logged, and no source says anything of it now.",
            id="nothing said now",
        ),
        pytest.param(
            SourceState.FAILED,
            "",
            "No evidence stood when it was logged, and nothing is known now: "
            "no source answers.",
            id="nothing known now",
        ),
    ],
)
def test_an_evaluation_that_rested_on_nothing_is_compared_with_nothing(
    alice: Client, django: Solution, state: SourceState, value: str, told: str
) -> None:
    evaluated(django, date(2026, 11, 20))
    checked(django, state=state)
    if value:
        said(django, value=value)

    section = words(alice, "changes")

    assert section == f"> What has changed since the last evaluation {told}"


def test_what_is_material_is_shown_though_the_evaluation_rested_on_nothing(
    alice: Client, django: Solution
) -> None:
    evaluated(django, date(2026, 11, 20))
    said(django)
    said(django, SignalKind.VULNERABILITY, "Bad.", subject="CVE-1")

    section = words(alice, "changes")

    assert "No evidence stood when it was logged." in section
    assert "nothing to compare with" not in section
    assert "material New : Vulnerability CVE-1" in section
    assert "not material" not in section
    assert "which is a new flaw." in words(alice)


def test_what_an_override_calls_wrong_is_marked_so(alice: Client, cast: Cast) -> None:
    flag = questioned(cast)
    overridden(flag)

    section = words(alice, "changes")

    assert "overridden New : Inactive classifier" in section


def test_a_change_tells_what_to_use_instead_and_no_day_twice(
    alice: Client, django: Solution
) -> None:
    said(django)
    evaluated(django, date(2026, 11, 20))
    said(
        django,
        SignalKind.END_OF_LIFE,
        "2026-04-30",
        source=Source.ENDOFLIFE,
        subject="4.2",
        effective_on=date(2026, 4, 30),
        replacement="5.2",
    )
    said(
        django,
        SignalKind.VULNERABILITY,
        "Bad.",
        source=Source.OSV,
        subject="CVE-1",
        effective_on=date(2026, 3, 1),
        fixed_in="4.2.26",
    )

    section = words(alice, "changes")

    assert "End of life 4.2 : 2026-04-30 , instead 5.2 (" in section
    assert "CVE-1 : Bad. , from 2026-03-01, fixed in 4.2.26 (" in section


def test_many_changes_and_facts_are_cut_short_in_words(
    alice: Client, django: Solution
) -> None:
    said(django)
    evaluated(django, date(2026, 11, 20))
    for number in range(FACTS_LIMIT + 1):
        said(django, SignalKind.VULNERABILITY, "Bad.", subject=f"CVE-{number:04}")

    assert "And 2 more, which the API lists." in words(alice, "evidence")
    more = FACTS_LIMIT + 1 - CHANGES_SHOWN
    assert f"And {more} more, which the API lists." in words(alice, "changes")
