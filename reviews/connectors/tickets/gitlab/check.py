"""What is tested of a connection to GitLab: by questions alone, nothing is changed."""

from collections.abc import Iterator

from reviews.connectors import fields as reading
from reviews.connectors.fields import Fields as Said
from reviews.connectors.http import Response
from reviews.connectors.ticketing.api import TicketAPI
from reviews.connectors.ticketing.findings import up_to_wrong, well, wrong
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Fields, Finding

PLANNER = 15
"""
The least role that may set labels and due days.

Source: https://docs.gitlab.com/user/permissions/ and .../api/members/: 10 is Guest, 15
Planner, 20 Reporter.
"""

_FOUND = 200
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_NOT_FOUND = 404

_ROOT = "Enter the server's address alone, such as https://gitlab.example."
_SCOPE = "Make one with the scope api."


class GitLabCheck:
    """The tests of one project."""

    def __init__(self, api: TicketAPI, project: str, fields: Fields) -> None:
        self._api = api
        self._project = project
        self._fields = fields

    def findings(self) -> tuple[Finding, ...]:
        """Return what was tested, in order, up to the first thing that is wrong."""
        return up_to_wrong(self._tested())

    def _tested(self) -> Iterator[Finding]:
        yield from self._credentials()
        answer = self._api.ask(self._api.at("projects", self._project))
        if answer.status == _NOT_FOUND:
            yield wrong(
                "project",
                f"GitLab shows no project {self._project} to this token's account. Look "
                "at its path, with all its groups, and whether the account is a member.",
            )
            return
        said = reading.document(self._api.document_of(answer))
        yield well("project", f"{self._project} is there.")
        yield _issues(said, self._project)
        yield self._rights(said)

    def _credentials(self) -> Iterator[Finding]:
        answer = self._api.ask(self._api.at("user"))
        if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
            yield well("address")
            yield wrong("credentials", f"{self._api.refusal(answer)} {_SCOPE}")
            return
        if answer.status == _NOT_FOUND:
            yield wrong("address", f"The address is not that of a GitLab. {_ROOT}")
            return
        try:
            said = reading.document(self._api.document_of(answer))
        except OutsideError as error:
            yield wrong("address", f"{error} {_ROOT}")
            return
        yield well("address")
        yield self._scopes(reading.text(said, "username"))

    def _scopes(self, login: str) -> Finding:
        answer = self._api.ask(self._api.at("personal_access_tokens", "self"))
        if not _may_write(answer):
            return wrong("credentials", f"The token of {login} may only read. {_SCOPE}")
        return well("credentials", f"The token is that of {login}.")

    def _rights(self, said: Said) -> Finding:
        needs_more = any(
            (self._fields.labels, self._fields.severity, self._fields.due_on)
        )
        told = reading.mapping(said, "permissions")
        if needs_more and told and _level(told) < PLANNER:
            return wrong(
                "rights",
                "The account may write issues, but not set their labels and due days: "
                "GitLab would drop these without a word. Give it the role Planner or "
                "Reporter, or send neither labels, severity nor due day.",
            )
        return well("rights")


def _may_write(answer: Response) -> bool:
    """Return whether a token may write, or does not say what it may."""
    if answer.status != _FOUND:
        return True
    said = reading.document(answer.json())
    scopes = reading.texts(said, "scopes")
    # Scopes that are finer than these exist, and are not listed here.
    return "api" in scopes or not set(scopes) & {"read_api", "read_user"}


def _level(told: Said) -> int:
    levels = (
        reading.mapping(told, "project_access").get("access_level"),
        reading.mapping(told, "group_access").get("access_level"),
    )
    return max((level for level in levels if isinstance(level, int)), default=0)


def _issues(said: Said, project: str) -> Finding:
    if reading.is_set(said, "archived"):
        return wrong("issues", f"{project} is archived, so it takes no issues.")
    off = reading.loose_text(said, "issues_access_level") == "disabled"
    is_told = reading.holds(said, "issues_enabled")
    if off or (is_told and not reading.is_set(said, "issues_enabled")):
        return wrong(
            "issues",
            f"{project} has no issues. Switch them on in its settings on GitLab.",
        )
    return well("issues")
