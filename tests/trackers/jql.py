"""The few conditions of Jira's query language that the product asks with."""

import re
from datetime import UTC, datetime

from tests.trackers.issues import Issue

_IDS = re.compile(r"id in \(([\d, ]+)\)")
_LABEL = re.compile(r'labels = "([^"]+)"')
_CREATED = re.compile(r'created >= "([\d-]+)"')


def missing_id(jql: str, there: list[Issue]) -> str:
    """Return the first id that a query names and that no issue has, empty if all have."""
    known = {str(issue.id) for issue in there}
    return next((id for id in _ids(jql) if id not in known), "")


def matching(jql: str, issues: list[Issue]) -> list[Issue]:
    """
    Return the issues that a query finds, the oldest first.

    :raises ValueError: if it has no condition: Jira refuses such a one as unbounded.
    """
    if not any(part.search(jql) for part in (_IDS, _LABEL, _CREATED)):
        raise ValueError(f"The query {jql} is not understood.")
    if ids := _ids(jql):
        issues = [issue for issue in issues if str(issue.id) in ids]
    if label := _LABEL.search(jql):
        issues = [issue for issue in issues if label[1] in issue.labels]
    if since := _CREATED.search(jql):
        day = datetime.fromisoformat(since[1]).replace(tzinfo=UTC)
        issues = [issue for issue in issues if issue.created_at >= day]
    return sorted(issues, key=lambda issue: issue.number)


def _ids(jql: str) -> list[str]:
    found = _IDS.search(jql)
    return found[1].split(", ") if found else []
