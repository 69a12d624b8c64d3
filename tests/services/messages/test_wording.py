"""How messages read: as plain text, whatever the names in them are."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.queries.digest import Digest, Part, Section
from reviews.queries.escalation import Climb
from reviews.queries.home import OwnerName, TeamName
from reviews.queries.told import Reader, ToldFlag
from reviews.rules.escalation import Level, Rung
from reviews.services.messages.wording import (
    Ways,
    alert_message,
    digest_message,
    one_line,
)

TODAY = date(2026, 11, 22)
WAYS = Ways("https://tracker.example", "e6387b09-e685-4f64-b42a-2e56aa4f7247")


def flag(name: str = "Django", reason: str = "It ended.", **more: object) -> ToldFlag:
    given_more: dict[str, object] = {
        "id": 1,
        "slug": "django",
        "team_id": 1,
        "owner_id": 1,
        "cause": "end of life",
        "action": "deprecate",
        "severity": "high",
        "due_on": TODAY,
        "is_urgent": True,
        "climb": Climb(Rung(Level.LEAD, TODAY), (OwnerName(1, "alice", name),)),
    }
    return ToldFlag(name=name, reason=reason, **(given_more | more))  # type: ignore[arg-type]


def reader(name: str = "Alice", team: str = "Platform") -> Reader:
    return Reader(1, name, is_administrator=True, leads=(TeamName(1, "p", team),))


def digest(name: str) -> Digest:
    sections = tuple(Section(part, (flag(name, name),), (), 0) for part in Part)
    return Digest(reader(name, name), TODAY, sections, (), (), ())


@given(st.text(min_size=1, max_size=200))
def test_no_line_but_a_link_is_longer_than_a_screen(name: str) -> None:
    texts = [
        digest_message(digest(name), WAYS).text,
        alert_message(
            reader(name), [flag(name, name)], [flag(name)], WAYS, today=TODAY
        ).text,
    ]

    for text in texts:
        lines = [line for line in text.split("\n") if "https://" not in line]
        assert max(map(len, lines)) <= 78
        assert all(letter.isprintable() or letter == "\n" for letter in text)


@given(st.text(max_size=300))
def test_a_subject_is_one_line_and_fits(name: str) -> None:
    message = alert_message(reader(), [flag(name)], [], WAYS, today=TODAY)

    assert len(message.subject) <= 200
    assert message.subject.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "{{7*7}} {% now %} ${x} %(x)s %s",
        "<!channel> <@U1> <http://evil|bank.com>",
        "<script>alert(1)</script> & Co",
        "``` *bold* _cool_ ```",
    ],
)
def test_a_name_is_printed_as_it_was_typed(name: str) -> None:
    assert name in " ".join(digest_message(digest(name), WAYS).text.split())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("One\r\nBcc: eve@example.com", "One Bcc: eve@example.com"),
        ("One\u202eTwo", "One Two"),
        ("  One\t\x1b[31m Two\u2028", "One [31m Two"),
        ("", ""),
    ],
)
def test_a_line_holds_nothing_that_is_not_seen(text: str, line: str) -> None:
    assert one_line(text) == line


def test_links_are_whole_and_lead_to_the_queue() -> None:
    text = digest_message(digest("Django"), WAYS).text

    links = [word for word in text.split() if word.startswith("https://")]
    assert "https://tracker.example/queue/django/" in links
    assert "https://tracker.example/queue/?whose=mine" in links
    assert "https://tracker.example/queue/?whose=team" in links
    assert "https://tracker.example/queue/?show=overdue&whose=all" in links
    assert f"https://tracker.example/stop/{WAYS.stop_token}/" in links


@pytest.mark.django_db
def test_every_link_to_the_queue_is_one_that_the_queue_understands(
    cast: object, client: object
) -> None:
    client.force_login(cast.alice)  # type: ignore[attr-defined]
    asked = [
        "whose=mine",
        "whose=team",
        "whose=all",
        "show=overdue&whose=all",
        "show=proposals&whose=team",
        "show=waivers&whose=mine",
    ]

    answers = [
        client.get(f"/queue/?{each}").status_code  # type: ignore[attr-defined]
        for each in asked
    ]

    assert answers == [200] * len(asked)
