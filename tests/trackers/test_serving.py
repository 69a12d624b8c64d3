"""Tests of the fake ticket systems themselves: their pace, their lag, their webhooks."""

import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from reviews.connectors.http import HTTPClient, Network
from reviews.ports.outside import OutsideError
from tests.connectors.conftest import HERE
from tests.connectors.serving import MemoryBudget
from tests.trackers.github import GitHubTracker
from tests.trackers.gitlab import GitLabTracker


@pytest.fixture
def tracker() -> Iterator[GitHubTracker]:
    with GitHubTracker() as tracker:
        yield tracker


@pytest.fixture
def http() -> HTTPClient:
    network: Network = HERE
    return HTTPClient(agent="tests", network=network, budget=MemoryBudget())


def post(http: HTTPClient, tracker: GitHubTracker) -> int:
    url = f"{tracker.address}/repos/acme/payments/issues"
    headers = {"Authorization": f"Bearer {tracker.token}"}
    return http.send("POST", url, headers=headers, payload=b'{"title": "x"}').status


def test_more_writes_than_a_window_allows_are_told_to_wait(
    tracker: GitHubTracker, http: HTTPClient
) -> None:
    at = 1_700_000_000.0
    tracker.clock = lambda: at
    tracker.writes_per_window = 2
    assert [post(http, tracker), post(http, tracker)] == [201, 201]
    at += 20

    with pytest.raises(OutsideError) as caught:
        post(http, tracker)

    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 40
    assert not tracker.requests_inside_a_hold
    at += 40
    assert post(http, tracker) == 201
    assert not tracker.requests_inside_a_hold
    assert len(tracker.created) == 3


def test_a_request_inside_a_hold_is_taken_down(
    tracker: GitHubTracker, http: HTTPClient
) -> None:
    at = 1_700_000_000.0
    tracker.clock = lambda: at
    tracker.writes_per_window = 0
    for _ in range(2):
        with pytest.raises(OutsideError):
            post(http, tracker)

    assert len(tracker.requests_inside_a_hold) == 1


def test_hooks_are_called_around_the_storing(
    tracker: GitHubTracker, http: HTTPClient
) -> None:
    seen: list[tuple[str, int]] = []
    tracker.on_request = lambda asked: seen.append(("request", len(tracker.created)))
    tracker.on_stored = lambda issue, asked: seen.append(("stored", issue.number))

    post(http, tracker)

    assert seen == [("request", 0), ("stored", 1)]


def test_the_lag_may_be_another_for_one_issue(tracker: GitHubTracker) -> None:
    at = 1_700_000_000.0
    tracker.clock = lambda: at
    tracker.lag_for = lambda issue: 60 if issue.title == "slow" else 0
    tracker.add(title="slow")
    tracker.add(title="fast")

    assert [issue.title for issue in tracker.listed()] == ["fast"]
    at += 60
    assert len(tracker.listed()) == 2


def test_githubs_webhooks_are_signed_and_tell_each_change() -> None:
    tracker = GitHubTracker()
    tracker.add(title="x")
    tracker.comment(1, "pat", "Done.")
    tracker.close(1, by="pat", label="verdict: adopt")

    opened, commented, closed = tracker.deliveries()

    mac = hmac.new(tracker.secret.encode(), opened.body, hashlib.sha256).hexdigest()
    assert opened.headers["X-Hub-Signature-256"] == f"sha256={mac}"
    assert commented.headers["X-GitHub-Event"] == "issue_comment"
    said = json.loads(closed.body)
    assert (said["action"], said["issue"]["state"]) == ("closed", "closed")
    assert json.loads(opened.body)["issue"]["state"] == "open"
    assert len({opened.id, commented.id, closed.id}) == 3
    assert tracker.deliveries(since=2) == [closed]


def test_gitlabs_webhooks_have_the_secret_and_may_be_signed() -> None:
    tracker = GitLabTracker()
    tracker.signing_token = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    tracker.add(title="x")
    tracker.close(1, by="pat")
    tracker.delete(1)

    opened, closed = tracker.deliveries()

    assert opened.headers["X-Gitlab-Token"] == tracker.secret
    Webhook(tracker.signing_token).verify(closed.body, dict(closed.headers))
    assert json.loads(closed.body)["object_attributes"]["action"] == "close"


def test_a_fake_that_is_wrong_fails_its_test(http: HTTPClient) -> None:
    def fail(asked: object) -> None:
        raise LookupError("wrong")

    with pytest.raises(LookupError, match="wrong"), GitHubTracker() as tracker:
        tracker.on_request = fail
        post(http, tracker)
