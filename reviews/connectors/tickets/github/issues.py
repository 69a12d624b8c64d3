"""
Issues of a repository on GitHub, or on a GitHub Enterprise Server.

GitHub's issues have no due day: the text says it. The severity is a label.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from reviews.connectors import fields as reading
from reviews.connectors.fields import Fields as Said
from reviews.connectors.http import HTTPClient
from reviews.connectors.ticketing.answers import GONE, after_change, instant, stamp
from reviews.connectors.ticketing.api import TicketAPI, TooLongError
from reviews.connectors.ticketing.labels import labels_of, labels_to_change, severity_of
from reviews.connectors.ticketing.texts import (
    as_written,
    has_marker,
    marked,
    quiet_line,
    without_marker,
)
from reviews.connectors.tickets.github.check import CLOSING_REASONS, GitHubCheck
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
PAGES = 30
"""How far a list is read: 3,000 issues, or comments of one issue."""

FEW = 5
"""Up to how many issues are rather asked for one by one than looked for in a list."""

SKEW = timedelta(minutes=10)
"""How far the clocks of both sides may differ."""

_MOVED = 301
_PLACE = re.compile(r"https?://[^/]+/([^/]+/[^/]+)/issues/\d+")

INSIDERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
"""
Who works on a repository, and not only may write under its issues.

