"""The Celery application; its beat table is in the settings."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")


@worker_ready.connect
def look_for_work_left_behind(**_: Any) -> None:
    """
    Ask at every start for what should have been done while nothing ran.

    Beat does not catch up on what it slept through; the database knows what is missing.
    """
    app.send_task("reviews.tasks.scan_if_missed")
    app.send_task("reviews.tasks.collect_due_evidence")
    app.send_task("reviews.tasks.judge_evidence")
    app.send_task("reviews.tasks.outgoing.events.tell_of_events")
    app.send_task("reviews.tasks.outgoing.tickets.look_after_tickets")
    app.send_task("reviews.tasks.outgoing.messages.write_messages")
