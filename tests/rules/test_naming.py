"""Identifiers under which something may be known, and those that name nothing."""

import pytest

from reviews.rules.naming import misfit
from reviews.rules.vocabulary import Scheme


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        (Scheme.ENDOFLIFE, "django"),
        (Scheme.ENDOFLIFE, "django/5.2"),
        (Scheme.ENDOFLIFE, "ubuntu/24.04 LTS"),
        (Scheme.ENDOFLIFE, "anthropic-claude/anthropic/claude-opus-4-1"),
        (Scheme.ENDOFLIFE, "c++.net_1"),
        (Scheme.REPOSITORY, "https://github.com/owner/name"),
        (Scheme.REPOSITORY, "http://git.local:8080/owner/name.git"),
        (Scheme.REPOSITORY, "https://gitlab.com/group/inner/name/"),
        (Scheme.REPOSITORY, "git@github.com:owner/name.git"),
        (Scheme.REPOSITORY, "github.com/owner/name"),
        (Scheme.MODEL, "claude-opus-4-1-20250805"),
        (Scheme.MODEL, "Owner/Model-7B"),
        (Scheme.MODEL, "us.anthropic.claude-v2:1@latest"),
        (Scheme.PURL, "looked at elsewhere"),
        (Scheme.NAME, "package:two words"),
    ],
)
def test_what_may_be_known_is_accepted(scheme: Scheme, value: str) -> None:
    assert misfit(scheme, value) == ""


@pytest.mark.parametrize(
    ("scheme", "value", "expected"),
    [
        (Scheme.ENDOFLIFE, "Django", "django/5.2"),
        (Scheme.ENDOFLIFE, "two words", "django/5.2"),
        (Scheme.ENDOFLIFE, "/5.2", "django/5.2"),
        (Scheme.ENDOFLIFE, "django/", "django/5.2"),
        (Scheme.ENDOFLIFE, "-django", "django/5.2"),
        (Scheme.ENDOFLIFE, "https://endoflife.example/django", "django/5.2"),
        (Scheme.REPOSITORY, "owner/name", "https://github.com/owner/name"),
        (Scheme.REPOSITORY, "https://github.com", "https://github.com/owner/name"),
        (Scheme.REPOSITORY, "https://github.com/owner/", "owner/name"),
        (Scheme.REPOSITORY, "https:///owner/name", "owner/name"),
        (Scheme.REPOSITORY, "https://[github.com/owner/name", "owner/name"),
        (Scheme.REPOSITORY, "https://github.com/ow ner/name", "owner/name"),
        (Scheme.REPOSITORY, "ftp://code.example/owner/name", "owner/name"),
        (Scheme.REPOSITORY, "javascript://code.example/a/b", "owner/name"),
        (Scheme.MODEL, "Claude Opus", "without spaces"),
        (Scheme.MODEL, "a\x00b", "without spaces"),
        (Scheme.MODEL, "a\u200bb", "without spaces"),
    ],
)
def test_what_can_never_be_known_is_refused_with_what_is_wanted(
    scheme: Scheme, value: str, expected: str
) -> None:
    wrong = misfit(scheme, value)

    assert expected in wrong
    assert wrong.endswith(".")
