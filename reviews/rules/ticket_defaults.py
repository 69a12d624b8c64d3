"""What a new connection sends under which name, for each kind of ticket system."""

from collections.abc import Mapping

from reviews.rules.signals import Severity
from reviews.rules.ticket_mapping import WAIVE, FieldMapping
from reviews.rules.ticketing import System

LABEL = "best-before"
"""By which label people find the issues that come from here."""

ISSUE_TYPES: Mapping[System, str] = {System.JIRA: "Task"}
"""
Which type an issue has where a connection names none; the others have one of their own.

Source: Jira Cloud REST API v3, "Create issue": `issuetype` is required. "Task" is in the
default scheme of every kind of project.
"""

ADDRESSES: Mapping[System, str] = {
    System.GITHUB: "https://api.github.com",
    System.GITLAB: "https://gitlab.com",
}
"""Where a system is that has one address for most; the others are everybody's own."""

_JIRA = FieldMapping(
    due_on="duedate",
    severity="priority",
    severities={
        Severity.CRITICAL.value: "Highest",
        Severity.HIGH.value: "High",
        Severity.MEDIUM.value: "Medium",
        Severity.LOW.value: "Low",
    },
    labels=(LABEL,),
    decisions={"Won't Do": WAIVE},
)
_GITHUB = FieldMapping(
    severity="labels",
    severities={
        Severity.CRITICAL.value: "severity: critical",
        Severity.HIGH.value: "severity: high",
        Severity.MEDIUM.value: "severity: medium",
        Severity.LOW.value: "severity: low",
    },
    labels=(LABEL,),
    decisions={"not_planned": WAIVE},
)
_GITLAB = FieldMapping(
    due_on="due_date",
    severity="labels",
    severities={
        Severity.CRITICAL.value: "severity::critical",
        Severity.HIGH.value: "severity::high",
        Severity.MEDIUM.value: "severity::medium",
        Severity.LOW.value: "severity::low",
    },
    labels=(LABEL,),
)
_REDMINE = FieldMapping(
    due_on="due_date",
    severity="priority_id",
    severities={
        Severity.CRITICAL.value: "Immediate",
        Severity.HIGH.value: "Urgent",
        Severity.MEDIUM.value: "High",
        Severity.LOW.value: "Normal",
    },
    decisions={"Rejected": WAIVE},
)


def default_mapping(system: System) -> FieldMapping:
    """
    Return the names that fields and values have where nobody renamed them.

    Sources: Jira Cloud REST API v3, "Create issue" (`duedate`, `priority`) and its
    default priorities and resolutions. GitHub REST API, "Issues": no due day and no
    severity but labels, and the `state_reason` of what nobody will do. GitLab REST API,
    "Issues API" (`due_date`, `labels`); labels with two colons exclude each other, and
    a closed issue has no resolution. Redmine REST API, "Issues" (`due_date`,
    `priority_id`) and the priorities and statuses of its default configuration, where
    issues have no labels.
    """
    return _DEFAULTS[system]


_DEFAULTS = {
    System.JIRA: _JIRA,
    System.GITHUB: _GITHUB,
    System.GITLAB: _GITLAB,
    System.REDMINE: _REDMINE,
}
