"""
Jira's issues, as the REST APIs of its cloud and its data center document them.

Source: https://developer.atlassian.com/cloud/jira/platform/rest/v2/,
https://developer.atlassian.com/server/jira/platform/rest/ and
https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

import base64
import hashlib
import hmac
import json
import re
import uuid
from datetime import datetime
from typing import Any

from tests.trackers.exchanges import Answer, Asked, Delivery, Kind
from tests.trackers.issues import BOT, OUTSIDER, Change, Event, Issue, Note
from tests.trackers.jql import matching, missing_id
from tests.trackers.serving import Tracker

SUMMARY_LIMIT = 255

_MESSAGES = {
    401: "Client must be authenticated to access this resource.",
    403: "You are not authorized to perform this operation.",
    404: "Issue does not exist or you do not have permission to see it.",
    422: "The request could not be carried out.",
    429: "Rate limit exceeded.",
}
_EVENTS = {
    Event.OPENED: "jira:issue_created",
    Event.DELETED: "jira:issue_deleted",
    Event.COMMENTED: "comment_created",
}
_RIGHTS = ("CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES")
_ADDRESS = re.compile(r"(?<![|\[])https?://[^\s|\]]+")

Said = dict[str, Any]


class JiraTracker(Tracker):
    """
    One project in Jira: on the cloud, or in a data center where `is_cloud` is False.

    `statuses` are name and category, and there is a transition to each from every other.
    `asked_on` has fields that a transition asks for, by the name of its status.
    `lacking` are permissions that the account has not. Cloud gives a description back
    with its escapes gone and its addresses as links, as its editor does.
    """

    project = "PAY"
    login = "robot@corp.example"
    is_cloud = True
    prefix = ""
    types = ("Task", "Bug")
    priorities = ("Highest", "High", "Medium", "Low", "Lowest")
    statuses = (
        ("To Do", "new"),
        ("In Progress", "indeterminate"),
        ("Done", "done"),
        ("Won't Do", "done"),
    )
    page_limit = 50

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.asked_on: dict[str, Said] = {}
        self.lacking: set[str] = set()
        self.screen: Said = {
            "summary": {"name": "Summary", "required": True},
            "issuetype": {"name": "Issue Type", "required": True},
            "project": {"name": "Project", "required": True},
            "description": {"name": "Description", "required": False},
            "labels": {"name": "Labels", "required": False},
            "duedate": {"name": "Due date", "required": False},
            "priority": {
                "name": "Priority",
                "required": False,
                "allowedValues": [{"name": name} for name in self.priorities],
            },
        }

    @property
    def address(self) -> str:
        return self.origin + self.prefix

    def key_of(self, number: int) -> str:
        return f"{self.project}-{number}"

    def opened(self, issue: Issue) -> None:
        issue.status = issue.status or self.statuses[0][0]
        issue.severity = issue.severity or "Medium"

    def closed(self, issue: Issue) -> None:
        issue.status = issue.status or "Done"
        issue.resolution = issue.resolution or issue.status

    def kind_of(self, asked: Asked) -> Kind:
        if asked.method == "GET":
            return Kind.READ
        made = {"issue": Kind.CREATE, "comment": Kind.COMMENT}
        is_new = asked.method == "POST"
        return made.get(asked.parts[-1], Kind.UPDATE) if is_new else Kind.UPDATE

    def refusal(self, status: int) -> Said:
        if status in (400, 422):
            return {
                "errorMessages": [],
                "errors": {"duedate": "It is not on the screen."},
            }
        return {
            "errorMessages": [_MESSAGES.get(status, "Internal error")],
            "errors": {},
        }

    def route(self, asked: Asked) -> Answer:
        root = f"{self.prefix}/rest/api/2/"
        if not asked.path.startswith(root):
            return self.refused(404)
        parts = asked.parts[len(root.strip("/").split("/")) :]
        if parts == ("serverInfo",):
            kind = "Cloud" if self.is_cloud else "Server"
            return Answer(200, {"deploymentType": kind, "version": "10.3.0"})
        if asked.headers.get("authorization") != self._credentials():
            return self.refused(401)
        if asked.method == "GET" and parts[0] != "issue":
            return self._told(asked, parts)
        match (asked.method, *parts):
            case ("POST", "issue"):
                return self._create(asked.json())
            case ("GET", "issue", "createmeta", key, "issuetypes", *deeper):
                return self._screens(key, deeper)
            case (method, "issue", id, *deeper):
                return self._on_issue(method, id, deeper, asked)
        return self.refused(404)

    def _told(self, asked: Asked, parts: tuple[str, ...]) -> Answer:
        match parts:
            case ("myself",):
                return Answer(200, self._person(BOT))
            case ("project", key) if key == self.project:
                return Answer(200, {"id": "10000", "key": key, "name": "Payments"})
            case ("mypermissions",):
                held = {
                    name: {"havePermission": name not in self.lacking}
                    for name in _RIGHTS
                }
                return Answer(200, {"permissions": held})
            case ("search", *deeper):
                return self._search(asked, deeper == ["jql"])
        return self.refused(404)

    def _credentials(self) -> str:
        if not self.is_cloud:
            return f"Bearer {self.token}"
        pair = base64.b64encode(f"{self.login}:{self.token}".encode()).decode()
        return f"Basic {pair}"

    def _screens(self, key: str, deeper: list[str]) -> Answer:
        if key != self.project:
            return self.refused(404)
        if deeper:
            name, found = (
                "fields",
                [
                    {"fieldId": id, "hasDefaultValue": False} | said
                    for id, said in self.screen.items()
                ],
            )
        else:
            name, found = (
                "issueTypes",
                [
                    {"id": str(10_000 + index), "name": type_}
                    for index, type_ in enumerate(self.types)
                ],
            )
        said = {"startAt": 0, "maxResults": 50, "total": len(found)}
        return Answer(200, said | {name if self.is_cloud else "values": found})

    # Issues.

    def _create(self, said: Said) -> Answer:
        told = said["fields"]
        wrong = self._wrong(told)
        if told.get("project") != {"key": self.project}:
            wrong["project"] = "valid project is required"
        if told.get("issuetype", {}).get("name") not in self.types:
            wrong["issuetype"] = "Specify a valid issue type"
        if not told.get("summary"):
            wrong["summary"] = "You must specify a summary of the issue."
        if wrong:
            return Answer(400, {"errorMessages": [], "errors": wrong})
        issue = self.add(
            title=told["summary"],
            body=told.get("description") or "",
            labels=list(told.get("labels", ())),
            due=told.get("duedate"),
            severity=told.get("priority", {}).get("name", ""),
            extra=_properties(said),
        )
        return Answer(201, {"id": str(issue.id), "key": issue.key})

    def _wrong(self, told: Said) -> dict[str, str]:
        unknown = "Field '%s' cannot be set. It is not on the appropriate screen."
        wrong = {name: unknown % name for name in told if name not in self.screen}
        summary = told.get("summary", "")
        if len(summary) > SUMMARY_LIMIT or "\n" in summary:
            wrong["summary"] = "Summary must be one line of at most 255 characters."
        if any(" " in label for label in told.get("labels", ())):
            wrong["labels"] = "The label contains spaces which is invalid."
        priority = told.get("priority")
        if priority and priority["name"] not in self.priorities:
            wrong["priority"] = "The priority selected is invalid."
        return wrong

    def _on_issue(
        self, method: str, id: str, deeper: list[str], asked: Asked
    ) -> Answer:
        found = [i for i in self.created if id in (str(i.id), i.key)]
        if not found or found[0].is_deleted:
            return self.refused(404)
        (issue,) = found
        match (method, *deeper):
            case ("GET",):
                kept = asked.query.get("properties", "").split(",")
                return Answer(200, self._issue(issue, kept))
            case ("PUT",):
                return self._change(issue, asked.json())
            case ("GET", "comment"):
                return self._comments(issue, asked)
            case ("POST", "comment"):
                note = self.comment(issue.number, BOT, asked.json()["body"])
                return Answer(201, self._note(note))
            case ("GET", "transitions"):
                return Answer(200, {"transitions": self._transitions(issue)})
            case ("POST", "transitions"):
                return self._transit(issue, asked.json()["transition"]["id"])
        return self.refused(404)

    def _change(self, issue: Issue, said: Said) -> Answer:
        told = said["fields"]
        if wrong := self._wrong(told):
            return Answer(400, {"errorMessages": [], "errors": wrong})
        names = {"summary": "title", "description": "body", "duedate": "due"}
        new = {names[name]: told[name] for name in names if name in told}
        if "priority" in told:
            new["severity"] = told["priority"]["name"]
        if "properties" in said:
            new["extra"] = issue.extra | _properties(said)
        self.edit(issue.number, by=BOT, **new)
        return Answer(204)

    def _comments(self, issue: Issue, asked: Asked) -> Answer:
        start = int(asked.query.get("startAt", 0))
        size = min(int(asked.query.get("maxResults", 50)), self.page_limit)
        page = issue.comments[start : start + size]
        return Answer(
            200,
            {
                "startAt": start,
                "maxResults": size,
                "total": len(issue.comments),
                "comments": [self._note(note) for note in page],
            },
        )

    def _transitions(self, issue: Issue) -> list[Said]:
        return [
            {
                "id": str(11 + index * 10),
                "name": name,
                "to": self._status(name),
                "fields": self.asked_on.get(name, {}),
            }
            for index, (name, _) in enumerate(self.statuses)
            if name != issue.status
        ]

    def _transit(self, issue: Issue, id: str) -> Answer:
        ways = {way["id"]: way["to"]["name"] for way in self._transitions(issue)}
        if id not in ways:
            return Answer(400, {"errorMessages": ["It is not valid for this issue."]})
        name = ways[id]
        done = dict(self.statuses)[name] == "done"
        if done and not issue.is_closed:
            self.close(issue.number, by=BOT, status=name)
        elif issue.is_closed and not done:
            self.reopen(issue.number, by=BOT, status=name)
        else:
            self.edit(issue.number, by=BOT, status=name)
        return Answer(204)

    # The search.

    def _search(self, asked: Asked, is_new: bool) -> Answer:
        if is_new != self.is_cloud:
            said = "The requested API has been removed."
            return Answer(410, {"errorMessages": [said], "errors": {}})
        jql = asked.query["jql"]
        there = [issue for issue in self.created if not issue.is_deleted]
        if id := missing_id(jql, there):
            text = f"A value with ID '{id}' does not exist for the field 'id'."
            return Answer(400, {"errorMessages": [text], "errors": {}})
        # What is to be reconciled is told as it is, whatever the index knows.
        named = [value for name, value in asked.query_pairs if "reconcile" in name]
        seen = {issue.id for issue in self.listed()}
        issues = matching(
            jql, [i for i in there if i.id in seen or i.moved_to or str(i.id) in named]
        )
        kept = asked.query.get("properties", "").split(",") if self.is_cloud else []
        size = min(int(asked.query["maxResults"]), self.page_limit)
        start = int(asked.query.get("nextPageToken", 0))
        page = [self._issue(one, kept) for one in issues[start : start + size]]
        rest: Said = {"total": len(issues)}
        if self.is_cloud:
            ends = start + size
            rest = {"nextPageToken": str(ends)} if len(issues) > ends else {}
        return Answer(200, {"issues": page} | rest)

    # How Jira writes it.

    def _person(self, name: str) -> Said:
        id = {"accountId": f"5b10:{name}"} if self.is_cloud else {"name": name}
        kind = "customer" if name == OUTSIDER else "atlassian"
        return id | {"displayName": name, "accountType": kind}

    def _status(self, name: str) -> Said:
        category = dict(self.statuses).get(name, "indeterminate")
        return {"name": name, "statusCategory": {"key": category}}

    def _issue(self, issue: Issue, kept: list[str]) -> Said:
        key = f"{issue.moved_to}-{issue.number}" if issue.moved_to else issue.key
        said: Said = {
            "id": str(issue.id),
            "key": key,
            "fields": {
                "summary": issue.title,
                "description": self._description(issue),
                "status": self._status(issue.status),
                "resolution": {"name": issue.resolution} if issue.resolution else None,
                "assignee": self._person(issue.assignee) if issue.assignee else None,
                "labels": list(issue.labels),
                "duedate": issue.due,
                "priority": {"name": issue.severity} if issue.severity else None,
                "created": _stamp(issue.created_at),
                "updated": _stamp(issue.updated_at),
            },
        }
        properties = {k: v for k, v in issue.extra.items() if k in kept}
        return said | ({"properties": properties} if properties else {})

    def _description(self, issue: Issue) -> str | None:
        text: str = issue.body
        if self.is_cloud:
            text = re.sub(r"\\([-+?!()^])", r"\1", text)
            text = _ADDRESS.sub(r"[\g<0>|\g<0>|smart-link]", text)
        return text or None

    def _note(self, note: Note) -> Said:
        return {
            "id": str(note.id),
            "author": self._person(note.author),
            "body": note.text,
            "created": _stamp(note.written_at),
        }

    def delivery_of(self, change: Change) -> Delivery:
        event = _EVENTS.get(change.event, "jira:issue_updated")
        said: Said = {
            "timestamp": int(change.at.timestamp() * 1000),
            "webhookEvent": event,
            "user": self._person(change.by),
            "issue": self._issue(change.issue, []),
        }
        if event == "jira:issue_updated":
            said["issue_event_type_name"] = "issue_generic"
            said["changelog"] = {"items": [{"field": name} for name in change.edited]}
        if change.note is not None:
            said["comment"] = self._note(change.note)
        body = json.dumps(said).encode()
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.project}/{change.id}"))
        mac = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Atlassian HttpClient",
            "X-Atlassian-Webhook-Identifier": id,
            "X-Atlassian-Webhook-Flow": "Primary",
            "X-Hub-Signature": f"sha256={mac}",
        }
        return Delivery(id, event, headers, body)


def _properties(said: Said) -> Said:
    return {one["key"]: one["value"] for one in said.get("properties", ())}


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
