"""What happened is made into deliveries: once, for everybody who wants to know."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from reviews.models import (
    Attempt,
    Delivery,
    Flag,
    Membership,
    Notice,
    Solution,
)
from reviews.queries.flags import find_flag
from reviews.rules.access import Role
from reviews.rules.telling import Event, Payload
from reviews.services.webhooks import events
from reviews.services.webhooks.endpoints import switch_endpoint
from reviews.services.webhooks.events import forget_deliveries, note_climbs
from reviews.services.webhooks.payloads import (
    LIST_LIMIT,
    TEXT_LIMIT,
    content_of,
    shown_flag,
)
from tests.conftest import NOW, TODAY, Cast
from tests.connectors.serving import Server
from tests.services.building import (
    OPERATOR,
    evaluated,
    judged,
    registered,
)
from tests.services.covering import (
    overdue,
    overridden,
    questioned,
    revoked,
    snoozed,
    waived,
)
from tests.services.evidence.sources import at
from tests.services.webhooks.receiving import BEFORE, receiver, taken_up

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, Any]]:
    """Return the events that were made into deliveries since they were last asked for."""
    found = [(each.event, each.content["data"]) for each in Delivery.objects.all()]
    return sorted(found, key=lambda pair: pair[0])


def happened() -> list[str]:
    return [event for event, _ in told()]


def start_afresh() -> None:
    Notice.objects.update(handled_at=NOW)


class TestTakingUp:
    def test_without_an_endpoint_all_is_marked_in_one_statement(
        self, cast: Cast, django_assert_num_queries: Any
    ) -> None:
        overdue(cast)

        with django_assert_num_queries(2):
            taken_up()

        assert not Notice.objects.filter(handled_at=None).exists()
        assert not Delivery.objects.exists()

    def test_an_endpoint_of_all_events_is_told_each_once(
        self, cast: Cast, server: Server
    ) -> None:
        receiver(server)
        flag = overdue(cast)

        taken_up()
        taken_up()

        assert happened() == ["evaluation.recorded", "flag.opened"]
        assert told()[1][1] == {
            "flag_id": flag.pk,
            "solution": "django",
            "page_url": "https://tracker.example/solutions/django/",
            "api_url": f"https://tracker.example/api/v1/flags/{flag.pk}/",
        }

    def test_one_that_wants_some_is_told_those(
        self, cast: Cast, server: Server
    ) -> None:
        receiver(server, Event.WAIVER_ACCEPTED)

        waived(overdue(cast), cast.bob)
        taken_up()

        assert happened() == ["waiver.accepted"]

    def test_what_covers_a_flag_is_told_by_its_kind(
        self, cast: Cast, server: Server
    ) -> None:
        receiver(
            server,
            *(Event.FLAG_SNOOZED, Event.FLAG_OVERRIDDEN, Event.WAIVER_ACCEPTED),
            *(Event.WAIVER_ENDED, Event.FLAG_ASKED_AGAIN),
        )

        snoozed(overdue(cast, "Celery"))
        overridden(questioned(cast, name="Django"))
        revoked(waived(overdue(cast, "Redis"), cast.bob))
        taken_up()

        assert happened() == [
            "flag.asked_again",
            "flag.overridden",
            "flag.snoozed",
            "waiver.accepted",
            "waiver.ended",
        ]

    def test_an_endpoint_of_later_is_not_told_of_the_past(
        self, cast: Cast, server: Server
    ) -> None:
        overdue(cast)
        receiver(server, now=NOW + timedelta(seconds=1))

        taken_up(NOW + timedelta(seconds=2))

        assert happened() == []
        assert not Notice.objects.filter(handled_at=None).exists()

    def test_one_that_is_switched_off_is_told_nothing(
        self, cast: Cast, server: Server
    ) -> None:
        receiver(server, path="/other")
        off = receiver(server)
        switch_endpoint(endpoint_id=off.endpoint.pk, on=False, actor=OPERATOR, now=NOW)

        overdue(cast)
        taken_up()

        assert off.deliveries() == []
        assert len(happened()) == 2

    def test_what_is_gone_is_passed_over(self, cast: Cast, server: Server) -> None:
        receiver(server)
        for key in ("flag:9:open", "cover:9:made", "evaluation:9:recorded"):
            Notice.objects.create(key=key, created_at=NOW)

        assert taken_up() == 3
        assert happened() == []
        assert not Notice.objects.filter(handled_at=None).exists()

    @pytest.mark.parametrize(
        "key", ["", "flag:1:", "flag:x:open", "flag:1:open:2", "climbs:2026-11-22"]
    )
    def test_a_key_that_no_webhook_is_told_of_is_passed_over(
        self, cast: Cast, server: Server, key: str
    ) -> None:
        receiver(server)
        Notice.objects.create(key=key, created_at=NOW)

        taken_up()

        assert happened() == []

    def test_many_are_taken_up_batch_by_batch(
        self, cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(events, "BATCH", 2)
        receiver(server)
        for name in ("A", "B", "C"):
            overdue(cast, name)

        counts = [taken_up(limit=3), taken_up(), taken_up()]

        assert counts == [3, 3, 0]
        assert len(happened()) == 6

    def test_a_batch_takes_a_fixed_number_of_queries(
        self, cast: Cast, server: Server, django_assert_max_num_queries: Any
    ) -> None:
        receiver(server, payload=Payload.FULL)
        receiver(server, path="/other")
        for name in "ABCDEF":
            waived(overdue(cast, name), cast.bob)

        with django_assert_max_num_queries(20):
            taken_up()

        assert Delivery.objects.count() == 2 * 3 * 6

    def test_one_that_cannot_be_told_keeps_no_other_from_being_told(
        self,
        cast: Cast,
        server: Server,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        receiver(server)
        flag = overdue(cast)

        def failing(happening: Any, *others: Any) -> Any:
            if happening.flag_id == flag.pk:
                raise ZeroDivisionError
            return content_of(happening, *others)

        monkeypatch.setattr(events, "content_of", failing)
        taken_up()

        assert happened() == ["evaluation.recorded"]
        assert f"flag:{flag.pk}:open" in caplog.text


class TestContent:
    def test_a_full_flag_is_what_the_api_shows(
        self, cast: Cast, server: Server
    ) -> None:
        from reviews.api.flags import shown_flag as api_flag

        receiver(server, Event.FLAG_OPENED, payload=Payload.FULL)
        flag = questioned(cast)
        taken_up()

        content = Delivery.objects.get().content
        row = find_flag(flag.pk)
        assert row is not None
        assert content["type"] == "flag.opened"
        assert content["timestamp"].startswith("2026-11-22T")
        # A ticket is mostly made later than the message.
        shown = {
            name: value
            for name, value in api_flag(row, TODAY).items()
            if name != "ticket"
        }
        assert set(content["data"]["flag"]) == set(shown)
        assert shown_flag(row, TODAY) == shown

    def test_a_full_waiver_says_who_answers_for_it(
        self, cast: Cast, server: Server
    ) -> None:
        receiver(server, Event.WAIVER_ENDED, payload=Payload.FULL)
        cover = revoked(waived(overdue(cast), cast.bob))

        taken_up()

        data = told()[0][1]
        assert data["cover_id"] == cover.pk
        assert (data["cover"]["owner"], data["cover"]["ended_because"]) == (
            "bob",
            "revoked",
        )
        assert data["flag"]["status"] == "open"

    def test_a_full_evaluation_is_bounded(self, cast: Cast, server: Server) -> None:
        receiver(server, Event.EVALUATION_RECORDED, payload=Payload.FULL)
        evaluated(
            registered("Django", team=cast.platform),
            judged(rationale="x" * 19_000, alternatives=["Flask"] * 20),
        )

        taken_up()

        data = told()[0][1]
        assert data["evaluation"]["verdict"] == "adopt"
        assert len(data["evaluation"]["rationale"]) == TEXT_LIMIT
        assert len(data["evaluation"]["alternatives"]) <= LIST_LIMIT

    def test_a_thin_one_tells_no_text(self, cast: Cast, server: Server) -> None:
        receiver(server)
        waived(overdue(cast), cast.bob, reason="A reason that is nobody's business.")

        taken_up()

        assert "business" not in str(told())


class TestClimbs:
    @pytest.fixture
    def flag(self, cast: Cast) -> Flag:
        """A flag that was due on 1 November and climbs to Alice on the 8th."""
        flag = overdue(cast)
        Solution.objects.filter(pk=flag.solution_id).update(owner=cast.bob)
        Flag.objects.filter(pk=flag.pk).update(
            due_on=date(2026, 11, 1), opened_at=at(date(2026, 11, 1))
        )
        start_afresh()
        return flag

    def noted(self, on: date) -> int:
        return note_climbs(today=on, now=at(on))

    def test_a_climb_is_told_on_its_day_once(
        self, cast: Cast, server: Server, flag: Flag
    ) -> None:
        receiver(server, Event.FLAG_CLIMBED, now=at(date(2026, 11, 1)))
        days = [date(2026, 11, 7), date(2026, 11, 8), date(2026, 11, 8)]

        assert [self.noted(day) for day in days] == [0, 1, 0]
        assert self.noted(date(2026, 11, 9)) == 0
        taken_up()
        event, data = told()[0]
        assert (event, data["level"], data["flag_id"]) == (
            "flag.climbed",
            "lead",
            flag.pk,
        )

    def test_days_of_outage_are_made_up_for(
        self, cast: Cast, server: Server, flag: Flag
    ) -> None:
        receiver(server, now=at(date(2026, 11, 1)))
        self.noted(date(2026, 11, 5))

        assert self.noted(date(2026, 11, 12)) == 1

    def test_what_climbed_while_nobody_wanted_to_know_is_passed_over(
        self, cast: Cast, server: Server, flag: Flag
    ) -> None:
        receiver(server, Event.FLAG_OPENED, now=at(date(2026, 11, 1)))
        self.noted(date(2026, 11, 7))

        assert self.noted(date(2026, 11, 8)) == 0
        receiver(server, Event.FLAG_CLIMBED, now=at(date(2026, 11, 8)))
        assert self.noted(date(2026, 11, 8)) == 0
        assert self.noted(date(2026, 11, 9)) == 0

    def test_on_the_first_day_of_all_nothing_has_climbed(
        self, cast: Cast, server: Server, flag: Flag
    ) -> None:
        receiver(server, now=at(date(2026, 11, 1)))

        assert self.noted(date(2026, 11, 8)) == 0

    def test_what_is_covered_climbs_to_nobody(
        self, cast: Cast, server: Server, flag: Flag
    ) -> None:
        receiver(server, now=at(date(2026, 11, 1)))
        self.noted(date(2026, 11, 7))
        Membership.objects.filter(role=Role.LEAD.value).update(role=Role.ENGINEER.value)
        snoozed(flag, date(2026, 11, 20), on=date(2026, 11, 2))

        assert self.noted(date(2026, 11, 8)) == 0


class TestForgetting:
    def test_what_is_done_for_long_is_deleted(self, cast: Cast, server: Server) -> None:
        told_of = receiver(server)
        overdue(cast)
        taken_up()
        told_of.deliver()

        assert forget_deliveries(now=NOW + timedelta(days=89)) == 0
        assert forget_deliveries(now=NOW + timedelta(days=91)) == 6
        assert not Delivery.objects.exists()
        assert not Attempt.objects.exists()

    def test_what_waits_or_was_refused_stays(self, cast: Cast, server: Server) -> None:
        receiver(server)
        overdue(cast)
        taken_up()
        Delivery.objects.filter(event="flag.opened").update(refused_at=NOW)
        Notice.objects.create(key="flag:999:open", created_at=BEFORE)

        forget_deliveries(now=NOW + timedelta(days=400))

        assert Delivery.objects.count() == 2
        assert Notice.objects.get().key == "flag:999:open"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_event_once(server: Server) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    receiver(server)
    solution = registered()
    for _ in range(30):
        evaluated(solution)

    def work(_: int) -> int:
        try:
            return taken_up()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(work, range(4)))

    assert Delivery.objects.count() == 30
    if connection.vendor == "postgresql":
        assert sum(counts) == 30
