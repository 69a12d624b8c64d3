"""What is tested of a connection to GitHub: by questions alone, nothing is changed."""

from collections.abc import Iterator

from reviews.connectors import fields as reading
from reviews.connectors.fields import Fields as Said
from reviews.connectors.ticketing.api import TicketAPI
from reviews.connectors.ticketing.findings import up_to_wrong, well, wrong
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Fields, Finding

CLOSING_REASONS = ("completed", "not_planned", "duplicate")
"""Why an issue may be closed: `state_reason`."""

_UNAUTHORIZED = 401
_FORBIDDEN = 403
_MOVED = 301
_NOT_FOUND = 404

_ROOTS = (
    "GitHub's API is at https://api.github.com; on a server of your own it is at "
    "https://HOST/api/v3."
)


class GitHubCheck:
    """The tests of one repository."""

    def __init__(self, api: TicketAPI, owner: str, name: str, fields: Fields) -> None:
        self._api = api
        self._owner = owner
        self._name = name
        self._fields = fields

    def findings(self) -> tuple[Finding, ...]:
        """Return what was tested, in order, up to the first thing that is wrong."""
        return up_to_wrong(self._tested())

    def _tested(self) -> Iterator[Finding]:
        yield from self._credentials()
        if not (self._owner and self._name) or "/" in self._name:
            yield wrong("project", 'The project must be "owner/name".')
            return
        answer = self._api.ask(self._api.at("repos", self._owner, self._name))
        if answer.status == _MOVED:
            yield wrong(
                "project",
                f"{self._project} was renamed or moved. Enter its present name.",
            )
            return
        if answer.status == _NOT_FOUND:
            yield wrong(
                "project",
                f"GitHub shows no repository {self._project} to this token's account. "
                "Look at its name, and whether the token may read it.",
            )
            return
        said = reading.document(self._api.document_of(answer))
        yield well("project", f"{self._project} is there.")
        yield _issues(said, self._project)
        yield self._rights(said)
        yield self._field_names()

    @property
    def _project(self) -> str:
        return f"{self._owner}/{self._name}"

    def _credentials(self) -> Iterator[Finding]:
        answer = self._api.ask(self._api.at("user"))
        if answer.status == _NOT_FOUND:
            yield wrong("address", f"The address is not that of an API. {_ROOTS}")
            return
        if answer.status == _UNAUTHORIZED:
            yield well("address")
            yield wrong("credentials", str(self._api.refusal(answer)))
            return
        if answer.status == _FORBIDDEN:
            # The token of an app is nobody's, and good all the same.
            yield well("address")
            yield well("credentials", "The token is not a person's.")
            return
        try:
            said = reading.document(self._api.document_of(answer))
        except OutsideError as error:
            yield wrong("address", f"{error} {_ROOTS}")
            return
        yield well("address")
        login = reading.text(said, "login")
        yield well("credentials", f"The token is that of {login}.")

    def _rights(self, said: Said) -> Finding:
        may_label = any(
            reading.is_set(said, "permissions", role)
            for role in ("admin", "maintain", "push", "triage")
        )
        needs_labels = bool(self._fields.labels or self._fields.severity)
        if needs_labels and reading.holds(said, "permissions") and not may_label:
            return wrong(
                "rights",
                "The account may write issues, but not label them: GitHub would drop the "
                "labels without a word. Give it the role Triage, or send neither labels "
                "nor severity.",
            )
        return well(
            "rights",
            "The account sees the repository. Whether the token may write issues shows "
            "with the first one only: it needs the permission Issues, read and write.",
        )

    def _field_names(self) -> Finding:
        if self._fields.due_on:
            return wrong(
                "fields",
                "GitHub's issues have no due day: leave that field empty. The text of "
                "each issue says it.",
            )
        if self._fields.closing and self._fields.closing not in CLOSING_REASONS:
            return wrong(
                "fields",
                f"GitHub knows no reason {self._fields.closing!a} to close an issue. "
                f"Enter one of {', '.join(CLOSING_REASONS)}, or none.",
            )
        return well("fields")


def _issues(said: Said, project: str) -> Finding:
    if reading.is_set(said, "archived"):
        return wrong("issues", f"{project} is archived, so it takes no issues.")
    if reading.holds(said, "has_issues") and not reading.is_set(said, "has_issues"):
        return wrong(
            "issues",
            f"{project} has no issues. Switch them on in its settings on GitHub.",
        )
    return well("issues")
