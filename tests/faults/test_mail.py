"""
Mail under faults: a server that dies after DATA, workers that are killed, and a storm.

Each reader gets each message at least once, and at most once more for each crash.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from reviews.models import Flag, Message, Solution, Subscription, User
from reviews.rules.outgoing import SendState
from reviews.rules.telling import MessageKind
from reviews.services.imports import import_inventory
from reviews.services.messages.subscriptions import ensure_subscriptions
from reviews.services.messages.telling import tell
from reviews.services.outgoing import LEASE
from tests.conftest import NOW, TODAY, Cast
from tests.databases import database_url
from tests.mailing import Mailbox, mail_server
from tests.services.building import OPERATOR, registered, scanned
from tests.services.messages.telling import (
    alerts,
    digests,
    quarantined,
    sent,
    subscribed,
)
from tests.services.test_at_once import at_once

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def written(users: list[User], now: datetime = NOW) -> None:
    for user in users:
        subscribed(user)
        tell(
            user_id=user.pk,
            kind=MessageKind.TROUBLE,
            key="trouble:1",
            subject="Trouble",
            text="It fails.",
            now=now,
        )


def each_at_least_once(mail: Mailbox, users: list[User], crashes: int) -> None:
    arrived = {user.email: mail.ids_of(user.email) for user in users}
    assert all(arrived.values())
    assert sum(len(ids) - 1 for ids in arrived.values()) <= crashes
    # However often it came, a mail program shows it once.
    assert all(len(set(ids)) == 1 for ids in arrived.values())
    assert len({ids[0] for ids in arrived.values()}) == len(users)


@pytest.mark.parametrize("deaths", [1, 3, 7])
def test_a_server_that_dies_after_data_costs_one_copy_a_death(
    cast: Cast, mail: Mailbox, deaths: int
) -> None:
    users = [cast.alice, cast.bob, cast.charlie, cast.dora, cast.eve]
    written(users)
    mail.deaths = deaths

    now = NOW
    while Message.objects.exclude(state=SendState.DONE.value).exists():
        sent(mail.messenger(), now=now)
        now += timedelta(minutes=5)
        assert now < NOW + timedelta(days=2)

    each_at_least_once(mail, users, deaths)
    assert len(mail.taken) == len(users) + deaths


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_data_costs_one_copy_a_kill(
    cast: Cast, mail: Mailbox
) -> None:
    users = [cast.alice, cast.bob, cast.charlie, cast.dora]
    written(users, timezone.now())
    kills = 2

    for _ in range(kills):
        mail.let_go.clear()
        mail.reached.clear()
        worker = start_worker(mail)
        assert mail.reached.wait(PATIENCE_SECONDS)
        worker.kill()
        worker.wait(10)
        mail.let_go.set()

    after_the_kills = Counter(Message.objects.values_list("state", flat=True))
    once_the_claims_ran_out = timezone.now() + LEASE + timedelta(minutes=1)
    # The first look finds what died; what may have arrived waits for its pause.
    for minutes in (0, 5):
        sent(mail.messenger(), now=once_the_claims_ran_out + timedelta(minutes=minutes))

    assert after_the_kills[SendState.SENDING.value] == kills
    assert not Message.objects.exclude(state=SendState.DONE.value).exists()
    each_at_least_once(mail, users, kills)


def start_worker(mail: Mailbox) -> "subprocess.Popen[bytes]":
    """Start a process that does what the worker's task does, once."""
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import django; django.setup(); "
            "from reviews.tasks.outgoing.messages import write_messages; "
            "write_messages()",
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "DATABASE_URL": database_url(),
            "EMAIL_URL": f"smtp://{mail.host}:{mail.port}",
            "SITE_URL": "https://tracker.example",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.slow
def test_the_first_scan_of_a_large_import_sends_one_message_a_person(
    cast: Cast, mail: Mailbox
) -> None:
    """The storm: 6,000 solutions, all of them overdue, and some that cannot wait."""
    ensure_subscriptions(now=NOW, time_zone="UTC")
    imported(6_000, on=TODAY - timedelta(days=400))
    Solution.objects.filter(name__endswith="7").update(owner=cast.bob)
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    scanned(monday.date(), monday + timedelta(minutes=5))
    assert Flag.objects.count() == 12_000
    for solution in Solution.objects.filter(name__endswith="77")[:40]:
        quarantined(solution, due_on=monday.date())

    for now in minutes_of(monday + timedelta(hours=6), 300, step=3):
        alerts(now)
        digests(now)
        sent(mail.messenger(), now=now)

    told = Counter(to for to, _ in mail.taken)
    assert set(told.values()) == {1}
    # Her team's, his own, and what climbs past all leads.
    assert {"alice@example.com", "bob@example.com", "dora@example.com"} == set(told)
    assert all(len(content) < 30_000 for _, content in mail.taken)
    [to_bob] = mail.of("bob@example.com")
    assert "And 1,2" in to_bob.get_content()


def imported(count: int, *, on: date) -> None:
    rows = "\n".join(f"Solution {number},package,platform" for number in range(count))
    import_inventory(
        content=f"name,kind,team\n{rows}\n".encode(),
        filename="inventory.csv",
        actor=OPERATOR,
        today=on,
        now=NOW - timedelta(days=400),
    )


def minutes_of(start: datetime, count: int, step: int) -> Iterator[datetime]:
    for minute in range(0, count, step):
        yield start + timedelta(minutes=minute)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_write_and_send_one_message(cast: Cast, mail: Mailbox) -> None:
    users = [cast.alice, cast.bob, cast.eve]
    for user in users:
        subscribed(user)
        quarantined(registered(f"Of {user}", team=cast.platform, owner_id=user.pk))
    near = Subscription.objects.filter(user=cast.eve)
    near.update(next_digest_at=NOW + timedelta(days=1))

    raised = at_once(*[digests] * 4, *[alerts] * 4)
    raised += at_once(*[lambda: sent(mail.messenger())] * 4)

    assert raised == []
    assert Counter(to for to, _ in mail.taken) == {user.email: 1 for user in users}
    assert Message.objects.filter(kind="alert").count() == 1
