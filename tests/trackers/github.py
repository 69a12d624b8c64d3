"""
GitHub's issues, as its REST API documents them.

Source: https://docs.github.com/rest/issues/issues, .../rest/issues/comments,
.../rest/issues/labels and https://docs.github.com/webhooks/webhook-events-and-payloads
"""

import hashlib
import hmac
import json
import uuid
from datetime import datetime
from typing import Any

from tests.trackers.exchanges import Answer, Asked, Delivery, Kind
from tests.trackers.issues import BOT, OUTSIDER, Change, Event, Issue, Note
from tests.trackers.serving import Tracker

BODY_LIMIT = 65_536

_MESSAGES = {
    401: "Bad credentials",
    403: "Resource not accessible by personal access token",
    404: "Not Found",
    410: "This issue was deleted",
    422: "Validation Failed",
    429: "You have exceeded a secondary rate limit.",
    500: "Server Error",
}


class GitHubTracker(Tracker):
    """
    One repository on GitHub.

    `has_issues`, `is_archived` and `can_push` are how the repository stands; `prefix`
    is /api/v3 on a GitHub of one's own. An issue whose `extra` has "pull_request" is a
    pull request.
    """

    project = "acme/payments"
    prefix = ""
    has_issues = True
    is_archived = False
    can_push = True
    page_limit = 100

    @property
    def address(self) -> str:
        return self.origin + self.prefix

    def kind_of(self, asked: Asked) -> Kind:
        if asked.method == "GET":
            return Kind.READ
        tail = asked.parts[-1]
        if asked.method == "POST" and tail == "issues":
            return Kind.CREATE
        if asked.method == "POST" and tail == "comments":
            return Kind.COMMENT
        return Kind.UPDATE

    def refusal(self, status: int) -> Any:
        said: dict[str, Any] = {
            "message": _MESSAGES.get(status, "Error"),
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if status == 422:
            said["errors"] = [
                {"resource": "Issue", "code": "missing_field", "field": "title"}
            ]
        return said

    def route(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return self.refused(401)
        if not asked.path.startswith(self.prefix + "/"):
            return self.refused(404)
        parts = asked.parts[len(self.prefix.split("/")) - 1 :]
        match (asked.method, *parts):
            case ("GET", "user"):
                return Answer(200, self._person(BOT))
            case ("GET", "repositories", _, "issues", number):
                return Answer(200, self._issue(self.issue(int(number))))
            case (method, "repos", owner, name, *rest):
                if f"{owner}/{name}".lower() != self.project.lower():
                    return self.refused(404)
                return self._in_repository(method, rest, asked)
        return self.refused(404)

    def _in_repository(self, method: str, rest: list[str], asked: Asked) -> Answer:
        if not rest:
            return Answer(200, self._repository())
        if not self.has_issues:
            message = "Issues has been disabled in this repository."
            return Answer(410, {"message": message})
        if method != "GET" and self.is_archived:
            message = "Repository was archived so is read-only."
            return Answer(403, {"message": message})
        match (method, *rest):
            case ("GET", "issues"):
                return self._list(asked)
            case ("POST", "issues"):
                return self._create(asked.json())
            case (method, "issues", number, *deeper):
                return self._on_issue(method, number, deeper, asked)
        return self.refused(404)

    def _on_issue(
        self, method: str, number: str, deeper: list[str], asked: Asked
    ) -> Answer:
        found = [i for i in self.created if str(i.number) == number]
        if not found or found[0].is_deleted:
            return self.refused(410 if found else 404)
        (issue,) = found
        if issue.moved_to:
            return self._moved(issue)
        match (method, *deeper):
            case ("GET",):
                return Answer(200, self._issue(issue))
            case ("PATCH",):
                return self._change(issue, asked.json())
            case ("GET", "comments"):
                notes = _page_of(issue.comments, asked, self.page_limit)
                return Answer(200, [self._note(issue, note) for note in notes])
            case ("POST", "comments"):
                note = self.comment(issue.number, BOT, asked.json()["body"])
                return Answer(201, self._note(issue, note))
            case (_, "labels", *names):
                return self._relabel(issue, method, names, asked)
        return self.refused(404)

    def _moved(self, issue: Issue) -> Answer:
        url = f"{self.address}/repositories/99/issues/{issue.number}"
        moved = {"message": "Moved Permanently", "url": url}
        return Answer(301, moved, {"Location": url})

    def _relabel(
        self, issue: Issue, method: str, names: list[str], asked: Asked
    ) -> Answer:
        if method == "POST":
            new = [n for n in asked.json()["labels"] if n not in issue.labels]
            self.edit(issue.number, by=BOT, labels=[*issue.labels, *new])
            return Answer(200, _labels(issue))
        if names[0] not in issue.labels:
            return Answer(404, {"message": "Label does not exist"})
        kept = [name for name in issue.labels if name != names[0]]
        self.edit(issue.number, by=BOT, labels=kept)
        return Answer(200, _labels(issue))

    def _list(self, asked: Asked) -> Answer:
        query = asked.query
        issues = self.listed()
        if "since" in query:
            since = datetime.fromisoformat(query["since"])
            # To the second, as all of GitHub's instants.
            issues = [i for i in issues if i.updated_at.replace(microsecond=0) >= since]
        state = query.get("state", "open")
        if state != "all":
            issues = [i for i in issues if i.is_closed == (state == "closed")]
        if query.get("labels"):
            wanted = set(query["labels"].split(","))
            issues = [i for i in issues if wanted <= set(i.labels)]
        by_update = query.get("sort", "created") == "updated"
        issues.sort(
            key=lambda i: (i.updated_at if by_update else i.created_at, i.number),
            reverse=query.get("direction", "desc") == "desc",
        )
        page = _page_of(issues, asked, self.page_limit)
        return Answer(200, [self._issue(issue) for issue in page])

    def _create(self, said: dict[str, Any]) -> Answer:
        if not said.get("title"):
            return self.refused(422)
        if len(said.get("body") or "") > BODY_LIMIT:
            errors = [
                {"resource": "Issue", "code": "custom", "field": "body"}
                | {"message": f"body is too long (maximum is {BODY_LIMIT} characters)"}
            ]
            return Answer(422, {"message": "Validation Failed", "errors": errors})
        # "Only users with push access can set labels. Labels are silently dropped
        # otherwise."
        issue = self.add(
            title=said["title"],
            body=said.get("body"),
            labels=list(said.get("labels", ())) if self.can_push else [],
            extra={k: v for k, v in said.items() if k in ("type", "milestone")},
        )
        url = f"{self.address}/repos/{self.project}/issues/{issue.number}"
        return Answer(201, self._issue(issue), {"Location": url})

    def _change(self, issue: Issue, said: dict[str, Any]) -> Answer:
        plain = {k: said[k] for k in ("title", "body", "labels") if k in said}
        if plain:
            self.edit(issue.number, by=BOT, **plain)
        reason = said.get("state_reason") or ""
        if said.get("state") == "closed" and not issue.is_closed:
            self.close(issue.number, by=BOT, resolution=reason or "completed")
        if said.get("state") == "open" and issue.is_closed:
            self.reopen(issue.number, by=BOT)
        return Answer(200, self._issue(issue))

    def closed(self, issue: Issue) -> None:
        issue.resolution = issue.resolution or "completed"

    # How GitHub writes it.

    def _person(self, login: str) -> dict[str, Any]:
        return {"login": login, "id": 1 + len(login), "type": "User"}

    def _repository(self) -> dict[str, Any]:
        owner, _, name = self.project.partition("/")
        return {
            "id": 98,
            "name": name,
            "full_name": self.project,
            "owner": self._person(owner),
            "html_url": f"https://github.example/{self.project}",
            "has_issues": self.has_issues,
            "archived": self.is_archived,
            "permissions": {"pull": True, "triage": False, "push": self.can_push},
        }

    def _issue(self, issue: Issue) -> dict[str, Any]:
        project = issue.moved_to or self.project
        said: dict[str, Any] = {
            "id": issue.id,
            "number": issue.number,
            "url": f"{self.address}/repos/{project}/issues/{issue.number}",
            "html_url": f"https://github.example/{project}/issues/{issue.number}",
            "title": issue.title,
            "body": issue.body,
            "user": self._person(issue.author),
            "labels": _labels(issue),
            "state": "closed" if issue.is_closed else "open",
            "state_reason": issue.resolution or None,
            "assignee": self._person(issue.assignee) if issue.assignee else None,
            "comments": len(issue.comments),
            "created_at": _stamp(issue.created_at),
            "updated_at": _stamp(issue.updated_at),
        }
        if "pull_request" in issue.extra:
            said["pull_request"] = {"url": "https://github.example/pull"}
        return said

    def _note(self, issue: Issue, note: Note) -> dict[str, Any]:
        return {
            "id": note.id,
            "html_url": f"https://github.example/{self.project}/issues/"
            f"{issue.number}#issuecomment-{note.id}",
            "user": self._person(note.author),
            "author_association": "NONE" if note.author == OUTSIDER else "MEMBER",
            "body": note.text,
            "created_at": _stamp(note.written_at),
            "updated_at": _stamp(note.written_at),
        }

    def delivery_of(self, change: Change) -> Delivery:
        commented = change.event is Event.COMMENTED
        event = "issue_comment" if commented else "issues"
        said: dict[str, Any] = {
            "action": {
                Event.COMMENTED: "created",
                Event.MOVED: "transferred",
            }.get(change.event, change.event.value),
            "issue": self._issue(change.issue),
            "repository": self._repository(),
            "sender": self._person(change.by),
        }
        if change.note is not None:
            said["comment"] = self._note(change.issue, change.note)
        if change.event is Event.EDITED:
            said["changes"] = {name: {"from": ""} for name in change.edited}
        body = json.dumps(said).encode()
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.project}/{change.id}"))
        mac = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/0123abc",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": id,
            "X-GitHub-Hook-ID": "31",
            "X-Hub-Signature-256": f"sha256={mac}",
        }
        return Delivery(id, event, headers, body)


def _labels(issue: Issue) -> list[dict[str, str]]:
    return [{"name": name, "color": "ededed"} for name in issue.labels]


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _page_of(items: list[Any], asked: Asked, limit: int) -> list[Any]:
    size = min(int(asked.query.get("per_page", 30)), limit)
    start = (int(asked.query.get("page", 1)) - 1) * size
    return items[start : start + size]
