"""The home page."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from reviews.models import Flag, Scan, Solution, User
from reviews.pages.home import HEAD
from reviews.pages.listings import PAGE
from reviews.queries.home import COUNTED
from reviews.rules.vocabulary import Criticality, Kind, Verdict
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.pages.building import evaluated, registered, scanned
from tests.pages.reading import section

LATE = date(2026, 5, 10)
"""Reviewed then, due on 2026-11-10: twelve days late."""


def scan_ended(at: datetime, problems: list[dict[str, str]] | None = None) -> None:
    Scan.objects.create(
        on=TODAY,
        through=TODAY,
        started_at=at,
        finished_at=at,
        opened=0,
        closed=0,
        problems=problems or [],
    )


def test_home_is_for_people_who_have_signed_in(client: Client, db: None) -> None:
    response = client.get("/?team=platform")

    assert response.status_code == 302
    assert response.headers["Location"] == "/sign-in/?next=/%3Fteam%3Dplatform"


def test_home_names_what_is_overdue_with_all_a_lead_needs(
    alice: Client, cast: Cast
) -> None:
    jinja = registered(
        "Jinja2", team=cast.platform, owner=cast.bob, criticality=Criticality.HIGH
    )
    evaluated(jinja, LATE)

    html = alice.get("/").content.decode()

    [item] = section(alice, "overdue").items
    assert (item.row.name, item.due) == ("Jinja2", "overdue by 12 days")
    assert (item.row.team.name, item.row.owner.name) == ("Platform", "Bob")
    assert item.why == "Last reviewed 2026-05-10"
    for words in ["/solutions/jinja2/", "overdue by 12 days", "2026-11-10", "high"]:
        assert words in html


def test_a_first_review_that_was_missed_is_overdue_and_says_so(
    alice: Client, cast: Cast
) -> None:
    old = registered("Old", on=date(2025, 1, 1), team=cast.platform)

    [item] = section(alice, "overdue").items

    assert item.row.id == old.pk
    assert item.why == "Never reviewed"
    tiles = {t.label: t for t in alice.get("/").context["tiles"]}
    assert tiles["Overdue"].value == "1"
    assert tiles["Overdue"].note == "1 of them never reviewed"
    assert tiles["Never reviewed"].value == "1"
    assert tiles["Reviewed within six months"].value == "0 %"


def test_a_day_of_trust_lost_asks_for_deprecation(alice: Client, cast: Cast) -> None:
    forgotten = registered("Forgotten", team=cast.platform)
    evaluated(forgotten, date(2025, 10, 1))
    doomed = registered("Doomed", team=cast.platform)
    evaluated(doomed, TODAY, Verdict.DEPRECATE)
    scanned()

    items = {i.row.name: i for i in section(alice, "to_deprecate").items}

    assert items["Forgotten"].why == (
        "Nobody has evaluated it since 2025-10-01, and a year was over on 2026-10-01: "
        "trust has decayed."
    )
    assert items["Doomed"].why == "By its verdict of 2026-11-22."


def test_what_a_contract_pulled_forward_says_so(alice: Client, cast: Cast) -> None:
    vendor = registered(
        "Paging service",
        kind=Kind.VENDOR,
        team=cast.platform,
        contract_ends_on=date(2027, 1, 5),
    )
    evaluated(vendor, date(2026, 11, 1))

    [item] = section(alice, "due_soon").items

    assert item.due == "due in 14 days"
    assert item.why.startswith("Last reviewed 2026-11-01; pulled forward: the contract")


def test_retired_solutions_are_nobodys_business(alice: Client, cast: Cast) -> None:
    gone = registered("Gone", on=date(2025, 1, 1), team=cast.platform)
    evaluated(gone, date(2025, 6, 1), Verdict.RETIRE)

    page = alice.get("/")

    assert "Gone" not in page.content.decode()
    assert page.context["figures"].registered == 0


def test_the_most_days_overdue_come_first(alice: Client, cast: Cast) -> None:
    for name, reviewed_on, criticality in [
        ("b", LATE, Criticality.MEDIUM),
        ("a", LATE, Criticality.MEDIUM),
        ("c", LATE, Criticality.CRITICAL),
        ("d", date(2026, 1, 1), Criticality.LOW),
    ]:
        evaluated(registered(name, criticality=criticality), reviewed_on)

    assert [i.row.name for i in section(alice, "overdue").items] == ["d", "c", "a", "b"]


def test_a_figure_leads_to_the_list_that_it_counts(alice: Client, cast: Cast) -> None:
    evaluated(registered("Ours", team=cast.platform, owner=cast.bob), LATE)
    evaluated(registered("Theirs", team=cast.data, owner=cast.eve), LATE)
    evaluated(registered("Nobody's"), LATE)

    lines = alice.get("/").context["lines"]

    assert [line.name for line in lines] == [
        *("Data", "Eve", "no team", "no owner", "Platform", "Bob"),
    ]
    for line in lines:
        [item] = section(alice, "overdue", line.cells[0].url.removeprefix("/")).items
        names = (item.row.team.name, item.row.owner.name)
        assert line.name in names


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?team=nowhere", "There is no team &#x27;nowhere&#x27;."),
        ("?owner=nobody", "Nobody here has the username &#x27;nobody&#x27;."),
        ("?owner=%00", "The owner cannot be used"),
        ("?list=everything", "There is no list &#x27;everything&#x27;."),
        ("?teem=platform", "This page has no filter &#x27;teem&#x27;."),
        ("?list=overdue&after=rubbish", "address of this page is damaged"),
        ("?list=overdue&after=WzEsMl0", "address of this page is damaged"),
        ("?list=overdue&after=IjEi", "address of this page is damaged"),
        ("?list=overdue&after=" + "W1tb" * 400, "address of this page is damaged"),
        ("?list=overdue&after=" + "A" * 3000, "address of this page is damaged"),
        ("?after=WyIyIl0", "address of this page is damaged"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_in_words(
    alice: Client, query: str, words: str
) -> None:
    response = alice.get(f"/{query}")

    assert response.status_code == 400
    assert words in response.content.decode()


def test_the_owner_filter_knows_people_who_own_nothing(
    alice: Client, cast: Cast
) -> None:
    evaluated(registered("Ours", team=cast.platform, owner=cast.bob), LATE)

    page = alice.get("/?owner=charlie&team=platform")

    assert page.status_code == 200
    assert page.context["figures"].registered == 0
    assert "Only team Platform, owner Charlie." in page.content.decode()


def test_only_who_may_evaluate_is_led_to_the_form(
    alice: Client, charlie: Client, cast: Cast
) -> None:
    ours = registered("Ours", team=cast.platform)
    theirs = registered("Theirs", team=cast.data)
    evaluated(ours, LATE)
    evaluated(theirs, LATE)

    urls = {i.row.name: i.log_url for i in section(alice, "overdue").items}

    assert urls == {
        "Ours": f"/admin/reviews/evaluation/add/?solution={ours.pk}",
        "Theirs": "",
    }
    assert [i.log_url for i in section(charlie, "overdue").items] == ["", ""]
    assert "/admin/" not in charlie.get("/").content.decode()


def test_home_shows_the_head_of_a_list_and_leads_to_all_of_it(
    alice: Client, cast: Cast
) -> None:
    for n in range(HEAD + 3):
        registered(f"Solution {n:03}", on=date(2025, 1, 1), team=cast.platform)

    home = section(alice, "overdue", "?team=platform")

    assert (len(home.items), home.count, home.more) == (HEAD, "13", "3")
    assert "and 3 more" in alice.get("/?team=platform").content.decode()
    assert home.more_url == "/?team=platform&list=overdue"
    whole = section(alice, "overdue", home.more_url.removeprefix("/"))
    assert (len(whole.items), whole.count) == (HEAD + 3, "13")


def test_a_long_list_goes_on_page_by_page(alice: Client, cast: Cast) -> None:
    for n in range(2 * PAGE + 3):
        registered(f"Solution {n:03}", on=date(2025, 1, 1), team=cast.platform)

    seen, url = [], "/?list=overdue&team=platform"
    while url:
        page = section(alice, "overdue", url.removeprefix("/"))
        seen += [i.row.name for i in page.items]
        url = page.more_url

    assert sorted(seen) == [f"Solution {n:03}" for n in range(2 * PAGE + 3)]


def test_a_very_long_list_is_counted_to_a_thousand(alice: Client, cast: Cast) -> None:
    old = registered("Old", on=date(2025, 1, 1), team=cast.platform)
    copies = []
    for n in range(COUNTED + 1):
        copy = Solution.objects.get(pk=old.pk)
        copy.pk, copy.slug, copy.key = None, f"copy-{n}", f"package:copy {n}"
        copies.append(copy)
    Solution.objects.bulk_create(copies)

    assert section(alice, "overdue", "?list=overdue").count == "1,000+"

    Solution.objects.filter(slug__in=["copy-0", "copy-1"]).delete()
    assert section(alice, "overdue", "?list=overdue").count == "1,000"


def test_a_list_offers_the_members_of_the_team_that_is_chosen(
    alice: Client, cast: Cast
) -> None:
    evaluated(registered("Ours", team=cast.platform, owner=cast.bob), LATE)
    evaluated(registered("Theirs", team=cast.data, owner=cast.eve), LATE)

    html = alice.get("/?list=overdue&team=platform&owner=bob").content.decode()

    assert 'name="owner" value="bob"' in html
    assert '<option value="charlie">Charlie</option>' in html
    assert ">Eve<" not in html
    assert "Only team Platform, owner Bob." in html
    assert "<datalist" not in alice.get("/?list=overdue").content.decode()


def test_a_list_alone_takes_no_census_of_the_register(
    alice: Client, cast: Cast
) -> None:
    evaluated(registered("Ours", team=cast.platform, owner=cast.bob), LATE)

    for listing in ("overdue", "due_soon", "never_reviewed", "to_deprecate"):
        with CaptureQueriesContext(connection) as queries:
            alice.get(f"/?list={listing}&team=platform&owner=bob")

        assert len(queries) <= 12
        assert not [q for q in queries.captured_queries if "GROUP BY" in q["sql"]]


def test_an_empty_register_leads_who_may_to_its_beginnings(
    alice: Client, cast: Cast
) -> None:
    html = alice.get("/").content.decode()

    assert "Nothing is registered yet" in html
    assert 'href="/admin/reviews/solution/add/"' in html
    assert 'href="/import/"' in html
    assert "Load the demonstration" not in html
    alice.force_login(cast.dora)
    assert 'action="/demonstration/"' in alice.get("/").content.decode()
    assert 'href="/import/"' in alice.get("/solutions/").content.decode()


@pytest.mark.parametrize("path", ["/", "/solutions/", "/plan/", "/queue/?whose=all"])
def test_an_empty_register_has_the_same_ways_in_everywhere(
    client: Client, cast: Cast, path: str
) -> None:
    client.force_login(cast.dora)

    html = client.get(path).content.decode()

    assert 'action="/demonstration/"' in html
    assert 'href="/import/"' in html
    for noun in ("solution", "team", "user", "membership"):
        assert f'href="/admin/reviews/{noun}/add/"' in html
    assert "you are neither yet" not in html


def test_only_administrators_are_led_to_teams_and_people(alice: Client) -> None:
    for path in ("/", "/plan/", "/queue/"):
        html = alice.get(path).content.decode()

        assert 'href="/import/"' in html
        assert "/admin/reviews/team/add/" not in html


def test_the_ways_in_look_alike_on_every_page() -> None:
    static = Path(__file__).parents[2] / "templates/static"

    assert ".ways" in (static / "site.css").read_text()
    assert ".ways" not in (static / "home.css").read_text()


def test_an_empty_register_tells_the_others_whom_to_ask(charlie: Client) -> None:
    for path in ("/", "/solutions/", "/plan/", "/queue/?whose=all"):
        html = charlie.get(path).content.decode()

        assert "Ask Dora to give you a role in your team." in html
        assert "/admin/" not in html
        assert "/import/" not in html


def test_only_what_is_retired_is_no_empty_register(alice: Client, cast: Cast) -> None:
    gone = registered("Gone", on=date(2025, 1, 1), team=cast.platform)
    evaluated(gone, date(2025, 6, 1), Verdict.RETIRE)

    assert "Nothing is registered yet" not in alice.get("/").content.decode()


def test_an_administrator_loads_the_demonstration_once(
    alice: Client, cast: Cast
) -> None:
    alice.force_login(cast.dora)

    html = alice.post("/demonstration/", follow=True).content.decode()

    count = Solution.objects.count()
    assert count > 20
    assert f"The register now holds {count} solutions to look at." in html
    assert "Its people cannot sign in until they have a password" in html
    assert "<code>manage.py changepassword mira</code>" in html
    assert 'href="/admin/reviews/user/"' in html
    assert not User.objects.get(username="mira").has_usable_password()
    assert Flag.objects.open().exists()
    again = alice.post("/demonstration/", follow=True).content.decode()
    assert "The register is not empty" in again
    assert Solution.objects.count() == count


def test_nobody_else_loads_the_demonstration(
    alice: Client, charlie: Client, client: Client
) -> None:
    assert alice.post("/demonstration/").status_code == 403
    assert charlie.post("/demonstration/").status_code == 403
    assert charlie.get("/demonstration/").status_code == 405
    assert not Solution.objects.exists()


def test_the_navigation_says_where_one_is(alice: Client, cast: Cast) -> None:
    registered("Ours", team=cast.platform)

    for path, label in {"/": "Home", "/solutions/": "Register"}.items():
        html = alice.get(path).content.decode()
        nav = html.partition("<nav")[2].partition("</nav>")[0]
        assert re.findall(r'aria-current="page">([^<]+)<', nav) == [label]
        assert ">Admin<" in nav
        assert ">API docs<" in nav


@pytest.mark.parametrize(
    ("ago", "sentence", "tone"),
    [
        (timedelta(hours=9, minutes=25), "2026-11-22 00:05, 9 hours ago.", "good"),
        (timedelta(hours=26), "2026-11-21 07:30, 26 hours ago.", "good"),
        (timedelta(hours=27), "2026-11-21 06:30, 27 hours ago.", "bad"),
        (timedelta(days=-2), "never.", "bad"),
    ],
)
def test_home_says_when_the_last_scan_was_complete(
    alice: Client, ago: timedelta, sentence: str, tone: str
) -> None:
    scan_ended(NOW - ago)

    scan = alice.get("/").context["scan"]

    assert scan.sentence == f"Last complete scan: {sentence}"
    assert scan.tone == tone
    assert ("Warning" in scan.warning) == (tone == "bad")


def test_home_without_any_scan_warns(alice: Client) -> None:
    scan = alice.get("/").context["scan"]

    assert scan.sentence == "Last complete scan: never."
    assert scan.warning.startswith("Warning: no scan has been completed yet")


def test_home_names_what_the_scan_left_out(alice: Client) -> None:
    problems = [
        {"solution": f"broken-{n}", "message": "value too long"} for n in range(12)
    ]
    scan_ended(NOW, [{"solution": "number 7", "message": "gone"}, *problems])

    html = alice.get("/").content.decode()

    assert "That scan had to leave out 13 solutions:" in html
    assert '<a href="/solutions/broken-0/">broken-0</a>: value too long' in html
    assert "number 7: gone" in html
    assert "and 3 more, which the log names" in html


@pytest.mark.parametrize("count", [0, 3, 60])
def test_the_number_of_queries_does_not_depend_on_the_register(
    alice: Client,
    cast: Cast,
    count: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    people, teams = [cast.bob, cast.alice, None], [cast.platform, cast.data, None]
    for n in range(count):
        kind = list(Kind)[n % 4]
        late = registered(
            f"Late {n}", kind=kind, team=teams[n % 3], owner=people[n % 3]
        )
        evaluated(late, date(2025, 10, 1))
        flagged(late)
        flagged(late, cause="vulnerability", action="review")
        waiting = registered(f"Waiting {n}", on=date(2026, 5, 25))
        flagged(waiting)
    scanned()

    # Of these, four are the queue's: its head, and the figures of mine and my teams';
    # three count the reviews of six months, one looks for connections in trouble.
    with django_assert_max_num_queries(20):
        assert alice.get("/").status_code == 200


def test_no_query_counts_its_way_to_a_page(alice: Client, cast: Cast) -> None:
    registered("Old", on=date(2025, 1, 1), team=cast.platform)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        alice.get("/")
        alice.get("/?list=overdue")

    assert not [q for q in queries.captured_queries if "OFFSET" in q["sql"]]


def test_a_name_with_markup_is_shown_as_typed(alice: Client, cast: Cast) -> None:
    evaluated(registered("<b>Bold</b> {{ 7*7 }}", team=cast.platform), LATE)

    html = alice.get("/").content.decode()

    assert "&lt;b&gt;Bold&lt;/b&gt; {{ 7*7 }}" in html


def test_home_is_not_kept_by_caches(alice: Client) -> None:
    assert "no-store" in alice.get("/").headers["Cache-Control"]


def test_home_takes_no_post(alice: Client) -> None:
    assert alice.post("/").status_code == 405


def test_reviews_of_six_months_are_counted_by_their_sort(
    alice: Client, cast: Cast
) -> None:
    ours = registered("Ours", team=cast.platform)
    evaluated(ours, date(2026, 11, 1), actor=cast.actor(cast.alice))
    evaluated(registered("Theirs", team=cast.data), date(2026, 11, 1))

    assert alice.get("/").context["reviews"] == (2, 0)
    assert alice.get("/?team=platform").context["reviews"] == (1, 0)
    assert alice.get("/?owner=alice").context["reviews"] == (1, 0)
