"""What is tested of a connection to Jira, and how what is wrong can be mended."""

from collections.abc import Iterator
from dataclasses import dataclass

from reviews.connectors import fields as reading
from reviews.connectors.ticketing.api import TicketAPI
from reviews.connectors.ticketing.findings import WrongError, tested
from reviews.connectors.tickets.jira.answers import ScreenField, field_of, listed
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Fields, Finding

_PAGE = 50
_MOST_FIELDS = 1_000
_RIGHTS = {
    "CREATE_ISSUES": "Create Issues",
    "EDIT_ISSUES": "Edit Issues",
    "ADD_COMMENTS": "Add Comments",
    "TRANSITION_ISSUES": "Transition Issues",
}
_SENT = frozenset({"project", "issuetype", "summary", "description", "labels"})


@dataclass(slots=True)
class JiraCheck:
    """The tests of one connection. They read only."""

    api: TicketAPI
    site: str
    project: str
    issue_type: str
    login: str
    fields: Fields
    type_id: str = ""

    def findings(self) -> tuple[Finding, ...]:
        """Return what was tested, in order, up to the first thing that is wrong."""
        return tested(
            (
                ("address", self._address),
                ("credentials", self._credentials),
                ("project", self._its_project),
                ("type", self._its_type),
                ("rights", self._rights),
                ("fields", self._its_fields),
            )
        )

    def _address(self) -> str:
        answer = self.api.look(self.api.at("serverInfo"))
        if answer is None:
            raise WrongError(
                f"{self.site} has no Jira. Give the address under which Jira's pages "
                "are, with its path if it has one: https://jira.example/jira."
            )
        said = reading.document(answer)
        kind = reading.text(said, "deploymentType") or "Server"
        if kind == "Cloud" and not self.login:
            raise WrongError(
                "This is Jira Cloud, which takes no token alone. Give the e-mail "
                "address of the token's account as the login."
            )
        return f"Jira {kind} {reading.text(said, 'version')}".strip()

    def _credentials(self) -> str:
        try:
            said = reading.document(self.api.read(self.api.at("myself")))
        except OutsideError as error:
            if error.status not in (401, 403):
                raise
            raise WrongError(
                "Jira does not know these credentials. Cloud wants the e-mail address "
                "of an account as the login and an API token of its; Data Center wants "
                f"a personal access token and no login. {error}"
            ) from error
        return f"Signed in as {reading.text(said, 'displayName') or 'nobody'}."

    def _its_project(self) -> str:
        said = self.api.look(self.api.at("project", self.project))
        if said is None:
            raise WrongError(
                f"There is no project {self.project} that this account sees. Give the "
                "project's key, such as PAY, and the account the right to browse it."
            )
        return reading.text(reading.document(said), "name")

    def _its_type(self) -> str:
        found = {}
        for one in self._pages("issueTypes"):
            found[reading.text(one, "name")] = reading.text(one, "id")
        for name, id in found.items():
            if name.casefold() == self.issue_type.casefold():
                self.type_id = id
                return name
        if not found:
            raise WrongError(
                f"This account may create no issue in {self.project}. Give it the "
                "permission Create Issues there."
            )
        raise WrongError(
            f"{self.project} has no issue type {self.issue_type}. It has: "
            f"{listed(found)}."
        )

    def _rights(self) -> str:
        query = (("projectKey", self.project), ("permissions", ",".join(_RIGHTS)))
        said = reading.document(
            self.api.read(self.api.at("mypermissions", query=query))
        )
        lacking = [
            name
            for key, name in _RIGHTS.items()
            if not reading.is_set(said, "permissions", key, "havePermission")
        ]
        if lacking:
            raise WrongError(
                f"In {self.project} this account lacks the permission "
                f"{listed(lacking)}. Give it to the account in the project's "
                "permission scheme."
            )
        return f"May {listed(_RIGHTS.values())}."

    def _its_fields(self) -> str:
        screen = {
            one.id: one for one in map(field_of, self._pages("fields", self.type_id))
        }
        for name, part in (
            ("labels", "which carries the marker that finds an issue again"),
            (self.fields.due_on, "which the connection has for the due day"),
            (self.fields.severity, "which the connection has for the severity"),
        ):
            if name and name not in screen:
                raise WrongError(
                    f"The field {name}, {part}, is not on the screen on which a "
                    f"{self.issue_type} is created. Put it there, or name another in "
                    f"the connection. There are: "
                    f"{listed(one.label for one in screen.values())}."
                )
        self._check_values(screen)
        self._check_required(screen)
        return "All that is sent is on the screen, and nothing else is asked for."

    def _check_values(self, screen: dict[str, ScreenField]) -> None:
        if not self.fields.severity:
            return
        known = screen[self.fields.severity]
        choices = {value.casefold() for value in known.values}
        for word, name in self.fields.severities.items():
            if choices and name.casefold() not in choices:
                raise WrongError(
                    f"{known.label} has no value {name}, into which the connection "
                    f"translates {word}. It has: {listed(known.values)}."
                )

    def _check_required(self, screen: dict[str, ScreenField]) -> None:
        sent = _SENT | {self.fields.due_on, *self.fields.extra}
        # A severity goes with those flags alone that have one, and priority of itself.
        asked = [
            one.label
            for one in screen.values()
            if one.must_be_filled and one.id not in sent and one.id != "reporter"
        ]
        if asked:
            raise WrongError(
                f"Jira wants each new {self.issue_type} to have {listed(asked)}. Make "
                "that optional in Jira, or give it a value among the extra fields of "
                "the connection."
            )

    def _pages(self, name: str, *deeper: str) -> Iterator[reading.Fields]:
        """Yield what a project's screens have: Cloud calls it by name, Server values."""
        path = ("issue", "createmeta", self.project, "issuetypes", *deeper)
        start = 0
        while start < _MOST_FIELDS:
            query = (("startAt", str(start)), ("maxResults", str(_PAGE)))
            said = reading.document(self.api.read(self.api.at(*path, query=query)))
            page = reading.mappings(said, name) or reading.mappings(said, "values")
            yield from page
            start += len(page)
            total = said.get("total")
            if not page or not isinstance(total, int) or start >= total:
                return
