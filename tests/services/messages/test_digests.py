"""Digests: what they say, to whom, when, and when they are not written."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import (
    Connection,
    Flag,
    Membership,
    Message,
    Solution,
    Subscription,
    Team,
)
from reviews.queries.digest import read_digests
from reviews.queries.escalation import climbs
from reviews.rules.telling import Channel
from reviews.rules.vocabulary import Criticality, Verdict
from reviews.services.messages import wording
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.services.building import evaluated, judged, registered, scanned
from tests.services.covering import questioned, waived
from tests.services.messages.telling import (
    alerts,
    digests,
    quarantined,
    subscribed,
    told,
)


def arrived() -> None:
    Message.objects.update(state="done", done_at=NOW)


Readers = dict[str, Subscription]
TOMORROW = NOW + timedelta(days=1)


def asked(name: str = "Django", *, due_on: date = TODAY, **said: Any) -> Solution:
    solution = registered(name, **said)
    flagged(solution, due_on=due_on)
    return solution


def only(subscription: Subscription) -> Message:
    [message] = told(subscription)
    return message


def test_it_tells_what_is_yours_what_is_your_teams_and_what_has_climbed(
    cast: Cast, readers: Readers
) -> None:
    asked("Mine", owner_id=cast.alice.pk, team=cast.platform)
    asked("Bobs", owner_id=cast.bob.pk, team=cast.platform)
    asked(
        "Late",
        owner_id=cast.bob.pk,
        team=cast.platform,
        due_on=TODAY - timedelta(days=10),
    )
    Flag.objects.update(opened_at=NOW - timedelta(days=10))

    digests()

    message = only(readers["alice"])
    text = message.text
    assert message.subject == (
        "Best Before: 1 overdue, 2 due this week, 1 climbed to you"
    )
    yours, rest = text.split("Climbed to you: ")
    climbed, teams = rest.split("Your teams' (Platform): ")
    assert "Mine: end of life, high, to deprecate; due 2026-11-22, today" in yours
    assert "https://tracker.example/queue/mine/" in yours
    assert "overdue by 10 days" in climbed
    assert "Late" in climbed
    assert "Bobs" in teams
    assert "Late" not in teams


def test_it_says_why_it_came_and_how_to_stop_it(cast: Cast, readers: Readers) -> None:
    asked(team=cast.platform)

    digests()

    text = only(readers["alice"]).text
    said = " ".join(text.split())
    assert "You get this because you lead Platform." in said
    assert f"https://tracker.example/stop/{readers['alice'].stop_token}/" in text
    assert "https://tracker.example/notices/" in text


def test_its_figures_add_up(cast: Cast, readers: Readers) -> None:
    for number in range(30):
        asked(
            f"Solution {number}",
            team=cast.platform,
            owner_id=cast.alice.pk if number % 3 else cast.bob.pk,
            due_on=TODAY - timedelta(days=number - 10),
        )

    digest = read_digests([cast.alice.pk], today=TODAY)[cast.alice.pk]
    digests()

    assert sum(len(section.flags) for section in digest.sections) == 30
    assert digest.overdue == 19
    text = only(readers["alice"]).text
    counted = re.findall(r"(\d+) open flags?, (\d+) overdue", text)
    assert sum(int(flags) for flags, _ in counted) == 30
    assert sum(int(overdue) for _, overdue in counted) == 19
    listed = len(re.findall(r"^  \* ", text, re.MULTILINE))
    more = sum(map(int, re.findall(r"And (\d+) more", text)))
    assert listed + more == 30
    assert "19 overdue" in only(readers["alice"]).subject


def test_its_figures_add_up_while_others_work(
    cast: Cast, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        asked(f"Solution {number}", owner_id=cast.alice.pk, due_on=date(2026, 11, 1))

    def meanwhile(*flags: Any, **more: Any) -> Any:
        found = climbs(*flags, **more)
        Flag.objects.filter(solution__name__endswith="5").update(
            closed_at=NOW, closed_because="withdrawn"
        )
        asked("Solution 20", owner_id=cast.alice.pk, due_on=date(2026, 11, 1))
        return found

    monkeypatch.setattr("reviews.queries.told.climbs", meanwhile)

    digests()

    message = only(readers["alice"])
    assert "Yours: 18 open flags, 18 overdue" in message.text
    assert "And 8 more." in message.text
    assert message.subject == "Best Before: 18 overdue"


def test_it_reads_well_as_plain_text(cast: Cast, readers: Readers) -> None:
    asked(
        "A library with quite a long name that goes on and on, for nothing is short",
        team=cast.platform,
        owner_id=cast.alice.pk,
    )
    asked("<b>Bold</b> & {{7*7}} %(x)s ${y}", team=cast.platform)
    Flag.objects.update(reason="Said at length, " * 20)

    digests()

    text = only(readers["alice"]).text
    lines = [line for line in text.splitlines() if "https://" not in line]
    assert max(map(len, lines)) <= 78
    assert "<b>Bold</b> & {{7*7}} %(x)s ${y}" in text
    assert text.isprintable() or "\n" in text
    assert "<a" not in text


def test_reviews_that_are_due_this_week_are_counted_before_anything_is_asked(
    cast: Cast, readers: Readers
) -> None:
    solution = registered("Soon", owner_id=cast.alice.pk, team=cast.platform)
    evaluated(solution, judged(on=date(2026, 5, 24)))
    Solution.objects.update(next_review_on=TODAY + timedelta(days=2))

    digests()

    message = only(readers["alice"])
    assert message.subject == "Best Before: 1 due this week"
    assert "Soon: review due 2026-11-24, in 2 days" in message.text


def test_proposals_wait_for_the_leads_who_did_not_write_them(
    cast: Cast, readers: Readers
) -> None:
    solution = registered("Old", team=cast.platform)
    evaluated(solution, judged(Verdict.DEPRECATE), actor=cast.actor(cast.bob))

    digests()

    message = only(readers["alice"])
    assert message.subject == "Best Before: 1 to approve"
    assert "Old: to deprecate, proposed by Bob on 2026-11-22" in message.text
    assert told(readers["bob"]) == []


def test_a_waiver_that_ends_soon_is_told_to_who_answers_for_it(
    cast: Cast, readers: Readers
) -> None:
    flag = questioned(cast, name="Old")
    waived(flag, cast.bob, TODAY + timedelta(days=10), actor=cast.actor(cast.alice))

    digests()

    assert "Old: the flag is asked again on 2026-12-02" in only(readers["bob"]).text
    assert "waivers" not in "".join(m.text for m in told(readers["alice"]))


def test_it_is_skipped_while_nothing_changes(cast: Cast, readers: Readers) -> None:
    asked(owner_id=cast.alice.pk, due_on=TODAY + timedelta(days=20))
    digests()

    for day in range(1, 5):
        digests(NOW + timedelta(days=day))

    assert len(told(readers["alice"])) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"due_on": TODAY - timedelta(days=1)},
        {"severity": "critical"},
        {"action": "review"},
    ],
    ids=["due", "severity", "action"],
)
def test_it_comes_again_once_something_has_changed(
    cast: Cast, readers: Readers, change: dict[str, object]
) -> None:
    asked(owner_id=cast.alice.pk)
    digests()
    arrived()

    Flag.objects.update(**change)
    digests(TOMORROW)

    assert len(told(readers["alice"])) == 2


def test_what_was_told_before_it_went_is_told_when_it_is_back(
    cast: Cast, readers: Readers
) -> None:
    asked(owner_id=cast.alice.pk, due_on=TODAY + timedelta(days=20))
    digests()
    arrived()
    Flag.objects.update(covered_by="snooze", covered_until=TODAY + timedelta(days=2))
    digests(TOMORROW)

    digests(NOW + timedelta(days=2))

    assert len(told(readers["alice"])) == 2


def test_nothing_is_written_where_there_is_nothing_to_tell(
    cast: Cast, readers: Readers
) -> None:
    assert digests() == 0
    assert not Message.objects.exists()
    assert not Subscription.objects.filter(next_digest_at__lte=NOW).exists()


def test_who_has_left_is_told_nothing(cast: Cast, readers: Readers) -> None:
    asked(owner_id=cast.alice.pk)
    cast.alice.is_active = False
    cast.alice.save()

    digests()

    assert told(readers["alice"]) == []


@pytest.mark.parametrize(
    "off", [{"is_on": False}, {"weekdays": ""}], ids=["switched off", "no day"]
)
def test_who_wants_none_gets_none(
    cast: Cast, readers: Readers, off: dict[str, object]
) -> None:
    asked(owner_id=cast.alice.pk)
    Subscription.objects.update(**off, next_digest_at=None)

    digests()

    assert not Message.objects.exists()


def test_without_a_mail_server_a_digest_waits_for_one(
    cast: Cast, readers: Readers
) -> None:
    asked(owner_id=cast.alice.pk)
    assert digests(channels=[Channel.TEAMS]) == 0

    digests(NOW + timedelta(days=3))

    assert len(told(readers["alice"])) == 1


def test_after_an_outage_one_digest_tells_how_it_stands(
    cast: Cast, readers: Readers
) -> None:
    asked(owner_id=cast.alice.pk)

    for minute in range(10):
        digests(NOW + timedelta(days=9, minutes=minute))

    assert only(readers["alice"]).key == "digest:2026-12-01"


def test_what_nobody_could_be_given_is_replaced_by_the_newer(
    cast: Cast, readers: Readers
) -> None:
    asked("One", owner_id=cast.alice.pk)
    digests()
    asked("Two", owner_id=cast.alice.pk)

    digests(TOMORROW)

    assert "Two" in only(readers["alice"]).text


def test_the_first_hour_is_worked_out_and_then_kept(cast: Cast) -> None:
    subscription = subscribed(cast.alice, next_digest_at=None)
    asked(owner_id=cast.alice.pk)

    assert digests() == 0

    subscription.refresh_from_db()
    # A Sunday: it comes on Monday.
    assert subscription.next_digest_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert digests(datetime(2026, 11, 23, 8, tzinfo=UTC)) == 1


@pytest.mark.parametrize(
    ("zone", "now", "key"),
    [
        ("Pacific/Kiritimati", "2026-11-22T18:00:00Z", "digest:2026-11-23"),
        ("Pacific/Pago_Pago", "2026-11-23T19:00:00Z", "digest:2026-11-23"),
        ("Europe/Berlin", "2026-11-23T07:00:00Z", "digest:2026-11-23"),
    ],
)
def test_the_hour_is_the_readers_own(cast: Cast, zone: str, now: str, key: str) -> None:
    subscription = subscribed(cast.alice, time_zone=zone, next_digest_at=None)
    asked(owner_id=cast.alice.pk)
    digests()
    at = datetime.fromisoformat(now)

    before = digests(at - timedelta(minutes=1))
    digests(at)

    assert before == 0
    assert only(subscription).key == key


def test_a_digest_that_cannot_be_written_holds_up_no_other(
    cast: Cast, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(team=cast.platform)
    whole = wording.digest_message

    def broken(digest: Any, ways: Any) -> Any:
        if digest.reader.id == cast.alice.pk:
            raise RuntimeError("this reader's digest is broken")
        return whole(digest, ways)

    monkeypatch.setattr("reviews.services.messages.digests.digest_message", broken)

    digests()

    assert told(readers["alice"]) == []
    assert len(told(readers["bob"])) == 1
    readers["alice"].refresh_from_db()
    assert readers["alice"].next_digest_at == NOW + timedelta(hours=1)


def test_trouble_with_tickets_is_told_to_who_answers_for_the_connection(
    cast: Cast, readers: Readers
) -> None:
    Connection.objects.create(
        slug="ours",
        name="Our Jira",
        system="jira",
        address="https://jira.example",
        project="OPS",
        owner=cast.bob,
        problem="The token was refused.",
        created_at=NOW,
        updated_at=NOW,
    )

    digests()

    assert "it fails: The token was refused." in only(readers["bob"]).text
    assert "Our Jira" in only(readers["dora"]).text
    assert told(readers["eve"]) == []


def test_an_administrator_is_told_of_what_nobody_else_is_asked(
    cast: Cast, readers: Readers
) -> None:
    asked("Nobody's", due_on=TODAY - timedelta(days=60))
    Flag.objects.update(opened_at=NOW - timedelta(days=60))

    digests()

    assert "Nobody's" in only(readers["dora"]).text
    assert Message.objects.count() == 1


def test_a_leads_lead_is_told_of_what_climbed_past_the_leads(
    cast: Cast, readers: Readers
) -> None:
    company = Team.objects.create(name="Company", slug="company")
    Membership.objects.create(user=cast.frank, team=company, role="lead")
    cast.platform.parent = company
    cast.platform.save()
    asked("Late", team=cast.platform, due_on=TODAY - timedelta(days=60))
    Flag.objects.update(opened_at=NOW - timedelta(days=60))

    digests()

    assert "Climbed to you: 1 open flag, 1 overdue" in only(readers["frank"]).text


def test_many_readers_cost_no_more_queries_than_one(cast: Cast) -> None:
    for number in range(40):
        asked(f"Solution {number}", team=cast.platform, owner_id=cast.bob.pk)
    everybody = [cast.alice.pk, cast.bob.pk, cast.charlie.pk, cast.dora.pk, cast.eve.pk]

    with CaptureQueriesContext(
        connection,
    ) as one:
        read_digests(everybody[:1], today=TODAY)
    with CaptureQueriesContext(connection) as all_of_them:
        read_digests(everybody, today=TODAY)

    assert len(one) <= 12
    assert len(all_of_them) <= 12


def test_a_digest_that_is_near_carries_what_cannot_wait(
    cast: Cast, readers: Readers
) -> None:
    quarantined(asked(owner_id=cast.alice.pk, criticality=Criticality.CRITICAL))
    Subscription.objects.update(next_digest_at=NOW + timedelta(hours=2))

    assert alerts() == 0
    digests(NOW + timedelta(hours=2))
    Subscription.objects.update(next_digest_at=NOW + timedelta(days=1))
    assert alerts(NOW + timedelta(hours=3)) == 0

    text = only(readers["alice"]).text
    assert text.index("withdrawn upstream") < text.index("end of life")


def test_the_scan_of_a_whole_import_fills_one_digest(
    cast: Cast, readers: Readers
) -> None:
    for number in range(60):
        registered(
            f"Solution {number}", team=cast.platform, on=TODAY - timedelta(days=400)
        )
    scanned()

    digests()

    # The lead, the engineer, and an administrator: there is no leads' lead.
    assert Message.objects.count() == 3
    text = only(readers["alice"]).text
    assert "And 110 more." in text
    assert len(text) < 8_000
