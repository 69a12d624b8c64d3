"""What is coming, as events: whose it is, on which day, and in how many queries."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.formats.calendar import Event
from reviews.models import Cover, Solution, User
from reviews.queries.calendar import Whose, coming, feeds_of
from reviews.rules.signals import SignalKind, Source
from reviews.rules.vocabulary import Kind, Verdict
from reviews.services.calendar import make_feed, revoke_feed
from reviews.services.planning import plan_reviews
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import ended, flagged, replaced, said
from tests.services.building import (
    OPERATOR,
    evaluated,
    judged,
    registered,
    scanned,
)
from tests.services.covering import overdue, overridden, revoked, snoozed, waived

SITE = "https://best-before.example/tracker"
IN_MAY = date(2027, 5, 22)
SOON = TODAY + timedelta(days=40)


def events_of(whose: Whose, on: date = TODAY, site: str = SITE) -> dict[str, Event]:
    """Return the events, by their summaries."""
    return {event.summary: event for event in coming(whose, today=on, site_url=site)}


def of(user: User, on: date = TODAY) -> dict[str, Event]:
    return events_of(Whose(user_id=user.pk), on)


def owned(cast: Cast, name: str = "Django", **more: Any) -> Solution:
    """Return a package that was evaluated today, of Bob in Platform."""
    solution = registered(name, team=cast.platform, owner_id=cast.bob.pk, **more)
    evaluated(solution)
    return solution


def moved(solution: Solution, **fields: Any) -> None:
    Solution.objects.filter(pk=solution.pk).update(**fields)


class TestReviews:
    def test_a_review_is_on_its_due_day(self, cast: Cast) -> None:
        solution = owned(cast)

        assert of(cast.bob) == {
            "Review due: Django": Event(
                uid=f"review-{solution.pk}@best-before.example",
                on=IN_MAY,
                summary="Review due: Django",
                description=f"Last reviewed on {TODAY}.\nOwner: Bob. Team: Platform.",
                url=f"{SITE}/solutions/django/",
            )
        }

    def test_an_overdue_review_stays_on_its_day_and_says_the_same(
        self, cast: Cast
    ) -> None:
        owned(cast)

        assert of(cast.bob, on=IN_MAY + timedelta(days=400)) == of(cast.bob)

    def test_one_that_nobody_has_ever_reviewed_has_its_first(self, cast: Cast) -> None:
        solution = registered("Django", team=cast.platform, owner_id=cast.bob.pk)

        event = of(cast.bob)["Review due: Django"]
        assert event.on == solution.next_review_on
        assert event.description.startswith("Never reviewed.\n")

    def test_a_planned_review_is_on_the_planned_day(self, cast: Cast) -> None:
        solution = owned(cast)
        day = date(2027, 2, 3)
        plan_reviews(days={solution.pk: day}, actor=OPERATOR, today=TODAY, now=NOW)

        event = of(cast.bob)["Review due: Django"]
        assert event.on == day
        assert "Pulled forward: it is planned for the week of 2027-02-01." in (
            event.description
        )
        assert event.uid == f"review-{solution.pk}@best-before.example"

    def test_what_is_retired_has_none(self, cast: Cast) -> None:
        solution = owned(cast, contract_ends_on=SOON, notice_period_days=5)
        said(solution, SignalKind.END_OF_LIFE, effective_on=SOON)
        evaluated(solution, judged(Verdict.RETIRE))

        assert of(cast.bob) == {}

    @pytest.mark.parametrize("day", [date(1970, 1, 1), date.max])
    def test_any_day_of_the_register_is_told(self, cast: Cast, day: date) -> None:
        moved(owned(cast), next_review_on=day)

        assert of(cast.bob)["Review due: Django"].on == day

    def test_the_longest_names_fit(self, cast: Cast) -> None:
        solution = owned(cast)
        moved(solution, name="é" * 200, pulled_by="x" * 200)
        long_site = f"https://{'a' * 60}.example/{'b' * 500}"

        (event,) = events_of(Whose(user_id=cast.bob.pk), site=long_site).values()
        assert len(event.summary) <= 300
        assert len(event.uid) <= 100
        assert event.url == ""


class TestWhose:
    def test_a_person_has_what_they_own_and_a_team_all_of_its_own(
        self, cast: Cast
    ) -> None:
        owned(cast, "Django")
        registered("Flask", team=cast.platform, owner_id=cast.alice.pk)
        registered("Celery", team=cast.platform)
        registered("Kafka", team=cast.data, owner_id=cast.bob.pk)
        registered("Nobody's")

        assert {*of(cast.bob)} == {"Review due: Django", "Review due: Kafka"}
        assert {*events_of(Whose(team_id=cast.platform.pk))} == {
            "Review due: Django",
            "Review due: Flask",
            "Review due: Celery",
        }
        assert of(cast.frank) == {}

    def test_what_changes_hands_changes_calendars(self, cast: Cast) -> None:
        solution = owned(cast)

        moved(solution, owner=cast.alice, team=cast.data)

        assert of(cast.bob) == {}
        assert {*of(cast.alice)} == {"Review due: Django"}
        assert events_of(Whose(team_id=cast.platform.pk)) == {}

    def test_what_nobody_owns_says_so(self, cast: Cast) -> None:
        registered("Django", team=cast.platform)

        (event,) = events_of(Whose(team_id=cast.platform.pk)).values()
        assert event.description.endswith("Owner: nobody. Team: Platform.")


class TestContracts:
    def test_a_contract_has_its_end_and_its_last_day_for_notice(
        self, cast: Cast
    ) -> None:
        ends_on = date(2027, 12, 31)
        solution = owned(
            cast, kind=Kind.VENDOR, contract_ends_on=ends_on, notice_period_days=90
        )

        events = of(cast.bob)
        assert events["Contract ends: Django"].on == ends_on
        notice = events["Contract notice: Django"]
        assert notice.on == date(2027, 10, 2)
        assert "the contract ends on 2027-12-31" in notice.description
        assert notice.uid == f"notice-{solution.pk}@best-before.example"

    def test_without_a_notice_period_there_is_only_the_end(self, cast: Cast) -> None:
        solution = owned(cast, kind=Kind.VENDOR, contract_ends_on=date(2027, 12, 31))
        for days in (None, 0):
            moved(solution, notice_period_days=days)

            assert {*of(cast.bob)} == {"Contract ends: Django", "Review due: Django"}

    def test_what_lies_a_month_back_is_left_out(self, cast: Cast) -> None:
        solution = owned(cast)
        for days, is_told in ((30, True), (31, False)):
            moved(solution, contract_ends_on=TODAY - timedelta(days=days))

            assert ("Contract ends: Django" in of(cast.bob)) is is_told


class TestEndings:
    @pytest.mark.parametrize(
        ("kind", "summary"),
        [
            (SignalKind.END_OF_LIFE, "End of life: Django"),
            (SignalKind.END_OF_ACTIVE_SUPPORT, "End of active support: Django"),
            (SignalKind.END_OF_EXTENDED_SUPPORT, "End of extended support: Django"),
            (SignalKind.MODEL_RETIREMENT, "Model retirement: Django"),
        ],
    )
    def test_an_end_that_a_source_names_is_told(
        self, cast: Cast, kind: SignalKind, summary: str
    ) -> None:
        said(
            owned(cast),
            kind,
            str(SOON),
            source=Source.ENDOFLIFE,
            subject="4.2",
            effective_on=SOON,
            replacement="Django 5.2",
        )

        event = of(cast.bob)[summary]
        assert event.on == SOON
        assert event.description == (
            "endoflife.date names this day for 4.2.\n"
            "It recommends Django 5.2.\nOwner: Bob. Team: Platform."
        )

    @pytest.mark.parametrize(
        "kind",
        [SignalKind.PREDICTED_END, SignalKind.MODEL_FLOOR, SignalKind.LATEST_RELEASE],
    )
    def test_what_is_no_end_is_not_told(self, cast: Cast, kind: SignalKind) -> None:
        said(owned(cast), kind, effective_on=SOON)

        assert {*of(cast.bob)} == {"Review due: Django"}

    @pytest.mark.parametrize(
        ("days", "is_told"), [(0, True), (-30, True), (-31, False), (9_000, True)]
    )
    def test_an_end_stays_for_a_month(
        self, cast: Cast, days: int, is_told: bool
    ) -> None:
        day = TODAY + timedelta(days=days)
        said(owned(cast), SignalKind.END_OF_LIFE, effective_on=day)

        assert ("End of life: Django" in of(cast.bob)) is is_told

    def test_an_end_without_a_day_is_not_told(self, cast: Cast) -> None:
        said(owned(cast), SignalKind.END_OF_LIFE, "ended", subject="4.2")

        assert {*of(cast.bob)} == {"Review due: Django"}

    def test_an_end_that_is_taken_back_is_gone(self, cast: Cast) -> None:
        ended(said(owned(cast), SignalKind.END_OF_LIFE, effective_on=SOON))

        assert {*of(cast.bob)} == {"Review due: Django"}

    def test_an_end_that_moves_keeps_its_uid(self, cast: Cast) -> None:
        signal = said(
            owned(cast), SignalKind.END_OF_LIFE, subject="4.2", effective_on=SOON
        )
        before = of(cast.bob)["End of life: Django"]

        replaced(signal, "later", effective_on=SOON + timedelta(days=60))

        after = of(cast.bob)["End of life: Django"]
        assert after.uid == before.uid
        assert after.on == before.on + timedelta(days=60)

    def test_two_sources_that_name_one_end_are_told_once_and_the_earlier_counts(
        self, cast: Cast
    ) -> None:
        solution = owned(cast)
        for source, days in ((Source.ENDOFLIFE, 9), (Source.PYPI, 3)):
            said(
                solution,
                SignalKind.END_OF_LIFE,
                source=source,
                subject="4.2",
                effective_on=TODAY + timedelta(days=days),
            )

        events = coming(Whose(user_id=cast.bob.pk), today=TODAY, site_url=SITE)
        assert [event.on for event in events] == [TODAY + timedelta(days=3), IN_MAY]

    def test_an_end_that_an_override_calls_wrong_is_not_told(self, cast: Cast) -> None:
        solution = owned(cast)
        wrong = said(solution, SignalKind.END_OF_LIFE, subject="4.2", effective_on=SOON)
        said(solution, SignalKind.END_OF_LIFE, subject="5.2", effective_on=SOON)
        overridden(flagged(solution, wrong))

        ends = [
            event
            for event in coming(Whose(user_id=cast.bob.pk), today=TODAY, site_url=SITE)
            if event.summary == "End of life: Django"
        ]
        assert ["5.2" in event.description for event in ends] == [True]


class TestCovers:
    def test_a_waiver_is_told_to_its_owner_and_to_the_solution_s(
        self, cast: Cast
    ) -> None:
        flag = overdue(cast)
        Solution.objects.update(owner=cast.bob)
        cover = waived(flag, cast.eve)

        for person in (cast.bob, cast.eve):
            event = of(person)["Waiver ends: Django"]
            assert event.on == cover.until
            assert event.uid == f"waiver-{flag.pk}@best-before.example"
            assert "Owner of the waiver: Eve." in event.description
            assert "Covered because: It goes in spring." in event.description
        assert {*of(cast.eve)} == {"Waiver ends: Django"}
        assert of(cast.alice) == {}

    def test_a_snooze_is_told_to_the_solution_s_owner_and_team(
        self, cast: Cast
    ) -> None:
        snoozed(overdue(cast))
        Solution.objects.update(owner=cast.bob)

        assert "Snooze ends: Django" in of(cast.bob)
        assert "Snooze ends: Django" in events_of(Whose(team_id=cast.platform.pk))

    def test_an_override_has_no_day(self, cast: Cast) -> None:
        solution = owned(cast)
        signal = said(solution, SignalKind.INACTIVE_CLASSIFIER)
        overridden(flagged(solution, signal, cause="unmaintained"))

        assert {*of(cast.bob)} == {"Review due: Django"}

    def test_a_waiver_that_is_revoked_is_gone(self, cast: Cast) -> None:
        revoked(waived(overdue(cast), cast.eve))

        assert of(cast.eve) == {}

    def test_a_waiver_that_came_to_its_end_stays_for_a_month(self, cast: Cast) -> None:
        cover = waived(overdue(cast), cast.eve)
        until = cover.until or TODAY
        before = of(cast.eve)
        scanned(until)
        assert Cover.objects.get(pk=cover.pk).ended_because == "expired"

        assert of(cast.eve, on=until) == before
        assert of(cast.eve, on=until + timedelta(days=30)) == before
        assert of(cast.eve, on=until + timedelta(days=31)) == {}

    def test_a_waiver_that_takes_another_s_place_moves_its_day(
        self, cast: Cast
    ) -> None:
        cover = waived(overdue(cast), cast.eve, TODAY + timedelta(days=20))
        before = of(cast.eve)["Waiver ends: Django"]
        revoked(cover)
        waived(cover.flag, cast.eve, TODAY + timedelta(days=50))

        after = of(cast.eve)["Waiver ends: Django"]
        assert after.uid == before.uid
        assert after.on == before.on + timedelta(days=30)


def test_events_come_by_their_days(cast: Cast) -> None:
    for number in range(3):
        moved(
            owned(cast, f"Package {number}"),
            next_review_on=TODAY + timedelta(days=3 - number),
        )

    events = coming(Whose(user_id=cast.bob.pk), today=TODAY, site_url=SITE)

    assert [event.summary[-1] for event in events] == ["2", "1", "0"]


def test_more_solutions_take_no_more_queries(cast: Cast) -> None:
    counts = []
    for size in (2, 6):
        for number in range(size):
            solution = owned(cast, f"Package {size} {number}")
            signal = said(solution, SignalKind.END_OF_LIFE, effective_on=SOON)
            other = flagged(solution, signal)
            overridden(other)
            waived(flagged(solution, cause="unmaintained"), cast.bob)
        for whose in (Whose(user_id=cast.bob.pk), Whose(team_id=cast.platform.pk)):
            with CaptureQueriesContext(connection) as queries:
                coming(whose, today=TODAY, site_url=SITE)
            counts.append(len(queries))

    assert counts == [6, 5, 6, 5]


def test_a_person_may_have_a_calendar_of_their_own_and_of_each_team(
    cast: Cast,
) -> None:
    actor = cast.actor(cast.alice)
    own, _ = make_feed(user=cast.alice, team=None, actor=actor, now=NOW)
    team, _ = make_feed(user=cast.alice, team=cast.platform, actor=actor, now=NOW)
    revoke_feed(feed_id=team.pk, actor=actor, now=NOW)

    rows = feeds_of(cast.alice.pk)

    assert [(row.team_slug, row.id, row.made_at) for row in rows] == [
        ("", own.pk, NOW),
        ("platform", None, None),
    ]
    assert [row.team_slug for row in feeds_of(cast.frank.pk)] == [""]
