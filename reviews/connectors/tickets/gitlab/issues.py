"""Issues of a project on GitLab. The severity is a label, the due day a field."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from reviews.connectors import fields as reading
from reviews.connectors.fields import Fields as Said
from reviews.connectors.http import HTTPClient
from reviews.connectors.ticketing.answers import after_change, day, instant, stamp
from reviews.connectors.ticketing.api import TicketAPI
from reviews.connectors.ticketing.labels import (
    SEVERITIES,
    label_of,
    labels_of,
    severity_of,
)
from reviews.connectors.ticketing.texts import (
    as_written,
    has_marker,
    marked,
    quiet_line,
    without_marker,
)
from reviews.connectors.tickets.gitlab.check import GitLabCheck
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import (
    Comment,
    Draft,
    Fields,
    Finding,
    RemoteTicket,
    Request,
)

REPORTER = 20
"""The least role of those who work on a project (20; a guest has 10)."""

PAGE = 100
PAGES = 30
"""How far a list is read: 3,000 issues, or comments of one issue."""

BATCH = 50
"""How many issues are asked for at once, by their numbers."""

SKEW = timedelta(minutes=10)
"""How far the clocks of both sides may differ."""


class GitLabIssues:
    """
    The issues of one project: the port `TicketSystem`.

    The address is that of the server, such as https://gitlab.example, and the project
    "group/name", with all its groups, or its number. An issue's id here is its number in
    the project (`iid`), by which it is asked for. GitLab closes an issue that is moved to
    another project and makes a new one: it counts as gone.

    `fields.due_on` set to anything has the due day sent, `fields.severity` the severity
    as a label; `fields.closing` is a label that an issue gets when it is closed.

    Source: https://docs.gitlab.com/api/issues/ and .../api/notes/
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
        self._project = project
        self._fields = fields
        self._issue_type = issue_type
        self._api = TicketAPI(
            client,
            name="GitLab",
            base=f"{address.rstrip('/')}/api/v4",
            headers={"PRIVATE-TOKEN": token},
            secrets=(token,),
        )

    def create(self, draft: Draft) -> RemoteTicket:
        """Return the issue made; GitLab leaves out labels that the account may not set."""
        asked = self.request_of(draft)
        said = self._api.make(asked.method, asked.url, asked.payload)
        return after_change(self._ticket, said)

    def find(self, marker: str, *, since: datetime) -> RemoteTicket | None:
        """
        Return the oldest issue with a marker in its text that was made since.

        A copy of an issue has its marker too, and is younger.
        """
        asked = (("created_after", stamp(since - SKEW)),)
        for said in self._listed(asked):
            if has_marker(reading.text(said, "description"), marker):
                return self._ticket(said)
        return None

    def read(self, id: str) -> RemoteTicket | None:
        """Return an issue as it stands, None where it is deleted, moved or out of sight."""
        said = self._look(id)
        return None if said is None else self._ticket(said)

    def changed(
        self, *, since: datetime, ids: Sequence[str]
    ) -> tuple[RemoteTicket, ...]:
        """Return those of some issues that changed since; one that was moved is not."""
        found: list[RemoteTicket] = []
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            asked = [("updated_after", stamp(since))]
            asked += [("iids[]", id) for id in batch]
            listed = self._listed(asked)
            found += [self._ticket(said) for said in listed if not _is_moved(said)]
        return tuple(found)

    def update(self, id: str, draft: Draft, *, with_text: bool) -> None:
        """Write title, due day and severity, and the text; no label of others changes."""
        parts: dict[str, Any] = {"title": quiet_line(draft.title)}
        if with_text:
            parts["description"] = marked(draft.text, draft.marker)
        if self._fields.due_on:
            parts["due_date"] = draft.due_on.isoformat() if draft.due_on else ""
        if self._fields.severity:
            wanted = label_of(draft.severity, self._fields)
            others = {label_of(each, self._fields) for each in SEVERITIES} - {wanted}
            if wanted:
                parts["add_labels"] = wanted
            parts["remove_labels"] = ",".join(sorted(others - {""}))
        self._api.change("PUT", self._at("issues", id), parts)

    def comment(self, id: str, text: str, *, marker: str) -> None:
        """Write Markdown under an issue, the marker in an HTML comment."""
        url = self._at("issues", id, "notes")
        self._api.make("POST", url, {"body": marked(text, marker)})

    def comments(self, id: str) -> tuple[Comment, ...]:
        """Return what people wrote under an issue, the oldest first, markers and all."""
        asked = (("sort", "asc"), ("order_by", "created_at"))
        noted = list(self._pages(asked, "issues", id, "notes"))
        members = self._members if noted else frozenset()
        # GitLab also lists what it noted itself, such as a change of labels.
        return tuple(
            Comment(
                id=str(said.get("id", "")),
                author=reading.text(said, "author", "username"),
                text=as_written(reading.text(said, "body")),
                written_at=instant(said, "created_at"),
                is_insider=reading.text(said, "author", "username") in members,
            )
            for said in noted
            if not reading.is_set(said, "system")
        )

    @cached_property
    def _members(self) -> frozenset[str]:
        """The usernames of those who are more than guests in the project."""
        return frozenset(
            reading.text(said, "username")
            for said in self._pages((), "members", "all")
            if _level(said) >= REPORTER
        )

    def close(self, id: str) -> None:
        """Close an issue; no change where it is closed."""
        if self._is_closed(id):
            return
        parts = {"state_event": "close"}
        if self._fields.closing:
            parts["add_labels"] = self._fields.closing
        self._api.change("PUT", self._at("issues", id), parts)

    def reopen(self, id: str) -> None:
        """Open an issue again; no change where it is open."""
        if self._is_closed(id):
            self._api.change("PUT", self._at("issues", id), {"state_event": "reopen"})

    def request_of(self, draft: Draft) -> Request:
        """Return what `create` would send; nothing goes out."""
        labels = labels_of(draft, self._fields)
        payload: dict[str, Any] = dict(self._fields.extra)
        if self._issue_type:
            payload["issue_type"] = self._issue_type
        if labels:
            payload["labels"] = ",".join(labels)
        if self._fields.due_on and draft.due_on:
            payload["due_date"] = draft.due_on.isoformat()
        payload["title"] = quiet_line(draft.title)
        payload["description"] = marked(draft.text, draft.marker)
        return Request("POST", self._at("issues"), payload)

    def check(self) -> tuple[Finding, ...]:
        """Return what was tested, in order, up to the first thing that is wrong."""
        return GitLabCheck(self._api, self._project, self._fields).findings()

    # Reading.

    def _listed(self, asked: Sequence[tuple[str, str]]) -> Iterator[Said]:
        """Yield issues in the order they were made: none is skipped meanwhile."""
        order = (("order_by", "created_at"), ("sort", "asc"), ("scope", "all"))
        return self._pages((*asked, *order, ("state", "all")), "issues")

    def _pages(self, asked: Sequence[tuple[str, str]], *names: str) -> Iterator[Said]:
        size = ("per_page", str(PAGE))
        return self._api.pages(
            lambda page: self._at(*names, query=(*asked, size, ("page", str(page)))),
            size=PAGE,
            most=PAGES,
        )

    def _look(self, id: str) -> Said | None:
        found = self._api.look(self._at("issues", id))
        if found is None:
            # A project that is not seen either would make all its issues look deleted.
            self._api.read(self._at())
            return None
        said = reading.document(found)
        return None if _is_moved(said) else said

    def _is_closed(self, id: str) -> bool:
        """:raises OutsideError: permanent, where an issue to be changed is not seen."""
        said = self._look(id)
        if said is None:
            raise OutsideError(
                f"The issue #{id} is deleted or moved, or GitLab does not show it to the "
                "token's account any more.",
                permanent=True,
                status=404,
            )
        return reading.text(said, "state") == "closed"

    def _at(self, *names: str, query: Sequence[tuple[str, str]] = ()) -> str:
        return self._api.at("projects", self._project, *names, query=query)

    def _ticket(self, said: Said) -> RemoteTicket:
        number = reading.required_number(said, "iid")
        state = reading.required_text(said, "state")
        labels = tuple(reading.texts(said, "labels"))
        return RemoteTicket(
            id=str(number),
            key=reading.loose_text(said, "references", "full") or f"#{number}",
            url=reading.required_text(said, "web_url"),
            is_closed=state == "closed",
            status=state,
            updated_at=instant(said, "updated_at"),
            assignee=reading.text(said, "assignee", "username"),
            labels=labels,
            title=as_written(reading.text(said, "title")),
            text=without_marker(reading.text(said, "description")),
            # A day that is not written is not compared with what was.
            due_on=day(said, "due_date") if self._fields.due_on else None,
            severity=severity_of(labels, self._fields),
        )


def _is_moved(said: Said) -> bool:
    return reading.holds(said, "moved_to_id")


def _level(member: Said) -> int:
    level = member.get("access_level")
    return level if isinstance(level, int) else 0
