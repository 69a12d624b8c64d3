"""
Redmine's issues, as 5.0 answers (seen with 5.0.4) and its REST API documents them.

Source: https://www.redmine.org/projects/redmine/wiki/Rest_Issues; the webhooks are those
of 7.0, where the body is signed as GitHub does it.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from tests.trackers.exchanges import Answer, Asked, Delivery, Kind
from tests.trackers.issues import BOT, Change, Event, Issue, Note
from tests.trackers.serving import Tracker

SUBJECT_LIMIT = 255

_EVENTS = {Event.OPENED: "issue.created", Event.DELETED: "issue.deleted"}
_OPEN, _CLOSED = "New", "Closed"

Said = dict[str, Any]


class RedmineTracker(Tracker):
    """
    One project in Redmine.

    `allowed` are the statuses that the account may set, all where it is None: another is
    answered with 204 and not set, as Redmine does. `rights` are the permissions of its
    role, where it is no administrator. Before 5.0 (`is_old`) no issue says whether its
    status is closed, nor which ones are allowed.
    """

    project = "reviews"
    prefix = ""
    trackers = ("Bug", "Feature", "Support")
    priorities = ("Low", "Normal", "High", "Urgent", "Immediate")
    statuses = (
        ("New", False),
        ("In Progress", False),
        ("Resolved", False),
        ("Closed", True),
        ("Rejected", True),
    )
    is_admin = True
    is_old = False
    page_limit = 100

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.allowed: set[str] | None = None
        self.rights = ["view_issues", "add_issues", "edit_issues", "add_issue_notes"]

    @property
    def address(self) -> str:
        return self.origin + self.prefix

    def opened(self, issue: Issue) -> None:
        issue.status = issue.status or _OPEN
        issue.severity = issue.severity or "Normal"

    def closed(self, issue: Issue) -> None:
        issue.status = issue.status or _CLOSED

    def kind_of(self, asked: Asked) -> Kind:
        if asked.method == "GET":
            return Kind.READ
        if asked.method == "POST":
            return Kind.CREATE
        return Kind.COMMENT if b'"notes"' in asked.body else Kind.UPDATE

    def refusal(self, status: int) -> Any:
        if status == 422:
            return {"errors": ["Subject cannot be blank"]}
        return None

    def route(self, asked: Asked) -> Answer:
        if asked.headers.get("x-redmine-api-key") != self.token:
            return self.refused(401)
        if not asked.path.startswith(self.prefix + "/"):
            return self.refused(404)
        parts = asked.parts[len(self.prefix.split("/")) - 1 :]
        match (asked.method, *parts):
            case ("GET", "issues.json"):
                return self._list(asked)
            case ("POST", "issues.json"):
                return self._create(asked.json()["issue"])
            case (method, "issues", name):
                return self._on_issue(method, name.removesuffix(".json"), asked)
            case ("GET", *rest):
                return self._told(rest)
        return self.refused(404)

    def _told(self, parts: list[str]) -> Answer:
        match parts:
            case ["users", "current.json"]:
                return Answer(200, {"user": self._user()})
            case ["roles", "4.json"]:
                role = {"id": 4, "name": "Robot", "permissions": self.rights}
                return Answer(200, {"role": role})
            case ["projects", name] if name == f"{self.project}.json":
                return Answer(200, {"project": self._project()})
            case ["enumerations", "issue_priorities.json"]:
                return Answer(200, {"issue_priorities": _numbered(self.priorities)})
            case ["issue_statuses.json"]:
                return Answer(200, {"issue_statuses": self._statuses()})
        return self.refused(404)

    def _user(self) -> Said:
        membership = {
            "project": self._reference(),
            "roles": [{"id": 4, "name": "Robot"}],
        }
        said: Said = {"id": 5, "login": BOT, "firstname": "The", "lastname": "Robot"}
        return said | {"admin": self.is_admin, "memberships": [membership]}

    def _reference(self) -> Said:
        return {"id": 1, "name": "Technology reviews"}

    def _project(self) -> Said:
        rest = {"identifier": self.project, "trackers": _numbered(self.trackers)}
        return self._reference() | rest

    def _statuses(self) -> list[Said]:
        return [
            {"id": number, "name": name, "is_closed": is_closed}
            for number, (name, is_closed) in enumerate(self.statuses, 1)
        ]

    # Issues.

    def _create(self, said: Said) -> Answer:
        if said.get("project_id") != self.project:
            return Answer(422, {"errors": ["Project cannot be blank"]})
        if errors := list(self._wrong(said, start=said.get("start_date"))):
            return Answer(422, {"errors": errors})
        tracker = int(said.get("tracker_id") or 1)
        issue = self.add(
            title=said["subject"],
            body=_stored(said.get("description")),
            due=said.get("due_date") or None,
            severity=self._priority(said),
            extra={"tracker": self.trackers[tracker - 1], "start": _start(said)},
        )
        return Answer(201, {"issue": self._issue(issue)})

    def _wrong(self, said: Said, *, start: str | None) -> Iterator[str]:
        subject = said.get("subject", "-")
        if not subject.strip():
            yield "Subject cannot be blank"
        if len(subject) > SUBJECT_LIMIT:
            yield f"Subject is too long (maximum is {SUBJECT_LIMIT} characters)"
        if not 1 <= int(said.get("tracker_id") or 1) <= len(self.trackers):
            yield "Tracker cannot be blank"
        # Where no start is given it is today, and no due day may lie before it.
        begins = self.now().date().isoformat() if start is None else start
        if said.get("due_date") and said["due_date"] < begins:
            yield "Due date must be greater than start date"

    def _priority(self, said: Said) -> str:
        number = said.get("priority_id")
        return self.priorities[int(number) - 1] if number else ""

    def _on_issue(self, method: str, number: str, asked: Asked) -> Answer:
        found = [i for i in self.created if str(i.number) == number]
        if not found or found[0].is_deleted:
            return self.refused(404)
        (issue,) = found
        if method == "PUT":
            return self._change(issue, asked.json()["issue"])
        include = asked.query.get("include", "").split(",")
        said = self._issue(issue)
        if "journals" in include:
            said["journals"] = [self._journal(note) for note in issue.comments]
        if "allowed_statuses" in include and not self.is_old:
            said["allowed_statuses"] = [
                s for s in self._statuses() if self._may(s["name"])
            ]
        return Answer(200, {"issue": said})

    def _may(self, status: str) -> bool:
        return self.allowed is None or status in self.allowed

    def _change(self, issue: Issue, said: Said) -> Answer:
        if errors := list(self._wrong(said, start=issue.extra.get("start", ""))):
            return Answer(422, {"errors": errors})
        if "notes" in said:
            self.comment(issue.number, BOT, said["notes"])
        if status := said.get("status_id"):
            self._set(issue, int(status))
        names = {"subject": "title", "description": "body", "due_date": "due"}
        new = {names[name]: said[name] for name in names if name in said}
        if "body" in new:
            new["body"] = _stored(new["body"])
        if "due" in new:
            new["due"] = new["due"] or None
        if "priority_id" in said:
            new["severity"] = self._priority(said)
        if new:
            self.edit(issue.number, by=BOT, **new)
        return Answer(204)

    def _set(self, issue: Issue, number: int) -> None:
        if not 1 <= number <= len(self.statuses) or not self._may(
            self.statuses[number - 1][0]
        ):
            return
        name, is_closed = self.statuses[number - 1]
        if is_closed and not issue.is_closed:
            self.close(issue.number, by=BOT, status=name)
        elif issue.is_closed and not is_closed:
            self.reopen(issue.number, by=BOT, status=name)
        else:
            self.edit(issue.number, by=BOT, status=name)

    def _list(self, asked: Asked) -> Answer:
        query = asked.query
        if query.get("project_id", self.project) != self.project:
            return self.refused(404)
        issues = self.listed()
        if query.get("status_id", "open") != "*":
            issues = [i for i in issues if not i.is_closed]
        if "issue_id" in query:
            ids = query["issue_id"].split(",")
            # Wherever it was moved to.
            issues += [i for i in self.created if i.moved_to and not i.is_deleted]
            issues = [i for i in issues if str(i.number) in ids]
        if since := query.get("created_on", "").removeprefix(">="):
            day = date.fromisoformat(since)
            issues = [i for i in issues if i.created_at.date() >= day]
        if (text := query.get("description", "")) and not self.is_old:
            issues = [i for i in issues if text.removeprefix("~") in i.body]
        issues.sort(key=lambda i: i.number, reverse=True)
        start = int(query.get("offset", 0))
        size = min(int(query.get("limit", 25)), self.page_limit)
        page = [self._issue(issue) for issue in issues[start : start + size]]
        rest = {"total_count": len(issues), "offset": start, "limit": size}
        return Answer(200, {"issues": page} | rest)

    # How Redmine writes it.

    def _issue(self, issue: Issue) -> Said:
        numbers = {s["name"]: s for s in self._statuses()}
        status = dict(numbers.get(issue.status, numbers[_OPEN]))
        if self.is_old:
            del status["is_closed"]
        tracker = issue.extra.get("tracker", self.trackers[0])
        said: Said = {
            "id": issue.number,
            "project": self._reference(),
            "tracker": _one(self.trackers, tracker),
            "status": status,
            "priority": _one(self.priorities, issue.severity),
            "author": {"id": 5, "name": issue.author},
            "subject": issue.title,
            "description": issue.body,
            "start_date": issue.extra.get("start") or None,
            "due_date": issue.due,
            "created_on": _stamp(issue.created_at),
            "updated_on": _stamp(issue.updated_at),
        }
        if issue.moved_to:
            said["project"] = {"id": 2, "name": issue.moved_to}
        if issue.assignee:
            said["assigned_to"] = {"id": 9, "name": issue.assignee}
        return said

    def _journal(self, note: Note) -> Said:
        return {
            "id": note.id,
            "user": {"id": 5, "name": note.author},
            "notes": note.text,
            "created_on": _stamp(note.written_at),
            "private_notes": False,
            "details": [],
        }

    def delivery_of(self, change: Change) -> Delivery:
        event = _EVENTS.get(change.event, "issue.updated")
        told: Said = {"issue": self._issue(change.issue)}
        if change.note is not None:
            told["journal"] = self._journal(change.note)
        said = {"type": event, "timestamp": change.at.isoformat(), "data": told}
        body = json.dumps(said).encode()
        mac = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Redmine",
            "X-Redmine-Signature-256": f"sha256={mac}",
        }
        # Redmine gives a delivery no number of its own.
        id = f"sha256:{hashlib.sha256(body).hexdigest()}"
        return Delivery(id, event, headers, body)


def _numbered(names: tuple[str, ...]) -> list[Said]:
    return [{"id": number, "name": name} for number, name in enumerate(names, 1)]


def _one(names: tuple[str, ...], name: str) -> Said:
    return next((one for one in _numbered(names) if one["name"] == name), {})


def _start(said: Said) -> str:
    return said.get("start_date") or ""


def _stored(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\n", "\r\n")


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
