"""How a connection's fields and values are called in a project: read, and held to bounds."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from reviews.rules.signals import Severity
from reviews.rules.text import TextError, clean_line, shown
from reviews.rules.vocabulary import Verdict

WAIVE = "waive"
"""What a decision may be besides a verdict: the flag is accepted for a while."""

DECISIONS = (*(verdict.value for verdict in Verdict), WAIVE)

SEVERITIES = tuple(
    severity.value for severity in reversed(Severity) if severity is not Severity.INFO
)
"""The words that may be translated, the gravest first."""

NAME_LIMIT = 100
MOST_NAMES = 50
EXTRA_LIMIT = 5_000
EXTRA_LEVELS = 20
"""How deep the objects and lists of `extra` may stand in each other."""


class MappingError(ValueError):
    """A mapping that cannot be kept; the message names the part, and may be shown."""


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """
    What of an issue is sent under which name, and what its closing may decide.

    The names are those of `ports.tickets.Fields`, where they are explained.
    """

    due_on: str = ""
    severity: str = ""
    severities: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    closing: str = ""
    reopening: str = ""
    decisions: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return the mapping as the JSON object that a connection keeps."""
        return asdict(self) | {"labels": list(self.labels)}


def read_mapping(told: Mapping[str, Any]) -> FieldMapping:
    """
    Return the mapping that a JSON object describes; what it leaves out stays empty.

    :raises MappingError: naming the part that is unknown or cannot be read.
    """
    for name in told:
        if name not in _READERS:
            raise MappingError(
                f"A mapping has no {shown(str(name))}: it has {', '.join(_READERS)}. "
                "What is sent besides goes into extra, by the name that the other "
                "system has for it."
            )
    return FieldMapping(
        **{name: _READERS[name](name, value) for name, value in told.items()}
    )


def _name(part: str, value: object) -> str:
    if not isinstance(value, str):
        raise MappingError(f"{part} is not a text.")
    if not value.strip():
        return ""
    try:
        return clean_line(value, limit=NAME_LIMIT)
    except TextError as error:
        raise MappingError(f"{part}: {error}") from error


def _labels(part: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise MappingError(f"{part} is not a list of texts.")
    names = (_name(part, each) for each in value)
    return tuple(dict.fromkeys(filter(None, _bounded(part, list(names)))))


def _severities(part: str, value: object) -> dict[str, str]:
    read = _object(part, value)
    for word in read:
        if word not in SEVERITIES:
            raise MappingError(
                f"{part}: {shown(word)} is no severity. "
                f"The severities are {', '.join(SEVERITIES)}."
            )
    named = {word: _name(f"{part}, {word}", read[word]) for word in read}
    return {word: name for word, name in named.items() if name}


def _decisions(part: str, value: object) -> dict[str, str]:
    read = _object(part, value)
    decisions = {}
    for said, decision in _bounded(part, list(read.items())):
        if decision not in DECISIONS:
            raise MappingError(
                f"{part}: {shown(str(decision))} is no decision. Closing an issue may "
                f"decide {', '.join(DECISIONS)}."
            )
        decisions[_name(part, said)] = decision
    if "" in decisions:
        raise MappingError(f"{part}: a resolution, status or label is blank.")
    return decisions


def _extra(part: str, value: object) -> dict[str, Any]:
    read = _object(part, value)
    # Looked at first: what writes or copies it runs out of stack far later.
    if _is_deeper(read, EXTRA_LEVELS):
        raise MappingError(f"{part} is nested deeper than {EXTRA_LEVELS} levels.")
    try:
        written = json.dumps(read, allow_nan=False)
        # Half a character can be escaped, but neither stored nor sent.
        json.dumps(read, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise MappingError(f"{part} is not JSON.") from error
    # No database keeps it in a JSON text.
    if "\\u0000" in written:
        raise MappingError(f"{part} holds a control character.")
    if len(written) > EXTRA_LIMIT:
        raise MappingError(f"{part} is longer than {EXTRA_LIMIT:,} characters.")
    return read


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, Mapping | list):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


def _object(part: str, value: object) -> dict[str, Any]:
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return dict(value)
    raise MappingError(f"{part} is not an object of names and values.")


def _bounded(part: str, values: list[Any]) -> list[Any]:
    if len(values) > MOST_NAMES:
        raise MappingError(f"{part} has more than {MOST_NAMES} entries.")
    return values


_READERS: Mapping[str, Callable[[str, object], Any]] = {
    "due_on": _name,
    "severity": _name,
    "severities": _severities,
    "labels": _labels,
    "closing": _name,
    "reopening": _name,
    "decisions": _decisions,
    "extra": _extra,
}
