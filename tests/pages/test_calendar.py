"""Calendars at their doors: what a calendar program is given, and the page of addresses."""

import logging
import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviews.models import Change, Feed, FeedEntry, Membership, Solution, Team, User
from reviews.services.access import actor_of
from reviews.services.calendar import make_feed, revoke_feed
from tests.conftest import NOW, TODAY, Cast
from tests.formats.calendars import both
from tests.pages.building import evaluated, registered

MISSING = b"There is nothing at this address.\n"


def address(user: User, team: Team | None = None) -> str:
    """Return the path of a calendar, made anew."""
    actor = actor_of(user, door="test")
    _, token = make_feed(user=user, team=team, actor=actor, now=NOW)
    return f"/calendar/{token}.ics"


@pytest.fixture
def django(cast: Cast) -> Solution:
    solution = registered("Django", team=cast.platform, owner=cast.bob)
    evaluated(solution, TODAY)
    return solution


def events(response: Any) -> list[tuple[str, date, int, str]]:
    """Return what is in a calendar: what is when, how often corrected, and whether."""
    return [
        (read.summary, read.on, read.sequence, read.status)
        for read in both(response.content)
    ]


class TestReading:
    def test_a_calendar_program_is_given_what_is_coming(
        self, client: Client, cast: Cast, django: Solution
    ) -> None:
        response = client.get(address(cast.bob))

        assert response.status_code == 200
        assert events(response) == [
            ("Review due: Django", date(2027, 5, 22), 0, "CONFIRMED")
        ]
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert response.headers["Content-Disposition"].startswith("inline; filename=")
        assert b"X-WR-CALNAME:Best Before: Bob" in response.content

    def test_a_team_has_a_calendar_of_its_own(
        self, client: Client, cast: Cast, django: Solution
    ) -> None:
        registered("Kafka", team=cast.data, owner=cast.bob)

        response = client.get(address(cast.charlie, cast.platform))

        assert [event[0] for event in events(response)] == ["Review due: Django"]
        assert b"X-WR-CALNAME:Best Before: Platform" in response.content

    def test_a_calendar_without_events_is_one(self, client: Client, cast: Cast) -> None:
        response = client.get(address(cast.frank))

        assert response.status_code == 200
        assert events(response) == []

    def test_a_day_that_moves_is_corrected_and_what_is_gone_cancelled(
        self, client: Client, cast: Cast, django: Solution
    ) -> None:
        path = address(cast.bob)
        client.get(path)

        evaluated(django, TODAY, today=TODAY)
        Solution.objects.update(next_review_on=date(2027, 2, 1))
        moved = events(client.get(path))
        Solution.objects.update(owner=None)
        cancelled = events(client.get(path))

        assert moved == [("Review due: Django", date(2027, 2, 1), 1, "CONFIRMED")]
        assert cancelled == [("Review due: Django", date(2027, 2, 1), 2, "CANCELLED")]

    def test_links_lead_to_the_site_that_is_configured(
        self,
        client: Client,
        cast: Cast,
        django: Solution,
        settings: Any,
    ) -> None:
        settings.SITE_URL = "https://best-before.example"
        path = address(cast.bob)

        content = client.get(path).content

        assert b"URL:https://best-before.example/solutions/django/" in content
        assert f"UID:review-{django.pk}@best-before.example".encode() in content

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_nobody_keeps_or_finds_or_passes_on_what_was_read(
        self, client: Client, cast: Cast, method: str
    ) -> None:
        for path in (address(cast.bob), "/calendar/wrong.ics"):
            response = getattr(client, method)(path)

            assert response.headers["Cache-Control"] == "private, no-cache"
            assert response.headers["X-Robots-Tag"] == "noindex"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert "Cookie" not in response.headers.get("Vary", "")
            assert not response.cookies

    def test_what_is_known_already_is_not_sent_again(
        self, client: Client, cast: Cast, django: Solution
    ) -> None:
        path = address(cast.bob)
        etag = client.get(path).headers["ETag"]

        with time_machine.travel(NOW + timedelta(days=2), tick=False):
            known = client.get(path, headers={"If-None-Match": etag})
            weak = client.get(path, headers={"If-None-Match": f"W/{etag}"})
        Solution.objects.update(next_review_on=date(2027, 2, 1))
        other = client.get(path, headers={"If-None-Match": etag})

        for response in (known, weak):
            assert (response.status_code, response.content) == (304, b"")
            assert response.headers["ETag"] == etag
            assert response.headers["Cache-Control"] == "private, no-cache"
        assert other.status_code == 200
        assert other.headers["ETag"] != etag

    def test_reading_again_writes_nothing_within_the_hour(
        self, client: Client, cast: Cast, django: Solution
    ) -> None:
        path = address(cast.bob)
        client.get(path)

        with CaptureQueriesContext(connection) as queries:
            client.get(path)

        said = [query["sql"].split()[0] for query in queries.captured_queries]
        assert set(said) == {"SELECT"}
        assert len(said) <= 7

    def test_when_it_was_read_is_noted_to_the_hour(
        self, client: Client, cast: Cast
    ) -> None:
        path = address(cast.bob)
        for minutes, noted in ((0, 0), (59, 0), (60, 60)):
            with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
                client.get(path)

            assert Feed.objects.get().read_at == NOW + timedelta(minutes=noted)

    def test_a_team_with_thousands_of_solutions_is_read(
        self, client: Client, cast: Cast, django: Solution
    ) -> None:
        fields = {
            field.attname: getattr(django, field.attname)
            for field in Solution._meta.concrete_fields
            if field.name not in ("id", "slug", "key", "name")
        }
        Solution.objects.bulk_create(
            Solution(slug=f"p-{n}", key=f"k-{n}", name=f"Package {n}", **fields)
            for n in range(3_000)
        )
        path = address(cast.bob, cast.platform)

        with CaptureQueriesContext(connection) as first:
            response = client.get(path)
        with CaptureQueriesContext(connection) as second:
            known = {"If-None-Match": response.headers["ETag"]}
            assert client.get(path, headers=known).status_code == 304

        assert response.content.count(b"BEGIN:VEVENT") == 3_001
        assert FeedEntry.objects.count() == 3_001
        assert len(first) <= 80
        assert len(second) <= 6


