"""
What a delivery of a ticket system's webhook hints at: which tickets may have changed.

No more is believed of it. What a delivery says became of an issue is not read here, nor
anywhere: the ticket system itself is asked.

Sources: GitHub, "Webhook events and payloads" (issues, issue_comment); Atlassian,
"Webhooks" (issue and comment events); GitLab, "Webhook events" (issue and comment
events); Redmine 7, `app/models/webhook_payload.rb`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

from reviews.rules.ticketing import System

FORM = "application/x-www-form-urlencoded"
EVENT_LIMIT = 100

_NAME = re.compile(r"[\x21-\x7e]{1,100}", re.ASCII)
_EVENT = re.compile(r"[^\x20-\x7e]", re.ASCII)
_JOINERS = "\u200c\u200d"


class UnreadableError(ValueError):
    """A body that is none of the system's; the text does not repeat any of it."""


@dataclass(frozen=True, slots=True)
class Hint:
    """
    What may have changed.

    `names` are all that an issue goes by in the delivery: ids, numbers, keys. They are
    empty where it is about something else. `is_broken` says that the delivery is of a
    kind that is about an issue, and does not say which.
    """

    event: str
    names: frozenset[str] = frozenset()
    is_broken: bool = False


def body_of(raw: bytes, *, content_type: str) -> str:
    """
    Return the JSON in the bytes of a delivery, as text.

    GitHub can be told to send it as the field `payload` of a form.

    :raises UnreadableError: if there is none.
    """
    try:
        text = raw.decode()
        if content_type.partition(";")[0].strip().lower() == FORM:
            fields = parse_qs(text, max_num_fields=10, errors="strict")
            text = fields.get("payload", [""])[0]
    except ValueError as error:
        raise UnreadableError("The body is not UTF-8 text.") from error
    return text


def hint_of(system: System, body: str, *, event: str = "") -> Hint:
    """
    Return what a delivery hints at; `event` is its kind, where a header says it.

    :raises UnreadableError: if the body is not an object in JSON.
    """
    try:
        content = json.loads(body)
    except RecursionError as error:
        raise UnreadableError("The JSON is nested too deeply.") from error
    except ValueError as error:
        raise UnreadableError("The body is not JSON.") from error
    if not isinstance(content, dict):
        raise UnreadableError("The JSON is not an object.")
    kind = _EVENT.sub("", event or _event(system, content))[:EVENT_LIMIT]
    names = frozenset(name for name in _named(system, content) if name)
    return Hint(kind, names, is_broken=_is_about_an_issue(system, kind) and not names)


def plain(text: str, *, limit: int) -> str:
    """Return a text from outside on one line, without what no text here may hold."""
    kept = (each if each.isprintable() or each in _JOINERS else " " for each in text)
    return " ".join("".join(kept).split())[:limit].strip(_JOINERS + " ")


_EVENT_KEYS = {
    System.JIRA: "webhookEvent",
    System.REDMINE: "type",
    System.GITLAB: "object_kind",
}


def _event(system: System, content: dict[str, object]) -> str:
    said = content.get(_EVENT_KEYS.get(system, ""))
    return said if isinstance(said, str) else ""


def _is_about_an_issue(system: System, event: str) -> bool:
    match system:
        case System.GITHUB:
            return event in ("issues", "issue_comment")
        case System.JIRA:
            return event.startswith(("jira:issue_", "comment_"))
        case System.GITLAB:
            return event.lower() in ("issue hook", "confidential issue hook", "issue")
        case System.REDMINE:
            return event.startswith("issue.")


def _named(system: System, content: dict[str, object]) -> Iterator[str]:
    """Give what the issues of a delivery go by; the same one under several names."""
    match system:
        case System.GITHUB:
            issue = _within(content, "issue")
            yield from _names(issue, "number", "id", "node_id")
        case System.JIRA:
            yield from _names(_within(content, "issue"), "id", "key")
        case System.GITLAB:
            if content.get("object_kind") in ("issue", "work_item"):
                yield from _names(_within(content, "object_attributes"), "iid", "id")
            yield from _names(_within(content, "issue"), "iid", "id")
        case System.REDMINE:
            yield from _names(_within(_within(content, "data"), "issue"), "id")
            # Plugins for older versions tell it a level higher.
            yield from _names(_within(_within(content, "payload"), "issue"), "id")
            yield from _names(_within(content, "issue"), "id")


def _within(content: dict[str, object], key: str) -> dict[str, object]:
    inner = content.get(key)
    return inner if isinstance(inner, dict) else {}


def _names(issue: dict[str, object], *keys: str) -> Iterator[str]:
    for key in keys:
        value = issue.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int):
            continue
        # A number of a hundred digits is no id, and Python may not even write it down.
        if isinstance(value, int) and not 0 < value < 10**20:
            continue
        if _NAME.fullmatch(str(value)):
            yield str(value)
