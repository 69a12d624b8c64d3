"""Tickets in Jira, over a real socket: its cloud and a data center of one's own."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from reviews.connectors.tickets.jira.issues import Jira
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Draft, Fields
from reviews.services.tickets.drafting import text_digest
from tests.connectors.conftest import ClientFor
from tests.connectors.jira.conftest import System
from tests.connectors.ticketing import HOSTILE, LONG_AGO, PERMANENT, UNKNOWN, patience
from tests.trackers.exchanges import STORING, Fault, Kind
from tests.trackers.issues import OUTSIDER, Event
from tests.trackers.jira import JiraTracker

DRAFT = Draft(
    marker="bb-0123456789abcdef",
    title="Review left\\_pad: its evaluation is due",
    text=(
        "It was \\_never\\_ reviewed {noformat}, said [~admin] (y).\n\n"
        "- Due: 2026-12-01\n- Decide here: https://tracker.example/queue/left-pad/\n\n"
        "Answer with `/verdict adopt because …`: **now**."
    ),
    due_on=date(2026, 12, 1),
    severity="high",
)


def test_an_issue_is_made_with_what_the_tracker_owns(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = jira.create(DRAFT)

    (issue,) = tracker.having(DRAFT.marker)
    assert (made.id, made.key) == (str(issue.id), "PAY-1")
    assert made.url == f"{tracker.address}/browse/PAY-1"
    assert issue.title == DRAFT.title
    assert (issue.due, issue.severity) == ("2026-12-01", "High")
    assert issue.labels == ["best-before", DRAFT.marker]
    assert not made.is_closed


def test_what_strangers_wrote_is_not_interpreted(
    jira: Jira, tracker: JiraTracker
) -> None:
    jira.create(DRAFT)

    (issue,) = tracker.created
    assert "\\{noformat\\}" in issue.body
    assert "[~" not in issue.body
    assert "\n* Due: 2026-12-01\n" in issue.body
    assert "{{/verdict adopt because …}}: *now*." in issue.body


def test_a_text_that_nobody_touched_is_read_as_it_was_sent(jira: Jira) -> None:
    made = jira.create(DRAFT)

    read = jira.read(made.id)

    assert read is not None
    assert read.text.split() == DRAFT.text.split()
    assert read.labels == ("best-before",)
    assert (read.title, read.due_on, read.severity) == (
        DRAFT.title,
        DRAFT.due_on,
        "high",
    )


def test_a_text_that_somebody_rewrote_is_read_as_it_is_now(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = jira.create(DRAFT)
    tracker.edit("PAY-1", body="h2. Later\n\nNot *now*, says [~pat].")

    read = jira.read(made.id)

    assert read is not None
    assert read.text == "## Later\n\nNot **now**, says \\[\\~pat\\]."


def test_a_hostile_text_comes_back_as_it_was(jira: Jira) -> None:
    read = jira.read(jira.create(replace(DRAFT, text=HOSTILE)).id)

    assert read is not None
    assert text_digest(read.text) == text_digest(HOSTILE)


def test_an_issue_is_found_by_its_marker_once_the_index_has_it(
    jira: Jira, tracker: JiraTracker
) -> None:
    now = [1_800_000_000.0]
    tracker.clock = lambda: now[0]
    tracker.lag = 60
    made = jira.create(DRAFT)
    since = datetime.fromtimestamp(now[0], UTC)

    assert jira.find(DRAFT.marker, since=since) is None
    now[0] += 61
    found = jira.find(DRAFT.marker, since=since)

    assert found is not None
    assert found.id == made.id
    assert jira.find("bb-of-another", since=since) is None


def test_the_oldest_of_two_issues_with_a_marker_is_found(
    jira: Jira, tracker: JiraTracker
) -> None:
    jira.create(DRAFT)
    jira.create(DRAFT)

    found = jira.find(DRAFT.marker, since=LONG_AGO)

    assert found is not None
    assert found.key == "PAY-1"


def test_a_lagging_index_hides_no_change_of_one_s_own_on_the_cloud(
    jira: Jira, tracker: JiraTracker
) -> None:
    tracker.lag = 3_600
    made = [jira.create(DRAFT).id for _ in range(2)]

    found = jira.changed(since=LONG_AGO, ids=made)

    assert [one.id for one in found] == (made if tracker.is_cloud else [])


def test_a_deleted_issue_hides_none_of_the_others(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = [jira.create(DRAFT).id for _ in range(60)]
    tracker.delete("PAY-7")
    tracker.move("PAY-8", "OPS")

    found = {one.id: one.key for one in jira.changed(since=LONG_AGO, ids=made)}

    assert made[6] not in found
    assert jira.read(made[6]) is None
    assert found[made[7]] == "OPS-8"
    assert len(found) == 59


def test_without_the_project_no_issue_looks_deleted(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = jira.create(DRAFT)
    tracker.delete("PAY-1")
    # What an account is told that lost its role in the project: nothing is there.
    tracker.project = "OPS"

    with pytest.raises(OutsideError) as caught:
        jira.read(made.id)

    assert (caught.value.permanent, caught.value.status) == (True, 404)


def test_what_comes_in_several_pages_is_read_to_its_end(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = [jira.create(DRAFT).id for _ in range(45)]
    if tracker.is_cloud:
        tracker.page_limit = 10

    found = jira.changed(since=LONG_AGO, ids=made)

    assert [one.id for one in found] == made


def test_only_what_changed_since_is_told(jira: Jira, tracker: JiraTracker) -> None:
    made = [jira.create(DRAFT).id for _ in range(2)]
    later = datetime.now(UTC) + timedelta(hours=1)
    tracker.clock = later.timestamp
    tracker.edit("PAY-2", assignee="pat")

    found = jira.changed(since=later - timedelta(minutes=1), ids=made)

    assert [(one.key, one.assignee) for one in found] == [("PAY-2", "pat")]


def test_an_update_leaves_the_text_alone_unless_it_is_asked_for(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = jira.create(DRAFT)
    newer = Draft(DRAFT.marker, "Newer", "Newer text.", None, "critical")
    before = tracker.issue("PAY-1").body

    jira.update(made.id, newer, with_text=False)

    issue = tracker.issue("PAY-1")
    assert (issue.title, issue.due, issue.severity) == ("Newer", None, "Highest")
    assert issue.body == before

    jira.update(made.id, newer, with_text=True)

    read = jira.read(made.id)
    assert read is not None
    assert read.text == "Newer text."


def test_comments_come_with_their_markers_the_oldest_first(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = jira.create(DRAFT)
    jira.comment(made.id, "It was **adopted** by left\\_pad.", marker="bb-step-1")
    for index in range(120):
        tracker.comment("PAY-1", "pat", f"/waive because {index} \\- no {{{{x}}}}")

    found = jira.comments(made.id)

    assert len(found) == 121
    assert found[0].text.endswith("\n\nbest-before: bb-step-1")
    assert found[1].text == "/waive because 0 - no `x`"
    assert (found[1].author, found[-1].text[:18]) == ("pat", "/waive because 119")


def test_an_issue_is_closed_by_the_first_transition_to_what_is_done(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = jira.create(DRAFT)

    jira.close(made.id)
    jira.close(made.id)

    read = jira.read(made.id)
    assert read is not None
    assert (read.is_closed, read.status, read.resolution) == (True, "Done", "Done")
    assert [c.event for c in tracker.changes].count(Event.CLOSED) == 1


def test_a_resolution_closes_nothing(jira: Jira, tracker: JiraTracker) -> None:
    made = jira.create(DRAFT)
    tracker.edit("PAY-1", resolution="Done", status="In Progress")

    read = jira.read(made.id)

    assert read is not None
    assert not read.is_closed


def test_the_transition_that_the_connection_names_is_taken(
    system: System, tracker: JiraTracker
) -> None:
    fields = Fields(closing="won't do", reopening="In Progress")
    jira = system(fields=fields)
    made = jira.create(DRAFT)

    jira.close(made.id)
    assert tracker.issue("PAY-1").status == "Won't Do"

    jira.reopen(made.id)
    assert tracker.issue("PAY-1").status == "In Progress"


def test_a_transition_that_asks_for_a_field_is_not_taken(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = jira.create(DRAFT)
    asked = {"required": True, "name": "Root cause", "hasDefaultValue": False}
    tracker.asked_on["Done"] = {"customfield_7": asked}

    with pytest.raises(OutsideError, match=r"Root cause \(customfield_7\)") as raised:
        jira.close(made.id)

    assert raised.value.permanent
    assert not tracker.issue("PAY-1").is_closed


def test_a_transition_that_there_is_not_is_named_with_those_there_are(
    system: System,
) -> None:
    jira = system(fields=Fields(closing="Archive"))
    made = jira.create(DRAFT)

    with pytest.raises(OutsideError, match=r"“Archive”.*In Progress, Done") as raised:
        jira.close(made.id)

    assert raised.value.permanent


@pytest.mark.parametrize("fault", [Fault.LIMITED, *UNKNOWN, *PERMANENT])
def test_each_failure_says_what_became_of_the_request(
    system: System, tracker: JiraTracker, client_for: ClientFor, fault: Fault
) -> None:
    tracker.faults.append(fault)

    with pytest.raises(OutsideError) as raised:
        system(client=client_for(deadline=patience(fault))).create(DRAFT)

    assert raised.value.unknown == (fault in UNKNOWN)
    assert raised.value.permanent == (fault in PERMANENT)
    assert len(tracker.created) == (fault in STORING)
    assert tracker.token not in str(raised.value)


def test_a_refusal_is_told_in_jira_s_own_words(
    system: System, tracker: JiraTracker
) -> None:
    jira = system(fields=Fields(due_on="customfield_1"))

    with pytest.raises(OutsideError, match=r"customfield_1.*not on the") as raised:
        jira.create(DRAFT)

    assert (raised.value.permanent, raised.value.status) == (True, 400)


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.EMPTY, Fault.ERROR_BEFORE])
def test_a_question_that_fails_leaves_nothing_unknown(
    jira: Jira, tracker: JiraTracker, fault: Fault
) -> None:
    made = jira.create(DRAFT)
    tracker.faults_on = frozenset({Kind.READ})
    tracker.fault_for = lambda method, path, body: fault

    for ask in (
        lambda: jira.read(made.id),
        lambda: jira.find(DRAFT.marker, since=LONG_AGO),
        lambda: jira.comments(made.id),
        lambda: jira.changed(since=LONG_AGO, ids=[made.id]),
    ):
        with pytest.raises(OutsideError) as raised:
            ask()
        assert not raised.value.unknown


def test_what_would_be_sent_is_told_without_sending_it(
    jira: Jira, tracker: JiraTracker
) -> None:
    said = jira.request_of(DRAFT)

    assert tracker.requests == []
    assert (said.method, said.url) == (
        "POST",
        f"{tracker.address}/rest/api/2/issue",
    )
    assert said.payload["fields"]["labels"] == ["best-before", DRAFT.marker]
    assert tracker.token not in repr(said)


def test_who_only_passes_by_is_told_from_the_project_s_own_people(
    jira: Jira, tracker: JiraTracker
) -> None:
    made = jira.create(DRAFT)
    tracker.comment("PAY-1", "pat", "/verdict adopt")
    tracker.comment("PAY-1", OUTSIDER, "/verdict adopt")

    found = jira.comments(made.id)

    assert {comment.author: comment.is_insider for comment in found} == {
        "pat": True,
        OUTSIDER: False,
    }