class TestRefusals:
    def test_whatever_does_not_open_is_answered_the_same(
        self, client: Client, cast: Cast
    ) -> None:
        good = address(cast.bob)
        wrong = good[:-5] + ("B" if good[-5] == "A" else "A") + ".ics"
        replaced = address(cast.eve)
        address(cast.eve)
        revoked = address(cast.alice)
        feed = Feed.objects.get(user=cast.alice)
        actor = cast.actor(cast.alice)
        revoke_feed(feed_id=feed.pk, actor=actor, now=NOW)
        disabled = address(cast.charlie)
        User.objects.filter(pk=cast.charlie.pk).update(is_active=False)
        left = address(cast.bob, cast.platform)
        Membership.objects.filter(user=cast.bob).delete()
        long = f"/calendar/{'x' * 2_000}.ics"
        odd = "/calendar/%00%F0%9F%98%80%ff.ics"
        cut = good.removesuffix(".ics")

        for path in (
            wrong,
            replaced,
            revoked,
            disabled,
            left,
            long,
            odd,
            cut,
            cut + "/",
        ):
            response = client.get(path)
            head = client.head(path)

            assert (response.status_code, response.content) == (404, MISSING)
            assert head.status_code == 404
            assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert client.get(good).status_code == 200

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_a_calendar_is_only_read(
        self, client: Client, cast: Cast, method: str
    ) -> None:
        response = getattr(client, method)(address(cast.bob))

        assert response.status_code == 405
        assert response.headers["Referrer-Policy"] == "no-referrer"

    def test_an_address_opens_nothing_of_the_api(
        self, client: Client, cast: Cast
    ) -> None:
        token = address(cast.bob).removeprefix("/calendar/").removesuffix(".ics")

        for authorization in (f"Bearer {token}", f"Bearer bb_{token}", token):
            response = client.get(
                "/api/v1/solutions/", headers={"Authorization": authorization}
            )

            assert response.status_code == 401
        assert client.get(f"/api/v1/solutions/?token={token}").status_code == 401

    def test_an_address_signs_nobody_in(self, client: Client, cast: Cast) -> None:
        client.get(address(cast.bob))

        assert client.get("/").headers["Location"].startswith("/sign-in/")

    def test_a_token_of_the_api_opens_no_calendar(
        self, client: Client, cast: Cast
    ) -> None:
        assert client.get("/calendar/bb_anything.ics").status_code == 404

    def test_no_log_repeats_an_address(
        self,
        client: Client,
        cast: Cast,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        path = address(cast.bob)
        token = path.removeprefix("/calendar/").removesuffix(".ics")
        client.raise_request_exception = False

        with caplog.at_level(logging.DEBUG):
            client.get(path)
            client.post(path)
            client.get(path, headers={"If-Match": '"another"'})
            client.get(f"/calendar/{token}x.ics")
            client.get(f"/calendar/{token}")
            client.get(f"/calendar/{token}/")
            monkeypatch.setattr("reviews.pages.calendar.write_calendar", _fails)
            failed = client.get(path)

        assert failed.status_code == 500
        assert "/calendar/…" in caplog.text
        assert token not in caplog.text


def _fails(calendar: object) -> bytes:
    raise RuntimeError("It cannot be written.")


class TestPage:
    def test_it_takes_signing_in(self, client: Client, db: None) -> None:
        for path in ("/calendars/", "/calendars/make/", "/calendars/revoke/"):
            for method in (client.get, client.post):
                response = method(path)
                assert response.headers["Location"].startswith("/sign-in/")

    def test_it_offers_one_s_own_and_one_for_each_team(
        self, alice: Client, cast: Cast
    ) -> None:
        Membership.objects.create(user=cast.alice, team=cast.data, role="viewer")

        page = alice.get("/calendars/").content.decode()

        for title in ("Your own", "Team Data", "Team Platform"):
            assert f'<bdi class="said">{title}</bdi>' in page
        assert page.count("Make an address") == 3
        assert "never" in page

    def test_an_address_is_shown_once_and_works(
        self,
        alice: Client,
        cast: Cast,
        client: Client,
        django: Solution,
        settings: Any,
    ) -> None:
        settings.SITE_URL = "https://best-before.example"

        made = alice.post("/calendars/make/", {"team": "platform"})

        page = made.content.decode()
        found = re.search(
            r'value="https://best-before\.example(/calendar/[\w-]{43}\.ics)"', page
        )
        assert found is not None
        assert f'href="webcal://best-before.example{found[1]}"' in page
        assert "no-store" in made.headers["Cache-Control"]
        assert [event[0] for event in events(Client().get(found[1]))] == [
            "Review due: Django"
        ]
        again = alice.get("/calendars/").content.decode()
        assert "/calendar/" not in again
        assert "2026-11-22 09:30" in again

    def test_made_anew_the_old_address_is_dead(self, alice: Client, cast: Cast) -> None:
        old = address(cast.alice)

        assert alice.post("/calendars/make/", {"team": ""}).status_code == 200

        assert Client().get(old).status_code == 404

    def test_a_revoked_address_is_dead(self, alice: Client, cast: Cast) -> None:
        own, team = address(cast.alice), address(cast.alice, cast.platform)

        response = alice.post("/calendars/revoke/", {"team": ""}, follow=True)

        assert "Your own: its address opens nothing any more." in (
            response.content.decode()
        )
        assert Client().get(own).status_code == 404
        assert Client().get(team).status_code == 200
        lines = Change.objects.filter(what="calendar revoked")
        assert lines.get().object_id == cast.alice.pk

    def test_what_has_no_address_is_revoked_in_vain(self, alice: Client) -> None:
        response = alice.post("/calendars/revoke/", {"team": ""})

        assert response.headers["Location"] == "/calendars/"
        assert not Change.objects.filter(what="calendar revoked").exists()

    @pytest.mark.parametrize("team", ["data", "nobody", "\x00", "x" * 1_000])
    @pytest.mark.parametrize("step", ["make", "revoke"])
    def test_a_team_of_others_is_not_there(
        self, alice: Client, cast: Cast, team: str, step: str
    ) -> None:
        assert alice.post(f"/calendars/{step}/", {"team": team}).status_code == 404
        assert not Feed.objects.exists()

    @pytest.mark.parametrize("step", ["make", "revoke"])
    def test_a_step_takes_a_post_from_the_page_itself(
        self, cast: Cast, step: str
    ) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(cast.alice)

        assert browser.get(f"/calendars/{step}/").status_code == 405
        assert browser.post(f"/calendars/{step}/", {"team": ""}).status_code == 403
        assert not Feed.objects.exists()

    def test_a_hostile_team_name_is_shown_as_it_is(
        self, alice: Client, cast: Cast
    ) -> None:
        Team.objects.filter(pk=cast.platform.pk).update(
            name="<script>alert(1)</script>"
        )

        page = alice.post("/calendars/make/", {"team": "platform"}).content.decode()

        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page
