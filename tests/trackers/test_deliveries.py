"""What the fake Jira and the fake Redmine deliver is what the product believes."""

from datetime import UTC, datetime

import pytest

from reviews.rules.signatures import SignatureError, Signed, delivery_id, verify
from reviews.rules.ticketing import System
from reviews.services.tickets.hints import hint_of
from tests.trackers.jira import JiraTracker
from tests.trackers.redmine import RedmineTracker
from tests.trackers.serving import Tracker


@pytest.mark.parametrize(
    ("system", "kind"),
    [(System.JIRA, JiraTracker), (System.REDMINE, RedmineTracker)],
    ids=["jira", "redmine"],
)
def test_every_change_is_delivered_signed_and_names_its_issue(
    system: System, kind: type[Tracker]
) -> None:
    now = datetime.now(UTC)
    with kind() as tracker:
        issue = tracker.add(title="Review Django", body="")
        tracker.comment(1, "pat", "/verdict adopt because it works")
        tracker.edit(1, assignee="pat")
        tracker.close(1)
        tracker.delete(1)
        deliveries = tracker.deliveries()

    assert len({delivery.id for delivery in deliveries}) == 5
    for delivery in deliveries:
        headers = {name.lower(): text for name, text in delivery.headers.items()}
        signed = Signed(headers, delivery.body)
        verify(system, signed, secrets=[tracker.secret], now=now)
        with pytest.raises(SignatureError):
            verify(system, signed, secrets=["another"], now=now)
        assert delivery_id(system, signed) == delivery.id
        names = hint_of(system, delivery.body.decode()).names
        assert names & {str(issue.id), str(issue.number)}
