"""What the tests of Jira share: its cloud and a data center, and what speaks to them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reviews.connectors.http import HTTPClient
from reviews.connectors.tickets.jira.issues import Jira
from reviews.ports.tickets import Fields
from tests.trackers.jira import JiraTracker

System = Callable[..., Jira]

FIELDS = Fields(
    due_on="duedate",
    severity="priority",
    severities={"high": "High", "critical": "Highest"},
    labels=("best-before",),
)


@pytest.fixture(params=[True, False], ids=["cloud", "data center"])
def tracker(request: pytest.FixtureRequest) -> Iterator[JiraTracker]:
    with JiraTracker() as tracker:
        tracker.drip_seconds = 0.05
        tracker.is_cloud = request.param
        tracker.prefix = "" if tracker.is_cloud else "/jira"
        yield tracker


@pytest.fixture
def system(http: HTTPClient, tracker: JiraTracker) -> System:
    def make(**given: Any) -> Jira:
        login = tracker.login if tracker.is_cloud else ""
        settings: dict[str, Any] = {
            "client": http,
            "address": tracker.address,
            "project": tracker.project,
            "issue_type": "",
            "login": login,
            "token": tracker.token,
            "fields": FIELDS,
        }
        return Jira(**(settings | given))

    return make


@pytest.fixture
def jira(system: System) -> Jira:
    return system()
