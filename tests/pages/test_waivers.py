"""The page of snoozes, waivers and overrides."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviews.models import Cover, Flag, Solution, User
from reviews.services.covers import snooze_flag, waive_flag
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.pages.building import ADMINISTRATOR, registered
from tests.pages.reading import html_of, words

WAIVERS = "/waivers/"


def flag_of(solution: Solution) -> Flag:
    return flagged(
        solution, cause="review_due", action="review", reason="", severity=""
    )


def snoozed(solution: Solution, days: int = 7, by: Any = ADMINISTRATOR) -> Cover:
    return snooze_flag(
        flag_id=flag_of(solution).pk,
        until=TODAY + timedelta(days),
        reason="In the spring.",
        actor=by,
        today=TODAY,
        now=NOW,
    )


def waived(solution: Solution, owner: User, days: int = 30) -> Cover:
    return waive_flag(
        flag_id=flag_of(solution).pk,
        owner_id=owner.pk,
        reason="The vendor fixes it.",
        until=TODAY + timedelta(days),
        actor=ADMINISTRATOR,
        today=TODAY,
        now=NOW,
    )


def overridden(solution: Solution) -> Cover:
    flag = flag_of(solution)
    Flag.objects.filter(pk=flag.pk).update(
        covered_by="override", covered_until="9999-12-31"
    )
    return Cover.objects.create(
        kind="override",
        flag=flag,
        reason="That is another package.",
        made_by_name="Dora",
        made_at=NOW,
        action=flag.action,
    )


def over(cover: Cover) -> Cover:
    Cover.objects.filter(pk=cover.pk).update(
        ended_at=NOW, ended_because="revoked", ended_by_name="Alice"
    )
    return cover


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(WAIVERS + query)
    assert answer.status_code == 200
    return [line.row.solution_name for line in answer.context["lines"]]


@pytest.fixture
def several(cast: Cast) -> None:
    waived(registered("Django", team=cast.platform), cast.bob, days=30)
    snoozed(registered("Flask", team=cast.platform, owner=cast.alice), days=7)
    overridden(registered("dbt", team=cast.data))
    over(waived(registered("Old", team=cast.platform), cast.alice))


def test_they_are_for_who_has_signed_in(client: Client, db: None) -> None:
    assert client.get(WAIVERS).headers["Location"] == f"/sign-in/?next={WAIVERS}"


def test_what_ends_next_comes_first_and_what_has_no_day_last(
    charlie: Client, several: None
) -> None:
    assert shown(charlie) == ["Flask", "Django", "dbt"]


def test_each_says_who_why_and_until_when(alice: Client, several: None) -> None:
    said = words(alice, path=WAIVERS)

    assert "2026-11-29 in 7 days" in said
    assert "in 30 days" in said
    assert "when its facts change" in said
    assert "The vendor fixes it." in said
    assert "Bob" in said


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?kind=waiver", ["Django"]),
        ("?kind=snooze", ["Flask"]),
        ("?kind=override", ["dbt"]),
        ("?show=ended", ["Old"]),
        ("?show=ended&kind=snooze", []),
        ("?whose=team", ["Flask", "Django"]),
        ("?whose=mine", ["Flask"]),
        ("?whose=mine&show=ended", ["Old"]),
    ],
)
def test_the_list_is_narrowed(
    alice: Client, several: None, query: str, names: list[str]
) -> None:
    assert shown(alice, query) == names


def test_mine_is_what_i_answer_for_or_made(cast: Cast) -> None:
    waived(registered("Django", team=cast.platform), cast.bob)
    snoozed(registered("Flask", team=cast.platform), by=cast.actor(cast.alice))
    bob, alice = Client(), Client()
    bob.force_login(cast.bob)
    alice.force_login(cast.alice)

    assert shown(bob, "?whose=mine") == ["Django"]
    assert shown(alice, "?whose=mine") == ["Flask"]


def test_who_has_no_team_sees_none_of_the_teams(cast: Cast, several: None) -> None:
    frank = Client()
    frank.force_login(cast.frank)

    assert shown(frank, "?whose=team") == []


def test_what_ended_says_how(alice: Client, several: None) -> None:
    assert "somebody took it back, Alice" in words(alice, path=f"{WAIVERS}?show=ended")


def test_what_came_to_its_day_is_over_without_a_scan(alice: Client, cast: Cast) -> None:
    cover = waived(registered("Django", team=cast.platform), cast.bob)
    Cover.objects.filter(pk=cover.pk).update(until=TODAY)

    assert shown(alice) == []
    assert "its day came" in words(alice, path=f"{WAIVERS}?show=ended")


def test_an_empty_page_says_which_word_is_for_what(alice: Client) -> None:
    said = words(alice, path=WAIVERS)

    assert "Nothing is snoozed, waived or overridden" in said
    for word in ("ask me later", "we accept this until a day", "the signal is wrong"):
        assert word in said


@pytest.mark.parametrize(
    ("who", "count"), [("alice", 2), ("dora", 3), ("bob", 0), ("charlie", 0)]
)
def test_who_may_is_offered_to_end_it(
    cast: Cast, several: None, who: str, count: int
) -> None:
    client = Client()
    client.force_login(getattr(cast, who))

    assert html_of(client, WAIVERS).count("/revoke/") == count


def test_what_has_ended_is_not_offered_again(alice: Client, several: None) -> None:
    assert "/revoke/" not in html_of(alice, f"{WAIVERS}?show=ended")


def test_ending_it_leads_back_to_the_list(alice: Client, cast: Cast) -> None:
    cover = waived(registered("Django", team=cast.platform), cast.bob)
    line = alice.get(f"{WAIVERS}?kind=waiver").context["lines"][0]

    answer = alice.post(
        line.revoke_url, {"reason": "Fixed.", "next": f"{WAIVERS}?kind=waiver"}
    )

    assert answer.headers["Location"] == f"{WAIVERS}?kind=waiver"
    cover.refresh_from_db()
    assert cover.ended_because == "revoked"


@pytest.mark.parametrize("show", ["active", "ended"])
def test_many_come_in_pages(alice: Client, cast: Cast, show: str) -> None:
    for number in range(70):
        cover = waived(
            registered(f"Part {number:02}", team=cast.platform),
            cast.bob,
            days=10 + number // 3,
        )
        if show == "ended":
            over(cover)
    for number in range(10):
        cover = overridden(registered(f"Wrong {number}", team=cast.platform))
        if show == "ended":
            over(cover)

    names, query, pages = [], f"?show={show}", 0
    while query:
        answer = alice.get(WAIVERS + query)
        names += [line.row.solution_name for line in answer.context["lines"]]
        query = answer.context["next_url"].partition("/waivers/")[2]
        pages += 1

    assert pages == 2
    assert len(names) == len(set(names)) == 80
    expected = [f"Part {n:02}" for n in range(70)] + [f"Wrong {n}" for n in range(10)]
    assert names == (expected if show == "active" else expected[::-1])


@pytest.mark.parametrize(
    "query",
    [
        "?kind=excuse",
        "?whose=theirs",
        "?show=all",
        "?page=2",
        "?after=yesterday~1",
        "?after=2026-13-45~1",
        "?after=~99999999999999999999",
        "?after=~-1",
        "?after=2026-11-22~",
    ],
)
def test_an_odd_address_is_refused(alice: Client, query: str) -> None:
    assert alice.get(WAIVERS + query).status_code == 400


def test_the_page_takes_a_fixed_number_of_queries(alice: Client, cast: Cast) -> None:
    def fill(number: int) -> None:
        waived(registered(f"A {number}", team=cast.platform), cast.bob)
        overridden(registered(f"B {number}", team=cast.data))

    fill(0)
    with CaptureQueriesContext(connection) as few:
        alice.get(WAIVERS)
    for number in range(1, 15):
        fill(number)

    with CaptureQueriesContext(connection) as many:
        alice.get(WAIVERS)

    assert len(few) == len(many) <= 12


def test_no_waiver_leads_to_a_queue_that_leads_on(alice: Client) -> None:
    assert 'href="/queue/"' in html_of(alice, WAIVERS)
    assert 'href="/import/"' in html_of(alice, "/queue/")
