"""CycloneDX documents that are refused, with the reason and the place."""

import json
import random
from typing import Any

import pytest

from tests.formats.bills import document, encoded, large, library, nested, refused


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \n\t", "empty", id="white space"),
        pytest.param(b"{}", "bomFormat", id="empty object"),
        pytest.param(b"[]", "no CycloneDX", id="empty list"),
        pytest.param(b"null", "no CycloneDX", id="null"),
        pytest.param(b'"x"', "no CycloneDX", id="text"),
        pytest.param(b"12", "no CycloneDX", id="number"),
        pytest.param(b"<bom/>", "not JSON", id="markup"),
        pytest.param(encoded(bomFormat="SPDX"), "bomFormat", id="other bomFormat"),
        pytest.param(encoded(specVersion=None), "not a text", id="version null"),
        pytest.param(encoded(specVersion=1.5), "not a text", id="version a number"),
        pytest.param(encoded(specVersion=""), "1.4, 1.5, 1.6", id="version empty"),
        pytest.param(encoded(specVersion="9.9"), "1.4, 1.5, 1.6", id="version 9.9"),
        pytest.param(encoded(specVersion="1.0"), "1.4, 1.5, 1.6", id="version 1.0"),
        pytest.param(
            b'{"bomFormat":"CycloneDX"}', "specVersion is missing", id="no version"
        ),
        pytest.param(encoded(x=float("nan")), "NaN", id="NaN"),
        pytest.param(encoded(x=float("-inf")), "-Infinity", id="infinity"),
        pytest.param(
            encoded()[:-1] + b',"x":' + b"9" * 5_000 + b"}", "too large", id="digits"
        ),
        pytest.param(encoded(components={}), "not a list", id="components an object"),
        pytest.param(encoded(components="x"), "not a list", id="components a text"),
        pytest.param(
            encoded()[:-1] + b',"components":[]}', "'components'", id="duplicate list"
        ),
        pytest.param(
            encoded()[:-1] + b',"specVersion":"1.4"}', "'specVersion'", id="duplicate"
        ),
        pytest.param(
            encoded({"name": "x", "hashes": []}).replace(b'"hashes"', b'"name"'),
            "'name'",
            id="duplicate name",
        ),
        pytest.param(
            encoded(metadata={"a": 1, "b": 2}).replace(b'"b"', b'"a"'),
            "'a'",
            id="duplicate of a key that is not read",
        ),
        pytest.param(
            encoded({"name": "x", "purl": "", "zzzz": ""}).replace(
                b"zzzz", b"pur\\u006c"
            ),
            "'purl'",
            id="duplicate in other letters",
        ),
        pytest.param(
            encoded().decode().encode("utf-16"), "UTF-16", id="UTF-16 with a mark"
        ),
        pytest.param(encoded().decode().encode("utf-16-le"), "UTF-16", id="UTF-16"),
        pytest.param(encoded().decode().encode("utf-32"), "UTF-32", id="UTF-32"),
        pytest.param(
            encoded().replace(b"1.5", b"\xe9"), "byte 0xE9 at line 1", id="Latin-1"
        ),
        pytest.param(b'{"x":' + b"[" * 100_000, "nested", id="100,000 lists"),
        pytest.param(b'{"x":' * 100_000, "nested", id="100,000 objects"),
        pytest.param(encoded(nested(65)), "nesting over 64", id="65 levels"),
        pytest.param(encoded(nested(300)), "nesting over 64", id="300 levels"),
        pytest.param(
            b'{"bomFormat": "CycloneDX",\n<<<<<<< HEAD\n"x": 1}',
            "merge conflict at line 2",
            id="merge conflict",
        ),
        pytest.param(encoded() + b"x", "not JSON", id="more after the end"),
    ],
)
def test_a_file_that_is_no_supported_document_is_refused(
    content: bytes, reason: str
) -> None:
    assert reason in str(refused(content))


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        pytest.param(3, "object", id="number"),
        pytest.param(None, "object", id="null"),
        pytest.param({}, "name", id="no name"),
        pytest.param({"name": None}, "name", id="name null"),
        pytest.param({"name": ""}, "blank", id="empty name"),
        pytest.param({"name": "\u200b"}, "zero-width", id="invisible name"),
        pytest.param({"name": "a\x00"}, "control", id="NUL in the name"),
        pytest.param({"name": "\ud800"}, "surrogate", id="half a character"),
        pytest.param({"name": "x" * 201}, "at most 200", id="201 characters"),
        pytest.param({"name": "x" * 1_000_000}, "at most 200", id="1 MB of name"),
        pytest.param({"name": "x", "version": 1.10}, "version", id="version a number"),
        pytest.param({"name": "x", "version": "1" * 101}, "at most 100", id="version"),
        pytest.param({"name": "x", "version": "1\n2"}, "control", id="version lines"),
        pytest.param({"name": "x", "purl": 5}, "purl", id="purl a number"),
        pytest.param({"name": "x", "group": []}, "group", id="group a list"),
        pytest.param({"name": "x", "components": 5}, "not a list", id="nested number"),
    ],
)
@pytest.mark.parametrize("build", [encoded, large], ids=["small", "large"])
def test_a_component_that_cannot_be_kept_is_named_by_its_place(
    component: object, reason: str, build: Any
) -> None:
    error = refused(build(component))

    assert error.problems[0].place.startswith("components[")
    assert reason in error.problems[0].message


