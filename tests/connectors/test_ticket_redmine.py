"""Tickets in Redmine, over a real socket. The real Redmine has its own: tests/redmine."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.connectors.http import HTTPClient
from reviews.connectors.tickets.redmine.answers import has_marker, read_back, written
from reviews.connectors.tickets.redmine.issues import Redmine
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Draft, Fields
from reviews.services.tickets.drafting import text_digest
from tests.connectors.conftest import ClientFor
from tests.connectors.ticketing import HOSTILE, LONG_AGO, PERMANENT, UNKNOWN, patience
from tests.trackers.exchanges import STORING, Fault, Kind
from tests.trackers.issues import Event
from tests.trackers.redmine import RedmineTracker

System = Callable[..., Redmine]

FIELDS = Fields(
    due_on="due_date",
    severity="priority_id",
    severities={"high": "Urgent", "critical": "Immediate"},
)
DRAFT = Draft(
    marker="bb-0123456789abcdef",
    title="Review left_pad: its evaluation is due",
    text=(
        "It was never reviewed {{include(x)}}, said @admin !http://evil.example/x!\n\n"
        "- Due: 2026-12-01\n- Decide here: https://tracker.example/queue/left-pad/"
    ),
    due_on=date(2026, 1, 1),
    severity="high",
)


@pytest.fixture(params=[False, True], ids=["5.0", "before 5.0"])
def tracker(request: pytest.FixtureRequest) -> Iterator[RedmineTracker]:
    with RedmineTracker() as tracker:
        tracker.drip_seconds = 0.05
        tracker.is_old = request.param
        tracker.prefix = "/redmine" if tracker.is_old else ""
        yield tracker


@pytest.fixture
def system(http: HTTPClient, tracker: RedmineTracker) -> System:
    def make(**given: Any) -> Redmine:
        settings: dict[str, Any] = {
            "client": http,
            "address": tracker.address,
            "project": tracker.project,
            "issue_type": "support",
            "login": "",
            "token": tracker.token,
            "fields": FIELDS,
        }
        return Redmine(**(settings | given))

    return make


@pytest.fixture
def redmine(system: System) -> Redmine:
    return system()


def test_an_issue_is_made_even_where_its_due_day_is_past(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    made = redmine.create(DRAFT)

    (issue,) = tracker.having(DRAFT.marker)
    assert (made.id, made.key) == ("1", "#1")
    assert made.url == f"{tracker.address}/issues/1"
    assert (issue.due, issue.severity) == ("2026-01-01", "Urgent")
    assert issue.extra["tracker"] == "Support"
    assert (made.title, made.due_on, made.severity) == (
        DRAFT.title,
        DRAFT.due_on,
        "high",
    )


def test_the_project_s_own_tracker_is_taken_where_none_is_named(
    system: System, tracker: RedmineTracker
) -> None:
    system(issue_type="").create(DRAFT)

    assert tracker.issue(1).extra["tracker"] == "Bug"


def test_what_strangers_wrote_runs_nothing_and_calls_nobody(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    redmine.create(DRAFT)

    body = tracker.issue(1).body
    assert "{{" not in body
    assert "!http" not in body
    assert "@admin" not in body


def test_a_text_that_nobody_touched_is_read_as_it_was_sent(redmine: Redmine) -> None:
    read = redmine.read(redmine.create(DRAFT).id)

    assert read is not None
    assert read.text == DRAFT.text


SEEN = st.characters(exclude_categories=("Cc", "Cs"))


@given(st.text(alphabet=SEEN), st.text(alphabet="{}!@/ \u200bab\n\\"))
def test_any_text_comes_back_as_it_was(text: str, lively: str) -> None:
    sent = f"{lively}{text}{lively}"

    stored = written(sent, "bb-1").replace("\n", "\r\n")

    assert has_marker(stored, "bb-1")
    assert not has_marker(stored, "bb-")
    assert text_digest(read_back(stored)) == text_digest(sent)


def test_without_the_project_no_issue_looks_deleted(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    made = redmine.create(DRAFT)
    tracker.delete(1)
    assert redmine.read(made.id) is None

    tracker.project = "renamed"

    with pytest.raises(OutsideError) as caught:
        redmine.read(made.id)
    assert (caught.value.permanent, caught.value.status) == (True, 404)


def test_a_hostile_text_comes_back_as_it_was(redmine: Redmine) -> None:
    read = redmine.read(redmine.create(replace(DRAFT, text=HOSTILE)).id)

    assert read is not None
    assert text_digest(read.text) == text_digest(HOSTILE)


def test_an_issue_is_found_by_its_marker_open_or_closed(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    made = redmine.create(DRAFT)
    tracker.close(1)

    found = redmine.find(DRAFT.marker, since=datetime.now(UTC))

    assert found is not None
    assert (found.id, found.is_closed, found.resolution) == (made.id, True, "Closed")
    assert redmine.find("bb-0123456789abcde", since=LONG_AGO) is None


def test_a_marker_is_found_on_the_last_of_many_pages(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    redmine.create(DRAFT)
    for _ in range(250):
        tracker.add(title="Another", body="best-before: bb-of-another")

    found = redmine.find(DRAFT.marker, since=LONG_AGO)

    assert found is not None
    assert found.id == "1"


def test_too_many_issues_to_look_through_are_no_answer(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    tracker.is_old = True
    for _ in range(2_001):
        tracker.add(title="Another", body="")

    with pytest.raises(OutsideError, match="more than 2000 issues") as raised:
        redmine.find(DRAFT.marker, since=LONG_AGO)

    assert not raised.value.permanent


def test_only_what_changed_since_is_told(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    made = [redmine.create(DRAFT).id for _ in range(3)]
    later = datetime.now(UTC) + timedelta(hours=1)
    tracker.clock = later.timestamp
    tracker.edit(2, assignee="Pat Doe")
    tracker.delete(3)

    found = redmine.changed(since=later, ids=made)

    assert [(one.id, one.assignee) for one in found] == [("2", "Pat Doe")]
    assert redmine.read("3") is None


def test_a_moved_issue_is_followed(redmine: Redmine, tracker: RedmineTracker) -> None:
    made = redmine.create(DRAFT)
    tracker.move(1, "Operations")

    found = redmine.changed(since=LONG_AGO, ids=[made.id])

    assert [one.id for one in found] == ["1"]
    assert redmine.read("1") is not None


def test_an_update_leaves_the_text_alone_unless_it_is_asked_for(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    made = redmine.create(DRAFT)
    newer = Draft(DRAFT.marker, "Newer", "Newer text.", None, "critical")
    before = tracker.issue(1).body

    redmine.update(made.id, newer, with_text=False)

    issue = tracker.issue(1)
    assert (issue.title, issue.due, issue.severity) == ("Newer", None, "Immediate")
    assert issue.body == before

    redmine.update(made.id, newer, with_text=True)

    read = redmine.read(made.id)
    assert read is not None
    assert read.text == "Newer text."


def test_comments_come_with_their_markers_the_oldest_first(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    made = redmine.create(DRAFT)
    redmine.comment(made.id, "It was **adopted** by @pat.", marker="bb-step-1")
    tracker.comment(1, "Pat", "")
    tracker.comment(1, "Pat", "/waive because\r\nof that")

    found = redmine.comments(made.id)

    assert [one.text for one in found] == [
        "It was **adopted** by @pat.\n\nbest-before: bb-step-1",
        "/waive because\nof that",
    ]
    assert found[1].author == "Pat"


def test_an_issue_is_closed_and_opened_again(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    made = redmine.create(DRAFT)

    redmine.close(made.id)
    redmine.close(made.id)
    closed = redmine.read(made.id)
    redmine.reopen(made.id)
    opened = redmine.read(made.id)

    assert closed is not None
    assert opened is not None
    assert (closed.is_closed, closed.status) == (True, "Closed")
    assert (opened.is_closed, opened.status) == (False, "New")
    assert [c.event for c in tracker.changes].count(Event.CLOSED) == 1


def test_the_status_that_the_connection_names_is_set(
    system: System, tracker: RedmineTracker
) -> None:
    redmine = system(fields=Fields(closing="rejected", reopening="In Progress"))
    made = redmine.create(DRAFT)

    redmine.close(made.id)
    assert tracker.issue(1).status == "Rejected"

    redmine.reopen(made.id)
    assert tracker.issue(1).status == "In Progress"


def test_a_status_that_redmine_silently_leaves_is_an_error(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    made = redmine.create(DRAFT)
    tracker.allowed = {"New", "Resolved"}

    with pytest.raises(OutsideError) as raised:
        redmine.close(made.id)

    assert raised.value.permanent
    if tracker.is_old:
        assert "kept the issue at “New”" in str(raised.value)
    else:
        assert "only New, Resolved" in str(raised.value)


@pytest.mark.parametrize("fault", [Fault.LIMITED, *UNKNOWN, *PERMANENT])
def test_each_failure_says_what_became_of_the_request(
    system: System, tracker: RedmineTracker, client_for: ClientFor, fault: Fault
) -> None:
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as raised:
        system(client=client_for(deadline=patience(fault))).create(DRAFT)

    assert raised.value.unknown == (fault in UNKNOWN)
    assert raised.value.permanent == (fault in PERMANENT)
    assert len(tracker.created) == (fault in STORING)
    assert tracker.token not in str(raised.value)


def test_a_look_up_that_fails_before_the_issue_is_made_leaves_nothing_unknown(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    tracker.faults_on = frozenset({Kind.READ})
    tracker.faults.append(Fault.ERROR_BEFORE)

    with pytest.raises(OutsideError) as raised:
        redmine.create(DRAFT)

    assert not raised.value.unknown
    assert tracker.created == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"project": "nope"}, "status 404"),
        ({"issue_type": "Epic"}, "no tracker Epic here. It has: Bug, Feature"),
        (
            {"fields": Fields(severity="priority_id", severities={"high": "P1"})},
            "no priority P1 here",
        ),
        ({"token": "wrong"}, "status 401"),
    ],
)
def test_what_cannot_be_made_is_refused_for_good(
    system: System, tracker: RedmineTracker, given: dict[str, Any], text: str
) -> None:
    with pytest.raises(OutsideError, match=re.escape(text)) as raised:
        system(**given).create(DRAFT)

    assert raised.value.permanent
    assert tracker.created == []


def test_what_would_be_sent_is_told_without_sending_it(
    redmine: Redmine, tracker: RedmineTracker
) -> None:
    said = redmine.request_of(DRAFT)

    assert tracker.requests == []
    assert said.url == f"{tracker.address}/issues.json"
    assert said.payload["issue"]["tracker_id"] == "number of “support”"
    assert tracker.token not in repr(said)


def test_a_connection_that_is_well_passes_all_tests(redmine: Redmine) -> None:
    found = redmine.check()

    assert [one.what for one in found] == [
        *("credentials", "project", "type", "rights", "fields")
    ]
    assert all(one.is_well for one in found)


@pytest.mark.parametrize(
    ("given", "what", "text"),
    [
        ({"token": "wrong"}, "credentials", "does not take this API key"),
        ({"project": "nope"}, "project", "There is no project nope"),
        ({"issue_type": "Epic"}, "type", "no tracker Epic here. It has: Bug"),
        ({"fields": Fields(due_on="when")}, "fields", "one due day, due_date"),
        ({"fields": Fields(closing="Archived")}, "fields", "no status Archived here"),
    ],
)
def test_what_is_wrong_is_said_exactly(
    system: System, given: dict[str, Any], what: str, text: str
) -> None:
    found = system(**given).check()

    assert (found[-1].what, found[-1].is_well) == (what, False)
    assert all(one.is_well for one in found[:-1])
    assert text in found[-1].text


def test_an_address_without_redmine_is_told(
    system: System, tracker: RedmineTracker
) -> None:
    (found,) = system(address=f"{tracker.address}/elsewhere").check()

    assert not found.is_well
    assert "has no Redmine" in found.text


def test_rights_that_lack_are_named(redmine: Redmine, tracker: RedmineTracker) -> None:
    tracker.is_admin = False
    well = redmine.check()[-1]
    tracker.rights.remove("add_issue_notes")

    found = redmine.check()[-1]

    assert well.is_well
    assert (found.what, found.is_well) == ("rights", False)
    assert "lacks the permission Add notes" in found.text
