"""The plan's page, and levelling from it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviews.models import Membership, Solution, Team, User
from reviews.pages.plan import sentence
from reviews.queries.plan import Week
from reviews.rules.levelling import monday_of
from reviews.rules.staleness import SIX_MONTHS, due_date
from reviews.rules.vocabulary import Verdict
from tests.conftest import TODAY, Cast
from tests.pages.building import evaluated, registered, scanned
from tests.pages.reading import html_of, words

ONE_DAY = date(2026, 9, 16)
MONDAY = date(2026, 11, 23)


def cliff(
    count: int, team: Team, owner: User | None = None, on: date = ONE_DAY
) -> list[Solution]:
    """Register solutions that were all evaluated on one day."""
    solutions = []
    for number in range(count):
        name = f"{team.name} {owner or 'nobody'} {number}"
        solution = registered(name, on=on, team=team, owner=owner)
        evaluated(solution, on)
        solutions.append(solution)
    return solutions


def week(due: int, fits: int | None, place: int = 0) -> Week:
    return Week(MONDAY + timedelta(weeks=place), due, fits)


class TestSentence:
    def test_names_the_weeks_that_hold_too_many(self) -> None:
        weeks = [week(5, 5), week(0, 5, 1), week(12, 5, 2)]

        assert sentence(weeks) == (
            "17 reviews in 3 weeks, at most 5 a week fit: week 50 has 12."
        )

    def test_counts_what_would_be_too_many_to_name(self) -> None:
        weeks = [week(1001, 5, place) for place in range(6)]

        assert sentence(weeks).endswith(
            "week 51 has 1,001, 2 more weeks too many as well."
        )

    def test_says_so_where_everything_fits(self) -> None:
        assert sentence([week(1, 5)]) == (
            "1 review in 1 weeks, and no week has more than the 5 that fit."
        )

    def test_says_so_where_nobody_knows_what_fits(self) -> None:
        assert "nobody to say how many" in sentence([week(3, None)])

    def test_says_so_where_nothing_is_due(self) -> None:
        assert sentence([week(0, 5)]) == "Nothing is due in the coming 1 weeks."


def test_a_cliff_is_warned_of(alice: Client, cast: Cast) -> None:
    cliff(120, cast.platform)

    said = words(alice, path="/plan/?team=platform")

    assert "120 reviews in 26 weeks, at most 10 a week fit: week 11 has 120." in said
    assert "week 11, from 2027-03-15: 120 due, 10 fit, 110 too many" in said


def test_without_a_cliff_nothing_is_warned_of(alice: Client, cast: Cast) -> None:
    cliff(10, cast.platform)

    said = words(alice, path="/plan/?team=platform")

    assert "no week has more than the 10 that fit" in said
    assert "More is due than fits" not in said


def test_a_cliff_of_one_is_warned_of_where_all_together_have_none(
    alice: Client, cast: Cast
) -> None:
    cliff(7, cast.platform, cast.bob)

    said = words(alice, path="/plan/")

    assert "no week has more than the 15 that fit" in said
    assert "some have weeks with more than fits: Bob." in said


def test_the_table_repeats_the_drawing(alice: Client, cast: Cast) -> None:
    cliff(12, cast.platform)
    response = alice.get("/plan/?team=platform")
    html = response.content.decode()

    table = html.partition('id="weeks-title"')[2].partition("</table>")[0]
    cells = re.findall(r'data-label="(Due|Fit|Too many)"[^>]*>(?:<[^>]+>)?(\d+)', table)
    rows = [tuple(int(n) for _, n in cells[at : at + 3]) for at in range(0, 78, 3)]
    weeks = response.context["weeks"]
    assert len(rows) == 26
    assert rows == [(each.due, each.fits, each.over) for each in weeks]
    drawn = response.context["chart"]
    assert len([box for box in drawn.boxes if box.textured]) == 1


def test_what_is_overdue_stands_apart(alice: Client, cast: Cast) -> None:
    cliff(3, cast.platform, on=date(2026, 3, 1))
    scanned()

    said = words(alice, path="/plan/")

    assert "3 are overdue and come first" in said
    assert "Nothing is due in the coming 26 weeks" in said


def test_teams_and_owners_lead_to_their_own_plan(alice: Client, cast: Cast) -> None:
    cliff(7, cast.platform, cast.bob)
    cliff(2, cast.data)

    html = html_of(alice, "/plan/")

    assert "/plan/?team=platform" in html
    assert "/plan/?owner=bob" in html
    assert "/plan/?owner=~none" in html
    lines = alice.get("/plan/").context["teams"]
    assert [(line.name, line.coming, line.over) for line in lines] == [
        ("Platform", 7, 0),
        ("Data", 2, 0),
    ]
    (bob, nobody) = alice.get("/plan/").context["owners"]
    assert (bob.name, bob.fits, bob.fullest, bob.over) == (
        "Bob",
        "5",
        "7 in week 11",
        1,
    )
    assert nobody.fits == "unknown"


def test_an_owner_within_a_team_has_that_part_only(alice: Client, cast: Cast) -> None:
    cliff(3, cast.platform, cast.bob)
    cliff(4, cast.data, cast.bob)

    assert "3 reviews in" in words(alice, path="/plan/?team=platform&owner=bob")
    assert "7 reviews in" in words(alice, path="/plan/?owner=bob")


@pytest.mark.parametrize(
    "query", ["team=nowhere", "owner=nobody-here", "week=50", "team=a%00b"]
)
def test_a_filter_that_the_page_does_not_know_is_refused(
    alice: Client, query: str
) -> None:
    assert alice.get(f"/plan/?{query}").status_code == 400


def test_the_plan_is_for_people_who_have_signed_in(client: Client, cast: Cast) -> None:
    assert client.get("/plan/").status_code == 302
    assert client.post("/plan/level/", {"team": "platform"}).status_code == 302


def test_an_empty_register_says_what_to_do(alice: Client) -> None:
    assert "Nothing is registered yet" in words(alice, path="/plan/")


def test_the_plan_takes_few_queries_however_much_there_is(
    alice: Client, cast: Cast
) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            html_of(alice, path)
        return len(captured)

    cliff(2, cast.platform, cast.bob)
    few = queries("/plan/?team=platform")
    for number in range(5):
        team = Team.objects.create(name=f"Team {number}", slug=f"team-{number}")
        cliff(4, team, cast.eve)

    assert queries("/plan/?team=platform") == few <= 8
    assert queries("/plan/") <= 8


class TestLevelling:
    def test_is_offered_to_leads_of_the_team(self, alice: Client, cast: Cast) -> None:
        cliff(12, cast.platform, cast.bob)

        assert "Level team Platform" in words(alice, path="/plan/?team=platform")
        assert "Level what Bob owns" in words(alice, path="/plan/?owner=bob")
        assert "choose a team or an owner" in words(alice, path="/plan/")

    @pytest.mark.parametrize("person", ["bob", "charlie", "eve", "frank"])
    def test_is_not_offered_to_others(self, cast: Cast, person: str) -> None:
        cliff(12, cast.platform, cast.bob)
        client = Client()
        client.force_login(getattr(cast, person))

        for path in ("/plan/", "/plan/?team=platform", "/plan/?owner=bob"):
            html = html_of(client, path)
            assert "/plan/level/" not in html
            assert "choose a team or an owner" not in html

    def test_is_not_offered_for_what_a_lead_does_not_lead(
        self, alice: Client, cast: Cast
    ) -> None:
        cliff(12, cast.data, cast.eve)

        for path in ("/plan/?team=data", "/plan/?owner=eve", "/plan/?team=~none"):
            assert "/plan/level/" not in html_of(alice, path)

    def test_shows_first_what_would_move(self, alice: Client, cast: Cast) -> None:
        cliff(12, cast.platform)

        response = alice.post("/plan/level/", {"team": "platform", "owner": ""})

        html = response.content.decode()
        assert "2 reviews would move. Nothing has been changed yet." in html
        assert html.count("week 11, 2027-03-16") == 2
        assert html.count("week 10, 2027-03-0") == 2
        assert weeks() == {date(2027, 3, 15): 12}

    def test_moves_what_was_shown(self, alice: Client, cast: Cast) -> None:
        cliff(120, cast.platform)
        answer = level(alice, {"team": "platform"})

        assert answer.redirect_chain == [("/plan/?team=platform", 302)]
        html = answer.content.decode()
        assert "110 reviews moved." in html
        assert "no week has more than the 10 that fit" in html
        assert max(weeks().values()) == 10
        latest = due_date(ONE_DAY, SIX_MONTHS)
        assert max(days()) <= latest
        assert min(days()) > TODAY

    def test_levels_an_owner(self, alice: Client, cast: Cast) -> None:
        cliff(9, cast.platform, cast.bob)

        answer = level(alice, {"owner": "bob"})

        assert answer.redirect_chain == [("/plan/?owner=bob", 302)]
        assert sorted(weeks().values()) == [4, 5]

    def test_names_what_does_not_fit_and_why(self, alice: Client, cast: Cast) -> None:
        cliff(40, cast.platform, cast.bob, on=date(2026, 6, 3))

        html = alice.post("/plan/level/", {"team": "platform"}).content.decode()

        assert "Bob: week 49, from 2026-11-30, keeps 35, and 5 fit." in html
        assert "5 reviews would move" in html

    def test_says_so_where_nothing_has_to_move(self, alice: Client, cast: Cast) -> None:
        cliff(3, cast.platform)

        html = alice.post("/plan/level/", {"team": "platform"}).content.decode()

        assert "nothing has to move" in html
        assert 'name="take"' not in html

    def test_shows_the_moves_anew_if_they_are_others_by_now(
        self, alice: Client, cast: Cast
    ) -> None:
        solutions = cliff(12, cast.platform)
        seen = alice.post("/plan/level/", {"team": "platform"}).context["seen"]
        evaluated(solutions[0], TODAY)
        before = days()

        answer = alice.post(
            "/plan/level/", {"team": "platform", "seen": seen, "take": "yes"}
        )

        html = answer.content.decode()
        assert "changed since you saw it" in html
        assert "1 review would move" in html
        assert days() == before

    def test_is_refused_to_who_may_not(self, cast: Cast) -> None:
        cliff(12, cast.platform, cast.alice)
        before = days()
        for person in (cast.bob, cast.charlie, cast.eve, cast.frank):
            client = Client()
            client.force_login(person)
            for asked in ({"team": "platform"}, {"owner": "alice"}):
                for take in ({}, {"take": "yes"}):
                    answer = client.post("/plan/level/", asked | take)
                    assert answer.status_code == 403
        assert days() == before

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            ({"team": "nowhere"}, 400),
            ({"owner": "nobody-here"}, 400),
            ({"team": "platform", "days": "1"}, 400),
            ({"team": "platform", "seen": "x" * 65}, 400),
            ({}, 302),
            ({"team": "~none"}, 302),
            ({"owner": "~none"}, 302),
        ],
    )
    def test_what_cannot_be_levelled_is_refused(
        self, alice: Client, asked: dict[str, str], status: int
    ) -> None:
        assert alice.post("/plan/level/", asked).status_code == status

    def test_a_deactivated_owner_is_to_be_handed_over(
        self, alice: Client, cast: Cast
    ) -> None:
        cliff(3, cast.platform, cast.bob)
        User.objects.filter(pk=cast.bob.pk).update(is_active=False)

        assert "/plan/level/" not in html_of(alice, "/plan/?owner=bob")
        answer = alice.post("/plan/level/", {"owner": "bob"}, follow=True)
        assert "hand the solutions over first" in answer.content.decode()

    def test_is_asked_for_and_never_followed_as_a_link(self, alice: Client) -> None:
        assert alice.get("/plan/level/?team=platform").status_code == 405

    def test_takes_a_token_of_the_form(self, cast: Cast) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.alice)

        assert client.post("/plan/level/", {"team": "platform"}).status_code == 403

    def test_of_an_owner_in_two_teams_moves_only_what_the_lead_may(
        self, alice: Client, cast: Cast
    ) -> None:
        Membership.objects.create(user=cast.bob, team=cast.data, role="engineer")
        theirs = cliff(6, cast.data, cast.bob)
        mine = cliff(6, cast.platform, cast.bob)

        level(alice, {"owner": "bob"})

        assert days(theirs) == [due_date(ONE_DAY, SIX_MONTHS)] * 6
        assert len(set(days(mine))) > 1


def level(client: Client, asked: dict[str, str]) -> Any:
    """Ask for the preview, and confirm it."""
    seen = client.post("/plan/level/", asked).context["seen"]
    return client.post(
        "/plan/level/", asked | {"seen": seen, "take": "yes"}, follow=True
    )


def days(solutions: list[Solution] | None = None) -> list[date]:
    rows = Solution.objects.order_by("pk")
    if solutions is not None:
        rows = rows.filter(pk__in=[solution.pk for solution in solutions])
    return [day for day in rows.values_list("next_review_on", flat=True) if day]


def weeks() -> dict[date, int]:
    counts: dict[date, int] = {}
    for day in days():
        counts[monday_of(day)] = counts.get(monday_of(day), 0) + 1
    return counts


@pytest.mark.parametrize("path", ["/plan/", "/plan/?team=platform"])
def test_where_nobody_reviews_it_is_unknown_how_many_fit(
    client: Client, cast: Cast, path: str
) -> None:
    cliff(12, cast.platform)
    Membership.objects.exclude(role="viewer").delete()
    client.force_login(cast.dora)

    response = client.get(path)

    said = words(client, path=path)
    assert "Nobody is there to review" in said
    assert "12 reviews in 26 weeks, with nobody to say how many a week fit." in said
    assert "More is due than fits" not in said
    assert "0 fit" not in said
    context = response.context
    assert {(week.fits, week.over) for week in context["weeks"]} == {(None, 0)}
    assert not [box for box in context["chart"].boxes if box.textured]
    assert not [rule for rule in context["chart"].rules if rule.is_limit]
    assert not context["offer"]
    assert {line.fits for line in context["teams"]} <= {"unknown"}
    table = words(client, "weeks", path)
    assert table.count("unknown") == 2 * 26
    for noun in ("team", "user", "membership"):
        assert f'href="/admin/reviews/{noun}/add/"' in response.content.decode()


def test_who_is_no_administrator_reads_who_adds_people(
    charlie: Client, cast: Cast
) -> None:
    cliff(12, cast.platform)
    Membership.objects.exclude(role="viewer").delete()

    html = html_of(charlie, "/plan/")

    assert "an administrator adds people to teams" in html
    assert "/admin/" not in html


@pytest.mark.parametrize("query", ["", "?team=platform", "?team=~none", "?owner=bob"])
def test_where_somebody_reviews_nobody_is_missed(
    alice: Client, cast: Cast, query: str
) -> None:
    cliff(2, cast.platform, cast.bob)

    assert "Nobody is there to review" not in html_of(alice, f"/plan/{query}")


def test_only_what_is_retired_is_no_empty_plan(alice: Client, cast: Cast) -> None:
    gone = registered("Gone", on=date(2025, 1, 1), team=cast.platform)
    evaluated(gone, date(2025, 6, 1), Verdict.RETIRE)

    said = words(alice, path="/plan/")

    assert "Nothing is registered yet" not in said
    assert "Nothing is due in the coming 26 weeks" in said
