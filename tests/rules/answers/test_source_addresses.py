"""Which repository the addresses of a package point to."""

import pytest

from reviews.rules.answers.source_addresses import (
    labelled_repository,
    repository_address,
)

HOME = "https://github.com/owner/name"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (HOME, HOME),
        ("http://github.com/owner/name/", HOME),
        ("git+https://github.com/owner/name.git", HOME),
        ("git://github.com/owner/name.git#main", HOME),
        ("git+ssh://git@github.com/owner/name.git", HOME),
        ("git@github.com:owner/name.git", HOME),
        ("https://www.github.com/owner/name/tree/main/packages/a", HOME),
        ("https://github.com/owner/name/issues?q=1#top", HOME),
        ("https://user:secret@github.com:8443/owner/name", HOME),
        ("github:owner/name", HOME),
        ("owner/name", HOME),
        ("gitlab:owner/name", "https://gitlab.com/owner/name"),
        ("https://gitlab.com/a/b/c/-/tree/main", "https://gitlab.com/a/b/c"),
        ("https://git.sr.ht/~owner/name/tree", "https://git.sr.ht/~owner/name"),
        ("https://codeberg.org/owner/name", "https://codeberg.org/owner/name"),
        pytest.param("", "", id="nothing"),
        ("https://github.com/owner", ""),
        ("https://github.com/sponsors/owner", ""),
        ("https://github.com.evil.example/owner/name", ""),
        ("https://evil.example/github.com/owner/name", ""),
        ("https://github.com@evil.example/owner/name", ""),
        ("https://github.com/../name", ""),
        ("https://github.com/owner/%2e%2e", ""),
        ("https://github.com/owner/na me", ""),
        ("https://github.com/owner/name\u202e", ""),
        ("file:///owner/name", ""),
        ("javascript:alert(1)", ""),
        ("https://[github.com/owner/name", ""),
        pytest.param(HOME + "/" * 600, "", id="too long"),
    ],
)
def test_a_repository_has_one_address_however_it_is_written(
    written: str, address: str
) -> None:
    assert repository_address(written) == address


@pytest.mark.parametrize(
    ("labelled", "address"),
    [
        pytest.param(
            [("Homepage", "https://github.com/owner/site"), ("Source Code", HOME)],
            HOME,
            id="the source before the home page",
        ),
        pytest.param(
            [("Changelog", "https://github.com/owner/other"), ("Homepage", HOME)],
            HOME,
            id="the home page before the rest",
        ),
        pytest.param(
            [("Source", "https://example.com"), ("Tracker", f"{HOME}/issues")],
            HOME,
            id="a tracker in the repository",
        ),
        pytest.param(
            [("Docs", "https://github.com/owner/docs"), ("Tracker", f"{HOME}/issues")],
            "",
            id="two that disagree",
        ),
        pytest.param([("Source", "owner/name")], "", id="no address"),
        pytest.param([], "", id="none"),
    ],
)
def test_the_address_labelled_as_the_source_counts_first(
    labelled: list[tuple[str, str]], address: str
) -> None:
    assert labelled_repository(labelled) == address