def test_all_components_that_cannot_be_kept_are_told_at_once() -> None:
    error = refused(encoded({"name": ""}, library("a"), {"name": "b", "version": 2}))

    assert [problem.place for problem in error.problems] == [
        "components[0]",
        "components[2]",
    ]


def test_a_hundred_problems_are_told_and_the_others_counted() -> None:
    error = refused(encoded(*[{"name": ""}] * 150))

    assert len(error.problems) == 101
    assert error.problems[-1].message == "And 50 more problems."


def test_reading_stops_after_a_thousand_problems() -> None:
    error = refused(encoded(*[{"name": ""}] * 5_000))

    assert "The rest of the file was not read" in error.problems[-1].message


def test_50_001_components_are_refused() -> None:
    error = refused(encoded(*[{"name": "x"}] * 50_001))

    assert "at most 50,000 components" in str(error)


def test_over_50_mb_are_refused() -> None:
    assert "50 MB at most" in str(refused(b"{" + b" " * 50_000_000))


@pytest.mark.parametrize(
    "key", ["components", "version", "purl"], ids=lambda key: f"duplicate {key}"
)
def test_a_duplicate_key_is_refused_in_a_large_document_too(key: str) -> None:
    content = large({"name": "x", "purl": "pkg:npm/x", "zzzz": None})
    duplicate = content.replace(b'"purl": "pkg:npm/x"', f'"{key}": null'.encode())

    error = refused(duplicate.replace(b"zzzz", key.encode()))

    assert f"duplicate key '{key}'" in str(error)


@pytest.mark.parametrize("key", ["name", "group"], ids=lambda key: f"duplicate {key}")
def test_a_duplicate_name_is_refused_where_it_identifies(key: str) -> None:
    content = large({"name": "x", "group": "y", "zzzz": "w"})

    assert f"duplicate key '{key}'" in str(
        refused(content.replace(b"zzzz", key.encode()))
    )


def test_a_duplicate_key_in_other_letters_is_refused_in_a_large_document() -> None:
    content = large({"name": "x", "purl": "pkg:npm/x", "zzzz": ""})

    error = refused(content.replace(b"zzzz", b"p\\u0075rl"))

    assert "duplicate key 'purl'" in str(error)


def test_a_document_cut_anywhere_is_refused() -> None:
    content = json.dumps(
        document(library("a"), nested(3), library("é", licenses=[{"x": "\n"}])),
        ensure_ascii=False,
    ).encode()
    cuts = random.Random(25).sample(range(len(content)), 150)

    for cut in cuts:
        refused(content[:cut])


def test_a_large_document_cut_anywhere_is_refused() -> None:
    content = large()

    for cut in range(1, len(content), len(content) // 10):
        refused(content[:cut])


def test_tens_of_megabytes_of_tiny_values_are_refused() -> None:
    content = b'{"x":[' + b"[]," * 4_000_000 + b"[]]}"

    assert "too many values" in str(refused(content))
