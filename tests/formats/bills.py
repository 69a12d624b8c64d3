"""Bills of materials to test with."""

import json
from typing import Any

import pytest

from reviews.formats import cyclonedx
from reviews.formats.records import FormatError


def document(*components: object, **more: object) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "components": list(components),
        **more,
    }


def encoded(*components: object, **more: object) -> bytes:
    return json.dumps(document(*components, **more)).encode()


def library(name: str, version: str = "1.0", **more: object) -> dict[str, object]:
    return {
        "type": "library",
        "bom-ref": f"{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        **more,
    }


def nested(levels: int) -> dict[str, object]:
    component = library("leaf")
    for level in range(levels - 1):
        component = library(f"level-{level}", components=[component])
    return component


def large(*components: object) -> bytes:
    """Return a document too large to be read carefully in any case."""
    many = [
        library(f"package-{index}", licenses=[{"license": {"id": "MIT" * 20}}])
        for index in range(2_000)
    ]
    content = encoded(*many, *components)
    assert len(content) > cyclonedx._SMALL
    return content


def refused(content: bytes) -> FormatError:
    with pytest.raises(FormatError) as raised:
        cyclonedx.read(content)
    for problem in raised.value.problems:
        assert len(problem.message.encode(errors="replace")) <= 1_000
    return raised.value
