"""Scores of CVSS vectors, held to published examples."""

from decimal import Decimal

import pytest

from reviews.rules.answers.cvss import VectorError, base_score, rating, severity_of
from reviews.rules.signals import Severity

V3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"


# Sources: https://www.first.org/cvss/v3.1/examples and /v4.0/examples; the rest was
# computed with FIRST's calculators.
@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "6.1"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", "6.4"),
        ("CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", "3.1"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", "9.9"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "7.5"),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", "0.0"),
        (V3, "9.8"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "10.0"),
        (V4, "10.0"),
        (
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            "9.3",
        ),
        (
            "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            "7.3",
        ),
        (
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N",
            "5.1",
        ),
        (
            "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N",
            "0.0",
        ),
    ],
)
def test_a_vector_has_the_score_that_first_gives_it(vector: str, score: str) -> None:
    assert base_score(vector) == Decimal(score)


@pytest.mark.parametrize(
    "more", ["/E:U", "/E:P/RC:C", "/CR:L/MAV:P", "/S:P/AU:Y/R:I/U:Red"]
)
def test_what_is_no_base_metric_makes_no_difference(more: str) -> None:
    assert base_score(V4 + more) == Decimal("10.0")


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        ("0.0", Severity.INFO),
        ("0.1", Severity.LOW),
        ("3.9", Severity.LOW),
        ("4.0", Severity.MEDIUM),
        ("6.9", Severity.MEDIUM),
        ("7.0", Severity.HIGH),
        ("8.9", Severity.HIGH),
        ("9.0", Severity.CRITICAL),
        ("10.0", Severity.CRITICAL),
    ],
)
def test_a_score_is_rated_on_the_scale_first_gives(
    score: str, severity: Severity
) -> None:
    assert rating(Decimal(score)) is severity


def test_a_vector_is_as_severe_as_its_score() -> None:
    assert severity_of(f" {V3} ") is Severity.CRITICAL


@pytest.mark.parametrize(
    "vector",
    [
        pytest.param("", id="nothing"),
        pytest.param("9.8", id="a score"),
        pytest.param("AV:N/AC:L/Au:N/C:P/I:P/A:P", id="version 2"),
        pytest.param("CVSS:3.2/" + V3[9:], id="a version nobody knows"),
        pytest.param("CVSS:3.1", id="no metrics"),
        pytest.param(V3.replace("/A:H", ""), id="one missing"),
        pytest.param(V3 + "/A:H", id="one twice"),
        pytest.param(V3.replace("AC:L", "AC:X"), id="a value nobody knows"),
        pytest.param(V3.replace("AC:L", "AC:"), id="an empty value"),
        pytest.param(V3.replace("AC:L", "AC:LH"), id="two values"),
        pytest.param(V3.replace("3.1", "4.0"), id="metrics of another version"),
        pytest.param(V3 + "/E:U" * 100, id="too long"),
    ],
)
def test_a_vector_that_cannot_be_read_is_refused(vector: str) -> None:
    with pytest.raises(VectorError):
        base_score(vector)
