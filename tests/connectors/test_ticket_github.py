"""Tests of GitHub's issues, over real sockets, against a server with its faults."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from reviews.connectors.tickets.github.issues import FEW, GitHubIssues
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
from tests.trackers.github import GitHubTracker
from tests.trackers.issues import OUTSIDER

SystemFor = Callable[..., GitHubIssues]

SEVERE = Fields(severity="label", labels=("best-before",))


@pytest.fixture
def tracker() -> Iterator[GitHubTracker]:
    with GitHubTracker() as tracker:
        tracker.drip_seconds = 0.05
        yield tracker


@pytest.fixture
def system_for(tracker: GitHubTracker, client_for: ClientFor) -> SystemFor:
    def make(
        fields: Fields = SEVERE,
        deadline: timedelta = timedelta(seconds=20),
        **given: str,
    ) -> GitHubIssues:
        settings = {
            "address": tracker.address,
            "project": tracker.project,
            "issue_type": "",
            "login": "",
            "token": tracker.token,
        } | given
        return GitHubIssues(client_for(deadline=deadline), fields=fields, **settings)

    return make


@pytest.fixture
def system(system_for: SystemFor) -> GitHubIssues:
    return system_for()


# Making.


def test_an_issue_is_made_as_it_was_drafted(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    ticket = system.create(draft())

    (issue,) = tracker.created
    assert issue.body.endswith(f"\n\n<!-- best-before: {MARKER} -->")
    assert issue.labels == ["technology", "best-before", "severity: high"]
    assert (ticket.id, ticket.key) == ("1", "acme/payments#1")
    assert ticket.url == "https://github.example/acme/payments/issues/1"
    assert (ticket.is_closed, ticket.status) == (False, "open")
    assert (ticket.title, ticket.text) == (draft().title, draft().text)
    assert (ticket.severity, ticket.due_on) == ("high", None)
    assert ticket.updated_at == issue.updated_at.replace(microsecond=0)


def test_what_would_be_sent_is_what_is_sent(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    asked = system.request_of(draft())

    assert not tracker.requests
    system.create(draft())
    (sent,) = tracker.requests
    assert (asked.method, asked.url) == (sent.method, tracker.origin + sent.path)
    assert asked.payload == sent.json()
    assert tracker.token not in repr(asked)


def test_without_an_owner_nothing_goes_out(
    tracker: GitHubTracker, system_for: SystemFor
) -> None:
    system = system_for(project="payments")

    assert system.request_of(draft()).url.startswith("nowhere")
    with pytest.raises(OutsideError) as caught:
        system.create(draft())
    assert (caught.value.permanent, caught.value.unknown) == (True, False)
    assert not tracker.requests


def test_hostile_text_comes_back_as_it_was_and_calls_nobody(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    ticket = system.create(draft("@pat\nsee " + "x" * 300, HOSTILE))

    read = system.read(ticket.id)
    assert read is not None
    assert read.text == HOSTILE
    assert system.find("bb-other", since=LONG_AGO) is None
    assert len(tracker.created[0].title) == 255
    assert "@pat" not in tracker.created[0].title + tracker.created[0].body
    assert not tracker.created[0].is_closed


def test_extra_fields_and_the_type_go_along(
    tracker: GitHubTracker, system_for: SystemFor
) -> None:
    system = system_for(Fields(extra={"milestone": 4}), issue_type="Task")

    ticket = system.create(draft(labels=()))

    assert tracker.created[0].extra == {"milestone": 4, "type": "Task"}
    assert (ticket.labels, ticket.severity) == ((), None)


def test_a_server_of_ones_own_has_its_api_elsewhere(
    tracker: GitHubTracker, system_for: SystemFor
) -> None:
    tracker.prefix = "/api/v3"

    system_for(address=f"{tracker.address}/").create(draft())

    assert tracker.requests[0].path == "/api/v3/repos/acme/payments/issues"


@pytest.mark.parametrize("project", ["acme/pay?ments", "acme/..", "a%2Fb/c", "ä/ö ü"])
def test_a_strange_project_stays_in_its_place(
    tracker: GitHubTracker, system_for: SystemFor, project: str
) -> None:
    tracker.project = project

    system_for().create(draft())

    assert tracker.requests[0].parts == ("repos", *project.split("/"), "issues")
    assert len(tracker.created) == 1


# Faults.


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_lost_answer_leaves_it_unknown_and_the_marker_tells(
    tracker: GitHubTracker, system_for: SystemFor, fault: Fault
) -> None:
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as caught:
        system_for(deadline=patience(fault)).create(draft())

    assert caught.value.unknown
    found = system_for().find(MARKER, since=LONG_AGO)
    assert (found is not None) == (fault in STORING)


@pytest.mark.parametrize("fault", PERMANENT)
def test_a_refusal_is_permanent_and_in_githubs_words(
    tracker: GitHubTracker, system: GitHubIssues, fault: Fault
) -> None:
    tracker.faults.append(fault)

    with pytest.raises(
        OutsideError, match=f"GitHub answered with status {fault}"
    ) as at:
        system.create(draft())

    assert (at.value.permanent, at.value.unknown) == (True, False)
    assert tracker.refusal(int(fault))["message"] in str(at.value)
    assert tracker.token not in str(at.value)
    assert not tracker.created


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
def test_a_system_that_wants_to_be_left_alone_says_for_how_long(
    tracker: GitHubTracker, system: GitHubIssues, as_date: bool
) -> None:
    tracker.retry_after = 42
    tracker.retry_after_as_date = as_date
    tracker.faults.append(Fault.LIMITED)

    with pytest.raises(OutsideError) as caught:
        system.create(draft())

    assert (caught.value.permanent, caught.value.unknown) == (False, False)
    assert caught.value.retry_after is not None
    assert timedelta(seconds=41) <= caught.value.retry_after <= timedelta(seconds=44)


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_comment_whose_answer_is_lost_is_unknown(
    tracker: GitHubTracker, system_for: SystemFor, fault: Fault
) -> None:
    tracker.add(title="x")
    tracker.faults_on = frozenset({Kind.COMMENT})
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as caught:
        system_for(deadline=patience(fault)).comment("1", "Done.", marker="bb-c1")

    assert caught.value.unknown
    written = [comment.text for comment in system_for().comments("1")]
    assert any("bb-c1" in text for text in written) == (fault in STORING)


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.REDIRECT, Fault.HTML])
def test_a_closing_whose_answer_is_lost_is_unknown(
    tracker: GitHubTracker, system: GitHubIssues, fault: Fault
) -> None:
    tracker.add(title="x")
    tracker.faults_on = frozenset({Kind.UPDATE})
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as caught:
        system.close("1")

    assert caught.value.unknown


@pytest.mark.parametrize("fault", [Fault.ERROR_BEFORE, Fault.HTML, Fault.TRUNCATED])
def test_a_question_whose_answer_is_lost_is_only_asked_again(
    tracker: GitHubTracker, system: GitHubIssues, fault: Fault
) -> None:
    tracker.add(title="x")
    tracker.faults_on = frozenset({Kind.READ})
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as caught:
        system.read("1")

    assert (caught.value.unknown, caught.value.permanent) == (False, False)


def test_an_answer_that_is_no_issue_leaves_it_unknown(
    tracker: GitHubTracker, system: GitHubIssues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker, "_issue", lambda issue: {"ok": True})

    with pytest.raises(OutsideError) as caught:
        system.create(draft())

    assert caught.value.unknown


# Finding.


def test_an_issue_is_found_once_the_search_knows_it(
    client_for: ClientFor, system_for: SystemFor, tracker: GitHubTracker
) -> None:
    at = 1_700_000_000.0
    tracker.clock = lambda: at
    tracker.lag = 60
    system = system_for()
    ticket = system.create(draft())

    assert system.find(MARKER, since=LONG_AGO) is None
    assert system.read(ticket.id) is not None
    at += 60
    assert system.find(MARKER, since=LONG_AGO) == ticket


def test_a_marker_that_begins_like_it_is_not_it(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    system.create(draft(marker=f"{MARKER}1"))
    tracker.add(title=MARKER, body=MARKER, by="eve")

    assert system.find(MARKER, since=LONG_AGO) is None


def test_of_a_ticket_and_its_copy_the_ticket_is_found(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    ticket = system.create(draft())
    tracker.add(title="copy", body=tracker.created[0].body, by="eve")

    assert system.find(MARKER, since=LONG_AGO) == ticket


def test_pull_requests_are_no_issues(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    marked = f"<!-- best-before: {MARKER} -->"
    tracker.add(title="x", body=marked, extra={"pull_request": True})

    assert system.find(MARKER, since=LONG_AGO) is None


def test_a_closed_issue_without_labels_is_found_on_a_later_page(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    ticket = system.create(draft())
    tracker.close(1)
    tracker.edit(1, labels=[])
    for number in range(250):
        tracker.add(title=f"other {number}", body=None, by="pat")

    found = system.find(MARKER, since=LONG_AGO)

    assert found is not None
    assert (found.id, found.is_closed) == (ticket.id, True)


def test_what_is_older_than_the_request_is_not_looked_through(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    at = 1_600_000_000.0
    tracker.clock = lambda: at
    for number in range(250):
        tracker.add(title=f"old {number}")
    at = 1_700_000_000.0
    for number in range(1, 251):
        tracker.edit(number, title="changed")
    tracker.add(title="new")

    assert system.find(MARKER, since=tracker.now()) is None
    assert len(tracker.requests) == 1


# Reading.


@pytest.mark.parametrize("become", ["deleted", "never"])
def test_an_issue_that_is_gone_is_none(
    tracker: GitHubTracker, system: GitHubIssues, become: str
) -> None:
    tracker.add(title="x")
    tracker.delete(1)

    assert system.read("1" if become == "deleted" else "7") is None


def test_issues_do_not_look_deleted_when_the_repository_is_out_of_sight(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    tracker.add(title="x")
    tracker.project = "acme/renamed"

    with pytest.raises(OutsideError) as caught:
        system.read("1")

    assert caught.value.permanent


def test_an_issue_that_was_moved_is_followed(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    tracker.add(title="x")
    tracker.move(1, "acme/other")

    ticket = system.read("1")

    assert ticket is not None
    assert (ticket.id, ticket.key) == ("1", "acme/other#1")


def test_an_issue_that_was_moved_to_another_host_is_gone(
    tracker: GitHubTracker, system: GitHubIssues, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker.add(title="x")
    tracker.move(1, "acme/other")
    there = GitHubTracker.address
    monkeypatch.setattr(GitHubTracker, "address", "https://evil.example")

    ticket = system.read("1")

    monkeypatch.setattr(GitHubTracker, "address", there)
    assert ticket is None
    assert [asked.parts[0] for asked in tracker.requests] == ["repos"]


def test_what_people_did_to_an_issue_is_read(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    system.create(draft())
    tracker.edit(1, assignee="pat", labels=["Severity: LOW", "x"], body="By hand.\r\n")
    tracker.close(1, label="verdict: adopt", resolution="not_planned")

    ticket = system.read("1")

    assert ticket is not None
    assert (ticket.is_closed, ticket.resolution) == (True, "not_planned")
    assert (ticket.assignee, ticket.severity) == ("pat", "low")
    assert ticket.labels == ("Severity: LOW", "x", "verdict: adopt")
    assert ticket.text == "By hand."


def test_two_severities_are_none(tracker: GitHubTracker, system: GitHubIssues) -> None:
    tracker.add(title="x", labels=["severity: low", "severity: high"])

    ticket = system.read("1")

    assert ticket is not None
    assert ticket.severity is None


def test_severities_may_have_labels_of_their_own(
    tracker: GitHubTracker, system_for: SystemFor
) -> None:
    system = system_for(Fields(severity="x", severities={"high": "P1", "low": "P3"}))

    ticket = system.create(draft(labels=()))

    assert (ticket.labels, ticket.severity) == (("P1",), "high")


# What changed.


@pytest.mark.parametrize("count", [FEW, FEW + 3], ids=["one by one", "listed"])
def test_what_changed_is_told_of_those_asked_for(
    tracker: GitHubTracker, system: GitHubIssues, count: int
) -> None:
    at = 1_700_000_000.0
    tracker.clock = lambda: at
    for number in range(count + 2):
        tracker.add(title=f"issue {number}", by="pat")
    at += 3_600
    since = tracker.now()
    tracker.close(2)
    tracker.close(count + 1)
    tracker.delete(1)

    changed = system.changed(
        since=since, ids=[str(number) for number in range(1, count + 1)]
    )

    closed = [ticket.id for ticket in changed if ticket.is_closed]
    # What nobody asked for comes along: it says how far the other side's clock is.
    assert sorted(closed, key=int) in (["2"], ["2", str(count + 1)])


def test_what_changed_is_found_in_a_project_where_too_much_did(
    tracker: GitHubTracker, system: GitHubIssues, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(250):
        tracker.add(title=f"{number}")
    tracker.close(249)
    monkeypatch.setattr("reviews.connectors.tickets.github.issues.PAGES", 2)
    ids = [str(number) for number in range(243, 251)]

    changed = system.changed(since=LONG_AGO, ids=ids)

    found = {ticket.id: ticket.is_closed for ticket in changed}
    assert found.keys() >= set(ids)
    assert found["249"]


def test_nothing_is_asked_where_nothing_is_wanted(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    assert system.changed(since=LONG_AGO, ids=()) == ()
    assert not tracker.requests


# Changing.


def test_an_update_leaves_the_labels_of_others(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    system.create(draft())
    tracker.edit(1, labels=["severity: high", "mine", "Severity: low"])

    system.update("1", draft("New title", severity="critical"), with_text=False)

    (issue,) = tracker.created
    assert issue.title == "New title"
    assert issue.labels == ["mine", "severity: critical"]


def test_an_update_writes_the_text_only_if_asked_to(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    system.create(draft())
    tracker.edit(1, body="By hand.")

    system.update("1", draft(text="Ours."), with_text=False)
    assert tracker.created[0].body == "By hand."
    system.update("1", draft(text="Ours."), with_text=True)
    assert tracker.created[0].body == f"Ours.\n\n<!-- best-before: {MARKER} -->"


def test_without_a_field_for_it_no_severity_is_written(
    tracker: GitHubTracker, system_for: SystemFor
) -> None:
    tracker.add(title="x", labels=["severity: low"])

    system_for(Fields()).update("1", draft(), with_text=False)

    assert tracker.created[0].labels == ["severity: low"]


def test_closing_and_opening_again_change_nothing_twice(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    tracker.add(title="x")

    system.close("1")
    system.close("1")
    assert (tracker.created[0].is_closed, len(tracker.changes)) == (True, 2)
    assert tracker.created[0].resolution == "completed"
    system.reopen("1")
    system.reopen("1")
    assert (tracker.created[0].is_closed, len(tracker.changes)) == (False, 3)


def test_an_issue_is_closed_for_the_reason_of_the_connection(
    tracker: GitHubTracker, system_for: SystemFor
) -> None:
    tracker.add(title="x")

    system_for(Fields(closing="not_planned")).close("1")

    assert tracker.created[0].resolution == "not_planned"


@pytest.mark.parametrize("change", ["update", "comment", "close", "reopen", "comments"])
def test_an_issue_that_is_gone_cannot_be_changed(
    tracker: GitHubTracker, system: GitHubIssues, change: str
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

    with pytest.raises(OutsideError, match="#1 is deleted") as caught:
        changes[change]()

    assert (caught.value.permanent, caught.value.unknown) == (True, False)
    assert all(asked.method == "GET" for asked in tracker.requests)


def test_comments_come_in_order_with_their_markers(
    tracker: GitHubTracker, system: GitHubIssues
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
    assert first.written_at.tzinfo is not None


# Testing a connection.


def test_a_good_connection_is_well(
    system: GitHubIssues, tracker: GitHubTracker
) -> None:
    found = system.check()

    assert [finding.what for finding in found] == [
        "address",
        "credentials",
        "project",
        "issues",
        "rights",
        "fields",
    ]
    assert all(finding.is_well for finding in found)
    assert all(asked.method == "GET" for asked in tracker.requests)


@pytest.mark.parametrize(
    ("wrong", "what", "text"),
    [
        ({"token": "other"}, "credentials", "Enter a token that is good"),
        ({"project": "acme/none"}, "project", "shows no repository acme/none"),
        ({"project": "payments"}, "project", '"owner/name"'),
        ({"project": "acme/a/b"}, "project", '"owner/name"'),
        ({"address": "https://127.0.0.1:1"}, "address", "127.0.0.1:1"),
        ({"address": "ftp://x.example"}, "address", "neither https nor http"),
        ({"token": "two words\n"}, "address", "Authorization cannot be sent"),
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
        ("has_issues", False, "issues", "Switch them on"),
        ("is_archived", True, "issues", "is archived"),
        ("can_push", False, "rights", "role Triage"),
        ("prefix", "/api/v3", "address", "https://HOST/api/v3"),
    ],
)
def test_what_is_wrong_with_a_repository_is_said(
    tracker: GitHubTracker,
    system_for: SystemFor,
    setting: str,
    value: object,
    what: str,
    text: str,
) -> None:
    setattr(tracker, setting, value)

    *_, last = system_for(address=tracker.origin).check()

    assert (last.what, last.is_well) == (what, False)
    assert text in last.text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (Fields(due_on="due_date"), "no due day"),
        (Fields(closing="wontfix"), "not_planned"),
    ],
)
def test_fields_that_github_lacks_are_told(
    system_for: SystemFor, fields: Fields, text: str
) -> None:
    *_, last = system_for(fields).check()

    assert (last.what, last.is_well) == ("fields", False)
    assert text in last.text


def test_a_page_where_the_api_should_be_is_told_as_the_address(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    tracker.faults_on = frozenset({Kind.READ})
    tracker.faults.append(Fault.HTML)

    (finding,) = system.check()

    assert (finding.what, finding.is_well) == ("address", False)
    assert "https://api.github.com" in finding.text


def test_who_only_passes_by_is_told_from_the_project_s_own_people(
    tracker: GitHubTracker, system: GitHubIssues
) -> None:
    tracker.add(title="x")
    tracker.comment(1, "pat", "/verdict adopt")
    tracker.comment(1, OUTSIDER, "/verdict adopt")

    found = system.comments("1")

    assert {comment.author: comment.is_insider for comment in found} == {
        "pat": True,
        OUTSIDER: False,
    }
