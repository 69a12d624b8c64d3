"""What is found wrong with a connection to Jira, over a real socket."""

import re
from typing import Any

import pytest

from reviews.connectors.tickets.jira.issues import Jira
from reviews.ports.tickets import Fields
from tests.connectors.jira.conftest import System
from tests.trackers.jira import JiraTracker


def test_a_connection_that_is_well_passes_all_tests(jira: Jira) -> None:
    found = jira.check()

    assert [one.what for one in found] == [
        *("address", "credentials", "project", "type", "rights", "fields")
    ]
    assert all(one.is_well for one in found)


@pytest.mark.parametrize(
    ("given", "what", "text"),
    [
        ({"token": "wrong"}, "credentials", "does not know these credentials"),
        ({"project": "NOPE"}, "project", "There is no project NOPE"),
        ({"issue_type": "Epic"}, "type", "no issue type Epic. It has: Task, Bug"),
        (
            {"fields": Fields(due_on="customfield_9")},
            "fields",
            r"customfield_9, which the connection has for the due day.*\(duedate\)",
        ),
        (
            {"fields": Fields(severity="priority", severities={"high": "P1"})},
            "fields",
            r"Priority \(priority\) has no value P1.*Highest, High",
        ),
    ],
)
def test_what_is_wrong_is_said_exactly(
    system: System, given: dict[str, Any], what: str, text: str
) -> None:
    found = system(**given).check()

    assert (found[-1].what, found[-1].is_well) == (what, False)
    assert all(one.is_well for one in found[:-1])
    assert re.search(text, found[-1].text)


def test_an_address_without_jira_is_told(system: System, tracker: JiraTracker) -> None:
    (found,) = system(address=f"{tracker.origin}/elsewhere").check()

    assert not found.is_well
    assert "has no Jira" in found.text


def test_rights_that_lack_are_named(jira: Jira, tracker: JiraTracker) -> None:
    tracker.lacking = {"TRANSITION_ISSUES"}

    found = jira.check()[-1]

    assert (found.what, found.is_well) == ("rights", False)
    assert "lacks the permission Transition Issues" in found.text


def test_a_field_that_jira_insists_on_is_named_until_it_is_given(
    system: System, tracker: JiraTracker
) -> None:
    tracker.screen["customfield_5"] = {"name": "Cost centre", "required": True}

    found = system().check()[-1]
    mended = system(fields=Fields(extra={"customfield_5": "IT"})).check()[-1]

    assert not found.is_well
    assert "Cost centre (customfield_5)" in found.text
    assert mended.is_well


def test_jira_cloud_wants_a_login(system: System, tracker: JiraTracker) -> None:
    found = system(login="").check()[-1]

    assert found.is_well != tracker.is_cloud
    if tracker.is_cloud:
        assert "takes no token alone" in found.text


def test_a_screen_without_labels_has_no_place_for_the_marker(
    jira: Jira, tracker: JiraTracker
) -> None:
    del tracker.screen["labels"]

    found = jira.check()[-1]

    assert (found.what, found.is_well) == ("fields", False)
    assert "labels, which carries the marker" in found.text
