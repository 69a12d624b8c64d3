"""Issues in Redmine."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from reviews.connectors import fields as reading
from reviews.connectors.http import HTTPClient
from reviews.connectors.ticketing.answers import after_change
from reviews.connectors.ticketing.api import TicketAPI
from reviews.connectors.ticketing.texts import quiet_line
from reviews.connectors.tickets.redmine.answers import (
    comment_of,
    has_marker,
    is_closed_status,
    number,
    ticket_of,
    written,
)
from reviews.connectors.tickets.redmine.check import RedmineCheck, names_of
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import (
    Comment,
    Draft,
    Fields,
    Finding,
    RemoteTicket,
    Request,
)

PAGE = 100
"""How many issues Redmine lists at once at most."""

MOST_SEARCHED = 2_000
"""How many issues are looked through for a marker before that is given up."""


class Redmine:
    """
    One project in Redmine, with an API key as the token; there is no login.

    The marker is the last line of the description. The type is a tracker, the severity a
    priority, both known by name and looked up once. A comment is the notes of a journal.

    Redmine answers a change with nothing, and leaves out in silence what the account may
    not do, so where an issue stands is read back.

    Source: https://www.redmine.org/projects/redmine/wiki/Rest_Issues; what it does with
    a status that is not allowed was seen with 5.0.4.
    """

    def __init__(
        self,
        client: HTTPClient,
        *,
        address: str,
        project: str,
        issue_type: str,
        login: str,
        token: str,
        fields: Fields,
    ) -> None:
        self._site = address.rstrip("/")
        self._project = project
        self._type = issue_type
        self._fields = fields
        self._api = TicketAPI(
            client,
            name="Redmine",
            base=self._site,
            headers={"X-Redmine-API-Key": token},
            secrets=(token,),
        )

    def create(self, draft: Draft) -> RemoteTicket:
        """
        Return the issue made.

        :raises OutsideError: as the port has it.
        """
        said = self._new(draft, tracker=self._tracker, priority=self._priority(draft))
        made = self._api.make("POST", self._api.at("issues.json"), said)
        return after_change(lambda told: self._ticket(told.get("issue")), made)

    def find(self, marker: str, *, since: datetime) -> RemoteTicket | None:
        """
        Return the oldest issue with a marker that was made since.

        :raises OutsideError: as the port has it, and where there are too many to look
            through.
        """
        # A day earlier, for a day is one of the account's own time zone.
        day = (since - timedelta(days=1)).date()
        query = (
            ("project_id", self._project),
            ("status_id", "*"),
            ("created_on", f">={day}"),
            # Left out by a Redmine that has no such filter, so it is looked at anyway.
            ("description", f"~{marker}"),
            ("sort", "created_on:desc"),
        )
        found = None
        for start in range(0, MOST_SEARCHED, PAGE):
            page, total = self._list(query, start)
            for issue in page:
                if has_marker(reading.text(issue, "description"), marker):
                    found = self._ticket(issue)
            if start + len(page) >= total:
                return found
        raise OutsideError(
            f"Redmine has more than {MOST_SEARCHED} issues in {self._project} since "
            f"{day}, too many to look for one without knowing its number."
        )

    def read(self, id: str) -> RemoteTicket | None:
        """
        Return an issue as it stands, None where it is deleted or out of sight.

        :raises OutsideError: as the port has it.
        """
        said = self._api.look(self._api.at("issues", f"{id}.json"))
        if said is None:
            # A project that is not seen either would make all its issues look deleted.
            self._api.read(self._api.at("projects", f"{self._project}.json"))
            return None
        return self._ticket(_issue_in(said))

    def changed(
        self, *, since: datetime, ids: Sequence[str]
    ) -> tuple[RemoteTicket, ...]:
        """
        Return those of some issues that changed since; what is deleted is left out.

        :raises OutsideError: as the port has it.
        """
        found: list[RemoteTicket] = []
        for start in range(0, len(ids), PAGE):
            some = ids[start : start + PAGE]
            query = (("issue_id", ",".join(some)), ("status_id", "*"))
            page, _ = self._list(query, 0)
            found += map(self._ticket, page)
        # Instants are whole seconds here, so what changed in the same one counts.
        from_second = since.replace(microsecond=0)
        return tuple(one for one in found if one.updated_at >= from_second)

    def update(self, id: str, draft: Draft, *, with_text: bool) -> None:
        """
        Write title, due day and severity into an issue, and the text if asked to.

        :raises OutsideError: as the port has it.
        """
        said = self._owned(draft, priority=self._priority(draft))
        if self._fields.due_on and draft.due_on is None:
            said["due_date"] = ""
        if with_text:
            said["description"] = written(draft.text, draft.marker)
        self._put(id, said)

    def comment(self, id: str, text: str, *, marker: str) -> None:
        """
        Write Markdown under an issue, with a marker as its last line.

        :raises OutsideError: as the port has it.
        """
        self._put(id, {"notes": written(text, marker)})

    def comments(self, id: str) -> tuple[Comment, ...]:
        """
        Return what stands under an issue, the oldest first.

        :raises OutsideError: as the port has it.
        """
        issue = self._issue(id, include="journals")
        return tuple(
            comment_of(journal)
            for journal in reading.mappings(issue, "journals")
            if reading.text(journal, "notes").strip()
        )

    def close(self, id: str) -> None:
        """
        Give an issue a status that is closed; no change where it has one.

        :raises OutsideError: as the port has it, and permanent where Redmine allows none.
        """
        self._move(id, to_closed=True, wanted=self._fields.closing)

    def reopen(self, id: str) -> None:
        """
        Give an issue a status that is open; no change where it has one.

        :raises OutsideError: as `close` does.
        """
        self._move(id, to_closed=False, wanted=self._fields.reopening)

    def request_of(self, draft: Draft) -> Request:
        """
        Return what `create` would send, with names where it has numbers.

        Nothing goes out, and the numbers are Redmine's to tell.
        """
        severity = self._fields.severities.get(draft.severity, "")
        said = self._new(
            draft,
            tracker=f"number of “{self._type}”" if self._type else "",
            priority=f"number of “{severity}”" if severity else "",
        )
        return Request("POST", self._api.at("issues.json"), said)

    def check(self) -> tuple[Finding, ...]:
        """Return what was tested, in order, up to the first thing that is wrong."""
        return RedmineCheck(
            self._api,
            site=self._site,
            project=self._project,
            issue_type=self._type,
            fields=self._fields,
        ).findings()

    # What is sent.

    def _new(self, draft: Draft, *, tracker: str, priority: str) -> dict[str, Any]:
        said: dict[str, Any] = {
            **self._fields.extra,
            "project_id": self._project,
            "description": written(draft.text, draft.marker),
            **self._owned(draft, priority=priority),
        }
        if tracker:
            said["tracker_id"] = tracker
        if "due_date" in said:
            # Redmine sets it to today, and takes no due day that is before it.
            said.setdefault("start_date", "")
        return {"issue": said}

    def _owned(self, draft: Draft, *, priority: str) -> dict[str, Any]:
        said: dict[str, Any] = {"subject": quiet_line(draft.title)}
        if self._fields.due_on and draft.due_on:
            said["due_date"] = draft.due_on.isoformat()
        if priority:
            said["priority_id"] = priority
        return said

    def _put(self, id: str, said: Mapping[str, Any]) -> None:
        self._api.change("PUT", self._api.at("issues", f"{id}.json"), {"issue": said})

    # What is asked.

    @cached_property
    def _tracker(self) -> str:
        """Return the number of the connection's tracker, empty for the project's own."""
        query = (("include", "trackers"),)
        said = reading.document(
            self._api.read(
                self._api.at("projects", f"{self._project}.json", query=query)
            )
        )
        if not self._type:
            return ""
        found = names_of(reading.mappings(said, "project", "trackers"))
        return _number_of(self._type, found, what="tracker")

    @cached_property
    def _priorities(self) -> Mapping[str, str]:
        url = self._api.at("enumerations", "issue_priorities.json")
        said = reading.document(self._api.read(url))
        return names_of(reading.mappings(said, "issue_priorities"))

    def _priority(self, draft: Draft) -> str:
        name = self._fields.severities.get(draft.severity, "")
        if not self._fields.severity or not name:
            return ""
        return _number_of(name, self._priorities, what="priority")

    @cached_property
    def _closed(self) -> Mapping[str, bool]:
        """Return by number which statuses are closed."""
        said = reading.document(self._api.read(self._api.at("issue_statuses.json")))
        return {
            number(one, "id"): reading.is_set(one, "is_closed")
            for one in reading.mappings(said, "issue_statuses")
        }

    def _closed_for(self, issue: reading.Fields) -> Mapping[str, bool]:
        told = reading.holds(reading.mapping(issue, "status"), "is_closed")
        return {} if told else self._closed

    def _ticket(self, said: object) -> RemoteTicket:
        issue = reading.document(said)
        return ticket_of(
            issue,
            site=self._site,
            mapping=self._fields,
            closed=self._closed_for(issue),
        )

    def _issue(self, id: str, *, include: str) -> reading.Fields:
        query = (("include", include),)
        said = self._api.read(self._api.at("issues", f"{id}.json", query=query))
        return _issue_in(said)

    def _list(
        self, query: Sequence[tuple[str, str]], start: int
    ) -> tuple[list[reading.Fields], int]:
        """Return one page of issues, and how many there are in all."""
        paged = (*query, ("offset", str(start)), ("limit", str(PAGE)))
        said = reading.document(
            self._api.read(self._api.at("issues.json", query=paged))
        )
        total = int(number(said, "total_count"))
        return reading.mappings(said, "issues"), total

    # Where an issue stands.

    def _move(self, id: str, *, to_closed: bool, wanted: str) -> None:
        issue = self._issue(id, include="allowed_statuses")
        closed = self._closed_for(issue)
        if is_closed_status(reading.mapping(issue, "status"), closed) == to_closed:
            return
        status = self._status(issue, to_closed=to_closed, wanted=wanted)
        self._put(id, {"status_id": status})
        stands = reading.mapping(self._issue(id, include=""), "status")
        if is_closed_status(stands, closed) != to_closed:
            raise OutsideError(
                f"Redmine kept the issue at “{reading.text(stands, 'name')}” without "
                "saying why. Give the role of the key's account the right to edit "
                "issues, and a transition to that status in the workflow of the tracker.",
                permanent=True,
            )

    def _status(self, issue: reading.Fields, *, to_closed: bool, wanted: str) -> str:
        """Return the number of the status to give: the named, or the first that fits."""
        allowed = reading.mappings(issue, "allowed_statuses")
        if not allowed:
            # Before 5.0 it is not told what is allowed.
            url = self._api.at("issue_statuses.json")
            said = reading.document(self._api.read(url))
            allowed = reading.mappings(said, "issue_statuses")
        if wanted:
            return _number_of(wanted, names_of(allowed), what="status")
        for status in allowed:
            if (
                is_closed_status(status, self._closed_for({"status": status}))
                == to_closed
            ):
                return number(status, "id")
        raise OutsideError(
            f"Redmine allows this account no {'closed' if to_closed else 'open'} status "
            f"from where the issue stands, only {', '.join(names_of(allowed))}. Add a "
            "transition to the workflow of its tracker and role.",
            permanent=True,
        )


def _issue_in(said: object) -> reading.Fields:
    return reading.mapping(reading.document(said), "issue")


def _number_of(name: str, found: Mapping[str, str], *, what: str) -> str:
    for known, id in found.items():
        if known.casefold() == name.casefold():
            return id
    raise OutsideError(
        f"Redmine has no {what} {name} here. It has: {', '.join(found) or 'none'}. Name "
        "one of them in the connection.",
        permanent=True,
    )
