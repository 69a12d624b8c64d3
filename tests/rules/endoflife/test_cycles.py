"""Which release cycle a version or a model id belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.rules.endoflife.cycles import cycle_of

DJANGO = ("6.0", "5.2", "4.2", "4.1", "4")
PYTHON = ("3.14", "3.11", "3.10", "3.1", "2.7")
MODELS = (
    "claude-opus-4-8",
    "claude-opus-4-1-20250805",
    "claude-opus-4-20250514",
    "claude-sonnet-4-20250514",
    "claude-3-5-sonnet-20241022",
    "claude-3-5-sonnet-20240620",
    "claude-2.1",
    "claude-2.0",
)


@pytest.mark.parametrize(
    ("version", "names", "cycle"),
    [
        pytest.param("4.2.11", DJANGO, "4.2", id="the longest that it begins with"),
        pytest.param("4.9.1", DJANGO, "4", id="a shorter one where no longer fits"),
        pytest.param("5.2", DJANGO, "5.2", id="named the same"),
        pytest.param("v5.2.1", DJANGO, "5.2", id="with a v"),
        pytest.param(" 5.2.1 ", DJANGO, "5.2", id="with spaces around"),
        pytest.param("==5.2.1", DJANGO, "5.2", id="as a pin"),
        pytest.param("6.0a1", DJANGO, "6.0", id="a pre-release"),
        pytest.param("6.0-rc.1", DJANGO, "6.0", id="a pre-release, semantic"),
        pytest.param("3.11.4+local", PYTHON, "3.11", id="with a local label"),
        pytest.param("3.11-slim-bookworm", PYTHON, "3.11", id="an image's tag"),
        pytest.param("1!5.2", DJANGO, "5.2", id="with an epoch"),
        pytest.param("22.04.3 LTS", ("24.04", "22.04"), "22.04", id="ubuntu"),
        pytest.param("16.8.1-ce.0", ("16.8",), "16.8", id="gitlab's image"),
        pytest.param(
            "4.9.2", ("4.9-lts", "4.9"), "4.9", id="of two, the one it begins"
        ),
        pytest.param("4.9-LTS", ("4.9-lts", "4.9"), "4.9-lts", id="whatever its case"),
        pytest.param(
            "2012-R2", ("2012", "2012-r2"), "2012-r2", id="a word in its name"
        ),
        pytest.param("2.530", ("2.568", "2.528", "2"), "2", id="jenkins, weekly"),
    ],
)
def test_a_version_is_of_the_longest_cycle_that_it_begins_with(
    version: str, names: tuple[str, ...], cycle: str
) -> None:
    assert cycle_of(version, names) == cycle


@pytest.mark.parametrize(
    ("version", "names"),
    [
        pytest.param("", DJANGO, id="no version"),
        pytest.param("  ", DJANGO, id="spaces"),
        pytest.param("7.0", DJANGO, id="of none"),
        pytest.param("3.11.4", ("3.1", "3.12"), id="numbers are whole"),
        pytest.param("4", ("4.2", "4.1"), id="less than any cycle says"),
        pytest.param("latest", DJANGO, id="a moving tag"),
        pytest.param("bookworm", ("12", "11"), id="a code name"),
        pytest.param("3_2_0", ("3.2", "3"), id="a tag with underscores"),
        pytest.param("v", DJANGO, id="a letter"),
        pytest.param("5.2", (), id="there are no cycles"),
        pytest.param("²", ("2",), id="another digit"),
    ],
)
def test_a_version_that_fits_no_cycle_is_of_none(
    version: str, names: tuple[str, ...]
) -> None:
    assert cycle_of(version, names) == ""


@pytest.mark.parametrize(
    ("id", "cycle"),
    [
        ("claude-opus-4-1-20250805", "claude-opus-4-1-20250805"),
        ("Claude-Opus-4-1-20250805", "claude-opus-4-1-20250805"),
        ("claude-2.1", "claude-2.1"),
        ("anthropic/claude-2.1", "claude-2.1"),
        ("openrouter/anthropic/claude-2.1", "claude-2.1"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-opus-4-1-20250805"),
        ("claude-opus-4-1@20250805", "claude-opus-4-1-20250805"),
        ("claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet-20241022"),
        ("claude-opus-4-1", "claude-opus-4-1-20250805"),
        ("claude-opus-4", "claude-opus-4-20250514"),
        ("claude-sonnet-4-latest", "claude-sonnet-4-20250514"),
        ("claude-opus-4-8-20260528", "claude-opus-4-8"),
    ],
)
def test_a_model_is_known_however_it_is_offered(id: str, cycle: str) -> None:
    assert cycle_of(id, MODELS) == cycle


@pytest.mark.parametrize(
    "id",
    [
        pytest.param("claude-3-5-sonnet-latest", id="two days fit"),
        pytest.param("claude-3-5-sonnet", id="two days fit, and none is named"),
        pytest.param("claude-sonnet-4-20250101", id="another day is another model"),
        pytest.param("claude-2", id="no shorter name is taken for a longer one"),
        pytest.param("claude-opus-4-1-mini", id="a longer name is another model"),
        pytest.param("gpt-4", id="another maker's"),
        pytest.param("claude-", id="only how they begin"),
    ],
)
def test_a_model_is_never_guessed(id: str) -> None:
    assert cycle_of(id, MODELS) == ""


def test_a_revision_in_a_models_name_is_part_of_it() -> None:
    assert cycle_of("mistral-v3", ["mistral-v1"]) == ""
    assert cycle_of("mistral-v1", ["mistral-v1", "mistral-v2"]) == "mistral-v1"


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=12), max_size=5))
def test_the_answer_is_one_of_the_cycles_or_nothing(
    version: str, names: list[str]
) -> None:
    assert cycle_of(version, names) in {"", *names}
