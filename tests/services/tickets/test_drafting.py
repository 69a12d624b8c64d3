"""What a ticket says."""

from datetime import date, datetime

import pytest

from reviews.models import Flag
from reviews.services.tickets.drafting import (
    comment_on_closing,
    draft_of,
    escaped,
    text_digest,
)
from tests.conftest import Cast
from tests.services.building import evaluated, judged
from tests.services.covering import overdue, questioned
from tests.ticketing import SITE

pytestmark = pytest.mark.django_db


def test_a_ticket_says_what_is_asked_why_and_by_when(cast: Cast) -> None:
    flag = overdue(cast)

    draft = draft_of(flag, marker="bb-1", site_url=SITE)

    assert draft.title == "Review Django: review due"
    assert draft.due_on == flag.due_on
    assert f"- Due: {flag.due_on}" in draft.text
    assert "Nobody has evaluated it since 2026-05-01" in draft.text
    assert "- Owner: nobody, Platform" in draft.text
    assert f"{SITE}/queue/django/" in draft.text
    assert "/verdict adopt because" in draft.text


def test_a_ticket_of_evidence_names_its_signals(cast: Cast) -> None:
    flag = questioned(cast)

    text = draft_of(flag, marker="bb-1", site_url=SITE).text

    assert "- PyPI: " in text
    assert "7 - Inactive" in text


@pytest.mark.parametrize(
    "name",
    ["<img src=x>", "[click](https://evil.example)", "**bold** `code`", "~~gone~~"],
)
def test_a_hostile_name_is_read_as_it_was_typed(cast: Cast, name: str) -> None:
    flag = overdue(cast)
    flag.solution.name = name

    text = draft_of(flag, marker="bb-1", site_url=SITE).text

    assert name not in text
    assert escaped(name) in text


def test_a_name_with_line_breaks_stays_on_its_line(cast: Cast) -> None:
    flag = overdue(cast)
    flag.solution.name = "Django\r\n- Due: never"

    draft = draft_of(flag, marker="bb-1", site_url=SITE)

    assert "\n- Due: never" not in draft.text
    assert "\n" not in draft.title


def test_a_long_name_does_not_make_a_longer_title(cast: Cast) -> None:
    flag = overdue(cast)
    flag.solution.name = "x" * 400

    assert len(draft_of(flag, marker="bb-1", site_url=SITE).title) == 250


def test_white_space_does_not_count_in_a_comparison() -> None:
    assert text_digest("a  b\r\nc\n") == text_digest("a b\nc")
    assert text_digest("a b c") != text_digest("a b d")


def test_a_closed_flag_without_an_evaluation_says_why(
    cast: Cast, now: datetime
) -> None:
    flag = overdue(cast)
    Flag.objects.filter(pk=flag.pk).update(closed_at=now, closed_because="withdrawn")
    flag = Flag.objects.select_related("solution", "closed_by").get(pk=flag.pk)

    assert "its cause is gone" in comment_on_closing(flag, site_url=SITE)


def test_a_verdict_is_told_with_who_and_when(cast: Cast, today: date) -> None:
    flag = overdue(cast)
    evaluated(flag.solution, judged(on=today))
    flag = Flag.objects.select_related("solution", "closed_by").get(pk=flag.pk)

    said = comment_on_closing(flag, site_url=SITE)

    assert f"Evaluated on {today} by " in said
    assert "**adopt**" in said


def test_an_address_of_a_source_ends_nothing_and_begins_nothing(cast: Cast) -> None:
    flag = questioned(cast)
    flag.source_url = "https://x.example/a)[b](https://evil.example)<img> `c`"

    text = draft_of(flag, marker="bb-1", site_url=SITE).text

    line = next(each for each in text.splitlines() if each.startswith("- Source:"))
    assert not set("()[]<>`") & set(line)
    assert line.count(" ") == 2
