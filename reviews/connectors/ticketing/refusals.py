"""What a ticket system says is wrong, read from the JSON that each of them refuses with."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from reviews.rules.answers.quoting import quoted, sentence

EXPLANATION_LIMIT = 300
"""How many characters of an explanation are repeated."""

_FIELD_LIMIT = 60
_MOST = 10
_DEPTH = 4

_NOT_NAMES = frozenset({"status", "documentation_url", "url", "resource"})


def explanation(said: Any, *, secrets: Collection[str] = ()) -> str:
    """
    Return what a system says is wrong, on one line of at most 300 characters.

    Understood are GitHub's `message` and `errors`, GitLab's `message` (a text, or texts
    by field), `error` and `error_description`, Jira's `errorMessages` and `errors` (by
    field), and Redmine's `errors`. Empty where it says none of these.
    """
    if not isinstance(said, dict):
        return ""
    keys = ("message", "errorMessages", "error", "error_description", "errors")
    found = [text for key in keys for text in _texts(said.get(key), _DEPTH)]
    whole = " ".join(sentence(text) for text in dict.fromkeys(found))
    return quoted(without_secrets(whole, secrets), EXPLANATION_LIMIT)


def without_secrets(text: str, secrets: Collection[str]) -> str:
    """Return a text with three dots in place of each secret."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return text


def _texts(said: Any, depth: int) -> Iterator[str]:
    """Yield the texts in a part of an answer, those of a field after its name."""
    if isinstance(said, str):
        text = quoted(said, EXPLANATION_LIMIT)
        if text:
            yield text
    elif isinstance(said, list) and depth:
        for one in said[:_MOST]:
            yield from _texts(one, depth - 1)
    elif isinstance(said, dict) and depth:
        yield from _texts_by_field(said, depth)


def _texts_by_field(said: Mapping[str, Any], depth: int) -> Iterator[str]:
    field = said.get("field")
    if isinstance(field, str) and ("code" in said or "message" in said):
        # GitHub: a field, and a code or a message of its own.
        told = said.get("message") or said.get("code")
        yield from (
            f"{quoted(field, _FIELD_LIMIT)}: {text}" for text in _texts(told, depth - 1)
        )
        return
    for name, value in list(said.items())[:_MOST]:
        if name not in _NOT_NAMES:
            texts = _texts(value, depth - 1)
            yield from (f"{quoted(str(name), _FIELD_LIMIT)}: {text}" for text in texts)
