"""Bodies that are refused as such (A-2 to A-6, A-13 to A-16, A-20)."""

import json

import pytest
from django.test import override_settings

from reviews.models import Solution
from tests.api.conftest import (
    DJANGO,
    EVALUATIONS,
    HUGE,
    JUDGED,
    SOLUTIONS,
    Caller,
    body,
    problem_of,
    refused,
)


@pytest.mark.parametrize(
    "number",
    [
        "1e30",
        str(HUGE),
        "2147483648",
        "-1",
        "1.5",
        '"5"',
        "1e400",
        "-1e400",
        "true",
        "3651",
        "[]",
        "NaN",
        "Infinity",
        "-Infinity",
        "1" * 4_300,
        "1" * 4_301,
        "5.0",
    ],
)
def test_a2_only_a_whole_number_in_its_range_is_one(bob: Caller, number: str) -> None:
    content = body(contract_ends_on="2027-01-31")[:-1] + (
        f', "notice_period_days": {number}}}'.encode()
    )

    refused(bob, SOLUTIONS, content)


def test_a2_minus_nothing_is_nothing(bob: Caller) -> None:
    content = body(contract_ends_on="2027-01-31")[:-1] + b', "notice_period_days": -0}'

    assert bob.post(SOLUTIONS, content).json()["notice_period_days"] == 0


@pytest.mark.parametrize("content", [b"[]", b"null", b'"x"', b"1", b"true", b"[{}]"])
def test_a3_a_body_is_one_object(bob: Caller, content: bytes) -> None:
    assert "JSON object" in refused(bob, SOLUTIONS, content)


@pytest.mark.parametrize("content", [b"", b" ", b"{", b"{} {}", b"{'a': 1}", b"{a: 1}"])
def test_a3_what_is_no_json_is_refused(bob: Caller, content: bytes) -> None:
    refused(bob, SOLUTIONS, content)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a3_nothing_at_all_is_no_body(bob: Caller, django: str, method: str) -> None:
    path = SOLUTIONS if method == "POST" else django

    problem_of(bob(method, path), 400)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b'{"name": "a\\u0000b", "kind": "package"}', "name"),
        (b'{"name": "a\\ud800b", "kind": "package"}', "name"),
        (b'{"name": "\\udc00\\ud800", "kind": "package"}', "name"),
        (b'{"name": "x", "kind": "package", "a\\u0000": 1}', None),
        (b'{"name": "x", "kind": "package", "\\ud800": 1}', None),
        (b'{"name": "x", "kind": "package", "tags": ["\\u0000"]}', "tags"),
        (b'{"name": "x", "kind": "package", "tags": [{"\\ud800": 1}]}', "tags"),
    ],
)
def test_a4_no_nul_and_no_half_characters(
    bob: Caller, content: bytes, field: str | None
) -> None:
    refused(bob, SOLUTIONS, content, field)


@pytest.mark.parametrize("text", ["a\u0000b", "a\ud800b"])
@pytest.mark.parametrize("field", ["summary", "rationale", "alternatives", "version"])
def test_a4_nor_in_an_evaluation(
    bob: Caller, django: str, field: str, text: str
) -> None:
    value = [text] if field == "alternatives" else text

    refused(bob, EVALUATIONS, json.dumps({**JUDGED, field: value}).encode(), field)


@pytest.mark.parametrize("depth", [65, 1_000, 5_000, 100_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}")])
def test_a5_deep_nesting_is_refused(
    bob: Caller, depth: int, brackets: tuple[bytes, bytes]
) -> None:
    opening, closing = brackets
    deep = opening * depth + b"1" + closing * depth

    assert "nested" in refused(
        bob, SOLUTIONS, body()[:-1] + b', "tags": ' + deep + b"}"
    )


@pytest.mark.parametrize(
    "content",
    [
        b'{"name": "a", "name": "b", "kind": "package"}',
        b'{"name": "a", "n\\u0061me": "a", "kind": "package"}',
        b'{"name": "a", "kind": "package", "identifiers": [{"value": "a", "value": 1}]}',
    ],
)
def test_a6_a_key_stands_once(bob: Caller, content: bytes) -> None:
    assert "twice" in refused(bob, SOLUTIONS, content)


@pytest.mark.parametrize(
    "content",
    [
        b'{"name": "\xff", "kind": "package"}',
        b'{"name": "\xed\xa0\x80", "kind": "package"}',
        json.dumps(DJANGO).encode("utf-16"),
        json.dumps(DJANGO).encode("utf-16-le"),
        json.dumps(DJANGO).encode("utf-32"),
    ],
)
def test_a13_only_utf_8_is_read(bob: Caller, content: bytes) -> None:
    refused(bob, SOLUTIONS, content)


def test_a13_a_byte_order_mark_does_no_harm(bob: Caller) -> None:
    assert bob.post(SOLUTIONS, b"\xef\xbb\xbf" + body()).status_code == 201


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application/*",
        "*/*",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/json; charset=bogus",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/json; charset=hex",
        "application/json; charset=",
        "application/jsonx",
        "x" * 9_000,
    ],
)
def test_a14_another_type_of_body_is_refused(bob: Caller, content_type: str) -> None:
    answer = bob.post(SOLUTIONS, body(), content_type=content_type)

    problem_of(answer, 415)
    assert not Solution.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=UTF-8",
        'application/json;charset="utf-8"',
    ],
)
def test_a14_json_is_taken_however_it_is_spelt(bob: Caller, content_type: str) -> None:
    answer = bob.post(SOLUTIONS, body(), content_type=content_type)

    assert answer.status_code == 201


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip"])
def test_a14_a_packed_body_is_refused(bob: Caller, encoding: str) -> None:
    answer = bob.post(SOLUTIONS, body(), headers={"Content-Encoding": encoding})

    problem_of(answer, 415)


def test_a15_a_body_too_large_is_a_problem_of_its_own(bob: Caller) -> None:
    problem_of(bob.post(SOLUTIONS, body(description="x" * 3_000_000)), 413)


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
def test_a15_the_limit_is_the_setting(bob: Caller) -> None:
    problem_of(bob.post(SOLUTIONS, body(name="x" * 100)), 413)


def test_a16_a_form_of_1100_fields_is_refused(bob: Caller) -> None:
    form = "&".join(f"f{n}=1" for n in range(1_100)).encode()

    answer = bob.post(SOLUTIONS, form, content_type="application/x-www-form-urlencoded")

    problem_of(answer, 415)


def test_a20_there_is_no_bulk(bob: Caller) -> None:
    refused(bob, SOLUTIONS, json.dumps([DJANGO] * 10_000).encode())
