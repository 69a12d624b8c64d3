"""Issues in Jira, on Atlassian's cloud and in a data center of one's own."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from reviews.connectors import fields as reading
from reviews.connectors.http import HTTPClient
from reviews.connectors.ticketing.answers import after_change
from reviews.connectors.ticketing.api import TicketAPI
from reviews.connectors.ticketing.texts import quiet, quiet_line
from reviews.connectors.tickets.jira.answers import (
    PROPERTY,
    Transition,
    comment_of,
    is_done,
    listed,
    ticket_of,
    transition_of,
    value_for,
)
from reviews.connectors.tickets.jira.check import JiraCheck
from reviews.formats.jira_markup import wiki_of
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import (
    Comment,
    Draft,
    Fields,
    Finding,
    RemoteTicket,
    Request,
)

BATCH = 50
"""How many issues are asked for at once: so many does Jira Cloud reconcile."""

PAGE = 100
MOST_COMMENTS = 2_000

PROPERTY_LIMIT = 30_000
"""Which texts are kept beside a description; Jira keeps 32,768 characters with a name."""

_TYPE = "Task"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS = (
    *("summary", "description", "status", "resolution", "assignee"),
    *("labels", "updated"),
)


class Jira:
    """
    One project in Jira.

    With a login, that and the token are sent (Cloud: an e-mail address and an API
    token); without one, the token alone (Data Center: a personal access token). The
    marker is a label. A new issue's `updated_at` lies long ago, for Jira does not tell.

    Jira's search lags behind. On Cloud up to fifty issues are reconciled with what they
    are now; the search for a marker can name none, so its answer None may be too early.

    Sources: https://developer.atlassian.com/cloud/jira/platform/rest/v2/ and
    .../search-and-reconcile; https://developer.atlassian.com/server/jira/platform/rest/
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
        self._type = issue_type or _TYPE
        self._login = login
        self._fields = fields
        basic = base64.b64encode(f"{login}:{token}".encode()).decode()
        self._api = TicketAPI(
            client,
            name="Jira",
            base=f"{self._site}/rest/api/2",
            headers={
                "Authorization": f"Basic {basic}" if login else f"Bearer {token}",
                # Otherwise Jira takes a request from elsewhere for a forged one.
                "X-Atlassian-Token": "no-check",
            },
            secrets=(token, basic),
        )

    def create(self, draft: Draft) -> RemoteTicket:
        """
        Return the issue made, open and not changed for long.

        :raises OutsideError: as the port has it.
        """
        said = self._api.make("POST", self._api.at("issue"), self._new(draft))
        id, key = after_change(
            lambda made: [reading.required_text(made, name) for name in ("id", "key")],
            said,
        )
        return RemoteTicket(
            id=id,
            key=key,
            url=f"{self._site}/browse/{key}",
            is_closed=False,
            status="",
            updated_at=_LONG_AGO,
            title=draft.title,
            text=draft.text,
            due_on=draft.due_on,
            severity=draft.severity or None,
        )

    def find(self, marker: str, *, since: datetime) -> RemoteTicket | None:
        """
        Return the oldest issue with a marker, in whatever project it is by now.

        :raises OutsideError: as the port has it.
        """
        # A day earlier, for JQL's days are those of the account's own time zone.
        day = (since - timedelta(days=1)).date()
        found = self._search(
            f'labels = "{_word(marker)}" AND created >= "{day}" ORDER BY created ASC'
        )
        return found[0] if found else None

    def read(self, id: str) -> RemoteTicket | None:
        """
        Return an issue as it stands, None where it is deleted or out of sight.

        :raises OutsideError: as the port has it.
        """
        query = (("fields", ",".join(self._told)), ("properties", PROPERTY))
        said = self._api.look(self._api.at("issue", id, query=query))
        if said is None:
            # A project that is not seen either would make all its issues look deleted.
            self._api.read(self._api.at("project", self._project))
            return None
        return self._ticket(said)

    def changed(
        self, *, since: datetime, ids: Sequence[str]
    ) -> tuple[RemoteTicket, ...]:
        """
        Return those of some issues that changed since; what is deleted is left out.

        :raises OutsideError: as the port has it.
        """
        found: list[RemoteTicket] = []
        for start in range(0, len(ids), BATCH):
            found += self._now(ids[start : start + BATCH])
        return tuple(ticket for ticket in found if ticket.updated_at >= since)

    def update(self, id: str, draft: Draft, *, with_text: bool) -> None:
        """
        Write title, due day and severity into an issue, and the text if asked to.

        :raises OutsideError: as the port has it.
        """
        said: dict[str, Any] = {"fields": self._owned(draft)}
        if with_text:
            said["fields"]["description"] = wiki_of(quiet(draft.text))
            said |= _kept(draft)
        self._api.change("PUT", self._api.at("issue", id), said)

    def comment(self, id: str, text: str, *, marker: str) -> None:
        """
        Write Markdown under an issue, with a marker as its last line.

        :raises OutsideError: as the port has it.
        """
        body = f"{wiki_of(quiet(text)).rstrip()}\n\nbest-before: {_word(marker)}"
        self._api.make("POST", self._api.at("issue", id, "comment"), {"body": body})

    def comments(self, id: str) -> tuple[Comment, ...]:
        """
        Return what stands under an issue, the oldest first.

        :raises OutsideError: as the port has it.
        """
        found: list[Comment] = []
        while len(found) < MOST_COMMENTS:
            query = (
                ("startAt", str(len(found))),
                ("maxResults", str(PAGE)),
                ("orderBy", "created"),
            )
            said = reading.document(
                self._api.read(self._api.at("issue", id, "comment", query=query))
            )
            page = [comment_of(one) for one in reading.mappings(said, "comments")]
            found += page
            total = said.get("total")
            if not page or not isinstance(total, int) or len(found) >= total:
                break
        return tuple(found)

    def close(self, id: str) -> None:
        """
        Take an issue to a status that is done; no change where it is in one.

        :raises OutsideError: as the port has it, and permanent where no transition
            leads there or one asks for a field.
        """
        self._move(id, to_done=True, wanted=self._fields.closing)

    def reopen(self, id: str) -> None:
        """
        Take an issue to a status that is not done; no change where it is in one.

        :raises OutsideError: as `close` does.
        """
        self._move(id, to_done=False, wanted=self._fields.reopening)

    def request_of(self, draft: Draft) -> Request:
        """Return what `create` would send; nothing goes out."""
        return Request("POST", self._api.at("issue"), self._new(draft))

    def check(self) -> tuple[Finding, ...]:
        """Return what was tested, in order, up to the first thing that is wrong."""
        return JiraCheck(
            self._api,
            site=self._site,
            project=self._project,
            issue_type=self._type,
            login=self._login,
            fields=self._fields,
        ).findings()

    # What is sent.

    def _new(self, draft: Draft) -> dict[str, Any]:
        labels = dict.fromkeys((*self._fields.labels, *draft.labels, draft.marker))
        return {
            "fields": {
                **self._fields.extra,
                "project": {"key": self._project},
                "issuetype": {"name": self._type},
                "description": wiki_of(quiet(draft.text)),
                # A label has no spaces in Jira.
                "labels": ["-".join(label.split()) for label in labels],
                **self._owned(draft, is_new=True),
            },
            **_kept(draft),
        }

    def _owned(self, draft: Draft, *, is_new: bool = False) -> dict[str, Any]:
        said: dict[str, Any] = {"summary": quiet_line(draft.title)}
        names = self._fields
        if names.due_on and (draft.due_on or not is_new):
            said[names.due_on] = draft.due_on.isoformat() if draft.due_on else None
        severity = names.severities.get(draft.severity, "")
        if names.severity and severity:
            said[names.severity] = value_for(names.severity, severity)
        return said

    # What is asked.

    @cached_property
    def _is_cloud(self) -> bool:
        said = reading.document(self._api.read(self._api.at("serverInfo")))
        return reading.text(said, "deploymentType") == "Cloud"

    @property
    def _told(self) -> tuple[str, ...]:
        named = (self._fields.due_on, self._fields.severity)
        return (*_FIELDS, *filter(None, named))

    def _ticket(self, said: object) -> RemoteTicket:
        return ticket_of(said, site=self._site, mapping=self._fields)

    def _search(self, jql: str, ids: Sequence[str] = ()) -> list[RemoteTicket]:
        """
        Return the first fifty issues that a query finds.

        Cloud gives as many at once as it sees fit, and a token for the rest.
        """
        query = [
            ("jql", jql),
            ("fields", ",".join(self._told)),
            ("maxResults", str(BATCH)),
        ]
        if not self._is_cloud:
            return self._page(self._api.at("search", query=query))[0]
        query += [("properties", PROPERTY)]
        query += [("reconcileIssues", id) for id in ids]
        found, token = self._page(self._api.at("search", "jql", query=query))
        while token and len(found) < BATCH:
            paged = [*query, ("nextPageToken", token)]
            more, token = self._page(self._api.at("search", "jql", query=paged))
            # A page with nothing on it is the last one, whatever it says.
            token = token if more else ""
            found += more
        return found

    def _page(self, url: str) -> tuple[list[RemoteTicket], str]:
        """Return the issues of a page, and the token of the next one, if there is one."""
        said = reading.document(self._api.read(url))
        if "issues" not in said:
            raise OutsideError("unusable answer: issues is missing")
        found = [self._ticket(one) for one in reading.mappings(said, "issues")]
        return found, reading.text(said, "nextPageToken")

    def _now(self, ids: Sequence[str]) -> list[RemoteTicket]:
        """
        Return some issues as they stand.

        Jira refuses a search that names an issue which is no more, so such a one is
        hunted down by halves.
        """
        if len(ids) == 1:
            found = self.read(ids[0])
            return [found] if found else []
        try:
            return self._search(f"id in ({', '.join(map(_word, ids))})", ids)
        except OutsideError as error:
            if error.status != 400:
                raise
        half = len(ids) // 2
        return self._now(ids[:half]) + self._now(ids[half:])

    # Where an issue stands.

    def _move(self, id: str, *, to_done: bool, wanted: str) -> None:
        query = (("fields", "status"),)
        issue = reading.document(self._api.read(self._api.at("issue", id, query=query)))
        if is_done(reading.mapping(issue, "fields", "status")) == to_done:
            return
        chosen = self._way(id, to_done=to_done, wanted=wanted)
        if chosen.missing:
            raise OutsideError(
                f"Jira's transition “{chosen.name}” asks for "
                f"{listed(chosen.missing)}, which is not known here. Make it optional "
                "in the workflow, or name another transition in the connection.",
                permanent=True,
            )
        self._api.change(
            "POST",
            self._api.at("issue", id, "transitions"),
            {"transition": {"id": chosen.id}},
        )

    def _way(self, id: str, *, to_done: bool, wanted: str) -> Transition:
        query = (("expand", "transitions.fields"),)
        url = self._api.at("issue", id, "transitions", query=query)
        said = reading.document(self._api.read(url))
        ways = [transition_of(one) for one in reading.mappings(said, "transitions")]
        for way in ways:
            named = wanted.casefold() in (way.name.casefold(), way.to.casefold())
            if named if wanted else way.is_done == to_done:
                return way
        what = f"named “{wanted}”" if wanted else _END[to_done]
        raise OutsideError(
            f"Jira has no transition {what} from where this issue stands. There are: "
            f"{listed(way.name for way in ways)}. Name one of them in the connection, "
            "or give the token's account the right to transitions.",
            permanent=True,
        )


_END = {True: "to a status that is done", False: "to a status that is not done"}


def _kept(draft: Draft) -> dict[str, Any]:
    text = quiet(draft.text)
    if len(text) > PROPERTY_LIMIT:
        return {}
    return {"properties": [{"key": PROPERTY, "value": {"text": text}}]}


def _word(text: str) -> str:
    """Return one word for a query of Jira's, in which nothing else has a meaning."""
    return "".join(
        one for one in text if one.isascii() and (one.isalnum() or one == "-")
    )
