"""How a project is named in each kind of ticket system."""

import re
from collections.abc import Mapping

from reviews.rules.ticketing import System

# Source: GitHub allows letters, digits and hyphens in an owner's name, and dots and
# underscores as well in that of a repository.
_GITHUB = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}"
# Source: GitLab, "Projects API": the number, or the path with all groups.
_GITLAB = r"[1-9][0-9]{0,18}|[A-Za-z0-9_][\w.-]*(?:/[A-Za-z0-9_][\w.-]*)+"
# Source: Atlassian, "Changing the project key format".
_JIRA = r"[A-Z][A-Z0-9_]+"
# Source: Redmine, "Project settings": 1 to 100 characters, or the project's number.
_REDMINE = r"[a-z0-9][a-z0-9_-]{0,99}"

_FORMS: Mapping[System, tuple[str, str]] = {
    System.GITHUB: (_GITHUB, "GitHub's is the owner and the repository: acme/shop."),
    System.GITLAB: (
        _GITLAB,
        "GitLab's is the path with all its groups, acme/web/shop, or the number.",
    ),
    System.JIRA: (_JIRA, "Jira's is the key, which begins its issues': SHOP."),
    System.REDMINE: (
        _REDMINE,
        "Redmine's is the identifier at the end of the project's address: shop.",
    ),
}


class ProjectError(ValueError):
    """A text that names no project; the message says how one is named."""


def read_project(system: System, text: str) -> str:
    """
    Return the name of a project.

    :raises ProjectError: if no project of such a system could have it.
    """
    pattern, remedy = _FORMS[system]
    name = text.strip()
    if re.fullmatch(pattern, name, re.ASCII) is None:
        raise ProjectError(f"This names no project. {remedy}")
    return name
