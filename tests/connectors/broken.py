"""
What any source may answer instead of an answer, and what becomes of it.

For the connectors' own tests: each of these is a `OutsideError`, and nothing else.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.connectors.serving import (
    Reply,
    answer,
    hang_up,
    json_answer,
    page,
    too_many,
    truncated,
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A reply, and how its failure has to be told."""

    reply: Reply
    permanent: bool = False
    retry_after: timedelta | None = None


BROKEN = [
    pytest.param(
        Broken(too_many("30"), retry_after=timedelta(seconds=30)),
        id="429 for so many seconds",
    ),
    pytest.param(
        Broken(
            too_many("Sun, 22 Nov 2126 12:00:00 GMT"),
            retry_after=timedelta(hours=24),
        ),
        id="429 until a day far off",
    ),
    pytest.param(
        Broken(too_many("", 503), retry_after=timedelta(seconds=60)),
        id="503 for unsaid long",
    ),
    pytest.param(Broken(answer(b"{}", 500)), id="500"),
    pytest.param(Broken(page(200)), id="a sign-in page"),
    pytest.param(Broken(answer(b"")), id="nothing"),
    pytest.param(Broken(answer(b'{"result": {"na')), id="JSON that breaks off"),
    pytest.param(Broken(truncated(b'{"result": ')), id="a body that breaks off"),
    pytest.param(Broken(hang_up()), id="no answer at all"),
    pytest.param(Broken(json_answer([])), id="a list"),
    pytest.param(Broken(json_answer({})), id="an empty object"),
    pytest.param(Broken(json_answer({"error": "no"})), id="another schema"),
    pytest.param(Broken(json_answer("no")), id="a text"),
    pytest.param(Broken(json_answer(None)), id="null"),
]
