"""A worker that is killed, as a power cut would, while a message is on its way."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from reviews.connectors.webhooks import WebhookSender
from reviews.models import Attempt
from reviews.services.outgoing import LEASE
from reviews.services.webhooks.delivering import Sent, send_deliveries
from reviews.services.webhooks.endpoints import Wish, make_endpoint, send_test
from reviews.wiring import vault
from tests.connectors.serving import Connection, Server, answer
from tests.databases import database_url
from tests.services.building import OPERATOR
from tests.services.webhooks.receiving import Receiver, anything_goes, client

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[3]
_DELIVER = """
import sys, django
django.setup()
from reviews.tasks.outgoing.events import deliver_to
deliver_to(endpoint_id=int(sys.argv[1]))
"""


def worker_for(hook: Receiver) -> subprocess.Popen[bytes]:
    """Start a process that delivers what is due to an endpoint."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tracker.settings",
        "DATABASE_URL": database_url(),
        "OUTBOUND_ALLOWED_HOSTS": f"127.0.0.1:{hook.server.port}",
    }
    return subprocess.Popen(
        [sys.executable, "-c", _DELIVER, str(hook.endpoint.pk)],
        cwd=ROOT,
        env=environment,
    )


def test_what_was_on_its_way_arrives_again_with_the_same_id(server: Server) -> None:
    now = timezone.now()
    endpoint, secret = make_endpoint(
        wish=Wish(server.url("/hook")),
        actor=OPERATOR,
        check=anything_goes,
        vault=vault(),
        now=now,
    )
    hook = Receiver(server, endpoint, secret, "/hook")
    send_test(endpoint_id=endpoint.pk, actor=OPERATOR, now=now)
    workers: list[subprocess.Popen[bytes]] = []

    def kill(_: Connection) -> None:
        workers[0].send_signal(signal.SIGKILL)

    hook.answers(kill, answer())
    workers.append(worker_for(hook))
    ended = workers[0].wait(60)
    then = hook.delivery().state
    later = timezone.now() + LEASE
    sent = send_deliveries(
        endpoint_id=endpoint.pk,
        sender=WebhookSender(client()),
        vault=vault(),
        clock=lambda: later,
        until=later + timedelta(seconds=50),
    )

    assert (ended, then) == (-signal.SIGKILL, "sending")
    assert sent == Sent(done=1)
    assert len(hook.ids) == 2
    assert len(set(hook.ids)) == 1
    assert [each["type"] for each in hook.told()] == ["test", "test"]
    assert hook.delivery().state == "done"
    assert Attempt.objects.get().outcome == "done"
