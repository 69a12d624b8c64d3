"""What is tested of a connection to Redmine, and how what is wrong can be mended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reviews.connectors import fields as reading
from reviews.connectors.ticketing.api import TicketAPI
from reviews.connectors.ticketing.findings import WrongError, tested
from reviews.connectors.tickets.redmine.answers import number
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Fields, Finding

_RIGHTS = {
    "view_issues": "View Issues",
    "add_issues": "Add issues",
    "edit_issues": "Edit issues",
    "add_issue_notes": "Add notes",
}


def names_of(said: Iterable[reading.Fields]) -> Mapping[str, str]:
    """Return numbers by the names that stand for them."""
    return {reading.text(one, "name"): number(one, "id") for one in said}


@dataclass(slots=True)
class RedmineCheck:
    """The tests of one connection. They read only."""

    api: TicketAPI
    site: str
    project: str
    issue_type: str
    fields: Fields

    def findings(self) -> tuple[Finding, ...]:
        """Return what was tested, in order, up to the first thing that is wrong."""
        return tested(
            (
                ("credentials", self._credentials),
                ("project", self._its_project),
                ("type", self._its_type),
                ("rights", self._rights),
                ("fields", self._its_fields),
            )
        )

    def _credentials(self) -> str:
        try:
            said = self.api.look(self.api.at("users", "current.json"))
        except OutsideError as error:
            if error.status not in (401, 403):
                raise
            raise WrongError(
                "Redmine does not take this API key, or its REST web service is off. "
                "The key is shown under My account; the service is switched on under "
                f"Administration, Settings, API. {error}"
            ) from error
        if said is None:
            raise WrongError(
                f"{self.site} has no Redmine. Give the address under which its pages "
                "are, with its path if it has one: https://corp.example/redmine."
            )
        user = reading.mapping(reading.document(said), "user")
        first, last = (reading.text(user, f"{part}name") for part in ("first", "last"))
        return f"Signed in as {f'{first} {last}'.strip() or 'nobody'}."

    def _its_project(self) -> str:
        if self._look_at_project() is None:
            raise WrongError(
                f"There is no project {self.project} that this account sees. Give the "
                "project's identifier, as its address has it, and make the account a "
                "member of it."
            )
        return reading.text(self._project(), "name")

    def _its_type(self) -> str:
        trackers = names_of(reading.mappings(self._project(), "trackers"))
        if not trackers:
            raise WrongError(
                f"{self.project} has no tracker. Switch the module Issue tracking on in "
                "the project's settings, and choose a tracker there."
            )
        if not self.issue_type:
            return f"The project's first tracker, {next(iter(trackers))}."
        self._must_have("tracker", self.issue_type, trackers)
        return self.issue_type

    def _rights(self) -> str:
        query = (("include", "memberships"),)
        said = self.api.read(self.api.at("users", "current.json", query=query))
        user = reading.mapping(reading.document(said), "user")
        if reading.is_set(user, "admin"):
            return "An administrator's key, which may do everything."
        id = number(self._project(), "id")
        granted: set[str] = set()
        for membership in reading.mappings(user, "memberships"):
            if number(reading.mapping(membership, "project"), "id") == id:
                for role in reading.mappings(membership, "roles"):
                    granted |= self._granted_by(number(role, "id"))
        lacking = [name for right, name in _RIGHTS.items() if right not in granted]
        if lacking:
            raise WrongError(
                f"In {self.project} this account lacks the permission "
                f"{', '.join(lacking)}. Give it a role there that has it."
            )
        return f"May {', '.join(_RIGHTS.values())}."

    def _its_fields(self) -> str:
        if self.fields.due_on not in ("", "due_date"):
            raise WrongError(
                "Redmine has one due day, due_date. Name that in the connection, or "
                f"nothing, instead of {self.fields.due_on}."
            )
        if self.fields.severity:
            url = self.api.at("enumerations", "issue_priorities.json")
            said = reading.document(self.api.read(url))
            known = names_of(reading.mappings(said, "issue_priorities"))
            for name in self.fields.severities.values():
                self._must_have("priority", name, known)
        statuses = self._statuses()
        for name in filter(None, (self.fields.closing, self.fields.reopening)):
            self._must_have("status", name, statuses)
        return "All that is named in the connection is there."

    # What is asked.

    def _look_at_project(self) -> object:
        query = (("include", "trackers"),)
        url = self.api.at("projects", f"{self.project}.json", query=query)
        return self.api.look(url)

    def _project(self) -> reading.Fields:
        return reading.mapping(reading.document(self._look_at_project()), "project")

    def _granted_by(self, role: str) -> set[str]:
        said = reading.document(self.api.read(self.api.at("roles", f"{role}.json")))
        return set(reading.texts(said, "role", "permissions"))

    def _statuses(self) -> Mapping[str, str]:
        said = reading.document(self.api.read(self.api.at("issue_statuses.json")))
        return names_of(reading.mappings(said, "issue_statuses"))

    @staticmethod
    def _must_have(what: str, name: str, known: Mapping[str, str]) -> None:
        if name.casefold() not in {one.casefold() for one in known}:
            raise WrongError(
                f"Redmine has no {what} {name} here. It has: "
                f"{', '.join(known) or 'none'}. Name one of them in the connection."
            )
