"""What a text means that somebody types to look something up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.rules.purl import PurlError
from reviews.rules.recognising import Form, recognised
from reviews.rules.text import TextError


@pytest.mark.parametrize(
    ("text", "form", "value", "name"),
    [
        ("pkg:pypi/Django@5.2", Form.PURL, "pkg:pypi/django", "django"),
        (" pkg:npm/left-pad ", Form.PURL, "pkg:npm/left-pad", "left-pad"),
        ("@angular/core", Form.PURL, "pkg:npm/%40angular/core", "@angular/core"),
        (
            "https://pypi\x2eorg/project/zope.interface/#history",
            Form.PURL,
            "pkg:pypi/zope-interface",
            "zope-interface",
        ),
        (
            "npmjs\x2ecom/package/@types/node/v/1.0.0?tab=code",
            Form.PURL,
            "pkg:npm/%40types/node",
            "@types/node",
        ),
        (
            "https://pkg.go.dev/golang.org/x/net@v0.1.0",
            Form.PURL,
            "pkg:golang/golang.org/x/net",
            "golang.org/x/net",
        ),
        (
            "pkg:github/Django/Django",
            Form.PURL,
            "pkg:github/django/django",
            "django",
        ),
        (
            "https://github.com/django/django/tree/main",
            Form.REPOSITORY,
            "https://github.com/django/django",
            "django",
        ),
        (
            "github.com/django/django.git",
            Form.REPOSITORY,
            "https://github.com/django/django",
            "django",
        ),
        (
            "git@gitlab.com:group/sub/name.git",
            Form.REPOSITORY,
            "https://gitlab.com/group/sub/name",
            "name",
        ),
        (
            "https://git.example/team/thing/",
            Form.REPOSITORY,
            "https://git.example/team/thing",
            "thing",
        ),
        (
            "https://huggingface.co/meta-llama/Llama-3.1-8B",
            Form.MODEL,
            "meta-llama/Llama-3.1-8B",
            "Llama-3.1-8B",
        ),
        ("openai/gpt-4o", Form.MODEL, "openai/gpt-4o", "gpt-4o"),
        (
            "claude-opus-4-1-20250805",
            Form.MODEL,
            "claude-opus-4-1-20250805",
            "claude-opus-4-1-20250805",
        ),
        ("Django", Form.NAME, "Django", "Django"),
        ("Paging  service", Form.NAME, "Paging service", "Paging service"),
        (
            "https://www.vendor.example/",
            Form.NAME,
            "https://www.vendor.example/",
            "vendor.example",
        ),
        ("http://[::1", Form.NAME, "http://[::1", "http://[::1"),
        ("12:30", Form.NAME, "12:30", "12:30"),
    ],
)
def test_a_text_is_read_as_what_it_is(
    text: str, form: Form, value: str, name: str
) -> None:
    asked = recognised(text)

    assert (asked.form, asked.value, asked.name) == (form, value, name)


def test_a_repository_is_known_however_it_is_spelt() -> None:
    spelt = recognised("git@github.com:Django/Django.git")

    assert "pkg:github/django/django" in spelt.keys
    for address in (
        "https://github.com/Django/Django",
        "https://github.com/django/django",
        "https://github.com/django/django.git",
        "https://github.com/django/django/",
    ):
        assert address in spelt.identifiers


def test_a_package_of_a_code_host_is_its_repository_too() -> None:
    asked = recognised("pkg:github/django/django@5.2")

    assert "https://github.com/django/django" in asked.identifiers
    assert asked.version == "5.2"


@pytest.mark.parametrize("text", ["pkg:", "pkg:pypi", "pkg:pypi/%2", "pkg:///"])
def test_what_starts_as_a_purl_has_to_be_one(text: str) -> None:
    with pytest.raises(PurlError):
        recognised(text)


@pytest.mark.parametrize("text", ["", "  ", "a\x00b", "a" * 501, "\u202eevil"])
def test_what_no_line_may_hold_is_refused(text: str) -> None:
    with pytest.raises(TextError):
        recognised(text)


@given(st.text(max_size=600) | st.from_regex(r"(https?://|pkg:|git@)?[\w./:@\[\]%-]+"))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    try:
        asked = recognised(text)
    except (PurlError, TextError):
        return
    assert asked.value
    assert asked.stem
    assert all(len(key) <= 500 for key in asked.keys)
