"""
What is the same for all ticket systems: their names, their pace, and who owns what.

The tracker owns an issue's title, text, due day and severity; the ticket system owns its
assignee and where it stands in its workflow.
"""

from datetime import timedelta
from enum import StrEnum


class System(StrEnum):
    """A kind of ticket system."""

    JIRA = "jira"
    GITHUB = "github"
    GITLAB = "gitlab"
    REDMINE = "redmine"


class StepKind(StrEnum):
    """What is done to a ticket after it was made."""

    UPDATE = "update"
    COMMENT = "comment"
    CLOSE = "close"
    REOPEN = "reopen"


class Standing(StrEnum):
    """How a ticket stands in its own system, as last read."""

    OPEN = "open"
    CLOSED = "closed"
    GONE = "gone"


WRITES_PER_MINUTE = {
    System.JIRA: 120,
    System.GITHUB: 60,
    System.GITLAB: 120,
    System.REDMINE: 120,
}
"""
How many requests a system is sent in a minute, unless a connection says otherwise.

Source: GitHub, "Best practices for using the REST API": at least a second between two
requests that create something, and 80 of them a minute at most.
"""

SEARCH_LAG = {
    System.JIRA: timedelta(minutes=5),
    System.GITHUB: timedelta(seconds=90),
    System.GITLAB: timedelta(seconds=90),
    System.REDMINE: timedelta(seconds=90),
}
"""
How long a new issue may stay out of a search: so long an unknown outcome is waited out.

Source: Atlassian, "Search and reconcile": seconds to minutes, no read after write.
"""

TICKETS_PER_DAY = 25
"""How many tickets a connection makes on a day, unless it says otherwise."""

POLL_EVERY = timedelta(minutes=5)
"""How often a ticket system is asked what has changed, for webhooks get lost."""

WAIVER_DAYS = 90
"""How long a waiver holds that was born from a ticket: nobody named its day."""
