"""The queue's page: whose it is, what each entry says, and what may be done there."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reviews.models import Cover, Evaluation, Flag, Solution, User
from reviews.pages.queue import PAGE
from reviews.rules.risk import FORMULA
from reviews.rules.vocabulary import Criticality, Kind, Verdict
from reviews.services.weighing import weigh_register
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.pages.building import evaluated, registered, scanned
from tests.pages.reading import html_of, words

LATE = date(2026, 5, 10)
"""Reviewed then, due on 2026-11-10: twelve days late."""


def away(days: int) -> date:
    return TODAY + timedelta(days=days)


def asks(client: Client, query: str = "") -> Any:
    response = client.get(f"/queue/{query}")
    assert response.status_code == 200
    return response.context


def names(client: Client, query: str = "") -> list[str]:
    return [line.entry.name for line in asks(client, query).get("lines") or []]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def late(name: str, **said: Any) -> Solution:
    solution = registered(name, on=LATE, **said)
    evaluated(solution, LATE)
    return solution


def test_the_queue_is_for_people_who_have_signed_in(client: Client, db: None) -> None:
    response = client.get("/queue/?whose=all")

    assert response.status_code == 302
    assert response.headers["Location"] == "/sign-in/?next=/queue/%3Fwhose%3Dall"


def test_the_riskiest_is_first_and_its_risk_is_told_with_its_numbers(
    alice: Client, cast: Cast
) -> None:
    late("Flask", team=cast.platform)
    late("Jinja2", team=cast.platform, owner=cast.bob, criticality=Criticality.CRITICAL)
    scanned()
    weigh_register(today=TODAY)

    lines = asks(alice, "?whose=all")["lines"]

    assert [line.entry.name for line in lines] == ["Jinja2", "Flask"]
    assert lines[0].entry.weight.risk == 13 * 8
    assert lines[0].weight == "13 days × 8 criticality"
    page = words(alice, path="/queue/?whose=all")
    assert FORMULA in page
    for told in [
        "overdue by 12 days",
        "Last reviewed 2026-05-10 by Dora.",
        "Review due, asks to review:",
        "Asked of",
        "104 13 days × 8 criticality",
    ]:
        assert told in page


def test_the_severity_that_is_asked_is_part_of_the_product(
    alice: Client, cast: Cast
) -> None:
    solution = registered("Django", team=cast.platform)
    Solution.objects.filter(pk=solution.pk).update(
        next_review_on=TODAY, pulled_by="4.2 has ended", risk_class=1 + 2
    )
    flagged(solution)

    [line] = asks(alice, "?show=pulled")["lines"]

    assert line.entry.weight.risk == 8
    assert line.weight == "1 day × 2 criticality × 4 severity"
    page = words(alice, path="/queue/?show=pulled")
    assert "Pulled forward: 4.2 has ended." in page
    assert "high End of life, asks to deprecate:" in page


def test_a_weight_that_no_longer_fits_is_told_as_one_number(
    alice: Client, cast: Cast
) -> None:
    solution = late("Django", team=cast.platform)
    Solution.objects.filter(pk=solution.pk).update(risk_class=8)

    [line] = asks(alice)["lines"]

    assert line.weight == "13 days × 256"


@pytest.mark.parametrize(
    ("who", "whose", "found"),
    [
        ("alice", "team", ["Celery", "Django"]),
        ("bob", "mine", ["Django"]),
        ("eve", "mine", []),
        ("charlie", "mine", ["Zope"]),
        ("frank", "all", ["Celery", "Django", "Pandas", "Zope"]),
        ("dora", "all", ["Celery", "Django", "Pandas", "Zope"]),
    ],
)
def test_whose_queue_it_is_follows_from_who_looks(
    cast: Cast, who: str, whose: str, found: list[str]
) -> None:
    late("Celery", team=cast.platform)
    late("Django", team=cast.platform, owner=cast.bob)
    late("Pandas", team=cast.data)
    late("Zope", owner=cast.charlie)

    content = asks(browser(getattr(cast, who)))

    assert content["asked"].wanted.whose == whose
    assert sorted(line.entry.name for line in content.get("lines") or []) == found


def test_everyone_may_look_at_everyones(cast: Cast, charlie: Client) -> None:
    late("Pandas", team=cast.data)

    assert names(charlie, "?whose=all") == ["Pandas"]


def test_the_tabs_say_how_long_their_lists_are(alice: Client, cast: Cast) -> None:
    late("Django", team=cast.platform)
    evaluated(registered("Flask", team=cast.platform), away(-180))
    registered("Zulip", team=cast.platform, criticality=Criticality.LOW)

    tabs = {tab.label: tab.count for tab in asks(alice, "?whose=all")["tabs"]}

    assert tabs == {
        "Everything due": "2",
        "Overdue": "1",
        "Due soon": "1",
        "Pulled forward": "0",
        "Proposals": "0",
        "Waivers ending": "0",
        "Orphans": "3",
    }
    assert names(alice, "?whose=all&show=overdue") == ["Django"]
    assert names(alice, "?whose=all&show=due_soon") == ["Flask"]


@pytest.mark.parametrize(
    "query",
    [
        "?sho=due",
        "?show=everything",
        "?whose=hers",
        "?kind=spaceship",
        "?criticality=5",
        "?cause=boredom",
        "?page=0",
        "?page=-1",
        "?page=one",
        "?page=%C2%B2",
        "?page=99999999999999999999999",
    ],
)
def test_what_the_queue_does_not_know_it_refuses(alice: Client, query: str) -> None:
    assert alice.get(f"/queue/{query}").status_code == 400


def test_beyond_its_pages_it_is_narrowed_and_not_leafed(alice: Client) -> None:
    response = alice.get("/queue/?page=21")

    assert response.status_code == 400
    assert "narrow it down" in response.content.decode()
    assert alice.get("/queue/?page=20").status_code == 200


def test_pages_lead_on_and_back(alice: Client, cast: Cast) -> None:
    for number in range(PAGE + 3):
        late(f"Library {number:02}", team=cast.platform)

    first, second = asks(alice), asks(alice, "?page=2")

    assert len(first["lines"]) == PAGE
    assert first["pages"]["next_url"] == "/queue/?show=due&whose=team&page=2"
    assert len(second["lines"]) == 3
    assert second["pages"]["previous_url"] == "/queue/?show=due&whose=team&page=1"
    assert not second["pages"]["next_url"]


def test_filters_narrow_the_list_and_every_figure(alice: Client, cast: Cast) -> None:
    late("Django", team=cast.platform)
    late("Claude", team=cast.platform, kind=Kind.MODEL)

    content = asks(alice, "?kind=model")

    assert [line.entry.name for line in content["lines"]] == ["Claude"]
    assert content["tabs"][0].count == "1"
    assert "Lift these filters" in html_of(alice, "/queue/?kind=model")


@pytest.mark.parametrize(
    ("who", "reaffirms", "evaluates"),
    [
        ("alice", True, True),
        ("bob", True, True),
        ("dora", True, True),
        ("charlie", False, False),
        ("eve", False, False),
        ("frank", False, False),
    ],
)
def test_only_who_may_evaluate_is_offered_to(
    cast: Cast, who: str, reaffirms: bool, evaluates: bool
) -> None:
    late("Django", team=cast.platform)

    html = html_of(browser(getattr(cast, who)), "/queue/?whose=all")

    assert ('data-act="reaffirm"' in html) == reaffirms
    assert ("/admin/reviews/evaluation/add/?solution=" in html) == evaluates


def test_still_true_is_one_click_and_comes_back_here(alice: Client, cast: Cast) -> None:
    solution = late("Django", team=cast.platform)
    html = html_of(alice, "/queue/?whose=team")
    action = re.search(r'action="(/queue/django/reaffirm/)"', html)
    back = re.search(r'name="next" value="([^"]+)"', html)
    assert action is not None
    assert back is not None
    assert back[1] == "/queue/?whose=team"

    response = alice.post(action[1], {"next": back[1]})

    assert response.headers["Location"] == "/queue/?whose=team"
    last = Evaluation.objects.filter(solution=solution).latest("pk")
    assert last.reaffirms is not None
    assert names(alice) == []


def test_what_stands_in_the_way_is_said_in_place_of_the_button(
    alice: Client, cast: Cast
) -> None:
    flagged(late("Django", team=cast.platform))

    html = html_of(alice, "/queue/")

    assert 'data-act="reaffirm"' not in html
    assert "A flag asks about it: end of life." in html


def test_an_engineer_does_not_reaffirm_an_ending(cast: Cast, alice: Client) -> None:
    solution = registered("Nose", on=LATE, team=cast.platform, owner=cast.bob)
    evaluated(solution, LATE, Verdict.DEPRECATE)

    [line] = asks(browser(cast.bob))["lines"]

    assert line.reaffirm_url == ""
    assert line.obstacle == "To re-affirm deprecate takes a lead of the owning team."
    assert asks(alice)["lines"][0].reaffirm_url


def test_never_reviewed_is_evaluated_and_not_reaffirmed(
    alice: Client, cast: Cast
) -> None:
    registered("Django", team=cast.platform)

    [line] = asks(alice)["lines"]

    assert line.last == "Never reviewed"
    assert line.reaffirm_url == ""
    assert line.evaluate_url


def test_an_orphan_is_what_nobody_owns_or_somebody_who_left(
    alice: Client, cast: Cast
) -> None:
    registered("Django", team=cast.platform)
    registered("Flask", team=cast.platform, owner=cast.bob)
    registered("Celery", team=cast.platform, owner=cast.alice)
    cast.bob.is_active = False
    cast.bob.save()

    assert sorted(names(alice, "?show=orphans")) == ["Django", "Flask"]
    assert "has left" in words(alice, path="/queue/?show=orphans")


def test_a_proposal_says_who_may_decide(alice: Client, cast: Cast) -> None:
    solution = late("Django", team=cast.platform)
    evaluated(
        solution, TODAY, Verdict.RETIRE, actor=cast.actor(cast.bob), summary="Unused."
    )
    address = "/queue/django/?show=proposals&whose=team#decision-title"

    [line] = asks(alice, "?show=proposals")["proposals"]
    [seen] = asks(browser(cast.bob), "?show=proposals&whose=all")["proposals"]

    assert (line.row.name, line.waits_for, line.decide_url) == (
        "Django",
        "Alice",
        address,
    )
    assert seen.decide_url == ""
    assert "Unused." in words(alice, path="/queue/?show=proposals")


def test_nobody_is_said_to_decide_on_their_own_proposal(cast: Cast) -> None:
    solution = late("Django", team=cast.platform)
    Evaluation.objects.create(
        solution=solution,
        author=cast.alice,
        author_name="Alice",
        evaluated_on=TODAY,
        recorded_on=TODAY,
        recorded_at=NOW,
        verdict="retire",
        summary="Unused.",
        is_proposal=True,
    )

    [line] = asks(browser(cast.alice), "?show=proposals")["proposals"]

    assert line.decide_url == ""
    assert line.waits_for.startswith("an administrator")


def test_waivers_in_their_last_fortnight_are_listed(alice: Client, cast: Cast) -> None:
    flag = flagged(late("Django", team=cast.platform))
    Cover.objects.create(
        kind="waiver",
        flag=flag,
        reason="The migration is under way.",
        until=away(3),
        owner=cast.bob,
        owner_name="Bob",
        approver_name="Alice",
        made_by_name="Alice",
        made_at=NOW,
        action="deprecate",
    )
    Flag.objects.filter(pk=flag.pk).update(covered_by="waiver", covered_until=away(3))

    page = words(alice, path="/queue/?show=waivers")

    for told in ["Django", "ends in 3 days", "The migration is under way.", "Bob"]:
        assert told in page


@pytest.mark.parametrize(
    "show",
    ["due", "overdue", "due_soon", "pulled", "proposals", "waivers", "orphans"],
)
def test_an_empty_list_says_where_to_go_on(cast: Cast, show: str) -> None:
    page = html_of(browser(cast.eve), f"/queue/?show={show}")

    assert 'class="nothing"' in page
    assert f"/queue/?show={show}&amp;whose=all" in page
    assert 'href="/solutions/"' in page


def test_who_administers_without_a_team_is_led_on(cast: Cast) -> None:
    registered("Django", team=cast.platform)
    dora = browser(cast.dora)

    page = html_of(dora, "/queue/?whose=team")

    assert "You are in no team as a lead or an engineer" in page
    assert "an administrator adds you" not in page
    assert 'href="/queue/?show=due&amp;whose=all"' in page
    assert 'href="/admin/reviews/membership/add/"' in page
    assert "/admin/reviews/membership/" not in html_of(dora, "/queue/?whose=all")


def test_who_is_in_no_team_asks_an_administrator(cast: Cast) -> None:
    registered("Django", team=cast.platform)

    page = html_of(browser(cast.frank), "/queue/?whose=team")

    assert "an administrator adds you" in page
    assert "/admin/" not in page


def test_only_an_empty_register_is_to_be_filled(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform)

    assert "Nothing is registered yet" not in html_of(alice, "/queue/?whose=all")


@pytest.mark.parametrize("whose", ["all", "team", "mine"])
def test_an_empty_register_takes_no_more_queries(
    cast: Cast, whose: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for user in (cast.alice, cast.charlie, cast.dora):
        client = browser(user)
        with django_assert_max_num_queries(13):
            html_of(client, f"/queue/?whose={whose}")


def test_who_leads_nothing_gets_no_form_for_several(
    cast: Cast, charlie: Client
) -> None:
    late("Django", team=cast.platform, owner=cast.bob)

    for client in (charlie, browser(cast.bob)):
        html = html_of(client, "/queue/?whose=all")
        assert 'name="chosen"' not in html
        assert "/bulk/" not in html


def test_words_of_strangers_are_text(alice: Client, cast: Cast) -> None:
    solution = late("<b>Evil</b>", team=cast.platform)
    flagged(solution, reason="<script>x</script>", source_url="javascript:alert(1)")

    html = html_of(alice, "/queue/")

    assert "<b>Evil</b>" not in html
    assert "<script>x" not in html
    assert "javascript:" not in html


@pytest.mark.parametrize("entries", [1, 60])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "?whose=all",
        "?whose=mine",
        "?show=overdue&whose=team",
        "?show=orphans&whose=all",
        "?show=proposals&whose=all",
        "?show=waivers&whose=all",
    ],
)
def test_a_page_takes_thirteen_queries_however_much_is_on_it(
    cast: Cast,
    entries: int,
    query: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(entries):
        owner = [cast.alice, None][number % 2]
        solution = late(f"Library {number}", team=cast.platform, owner=owner)
        if number % 3 == 0:
            flagged(solution)
    evaluated(
        Solution.objects.all()[0], TODAY, Verdict.RETIRE, actor=cast.actor(cast.bob)
    )
    for user in (cast.alice, cast.bob, cast.dora, cast.charlie):
        client = browser(user)
        with django_assert_max_num_queries(13):
            assert client.get(f"/queue/{query}").status_code == 200


def test_the_page_has_its_landmarks_and_its_headings_in_order(
    alice: Client, cast: Cast
) -> None:
    late("Django", team=cast.platform)

    html = html_of(alice, "/queue/")

    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert 'id="entry-django"' in html
    assert "data-queue" in html
    assert " style=" not in html
    assert not re.search(r"\son\w+=", html)


def test_an_evaluation_leads_back_to_this_page_of_the_queue(
    alice: Client, cast: Cast
) -> None:
    late("Django", team=cast.platform)

    [line] = asks(alice, "?show=overdue&whose=all")["lines"]

    assert line.evaluate_url.endswith("next=%2Fqueue%2F%3Fshow%3Doverdue%26whose%3Dall")
