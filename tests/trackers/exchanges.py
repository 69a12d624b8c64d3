"""What goes between the product and a fake ticket system: requests, answers, faults."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class Fault(StrEnum):
    """What goes wrong with a request."""

    OK = "ok"
    LIMITED = "429"
    ERROR_BEFORE = "500 before storing"
    ERROR_AFTER = "500 after storing"
    TIMEOUT_AFTER = "timeout after success"
    DROPPED_BEFORE = "dropped before storing"
    DROPPED_AFTER = "dropped after storing"
    TRUNCATED = "truncated answer"
    DRIPPING = "dripping answer"
    REDIRECT = "redirect"
    HTML = "HTML with 200"
    EMPTY = "201 with empty body"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    UNPROCESSABLE = "422"


STORING = frozenset(
    {
        Fault.OK,
        Fault.ERROR_AFTER,
        Fault.TIMEOUT_AFTER,
        Fault.DROPPED_AFTER,
        Fault.TRUNCATED,
        Fault.DRIPPING,
        Fault.HTML,
        Fault.EMPTY,
    }
)
"""The faults with which a request is carried out all the same."""

REFUSED = {
    Fault.ERROR_BEFORE: 500,
    Fault.ERROR_AFTER: 500,
    Fault.UNAUTHORIZED: 401,
    Fault.FORBIDDEN: 403,
    Fault.NOT_FOUND: 404,
    Fault.UNPROCESSABLE: 422,
}
"""The status that goes with a fault, where the system says no."""


class Kind(StrEnum):
    """What a request is for, as a system's module tells it."""

    CREATE = "create"
    UPDATE = "update"
    COMMENT = "comment"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived. `at` is by the tracker's clock; headers in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def agent(self) -> str:
        return self.headers.get("user-agent", "")

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the segments of the path, each decoded by itself."""
        path = urlsplit(self.path).path
        return tuple(unquote(part) for part in path.strip("/").split("/"))

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))

    @property
    def query_pairs(self) -> list[tuple[str, str]]:
        """Return the query with names that come more than once."""
        return parse_qsl(urlsplit(self.path).query, keep_blank_values=True)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: JSON, or nothing at all where `said` is None."""

    status: int
    said: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return b"" if self.said is None else json.dumps(self.said).encode()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook, signed and ready to be posted: in any order, twice, or not at all."""

    id: str
    event: str
    headers: Mapping[str, str]
    body: bytes