Source: GitHub, GraphQL reference, CommentAuthorAssociation.
"""


class GitHubIssues:
    """
    The issues of one repository: the port `TicketSystem`.

    The address is the root of the API, https://api.github.com or
    https://HOST/api/v3, and the project "owner/name". An issue's id here is its number:
    the one that never changes, by which nothing can be asked for, is not used. One that
    was moved to another repository on the same host is followed there.

    `fields.severity` set to anything has the severity sent as a label; `fields.closing`
    may be one of GitHub's reasons: completed, not_planned, duplicate.

    Source: https://docs.github.com/rest/issues/issues, .../comments and .../labels
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
        self._owner, _, self._name = project.partition("/")
        self._fields = fields
        self._issue_type = issue_type
        self._api = TicketAPI(
            client,
            name="GitHub",
            base=address,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            secrets=(token,),
        )

    def create(self, draft: Draft) -> RemoteTicket:
        """Return the issue made; labels are left out if the account may not set them."""
        payload = self.request_of(draft).payload
        said = self._api.make("POST", self._at("issues"), payload)
        return after_change(self._ticket, said)

    def find(self, marker: str, *, since: datetime) -> RemoteTicket | None:
        """
        Return the oldest issue with a marker in its text that was made since.

        A copy of an issue has its marker too, and is younger.
        """
        earliest = since - SKEW
        found = None
        for said in self._listed(earliest, direction="desc"):
            # Listed is what changed since, the newest first: what follows is older.
            if instant(said, "created_at") < earliest:
                break
            if has_marker(reading.text(said, "body"), marker):
                found = said
        return None if found is None else self._ticket(found)

    def read(self, id: str) -> RemoteTicket | None:
        """Return an issue as it stands, None where it is deleted or out of sight."""
        found = self._look(id)
        return None if found is None else self._ticket(found[1], id)

    def changed(
        self, *, since: datetime, ids: Sequence[str]
    ) -> tuple[RemoteTicket, ...]:
        """Return what changed since, whoever's it is; of a few, and after long, all."""
        if len(ids) <= FEW:
            return self._each(ids)
        listed: list[RemoteTicket] = []
        try:
            # In the order they were made, so that none that changes meanwhile is skipped.
            listed.extend(map(self._ticket, self._listed(since, direction="asc")))
        except TooLongError:
            # In a busy project, after a long rest: what was not listed is read.
            return (*listed, *self._each(ids))
        return tuple(listed)

    def _each(self, ids: Sequence[str]) -> tuple[RemoteTicket, ...]:
        tickets = (self.read(id) for id in ids)
        return tuple(ticket for ticket in tickets if ticket is not None)

    def update(self, id: str, draft: Draft, *, with_text: bool) -> None:
        """Write title and severity, and the text; labels of others stay as they are."""
        url, said = self._found(id)
        parts = {"title": quiet_line(draft.title)}
        if with_text:
            parts["body"] = marked(draft.text, draft.marker)
        self._api.change("PATCH", url, parts)
        if not self._fields.severity:
            return
        change = labels_to_change(_labels(said), draft.severity, self._fields)
        if change.add:
            self._api.change("POST", f"{url}/labels", {"labels": [change.add]})
        for label in change.remove:
            self._unlabel(url, label)

    def comment(self, id: str, text: str, *, marker: str) -> None:
        """Write Markdown under an issue, the marker in an HTML comment."""
        url, _ = self._found(id)
        self._api.make("POST", f"{url}/comments", {"body": marked(text, marker)})

    def comments(self, id: str) -> tuple[Comment, ...]:
        """Return what stands under an issue, the oldest first, markers and all."""
        url, _ = self._found(id)
        listed = self._api.pages(
            lambda page: f"{url}/comments?per_page={PAGE}&page={page}",
            size=PAGE,
            most=PAGES,
        )
        return tuple(
            Comment(
                id=str(said.get("id", "")),
                author=reading.text(said, "user", "login"),
                text=as_written(reading.text(said, "body")),
                written_at=instant(said, "created_at"),
                is_insider=reading.text(said, "author_association") in INSIDERS,
            )
            for said in listed
        )

    def close(self, id: str) -> None:
        """Close an issue; no change where it is closed."""
        url, said = self._found(id)
        if reading.text(said, "state") == "closed":
            return
        given = self._fields.closing
        reason = given if given in CLOSING_REASONS else "completed"
        self._api.change("PATCH", url, {"state": "closed", "state_reason": reason})

    def reopen(self, id: str) -> None:
        """Open an issue again; no change where it is open."""
        url, said = self._found(id)
        if reading.text(said, "state") == "closed":
            self._api.change("PATCH", url, {"state": "open"})

    def request_of(self, draft: Draft) -> Request:
        """Return what `create` would send; nothing goes out."""
        labels = labels_of(draft, self._fields)
        payload: dict[str, Any] = dict(self._fields.extra)
        if self._issue_type:
            payload["type"] = self._issue_type
        if labels:
            payload["labels"] = list(labels)
        payload["title"] = quiet_line(draft.title)
        payload["body"] = marked(draft.text, draft.marker)
        try:
            url = self._at("issues")
        except OutsideError:
            url = 'nowhere, for the project is not "owner/name"'
        return Request("POST", url, payload)

    def check(self) -> tuple[Finding, ...]:
        """Return what was tested, in order, up to the first thing that is wrong."""
        return GitHubCheck(self._api, self._owner, self._name, self._fields).findings()

    # Reading.

    def _listed(self, since: datetime, *, direction: str) -> Iterator[Said]:
        asked = (
            ("state", "all"),
            ("sort", "created"),
            ("direction", direction),
            ("since", stamp(since)),
            ("per_page", str(PAGE)),
        )
        listed = self._api.pages(
            lambda page: self._at("issues", query=(*asked, ("page", str(page)))),
            size=PAGE,
            most=PAGES,
        )
        # Every pull request is listed as an issue too.
        return (said for said in listed if not reading.holds(said, "pull_request"))

    def _look(self, id: str) -> tuple[str, Said] | None:
        """Return where an issue is and what it says, None where it is not seen."""
        url = self._at("issues", id)
        answer = self._api.ask(url)
        if answer.status == _MOVED:
            moved = reading.loose_text(reading.document(answer.json()), "url")
            if not self._api.is_here(moved):
                return None
            url, answer = moved, self._api.ask(moved)
        if answer.status in GONE:
            self._see_repository()
            return None
        return url, reading.document(self._api.document_of(answer))

    def _found(self, id: str) -> tuple[str, Said]:
        """:raises OutsideError: permanent, where an issue to be changed is not seen."""
        found = self._look(id)
        if found is None:
            raise OutsideError(
                f"The issue #{id} is deleted, or GitHub does not show it to the token's "
                "account any more.",
                permanent=True,
                status=404,
            )
        return found

    def _see_repository(self) -> None:
        """
        Return if the repository is seen: an issue that is not seen then is gone.

        :raises OutsideError: otherwise, or all its issues would look deleted.
        """
        self._api.read(self._at())

    def _unlabel(self, url: str, label: str) -> None:
        address = self._api.below(url, "labels", label)
        try:
            self._api.change("DELETE", address)
        except OutsideError as error:
            # Somebody was quicker.
            if error.status not in GONE:
                raise

    def _at(self, *names: str, query: Sequence[tuple[str, str]] = ()) -> str:
        return self._api.at("repos", self._owner, self._name, *names, query=query)

    def _ticket(self, said: Said, id: str = "") -> RemoteTicket:
        number = _number(said)
        url = reading.required_text(said, "html_url")
        place = _PLACE.fullmatch(url)
        state = reading.required_text(said, "state")
        labels = _labels(said)
        return RemoteTicket(
            id=id or number,
            key=f"{place[1]}#{number}" if place else f"#{number}",
            url=url,
            is_closed=state == "closed",
            status=state,
            updated_at=instant(said, "updated_at"),
            resolution=reading.text(said, "state_reason"),
            assignee=reading.text(said, "assignee", "login"),
            labels=labels,
            title=as_written(reading.text(said, "title")),
            text=without_marker(reading.text(said, "body")),
            severity=severity_of(labels, self._fields),
        )


def _number(said: Said) -> str:
    return str(reading.required_number(said, "number"))


def _labels(said: Said) -> tuple[str, ...]:
    """Return the names of an issue's labels, which may be objects or texts."""
    listed = reading.sequence(said, "labels")
    names = (one.get("name") if isinstance(one, Mapping) else one for one in listed)
    return tuple(name for name in names if isinstance(name, str))
