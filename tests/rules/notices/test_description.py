"""What long descriptions say of their package: badges, headings, sentences."""

import time

import pytest

from reviews.rules.notices.description import read_description
from reviews.rules.notices.reading import ALIVE, Says

USAGE = "\n\nUsage\n-----\n\nCall `parse()` with a file.\n"


@pytest.mark.parametrize(
    "description",
    [
        pytest.param("# fizzbar (deprecated)\n\nA parser.", id="title"),
        pytest.param("# [DEPRECATED] fizzbar\n\nA parser.", id="title in brackets"),
        pytest.param("fizzbar - DEPRECATED\n====\n\nA parser.", id="title at its end"),
        pytest.param("**DEPRECATED**\n\nA parser.", id="bold"),
        pytest.param("# fizzbar\n\n> **Deprecated.** Use quux.\n", id="quotation"),
        pytest.param(
            "# fizzbar\n\n> [!WARNING]\n> This project is no longer maintained.\n",
            id="call-out",
        ),
        pytest.param(
            "fizzbar\n=======\n\n.. warning::\n\n    This package is deprecated.\n",
            id="directive",
        ),
        pytest.param(
            "![x](https://www.repostatus.org/badges/latest/abandoned.svg)\n# fizzbar",
            id="status badge",
        ),
        pytest.param(
            "# fizzbar\n![x](https://img.example/badge/status-deprecated-red)",
            id="badge",
        ),
        pytest.param(
            "===========\nEnd of life\n===========\n\nThis project is no longer maintained."
            "\n\nUse the standard library instead.\n",
            id="heading and sentence",
        ),
        pytest.param(
            "Sets up tests.\n\nDeprecation Notice\n==================\n\nfizzbar depends "
            "on features that break security.\n",
            id="heading and own name",
        ),
        pytest.param("A parser.\n\nFizzbar has been renamed to quux.\n", id="own name"),
        pytest.param("A parser.\n\nFizzbar is superseded by quux.\n", id="superseded"),
        pytest.param(
            "The *fizzbar* PyPI package is deprecated, use `quux` rather.", id="package"
        ),
        pytest.param(
            "# fizzbar\n\n## End of life\n\nUse quux instead.", id="heading and advice"
        ),
        pytest.param(
            "A parser. Please note that this library has been archived.", id="note"
        ),
    ],
)
def test_a_notice_about_the_package_is_found(description: str) -> None:
    notice = read_description(description + USAGE, name="fizzbar")

    assert notice.what is Says.DYING
    assert notice.phrase


@pytest.mark.parametrize(
    "description",
    [
        pytest.param("# fizzbar\n\nA parser.", id="plain"),
        pytest.param("", id="empty"),
        pytest.param("# fizzbar\n\nThe function `a()` is deprecated.", id="function"),
        pytest.param("# fizzbar\n\nThis method is deprecated, use `b`.", id="method"),
        pytest.param("# fizzbar\n\nPython 3.8 is no longer supported.", id="Python"),
        pytest.param(
            "# fizzbar\n\nFizzbar 1.x is no longer supported.", id="old version"
        ),
        pytest.param("# fizzbar\n\nA fork of quux, which is unmaintained.", id="fork"),
        pytest.param("# fizzbar\n\nThis package was renamed from quux.", id="from"),
        pytest.param(
            "# fizzbar\n\n## Changelog\n\n### Deprecated\n\n- This package is deprecated",
            id="change log",
        ),
        pytest.param(
            "# fizzbar\n\n## 2.0.0\n\n### Deprecated\n\n- `a()`", id="keep a change log"
        ),
        pytest.param(
            "# fizzbar\n\n## Deprecation notice\n\nThe old API goes away in 3.0.",
            id="heading about an API",
        ),
        pytest.param(
            "# fizzbar\n\n## End of life\n\nPythons that reached it are dropped.",
            id="heading about Pythons",
        ),
        pytest.param(
            "# fizzbar\n\n```\nThis package is deprecated\n```\n", id="fenced code"
        ),
        pytest.param("# fizzbar\n\n## Maintenance\n\nBy volunteers.", id="maintenance"),
        pytest.param(
            "# fizzbar\n\nWarns when this package is deprecated.", id="condition"
        ),
        pytest.param("# fizzbar\n\n.. image:: a.svg\n", id="picture"),
        pytest.param(
            "# fizzbar\n\nA parser.\n\n## Not maintained by us", id="not by us"
        ),
        pytest.param("# fizzbar\n\nMark functions (deprecated).", id="brackets"),
    ],
)
def test_what_else_is_deprecated_is_passed_over(description: str) -> None:
    assert read_description(description + USAGE, name="fizzbar") == ALIVE


def test_the_title_of_a_package_so_named_is_no_notice() -> None:
    text = "deprecated\n==========\n\nMark your functions."

    assert read_description(text, name="deprecated") == ALIVE


def test_a_notice_needs_no_name() -> None:
    notice = read_description("A parser.\n\nThis package is deprecated.")

    assert notice.what is Says.DYING


def test_a_package_without_a_name_is_not_every_package() -> None:
    assert read_description("A parser.\n\nQuux is deprecated.") == ALIVE


def test_a_notice_far_down_is_passed_over() -> None:
    text = "# fizzbar\n\n" + "A parser.\n\n" * 1_000 + "This package is deprecated."

    assert read_description(text, name="fizzbar") == ALIVE


def test_the_package_that_a_description_points_to_is_named() -> None:
    text = "# fizzbar\n\nThis package has been renamed to `quux-baz`.\n"

    assert read_description(text, name="fizzbar").replacement == "quux-baz"


@pytest.mark.parametrize(
    "piece",
    ["# a\n", "a\n=\n", "```\n", "> - ", "fizzbar is ", "this package (", "\x00", "\n"],
)
def test_a_megabyte_is_read_in_no_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.perf_counter()

    read_description(text, name="fizzbar")

    assert time.perf_counter() - began < 1
