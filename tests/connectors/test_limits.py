"""Tests of how long a host wants to be left alone."""

from datetime import timedelta

import pytest
from requests.structures import CaseInsensitiveDict

from reviews.connectors.limits import LONGEST, SHORTEST, UNSAID, wait_asked_for

NOON = "Sun, 22 Nov 2026 12:00:00 GMT"
NOON_SINCE_1970 = 1_795_348_800


def wait(status: int, **headers: str) -> timedelta | None:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return wait_asked_for(status, CaseInsensitiveDict(given))


@pytest.mark.parametrize("status", [429, 503, 403])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("120", timedelta(seconds=120), id="seconds"),
        pytest.param(" 7 ", timedelta(seconds=7), id="seconds with spaces"),
        pytest.param("0", SHORTEST, id="at once"),
        pytest.param("86400", LONGEST, id="a day"),
        pytest.param("86401", LONGEST, id="a second more"),
        pytest.param("9" * 15, LONGEST, id="for ever"),
        pytest.param("9" * 16, UNSAID, id="more digits than are read"),
        pytest.param(
            "Sun, 22 Nov 2026 12:05:00 GMT", timedelta(minutes=5), id="a date"
        ),
        pytest.param(
            "Sunday, 22-Nov-26 12:05:00 GMT", timedelta(minutes=5), id="RFC 850"
        ),
        pytest.param("Sun Nov 22 12:05:00 2026", timedelta(minutes=5), id="asctime"),
        pytest.param("Sun, 22 Nov 2026 11:00:00 GMT", SHORTEST, id="a past date"),
        pytest.param("Fri, 22 Nov 2999 12:00:00 GMT", LONGEST, id="a far date"),
        pytest.param("Sun, 99 Nov 2026 12:00:00 GMT", UNSAID, id="no such day"),
        pytest.param("-5", UNSAID, id="negative"),
        pytest.param("1.5", UNSAID, id="a fraction"),
        pytest.param("1e9", UNSAID, id="an exponent"),
        pytest.param("٥", UNSAID, id="Arabic digits"),
        pytest.param("soon", UNSAID, id="words"),
        pytest.param("", UNSAID, id="empty"),
        pytest.param("inf", UNSAID, id="infinity"),
    ],
)
def test_a_wait_is_between_a_second_and_a_day(
    status: int, said: str, expected: timedelta
) -> None:
    assert wait(status, Retry_After=said, Date=NOON) == expected


@pytest.mark.parametrize("date", ["", "noon", "Sun, 99 Nov 2026 12:00:00 GMT"])
def test_an_instant_means_nothing_without_the_answers_own_date(date: str) -> None:
    assert wait(429, Retry_After="Sun, 22 Nov 2026 12:05:00 GMT", Date=date) == UNSAID


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("reset", "expected"),
    [
        pytest.param(str(NOON_SINCE_1970 + 90), timedelta(seconds=90), id="soon"),
        pytest.param(str(NOON_SINCE_1970 - 90), SHORTEST, id="past"),
        pytest.param(str(NOON_SINCE_1970 * 100), LONGEST, id="far"),
        pytest.param("9" * 15, UNSAID, id="beyond the last year"),
        pytest.param("soon", UNSAID, id="words"),
        pytest.param("", UNSAID, id="empty"),
    ],
)
def test_requests_used_up_come_back_when_the_answer_says_so(
    status: int, reset: str, expected: timedelta
) -> None:
    found = wait(status, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset, Date=NOON)

    assert found == expected


def test_the_wait_that_is_said_outright_counts_before_the_reset() -> None:
    found = wait(
        403,
        Retry_After="30",
        X_RateLimit_Remaining="0",
        X_RateLimit_Reset=str(NOON_SINCE_1970 + 900),
        Date=NOON,
    )

    assert found == timedelta(seconds=30)


@pytest.mark.parametrize("status", [200, 304, 401, 404, 500, 502])
def test_no_other_status_asks_to_be_left_alone(status: int) -> None:
    assert wait(status, Retry_After="30", X_RateLimit_Remaining="0", Date=NOON) is None


def test_a_refusal_with_requests_left_is_a_refusal() -> None:
    assert wait(403, X_RateLimit_Remaining="41", Date=NOON) is None
