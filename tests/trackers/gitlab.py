"""
GitLab's issues and notes, as version 4 of its API documents them.

Source: https://docs.gitlab.com/api/issues/, .../api/notes/ and
https://docs.gitlab.com/user/project/integrations/webhook_events/
"""

import json
import re
import uuid
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook

from tests.trackers.exchanges import Answer, Asked, Delivery, Kind
from tests.trackers.issues import BOT, OUTSIDER, Change, Event, Issue, Note
from tests.trackers.serving import Tracker

_MESSAGES: dict[int, Any] = {
    401: {"message": "401 Unauthorized"},
    403: {"message": "403 Forbidden"},
    404: {"message": "404 Project Not Found"},
    422: {"message": {"title": ["can't be blank"]}},
    429: {"message": "Retry later"},
    500: {"message": "500 Internal Server Error"},
}

_PROJECT_ID = "98"
_ACTIONS = {Event.OPENED: "open", Event.CLOSED: "close", Event.REOPENED: "reopen"}
# A line that GitLab carries out and takes away.
_QUICK_ACTION = re.compile(r"^/(close|assign|label|due)\b.*$", re.MULTILINE)


class GitLabTracker(Tracker):
    """
    One project on GitLab.

    `level` is the role of the token's account, `scopes` what the token may do,
    `issues_access` and `is_archived` how the project stands. `signing_token`, whsec_ and
    some base64, has the webhooks signed besides; `secret` is sent as it is.
    """

    project = "acme/platform/payments"
    level = 20
    scopes: tuple[str, ...] = ("api",)
    issues_access = "enabled"
    is_archived = False
    page_limit = 100
    signing_token = ""

    def kind_of(self, asked: Asked) -> Kind:
        if asked.method == "GET":
            return Kind.READ
        tail = asked.parts[-1]
        if asked.method == "POST" and tail == "issues":
            return Kind.CREATE
        if asked.method == "POST" and tail == "notes":
            return Kind.COMMENT
        return Kind.UPDATE

    def refusal(self, status: int) -> Any:
        return _MESSAGES.get(status, {"error": "Error"})

    def route(self, asked: Asked) -> Answer:
        if asked.headers.get("private-token") != self.token:
            return self.refused(401)
        match (asked.method, *asked.parts):
            case ("GET", "api", "v4", "user"):
                return Answer(200, self._person(BOT))
            case ("GET", "api", "v4", "personal_access_tokens", "self"):
                return Answer(200, {"id": 3, "scopes": list(self.scopes)})
            case (method, "api", "v4", "projects", project, *rest):
                if project in (self.project, _PROJECT_ID):
                    return self._in_project(method, rest, asked)
        return self.refused(404)

    def _in_project(self, method: str, rest: list[str], asked: Asked) -> Answer:
        if not rest:
            return Answer(200, self._project())
        if self.issues_access == "disabled" or (method != "GET" and self.is_archived):
            return self.refused(403)
        match (method, *rest):
            case ("GET", "members", "all"):
                return Answer(200, self._page_of(self._people(), asked))
            case ("GET", "issues"):
                return self._list(asked)
            case ("POST", "issues"):
                return self._create(asked.json())
            case (method, "issues", number, *deeper):
                found = [i for i in self.created if str(i.number) == number]
                if found and not found[0].is_deleted:
                    return self._on_issue(found[0], method, deeper, asked)
        return Answer(404, {"message": "404 Not found"})

    def _on_issue(
        self, issue: Issue, method: str, deeper: list[str], asked: Asked
    ) -> Answer:
        match (method, *deeper):
            case ("GET",):
                return Answer(200, self._issue(issue))
            case ("PUT",):
                return self._change(issue, asked.json())
            case ("GET", "notes"):
                return Answer(200, self._page_of(self._notes(issue), asked))
            case ("POST", "notes"):
                text = self._carried_out(issue, asked.json()["body"])
                note = self.comment(issue.number, BOT, text)
                return Answer(201, self._note(note))
        return self.refused(404)

    def _list(self, asked: Asked) -> Answer:
        query = asked.query
        wanted = {to for name, to in asked.query_pairs if name == "iids[]"}
        issues = self.listed()
        if wanted:
            issues = [i for i in issues if str(i.number) in wanted]
        if "created_after" in query:
            after = datetime.fromisoformat(query["created_after"])
            issues = [i for i in issues if i.created_at >= after]
        if "updated_after" in query:
            after = datetime.fromisoformat(query["updated_after"])
            issues = [i for i in issues if i.updated_at >= after]
        if query.get("state", "all") != "all":
            issues = [i for i in issues if i.is_closed == (query["state"] == "closed")]
        by_update = query.get("order_by", "created_at") == "updated_at"
        issues.sort(
            key=lambda i: (i.updated_at if by_update else i.created_at, i.number),
            reverse=query.get("sort", "desc") == "desc",
        )
        return Answer(200, self._page_of([self._issue(i) for i in issues], asked))

    def _page_of(self, items: list[Any], asked: Asked) -> list[Any]:
        size = min(int(asked.query.get("per_page", 20)), self.page_limit)
        start = (int(asked.query.get("page", 1)) - 1) * size
        return items[start : start + size]

    def _create(self, said: dict[str, Any]) -> Answer:
        if not said.get("title"):
            return Answer(400, {"error": "title is missing"})
        if len(said["title"]) > 255:
            message = {"title": ["is too long (maximum is 255 characters)"]}
            return Answer(400, {"message": message})
        # Guests may write issues, but what they say of labels and days is dropped.
        may_plan = self.level >= 15
        labels = said.get("labels") or ""
        issue = self.add(
            title=said["title"],
            body=said.get("description"),
            labels=[name for name in labels.split(",") if name and may_plan],
            due=said.get("due_date") if may_plan else None,
            extra={"issue_type": said.get("issue_type", "issue")},
        )
        issue.body = self._carried_out(issue, issue.body or "")
        return Answer(201, self._issue(issue))

    def _change(self, issue: Issue, said: dict[str, Any]) -> Answer:
        plain: dict[str, Any] = {}
        if "title" in said:
            plain["title"] = said["title"]
        if "description" in said:
            plain["body"] = self._carried_out(issue, said["description"])
        if "due_date" in said:
            plain["due"] = said["due_date"] or None
        added = [name for name in said.get("add_labels", "").split(",") if name]
        dropped = said.get("remove_labels", "").split(",")
        labels = [name for name in issue.labels if name not in dropped]
        labels += [name for name in added if name not in labels]
        if labels != issue.labels:
            plain["labels"] = labels
        if plain:
            self.edit(issue.number, by=BOT, **plain)
        if said.get("state_event") == "close" and not issue.is_closed:
            self.close(issue.number, by=BOT)
        if said.get("state_event") == "reopen" and issue.is_closed:
            self.reopen(issue.number, by=BOT)
        return Answer(200, self._issue(issue))

    def _carried_out(self, issue: Issue, text: str) -> str:
        """Return a text without its quick actions, of which /close really closes."""
        if "/close" in (found[0].split()[0] for found in _QUICK_ACTION.finditer(text)):
            self.close(issue.number, by=BOT)
        return _QUICK_ACTION.sub("", text)

    def listed(self) -> list[Issue]:
        """Return what is listed: an issue that was moved stays, closed."""
        now = self.clock()
        issues = (issue for issue in self.created if not issue.is_deleted)
        return [issue for issue in issues if issue.visible_at <= now]

    # How GitLab writes it.

    def _person(self, login: str) -> dict[str, Any]:
        return {"id": 1 + len(login), "username": login, "name": login.title()}

    def _people(self) -> list[dict[str, Any]]:
        """Return the members: whoever wrote something, but for the outsider."""
        writers = {note.author for issue in self.created for note in issue.comments}
        return [
            self._person(writer)
            | {"access_level": 10 if writer == OUTSIDER else 30, "state": "active"}
            for writer in sorted(writers)
        ]

    def _project(self) -> dict[str, Any]:
        return {
            "id": int(_PROJECT_ID),
            "path_with_namespace": self.project,
            "web_url": f"https://gitlab.example/{self.project}",
            "archived": self.is_archived,
            "issues_enabled": self.issues_access != "disabled",
            "issues_access_level": self.issues_access,
            "permissions": {
                "project_access": {"access_level": self.level},
                "group_access": None,
            },
        }

    def _url(self, issue: Issue) -> str:
        return f"https://gitlab.example/{self.project}/-/issues/{issue.number}"

    def _issue(self, issue: Issue) -> dict[str, Any]:
        is_closed = issue.is_closed or bool(issue.moved_to)
        return {
            "id": issue.id,
            "iid": issue.number,
            "project_id": int(_PROJECT_ID),
            "title": issue.title,
            "description": issue.body,
            "state": "closed" if is_closed else "opened",
            "created_at": _stamp(issue.created_at),
            "updated_at": _stamp(issue.updated_at),
            "labels": list(issue.labels),
            "author": self._person(issue.author),
            "assignee": self._person(issue.assignee) if issue.assignee else None,
            "due_date": issue.due,
            "web_url": self._url(issue),
            "references": {
                "short": f"#{issue.number}",
                "full": f"{self.project}#{issue.number}",
            },
            "moved_to_id": 4711 if issue.moved_to else None,
            "issue_type": issue.extra.get("issue_type", "issue"),
        }

    def _notes(self, issue: Issue) -> list[dict[str, Any]]:
        noted = Note(1, BOT, "changed the description", issue.created_at)
        return [
            {**self._note(noted), "system": True},
            *(self._note(note) for note in issue.comments),
        ]

    def _note(self, note: Note) -> dict[str, Any]:
        return {
            "id": note.id,
            "body": note.text,
            "author": self._person(note.author),
            "system": False,
            "noteable_type": "Issue",
            "created_at": _stamp(note.written_at),
            "updated_at": _stamp(note.written_at),
        }

    def delivery_of(self, change: Change) -> Delivery | None:
        if change.event is Event.DELETED:
            return None  # GitLab tells nobody.
        commented = change.note is not None
        event = "Note Hook" if commented else "Issue Hook"
        body = json.dumps(self._note_hook(change) if commented else self._hook(change))
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.project}/{change.id}"))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitLab/18.5.0",
            "X-Gitlab-Event": event,
            "X-Gitlab-Event-UUID": id,
            "X-Gitlab-Webhook-UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, self.project)),
            "X-Gitlab-Instance": "https://gitlab.example",
            "X-Gitlab-Token": self.secret,
            "Idempotency-Key": id,
        }
        if self.signing_token:
            at = self.now()
            headers["webhook-id"] = id
            headers["webhook-timestamp"] = str(int(at.timestamp()))
            headers["webhook-signature"] = Webhook(self.signing_token).sign(
                id, at, body
            )
        return Delivery(id, event, headers, body.encode())

    def _hook(self, change: Change) -> dict[str, Any]:
        said = self._issue(change.issue)
        return {
            "object_kind": "issue",
            "event_type": "issue",
            "user": self._person(change.by),
            "project": self._project(),
            "object_attributes": {
                "id": said["id"],
                "iid": said["iid"],
                "project_id": said["project_id"],
                "title": said["title"],
                "description": said["description"],
                "state": said["state"],
                "due_date": said["due_date"],
                "url": said["web_url"],
                "created_at": _hook_stamp(change.issue.created_at),
                "updated_at": _hook_stamp(change.at),
                "action": _ACTIONS.get(change.event, "update"),
            },
            "labels": [{"title": name} for name in change.issue.labels],
            "changes": {name: {"previous": None} for name in change.edited},
        }

    def _note_hook(self, change: Change) -> dict[str, Any]:
        assert change.note is not None
        return {
            "object_kind": "note",
            "event_type": "note",
            "user": self._person(change.by),
            "project": self._project(),
            "object_attributes": {
                "id": change.note.id,
                "note": change.note.text,
                "noteable_type": "Issue",
                "action": "create",
                "system": False,
                "created_at": _hook_stamp(change.at),
                "updated_at": _hook_stamp(change.at),
                "url": f"{self._url(change.issue)}#note_{change.note.id}",
            },
            "issue": {
                "id": change.issue.id,
                "iid": change.issue.number,
                "title": change.issue.title,
                "state": "closed" if change.issue.is_closed else "opened",
                "updated_at": _hook_stamp(change.at),
            },
        }


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _hook_stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
