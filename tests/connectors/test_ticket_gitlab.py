"""Tests of GitLab's issues, over real sockets, against a server with its faults."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from reviews.connectors.tickets.gitlab.issues import BATCH, GitLabIssues
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Fields
from tests.connectors.conftest import ClientFor
from tests.connectors.ticketing import (
    HOSTILE,
    LONG_AGO,
    MARKER,
    PERMANENT,
    UNKNOWN,
    draft,
    patience,
)
from tests.trackers.exchanges import STORING, Fault, Kind
from tests.trackers.gitlab import GitLabTracker
from tests.trackers.issues import OUTSIDER

SystemFor = Callable[..., GitLabIssues]

FULL = Fields(due_on="due_date", severity="label", labels=("best-before",))


@pytest.fixture
def tracker() -> Iterator[GitLabTracker]:
    with GitLabTracker() as tracker:
        tracker.drip_seconds = 0.05
        yield tracker


@pytest.fixture
def system_for(tracker: GitLabTracker, client_for: ClientFor) -> SystemFor:
    def make(
        fields: Fields = FULL, deadline: timedelta = timedelta(seconds=20), **given: str
    ) -> GitLabIssues:
        settings = {
            "address": tracker.address,
            "project": tracker.project,
            "issue_type": "",
            "login": "",
            "token": tracker.token,
        } | given
        return GitLabIssues(client_for(deadline=deadline), fields=fields, **settings)

    return make


@pytest.fixture
def system(system_for: SystemFor) -> GitLabIssues:
    return system_for()


# Making.


def test_an_issue_is_made_as_it_was_drafted(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    ticket = system.create(draft())

    (issue,) = tracker.created
    assert issue.body.endswith(f"\n\n<!-- best-before: {MARKER} -->")
    assert issue.labels == ["technology", "best-before", "severity: high"]
    assert issue.due == "2026-12-01"
    assert (ticket.id, ticket.key) == ("1", "acme/platform/payments#1")
    assert ticket.url == "https://gitlab.example/acme/platform/payments/-/issues/1"
    assert (ticket.is_closed, ticket.status) == (False, "opened")
    assert (ticket.title, ticket.text) == (draft().title, draft().text)
    assert (ticket.severity, ticket.due_on) == ("high", date(2026, 12, 1))


def test_what_would_be_sent_is_what_is_sent(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    asked = system.request_of(draft())

    assert not tracker.requests
    system.create(draft())
    (sent,) = tracker.requests
    assert (asked.method, asked.url) == (sent.method, tracker.origin + sent.path)
    assert asked.payload == sent.json()
    assert tracker.token not in repr(asked)


def test_a_project_is_one_segment_of_the_path(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    system.create(draft())

    (sent,) = tracker.requests
    assert sent.path == "/api/v4/projects/acme%2Fplatform%2Fpayments/issues"
    assert sent.headers["private-token"] == tracker.token


@pytest.mark.parametrize("project", ["98", "a b/ö?x#y", "../../admin", "a%2Fb"])
def test_a_strange_project_stays_in_its_place(
    tracker: GitLabTracker, system_for: SystemFor, project: str
) -> None:
    tracker.project = project

    system_for(project=project).create(draft())

    parts = ("api", "v4", "projects", project, "issues")
    assert tracker.requests[0].parts == parts
    assert len(tracker.created) == 1


def test_hostile_text_comes_back_as_it_was_and_starts_nothing(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    ticket = system.create(draft("@pat\nsee " + "x" * 300, HOSTILE))

    read = system.read(ticket.id)
    assert read is not None
    assert read.text == HOSTILE
    assert not read.is_closed
    assert len(tracker.created[0].title) == 255
    assert "@pat" not in tracker.created[0].title + tracker.created[0].body
    assert system.find("bb-other", since=LONG_AGO) is None


def test_a_comment_starts_nothing_either(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    tracker.add(title="x")

    system.comment("1", "Done.\n/close\n/assign @eve", marker="bb-c1")

    assert not tracker.created[0].is_closed
    assert "/assign" in tracker.created[0].comments[0].text


def test_extra_fields_and_the_type_go_along(
    tracker: GitLabTracker, system_for: SystemFor
) -> None:
    system = system_for(Fields(extra={"weight": 4}), issue_type="incident")

    ticket = system.create(draft(labels=()))

    sent = tracker.requests[0].json()
    assert (sent["weight"], sent["issue_type"]) == (4, "incident")
    assert not {"labels", "due_date"} & sent.keys()
    assert (ticket.labels, ticket.severity, ticket.due_on) == ((), None, None)


# Faults.


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_lost_answer_leaves_it_unknown_and_the_marker_tells(
    tracker: GitLabTracker, system_for: SystemFor, fault: Fault
) -> None:
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as caught:
        system_for(deadline=patience(fault)).create(draft())

    assert caught.value.unknown
    found = system_for().find(MARKER, since=LONG_AGO)
    assert (found is not None) == (fault in STORING)


@pytest.mark.parametrize("fault", PERMANENT)
def test_a_refusal_is_permanent_and_in_gitlabs_words(
    tracker: GitLabTracker, system: GitLabIssues, fault: Fault
) -> None:
    tracker.faults.append(fault)

    with pytest.raises(
        OutsideError, match=f"GitLab answered with status {fault}"
    ) as at:
        system.create(draft())

    assert (at.value.permanent, at.value.unknown) == (True, False)
    words = {"422": "title: can't be blank"}.get(fault, f"{fault} ")
    assert words in str(at.value)
    assert tracker.token not in str(at.value)
    assert not tracker.created


def test_a_system_that_wants_to_be_left_alone_says_for_how_long(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    tracker.retry_after = 42
    tracker.faults.append(Fault.LIMITED)

    with pytest.raises(OutsideError) as caught:
        system.create(draft())

    assert (caught.value.permanent, caught.value.unknown) == (False, False)
    assert caught.value.retry_after == timedelta(seconds=42)


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_comment_whose_answer_is_lost_is_unknown(
    tracker: GitLabTracker, system_for: SystemFor, fault: Fault
) -> None:
    tracker.add(title="x")
    tracker.faults_on = frozenset({Kind.COMMENT})
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as caught:
        system_for(deadline=patience(fault)).comment("1", "Done.", marker="bb-c1")

    assert caught.value.unknown
    written = [comment.text for comment in system_for().comments("1")]
    assert any("bb-c1" in text for text in written) == (fault in STORING)


@pytest.mark.parametrize("change", ["close", "update"])
@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.REDIRECT, Fault.HTML])
def test_a_change_whose_answer_is_lost_is_unknown(
    tracker: GitLabTracker, system: GitLabIssues, fault: Fault, change: str
) -> None:
    tracker.add(title="x")
    tracker.faults_on = frozenset({Kind.UPDATE})
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as caught:
        if change == "close":
            system.close("1")
        system.update("1", draft(), with_text=True)

    assert caught.value.unknown


@pytest.mark.parametrize("fault", [Fault.ERROR_BEFORE, Fault.HTML, Fault.TRUNCATED])
def test_a_question_whose_answer_is_lost_is_only_asked_again(
    tracker: GitLabTracker, system: GitLabIssues, fault: Fault
) -> None:
    tracker.add(title="x")
    tracker.faults_on = frozenset({Kind.READ})
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as caught:
        system.read("1")

    assert (caught.value.unknown, caught.value.permanent) == (False, False)


def test_an_answer_that_is_no_issue_leaves_it_unknown(
    tracker: GitLabTracker, system: GitLabIssues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker, "_issue", lambda issue: {"ok": True})

    with pytest.raises(OutsideError) as caught:
        system.create(draft())

    assert caught.value.unknown


# Finding.


def test_an_issue_is_found_once_the_search_knows_it(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    at = 1_700_000_000.0
    tracker.clock = lambda: at
    tracker.lag = 60
    ticket = system.create(draft())

    assert system.find(MARKER, since=LONG_AGO) is None
    assert system.read(ticket.id) is not None
    at += 60
    assert system.find(MARKER, since=LONG_AGO) == ticket


def test_a_marker_that_begins_like_it_is_not_it(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    system.create(draft(marker=f"{MARKER}1"))
    tracker.add(title=MARKER, body=MARKER, by="eve")
    tracker.add(title="no text", body=None, by="eve")

    assert system.find(MARKER, since=LONG_AGO) is None


def test_of_a_ticket_and_its_copy_the_ticket_is_found(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    ticket = system.create(draft())
    tracker.add(title="copy", body=tracker.created[0].body, by="eve")

    assert system.find(MARKER, since=LONG_AGO) == ticket


def test_a_closed_issue_without_labels_is_found_on_a_later_page(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    for number in range(250):
        tracker.add(title=f"other {number}", body="", by="pat")
    ticket = system.create(draft())
    tracker.close(251)
    tracker.edit(251, labels=[])

    found = system.find(MARKER, since=LONG_AGO)

    assert found is not None
    assert (found.id, found.is_closed) == (ticket.id, True)


def test_what_is_older_than_the_request_is_not_looked_through(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    at = 1_600_000_000.0
    tracker.clock = lambda: at
    for number in range(250):
        tracker.add(title=f"old {number}")
    at = 1_700_000_000.0

    assert system.find(MARKER, since=tracker.now()) is None
    assert len(tracker.requests) == 1


# Reading.


def test_an_issue_that_is_gone_is_none(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    tracker.add(title="deleted")
    tracker.add(title="moved")
    tracker.delete(1)
    tracker.move(2, "acme/other")

    assert system.read("1") is None
    assert system.read("2") is None
    assert system.read("7") is None


def test_issues_do_not_look_deleted_when_the_project_is_out_of_sight(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    tracker.add(title="x")
    tracker.project = "acme/renamed"

    with pytest.raises(OutsideError, match="404 Project Not Found") as caught:
        system.read("1")

    assert caught.value.permanent


def test_what_people_did_to_an_issue_is_read(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    system.create(draft())
    tracker.edit(1, assignee="pat", labels=["Severity: LOW", "x"], due="2027-01-31")
    tracker.edit(1, body="By hand.\r\n")
    tracker.close(1, label="verdict::adopt")

    ticket = system.read("1")

    assert ticket is not None
    assert (ticket.is_closed, ticket.resolution) == (True, "")
    assert (ticket.assignee, ticket.severity) == ("pat", "low")
    assert ticket.labels == ("Severity: LOW", "x", "verdict::adopt")
    assert (ticket.text, ticket.due_on) == ("By hand.", date(2027, 1, 31))


# What changed.


def test_what_changed_is_told_of_those_asked_for(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    at = 1_700_000_000.0
    tracker.clock = lambda: at
    count = BATCH + 10
    for number in range(count + 1):
        tracker.add(title=f"issue {number}", by="pat")
    at += 3_600
    since = tracker.now()
    for number in (2, count, count + 1):
        tracker.close(number)
    tracker.move(3, "acme/other")

    changed = system.changed(
        since=since, ids=[str(number) for number in range(1, count + 1)]
    )

    assert [ticket.id for ticket in changed] == ["2", str(count)]
    assert len(tracker.requests) == 2


def test_nothing_is_asked_where_nothing_is_wanted(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    assert system.changed(since=LONG_AGO, ids=()) == ()
    assert not tracker.requests


# Changing.


def test_an_update_leaves_the_labels_of_others(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    system.create(draft())
    tracker.edit(1, labels=["severity: high", "mine"])

    system.update(
        "1",
        draft("New title", severity="critical", due_on=date(2027, 1, 1)),
        with_text=False,
    )

    (issue,) = tracker.created
    assert (issue.title, issue.due) == ("New title", "2027-01-01")
    assert issue.labels == ["mine", "severity: critical"]


def test_an_update_takes_away_a_due_day_and_a_severity(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    system.create(draft())

    system.update("1", draft(severity="", due_on=None), with_text=False)

    (issue,) = tracker.created
    assert issue.due is None
    assert issue.labels == ["technology", "best-before"]


def test_an_update_writes_the_text_only_if_asked_to(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    system.create(draft())
    tracker.edit(1, body="By hand.")

    system.update("1", draft(text="Ours."), with_text=False)
    assert tracker.created[0].body == "By hand."
    system.update("1", draft(text="Ours."), with_text=True)
    assert tracker.created[0].body == f"Ours.\n\n<!-- best-before: {MARKER} -->"


def test_fields_that_the_connection_lacks_are_not_written(
    tracker: GitLabTracker, system_for: SystemFor
) -> None:
    tracker.add(title="x", labels=["severity: low"], due="2030-01-01")

    system_for(Fields()).update("1", draft(), with_text=False)

    (issue,) = tracker.created
    assert (issue.labels, issue.due) == (["severity: low"], "2030-01-01")


def test_fields_that_the_connection_lacks_are_not_read(
    tracker: GitLabTracker, system_for: SystemFor
) -> None:
    tracker.add(title="x", labels=["severity: low"], due="2030-01-01")

    ticket = system_for(Fields()).read("1")

    assert ticket is not None
    assert (ticket.severity, ticket.due_on) == (None, None)


def test_closing_and_opening_again_change_nothing_twice(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    tracker.add(title="x")

    system.close("1")
    system.close("1")
    assert (tracker.created[0].is_closed, len(tracker.changes)) == (True, 2)
    system.reopen("1")
    system.reopen("1")
    assert (tracker.created[0].is_closed, len(tracker.changes)) == (False, 3)


def test_an_issue_gets_the_closing_label_of_the_connection(
    tracker: GitLabTracker, system_for: SystemFor
) -> None:
    tracker.add(title="x")

    system_for(Fields(closing="done")).close("1")

    assert (tracker.created[0].is_closed, tracker.created[0].labels) == (True, ["done"])


@pytest.mark.parametrize("change", ["update", "comment", "close", "reopen", "comments"])
def test_an_issue_that_is_gone_cannot_be_changed(
    tracker: GitLabTracker, system: GitLabIssues, change: str
) -> None:
    tracker.add(title="x")
    tracker.delete(1)
    changes: dict[str, Callable[[], object]] = {
        "update": lambda: system.update("1", draft(), with_text=True),
        "comment": lambda: system.comment("1", "x", marker="bb-c"),
        "close": lambda: system.close("1"),
        "reopen": lambda: system.reopen("1"),
        "comments": lambda: system.comments("1"),
    }

    with pytest.raises(OutsideError) as caught:
        changes[change]()

    assert (caught.value.permanent, caught.value.unknown) == (True, False)


def test_comments_come_in_order_without_those_of_the_system(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    tracker.add(title="x")
    tracker.comment(1, "pat", "/verdict adopt because @eve said so")
    system.comment("1", "Done, @pat.\n/close", marker="bb-c1")
    for number in range(150):
        tracker.comment(1, "eve", f"me too {number}")

    first, ours, *others = system.comments("1")

    assert (first.author, first.text) == ("pat", "/verdict adopt because @eve said so")
    assert ours.text == "Done, @pat.\n/close\n\n<!-- best-before: bb-c1 -->"
    assert "@pat" not in tracker.created[0].comments[1].text
    assert len(others) == 150


# Testing a connection.


def test_a_good_connection_is_well(
    system: GitLabIssues, tracker: GitLabTracker
) -> None:
    found = system.check()

    names = [finding.what for finding in found]
    assert names == ["address", "credentials", "project", "issues", "rights"]
    assert all(finding.is_well for finding in found)
    assert all(asked.method == "GET" for asked in tracker.requests)


@pytest.mark.parametrize(
    ("wrong", "what", "text"),
    [
        ({"token": "other"}, "credentials", "scope api"),
        ({"project": "acme/none"}, "project", "shows no project acme/none"),
        ({"address": "https://127.0.0.1:1"}, "address", "127.0.0.1:1"),
        ({"address": "ftp://x.example"}, "address", "neither https nor http"),
    ],
)
def test_what_is_wrong_with_a_connection_is_said(
    system_for: SystemFor, wrong: dict[str, str], what: str, text: str
) -> None:
    *_, last = system_for(**wrong).check()

    assert (last.what, last.is_well) == (what, False)
    assert text in last.text


@pytest.mark.parametrize(
    ("setting", "value", "what", "text"),
    [
        ("issues_access", "disabled", "issues", "Switch them on"),
        ("is_archived", True, "issues", "is archived"),
        ("level", 10, "rights", "role Planner"),
        ("scopes", ("read_api",), "credentials", "may only read"),
    ],
)
def test_what_is_wrong_with_a_project_is_said(
    tracker: GitLabTracker,
    system: GitLabIssues,
    setting: str,
    value: object,
    what: str,
    text: str,
) -> None:
    setattr(tracker, setting, value)

    *_, last = system.check()

    assert (last.what, last.is_well) == (what, False)
    assert text in last.text


def test_a_guest_may_write_issues_without_labels_and_days(
    tracker: GitLabTracker, system_for: SystemFor
) -> None:
    tracker.level = 10

    assert all(finding.is_well for finding in system_for(Fields()).check())


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.NOT_FOUND, Fault.EMPTY])
def test_what_is_no_gitlab_is_told_as_the_address(
    tracker: GitLabTracker, system: GitLabIssues, fault: Fault
) -> None:
    tracker.faults_on = frozenset({Kind.READ})
    tracker.faults.append(fault)

    (finding,) = system.check()

    assert (finding.what, finding.is_well) == ("address", False)
    assert "Enter the server's address alone" in finding.text


def test_who_only_passes_by_is_told_from_the_project_s_own_people(
    tracker: GitLabTracker, system: GitLabIssues
) -> None:
    tracker.add(title="x")
    tracker.comment(1, "pat", "/verdict adopt")
    tracker.comment(1, OUTSIDER, "/verdict adopt")

    found = system.comments("1")

    assert {comment.author: comment.is_insider for comment in found} == {
        "pat": True,
        OUTSIDER: False,
    }
