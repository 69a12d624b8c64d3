"""The register page."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reviews.pages.register import PAGE
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from tests.conftest import TODAY, Cast
from tests.pages.building import evaluated, registered


def names(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/solutions/{query}")
    assert response.status_code == 200
    return [line.entry.name for line in response.context["lines"]]


@pytest.fixture
def several(cast: Cast) -> None:
    purl = [(Scheme.PURL, "pkg:pypi/django@5.2.19")]
    django = registered("Django", team=cast.platform, identifiers=purl)
    evaluated(django, date(2026, 11, 1))
    evaluated(registered("Celery", team=cast.data, owner=cast.eve), date(2026, 1, 1))
    evaluated(registered("50% off_", kind=Kind.VENDOR), TODAY, Verdict.HOLD)
    evaluated(registered("Flash", kind=Kind.BUILT), TODAY, Verdict.RETIRE)
    registered("Zulip", kind=Kind.VENDOR)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["50% off_", "Celery", "Django", "Flash", "Zulip"]),
        ("?search=djan", ["Django"]),
        ("?search=pypi/django", ["Django"]),
        ("?search=%25", ["50% off_"]),
        ("?search=_", ["50% off_"]),
        ("?search=%27;%20DROP", []),
        ("?search=%20%20", ["50% off_", "Celery", "Django", "Flash", "Zulip"]),
        ("?kind=vendor", ["50% off_", "Zulip"]),
        ("?state=retire", ["Flash"]),
        ("?state=unreviewed", ["Zulip"]),
        ("?freshness=overdue", ["Celery"]),
        ("?freshness=fresh", ["50% off_", "Django"]),
        ("?freshness=unreviewed", ["Zulip"]),
        ("?team=platform", ["Django"]),
        ("?team=~none&kind=built", ["Flash"]),
        ("?owner=eve", ["Celery"]),
        ("?owner=~none&team=data", []),
    ],
)
def test_the_register_finds(
    alice: Client, several: None, query: str, found: list[str]
) -> None:
    assert sorted(names(alice, query)) == found


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?kind=animal", "There is no kind"),
        ("?state=dead", "There is no state"),
        ("?freshness=stale", "There is no freshness"),
        ("?team=nowhere", "There is no team"),
        ("?owner=nobody", "Nobody here has the username"),
        ("?search=%00", "The search cannot be used"),
        ("?search=" + "x" * 300, "The search cannot be used"),
        ("?name__regex=.*", "This page has no filter"),
        ("?after=%00", "damaged"),
        ("?after=WyJhIiwiLTEiXQ", "damaged"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_in_words(
    alice: Client, query: str, words: str
) -> None:
    response = alice.get(f"/solutions/{query}")

    assert response.status_code == 400
    assert words in response.content.decode()


def test_the_register_goes_on_page_by_page_within_its_filter(
    alice: Client, cast: Cast
) -> None:
    for n in range(PAGE + 5):
        # Two of each name, so that the name alone cannot tell where to go on.
        kind = list(Kind)[n % 2]
        registered(f"Solution {n // 2:03}", kind=kind, team=cast.platform)
    registered("Another team's", team=cast.data)

    first = alice.get("/solutions/?team=platform")
    second = alice.get(first.context["next_url"])

    assert len(first.context["lines"]) == PAGE
    urls = {line.url for page in (first, second) for line in page.context["lines"]}
    assert len(urls) == PAGE + 5
    assert second.context["next_url"] == ""
    assert second.context["first_url"] == "/solutions/?team=platform"


def test_an_empty_register_says_what_to_do_next(alice: Client) -> None:
    html = alice.get("/solutions/").content.decode()

    assert "Nothing is registered yet" in html
    assert 'href="/import/"' in html


def test_the_register_needs_few_queries(
    alice: Client, several: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(6):
        alice.get("/solutions/?search=d&team=platform&owner=alice")


def test_the_register_is_for_people_who_have_signed_in(
    client: Client, db: None
) -> None:
    assert client.get("/solutions/").headers["Location"].startswith("/sign-in/")
