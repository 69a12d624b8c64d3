"""Tests of what the adapters of ticket systems share: judging answers, writing texts."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from reviews.connectors.http import HTTPClient, Response
from reviews.connectors.ticketing.answers import (
    after_change,
    check_status,
    day,
    document,
    instant,
    objects,
    refusal,
)
from reviews.connectors.ticketing.api import TicketAPI, json_payload, url_of
from reviews.connectors.ticketing.refusals import explanation
from reviews.connectors.ticketing.texts import (
    as_written,
    has_marker,
    marked,
    quiet,
    quiet_line,
    without_marker,
)
from reviews.ports.outside import OutsideError, Validators
from tests.connectors.serving import HTML, Server, answer, json_answer

SECRET = "glpat-abcdefghij"


def response(status: int, content: bytes = b"{}") -> Response:
    return Response("https://tracker.example/", status, content, Validators(), False)


def refused(status: int, said: object = None, *, changes: bool = True) -> OutsideError:
    content = json.dumps(said).encode()
    return refusal(response(status, content), name="GitHub", changes=changes)


@pytest.fixture
def api(http: HTTPClient, registry: Server) -> TicketAPI:
    return TicketAPI(
        http,
        name="Tracker",
        base=registry.url("/api/"),
        headers={"Authorization": f"Bearer {SECRET}"},
        secrets=(SECRET,),
    )


# Statuses.


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 422])
def test_what_somebody_must_change_is_permanent_and_known(status: int) -> None:
    error = refused(status)

    assert (error.permanent, error.unknown, error.status) == (True, False, status)


@pytest.mark.parametrize("status", [408, 500, 501, 502, 504, 599])
def test_a_failing_server_leaves_a_change_unknown(status: int) -> None:
    error = refused(status)

    assert (error.permanent, error.unknown) == (False, True)


@pytest.mark.parametrize("status", [402, 406, 409, 412, 415, 423, 451])
def test_any_other_refusal_is_known_and_may_pass(status: int) -> None:
    error = refused(status)

    assert (error.permanent, error.unknown) == (False, False)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_leaves_a_change_unknown_and_names_the_remedy(status: int) -> None:
    error = refused(status)

    assert (error.permanent, error.unknown) == (False, True)
    assert "Enter in the connection what it leads to" in str(error)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_question_never_leaves_anything_unknown(status: int) -> None:
    assert not refused(status, changes=False).unknown


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_status_that_says_done_passes(status: int) -> None:
    check_status(response(status), name="GitHub", changes=True)


def test_a_refusal_names_the_system_its_words_and_the_remedy() -> None:
    error = refused(401, {"message": "Bad credentials"})

    assert str(error) == (
        "GitHub answered with status 401: Bad credentials. Enter a token that is good."
    )


def test_a_limit_without_a_time_is_waited_out() -> None:
    error = refused(403, {"message": "You have exceeded a secondary rate limit."})

    assert (error.permanent, error.unknown) == (False, False)
    assert error.retry_after == timedelta(minutes=1)


def test_a_refusal_with_a_page_says_no_more_than_its_status() -> None:
    error = refusal(response(403, HTML), name="GitHub", changes=True)

    assert str(error).startswith("GitHub answered with status 403. Give")


# Explanations.


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            {
                "message": "Validation Failed",
                "errors": [
                    {"resource": "Issue", "code": "missing_field", "field": "title"},
                    {"field": "body", "code": "custom", "message": "body is too long"},
                ],
                "documentation_url": "https://docs.github.com/rest",
            },
            "Validation Failed. title: missing_field. body: body is too long.",
        ),
        ({"message": {"title": ["can't be blank"]}}, "title: can't be blank."),
        ({"message": "404 Project Not Found"}, "404 Project Not Found."),
        (
            {"error": "insufficient_scope", "error_description": "Needs more."},
            "insufficient_scope. Needs more.",
        ),
        (
            {"errorMessages": ["No."], "errors": {"duedate": "Not on the screen."}},
            "No. duedate: Not on the screen.",
        ),
        ({"errors": ["Subject cannot be blank"]}, "Subject cannot be blank."),
        ({"message": 7, "errors": None}, ""),
        (["no"], ""),
        (None, ""),
    ],
    ids=[
        "GitHub",
        "GitLab by field",
        "GitLab",
        "GitLab scope",
        "Jira",
        "Redmine",
        "numbers",
        "list",
        "nothing",
    ],
)
def test_each_system_is_quoted_in_its_own_words(said: object, told: str) -> None:
    assert explanation(said) == told


def test_an_explanation_is_one_visible_line_and_short() -> None:
    told = explanation({"message": "a\r\nb\u202ec\x00" + "d" * 5_000})

    assert told.startswith("a bcd")
    assert len(told) == 300


def test_an_explanation_nested_beyond_measure_is_left() -> None:
    said: object = "deep"
    for _ in range(200):
        said = {"errors": [said]}

    assert explanation(said) == ""


def test_an_explanation_does_not_repeat_a_secret() -> None:
    told = explanation({"message": f"Unknown token {SECRET}"}, secrets=("", SECRET))

    assert told == "Unknown token …."


# Documents.


@pytest.mark.parametrize(
    "content",
    [b"", b"  ", HTML, b'{"number": 1', b"7", b'"made"', b"null", b"\xff\xfe"],
    ids=["empty", "blank", "page", "cut", "number", "text", "null", "bytes"],
)
@pytest.mark.parametrize("changes", [True, False], ids=["change", "question"])
def test_an_answer_without_a_document_is_unknown_for_a_change(
    content: bytes, changes: bool
) -> None:
    with pytest.raises(OutsideError, match="Look whether the address") as caught:
        document(response(201, content), name="GitHub", changes=changes)

    assert caught.value.unknown is changes
    assert not caught.value.permanent


@pytest.mark.parametrize("said", [{"number": 1}, [], {}])
def test_an_object_and_a_list_are_documents(said: object) -> None:
    content = json.dumps(said).encode()

    assert document(response(200, content), name="GitHub", changes=True) == said


def test_a_list_holds_objects_and_nothing_else() -> None:
    assert objects([{"a": 1}]) == [{"a": 1}]
    for said in ({"a": 1}, [1], ["a"]):
        with pytest.raises(OutsideError, match="unusable answer"):
            objects(said)


def test_a_made_issue_that_cannot_be_read_is_unknown() -> None:
    def read(said: object) -> str:
        raise OutsideError("unusable answer: number is missing")

    answers: tuple[object, ...] = ({"ok": True}, [])
    for said in answers:
        with pytest.raises(OutsideError) as caught:
            after_change(read, said)
        assert caught.value.unknown


@pytest.mark.parametrize(
    "told",
    ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00", "2026-11-22T12:00:00.000+0200"],
)
def test_an_instant_is_in_utc(told: str) -> None:
    at = instant({"updated_at": told}, "updated_at")

    assert (at, at.tzinfo) == (datetime(2026, 11, 22, 10, tzinfo=UTC), UTC)


@pytest.mark.parametrize("told", [None, "", "soon", 1_700_000_000, "0001-01-01T00+23"])
def test_what_is_no_instant_is_refused(told: object) -> None:
    with pytest.raises(OutsideError, match="updated_at"):
        instant({"updated_at": told}, "updated_at")


def test_a_day_may_be_absent_but_not_wrong() -> None:
    assert day({"due": "2026-11-22"}, "due") == date(2026, 11, 22)
    assert day({"due": ""}, "due") is None
    assert day({}, "due") is None
    with pytest.raises(OutsideError, match="due is no day"):
        day({"due": "tomorrow"}, "due")


# Requests.


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("acme/платежи", "acme%2F%D0%BF%D0%BB%D0%B0%D1%82%D0%B5%D0%B6%D0%B8"),
        ("..", "%2E%2E"),
        ("a?b#c", "a%3Fb%23c"),
        ("a b%2F", "a%20b%252F"),
        ("a\r\nHost: evil", "a%0D%0AHost%3A%20evil"),
    ],
)
def test_a_name_stays_one_segment(name: str, path: str) -> None:
    url = url_of("https://tracker.example/api/", "projects", name, "issues")

    assert url == f"https://tracker.example/api/projects/{path}/issues"


def test_a_query_is_encoded_and_may_repeat_a_name() -> None:
    url = url_of("https://t.example", "x", query=[("iids[]", "1"), ("iids[]", "2&a=b")])

    assert url == "https://t.example/x?iids%5B%5D=1&iids%5B%5D=2%26a%3Db"


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(OutsideError) as caught:
        url_of("https://t.example", "")

    assert caught.value.permanent


def test_json_is_ascii_even_with_half_a_character() -> None:
    assert json_payload({"a": "é\ud800"}) == b'{"a":"\\u00e9\\ud800"}'


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(OutsideError, match="cannot be sent as JSON") as caught:
        json_payload({"customfield": value})

    assert caught.value.permanent


# The API.


def test_every_request_has_the_credentials(api: TicketAPI, registry: Server) -> None:
    registry.script("/api/a", json_answer({"x": 1}))

    api.read(api.at("a"))
    api.make("POST", api.at("a"), {"y": 2})

    question, change = registry.asked
    assert question.headers["authorization"] == f"Bearer {SECRET}"
    assert change.headers["authorization"] == f"Bearer {SECRET}"
    assert change.headers["content-type"] == "application/json"
    assert change.json() == {"y": 2}


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_nothing_to_look_at(
    api: TicketAPI, registry: Server, status: int
) -> None:
    registry.script("/api/a", json_answer({}, status))

    assert api.look(api.at("a")) is None
    with pytest.raises(OutsideError):
        api.read(api.at("a"))


def test_a_change_may_be_answered_with_nothing(
    api: TicketAPI, registry: Server
) -> None:
    registry.script("/api/a", answer(status=200))

    api.change("POST", api.at("a"), {})

    assert len(registry.asked) == 1


def test_a_change_answered_with_a_page_is_unknown(
    api: TicketAPI, registry: Server
) -> None:
    registry.script("/api/a", answer(HTML, content_type="text/html"))

    with pytest.raises(OutsideError, match="a page") as caught:
        api.change("POST", api.at("a"), {})

    assert caught.value.unknown


def test_pages_are_read_until_one_is_not_full(api: TicketAPI, registry: Server) -> None:
    registry.script("/api/a?page=1", json_answer([{"n": 1}, {"n": 2}]))
    registry.script("/api/a?page=2", json_answer([{"n": 3}]))

    found = list(api.pages(page_of(api), size=2, most=9))

    assert [said["n"] for said in found] == [1, 2, 3]
    assert len(registry.asked) == 2


def test_a_list_without_end_is_not_taken_for_a_whole_one(
    api: TicketAPI, registry: Server
) -> None:
    registry.script("/api/a", json_answer([{"n": 1}, {"n": 2}]))

    with pytest.raises(OutsideError, match="lists more than 6 "):
        list(api.pages(page_of(api), size=2, most=3))

    assert len(registry.asked) == 3


def page_of(api: TicketAPI) -> Callable[[int], str]:
    return lambda page: api.at("a", query=[("page", str(page))])


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/x", "http://127.0.0.1:1/x", "nonsense", "", "/x"],
)
def test_an_address_elsewhere_is_not_here(api: TicketAPI, url: str) -> None:
    assert not api.is_here(url)


def test_an_address_on_the_same_host_is_here(api: TicketAPI, registry: Server) -> None:
    assert api.is_here(registry.url("/elsewhere?x=1"))


# Texts.

MENTIONS = [
    "@pat look",
    "cc @acme/team",
    "(@pat)",
    "é@pat",
    "`@angular/core`",
    "@{pat}",
    "@@pat",
]


@pytest.mark.parametrize("text", MENTIONS)
def test_a_mention_calls_nobody(text: str) -> None:
    assert "@\u200b" in quiet(text)
    assert "@p" not in quiet(text)
    assert "@a" not in quiet(text)


@pytest.mark.parametrize("text", ["pat@acme.example", "a @ b", "@", "x@"])
def test_what_mentions_nobody_stays(text: str) -> None:
    assert quiet(text) == text


@pytest.mark.parametrize("text", ["/close", "a\n/assign me", "  /close", "\t/label ~x"])
def test_a_line_that_is_a_command_starts_nothing(text: str) -> None:
    assert all(not line.lstrip().startswith("/") for line in quiet(text).split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        *MENTIONS,
        "/close",
        "a\n\n  /close\n/x @y",
        "@\u200bpat",
        "@\u200b\u200bpat",
        "\u200b/close",
        "a / b @ c",
        "tab\there\n\n- list\n",
        "😀 @pat",
        "",
    ],
)
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    assert as_written(quiet(text)) == text


def test_control_characters_and_half_characters_go() -> None:
    assert quiet("a\x00b\x1b[31mc\x7f\x85d\ud800e\tf\r\ng\rh") == "ab[31mcde\tf\ng\nh"


def test_a_title_is_one_line_of_255_characters() -> None:
    assert quiet_line(" a\n b\t@pat\r\n") == "a b @\u200bpat"
    assert quiet_line("x" * 255) == "x" * 255
    assert quiet_line("x" * 256) == "x" * 254 + "…"


def test_a_marker_is_found_as_a_whole_only() -> None:
    text = marked("Review it.\n", "bb-12")

    assert text == "Review it.\n\n<!-- best-before: bb-12 -->"
    assert has_marker(text, "bb-12")
    assert not has_marker(text, "bb-1")
    assert not has_marker("bb-12", "bb-12")


def test_a_text_comes_back_without_its_marker() -> None:
    text = marked("Review @pat.\n\n/close", "bb-12").replace("\n", "\r\n")

    assert without_marker(text) == "Review @pat.\n\n/close"
    assert without_marker(text + "\r\n\r\nmore by hand") == (
        "Review @pat.\n\n/close\n\nmore by hand"
    )


def test_another_marker_in_a_text_is_none_and_stays_text() -> None:
    said = "See <!-- best-before: bb-1 --> there."

    text = marked(said, "bb-12")

    assert not has_marker(text, "bb-1")
    assert without_marker(text) == said
