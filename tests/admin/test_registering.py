"""Registering with a look-up: what is there already, and what the sources know."""

import json
import time
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from packageurl.contrib import purl2url

from reviews.models import Signal, Solution, SourceCheck
from reviews.rules.signals import SignalKind
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from tests.commands.test_collect_evidence import SETTINGS
from tests.conftest import NOW, Cast
from tests.connectors.serving import Server, json_answer, page, serving, silence
from tests.evidence import said
from tests.pages.building import evaluated, registered


# The clock stands by default, and what has to be over in five seconds never would be.
@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


CANNED = Path(__file__).parents[1] / "canned"
ADD = "/admin/reviews/solution/add/"
LOOKUP = "/admin/reviews/solution/lookup/"


def canned(path: str) -> Any:
    return json.loads((CANNED / path).read_text())


@pytest.fixture
def world(settings: Any) -> Iterator[Server]:
    """Return the one server that every source's address points to."""
    with serving() as server:
        for name in SETTINGS:
            setattr(settings, name, server.address)
        settings.EVIDENCE = True
        settings.EVIDENCE_REQUESTS_PER_SECOND = 1_000
        yield server


@pytest.fixture
def bob(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


@pytest.fixture
def django(cast: Cast) -> Solution:
    return registered(
        "Django",
        team=cast.platform,
        owner=cast.bob,
        version="4.2",
        identifiers=[(Scheme.PURL, "pkg:pypi/django")],
    )


def looked_up(client: Client, what: str, path: str = LOOKUP, **more: str) -> str:
    response = client.get(path, {"what": what, **more})
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


@pytest.mark.parametrize("path", [LOOKUP, ADD], ids=["htmx", "without a script"])
def test_what_is_registered_is_said_at_once(
    bob: Client, django: Solution, path: str
) -> None:
    evaluated(django, date(2026, 11, 1), Verdict.DEPRECATE)
    said(django, SignalKind.REGISTRY_DEPRECATED, "x", replacement="pkg:pypi/other")

    html = looked_up(bob, purl2url.get_repo_url("pkg:pypi/Django"), path)

    assert (
        "<strong>Registered already</strong>, read as the package pkg:pypi/dj" in html
    )
    assert '<a href="/solutions/django/">Django</a> 4.2' in html
    assert "deprecate, reviewed 2026-11-01" in html
    assert "Use <bdi>pkg:pypi/other</bdi> instead</strong>, says PyPI." in html
    assert f"/admin/reviews/evaluation/add/?solution={django.pk}" in html


def test_what_is_not_registered_is_said_and_what_is_called_alike(
    bob: Client, django: Solution
) -> None:
    html = looked_up(bob, "pkg:npm/django")

    assert (
        "<strong>Not registered</strong>, read as the package pkg:npm/django." in html
    )
    assert "Called alike, and registered:" in html
    assert "/solutions/django/" in html


@pytest.mark.parametrize("what", ["pkg:", "pkg:pypi", "a\x00b", "x" * 501])
def test_what_cannot_be_read_is_said_in_words(bob: Client, what: str) -> None:
    for path in (LOOKUP, ADD):
        html = looked_up(bob, what, path)
        assert 'class="lookup-said is-wrong"' in html
        assert "registered" not in html.partition("lookup-result")[2][:400]


def test_the_form_without_a_question_says_nothing(bob: Client) -> None:
    html = looked_up(bob, " ", ADD)

    assert "Not registered" not in html
    assert 'hx-get="/admin/reviews/solution/lookup/"' in html
    assert '<script src="/static/django_htmx/htmx-2.min.js" defer></script>' in html


def test_only_who_registers_solutions_may_look_up_here(
    client: Client, cast: Cast
) -> None:
    assert client.get(LOOKUP).status_code == 302
    client.force_login(cast.charlie)
    assert client.get(LOOKUP, {"what": "django"}).status_code == 403


def test_the_form_is_filled_with_what_the_sources_know(
    bob: Client, world: Server
) -> None:
    world.script("/pypi/django/json", json_answer(canned("pypi/django.json")))
    before = (Solution.objects.count(), Signal.objects.count())

    response = bob.get(ADD, {"what": "pkg:pypi/Django@4.2.11", "fill": "1"})

    assert response.context["adminform"].form.initial | {} == {
        "name": "django",
        "kind": "package",
        "version": "4.2.11",
        "identifiers": "pkg:pypi/django\nrepository: https://github.com/django/django",
        "team": response.context["adminform"].form.initial["team"],
    }
    filled = response.context["filled"]
    figures = {each.label: each for each in filled.figures}
    latest = next(each for label, each in figures.items() if "elease" in label)
    assert latest.source == "PyPI"
    html = " ".join(unescape(response.content.decode()).split())
    assert latest.value in html
    assert "<dt>Version in use</dt> <dd>4.2.11</dd>" in html
    assert (Solution.objects.count(), Signal.objects.count()) == before
    assert not SourceCheck.objects.exists()


def test_a_filled_form_is_saved_by_hand_and_only_then(
    bob: Client, world: Server, cast: Cast
) -> None:
    response = bob.get(ADD, {"what": "pkg:npm/left-pad@1.3.0", "fill": "1"})
    initial = response.context["adminform"].form.initial

    answer = bob.post(
        ADD,
        {
            **initial,
            "team": cast.platform.pk,
            "criticality": "medium",
            "description": "",
            "tags": "",
        },
    )

    assert answer.status_code == 302, answer.content[:3000]
    solution = Solution.objects.get()
    assert (solution.key, solution.version) == ("pkg:npm/left-pad", "1.3.0")


def test_what_speaks_against_it_is_said_with_what_to_use_instead(
    bob: Client, world: Server
) -> None:
    world.script("/request", json_answer(canned("npm/request.json")))
    world.script("/repos/request/request", json_answer(canned("github/archived.json")))

    html = looked_up(bob, "pkg:npm/request", ADD, fill="1")

    assert "What speaks against it" in html
    against = html.partition("What speaks against it")[2].partition("</ul>")[0]
    assert "request has been deprecated" in against
    assert ">npm</a>" in against or "says npm" in against


def test_what_fails_or_hangs_is_unknown_within_five_seconds(
    bob: Client, world: Server
) -> None:
    for path in (
        "/pypi/django/json",
        "/simple/django/",
        "/v3/systems/pypi/packages/django",
        "/api/v1/products/django",
    ):
        world.script(path, silence())
    began = time.monotonic()

    html = looked_up(bob, "pkg:pypi/django", ADD, fill="1")

    assert time.monotonic() - began < 5.5
    assert "PyPI: unknown." in html
    assert "endoflife.date: unknown." in html
    assert "Latest version: unknown." in html
    assert "Licence: unknown." in html
    assert "No source answered, so nothing is known from outside." in html
    assert 'value="django"' in html


def test_a_source_that_breaks_is_unknown_and_the_others_are_heard(
    bob: Client, world: Server
) -> None:
    world.script("/pypi/django/json", page(500))
    world.script(
        "/api/v1/products/django", json_answer(canned("endoflife/django.json"))
    )

    html = looked_up(bob, "pkg:pypi/django", ADD, fill="1")

    assert "PyPI: unknown." in html
    assert "Answered: endoflife.date." in html


def test_without_evidence_nobody_is_asked(
    bob: Client, world: Server, settings: Any
) -> None:
    settings.EVIDENCE = False

    html = looked_up(bob, "@angular/core", ADD, fill="1")

    assert world.asked == []
    assert "No source is asked here (EVIDENCE=false)" in html
    assert "What the sources know" not in html
    assert 'value="@angular/core"' in html
    assert "pkg:npm/%40angular/core" in html


@pytest.mark.parametrize(
    ("what", "initial"),
    [
        (
            "https://git.example/team/thing",
            {
                "name": "thing",
                "kind": "package",
                "identifiers": "repository: https://git.example/team/thing",
            },
        ),
        (
            "openai/gpt-4o",
            {"name": "gpt-4o", "kind": "model", "identifiers": "model: openai/gpt-4o"},
        ),
        (
            "https://www.vendor.example/",
            {
                "name": "vendor.example",
                "kind": "vendor",
                "homepage": "https://www.vendor.example/",
            },
        ),
        ("Paging service", {"name": "Paging service"}),
    ],
)
def test_the_form_takes_what_the_text_itself_says(
    bob: Client, world: Server, settings: Any, what: str, initial: dict[str, str]
) -> None:
    settings.EVIDENCE = False

    response = bob.get(ADD, {"what": what, "fill": "1"})

    form = response.context["adminform"].form
    assert {k: v for k, v in form.initial.items() if k != "team"} == initial


def test_what_a_source_says_is_no_markup(bob: Client, world: Server) -> None:
    document = canned("npm/request.json")
    latest = document["dist-tags"]["latest"]
    document["versions"][latest]["deprecated"] = "<script>alert(1)</script> deprecated"
    world.script("/request", json_answer(document))

    response = bob.get(ADD, {"what": "pkg:npm/request", "fill": "1"})

    html = response.content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_lookup_asks_no_source_by_itself(
    bob: Client, world: Server, django: Solution
) -> None:
    looked_up(bob, "pkg:pypi/django", ADD)
    looked_up(bob, quote("pkg:pypi/django"))
    bob.get(f"/admin/reviews/solution/{django.pk}/change/", {"what": "x", "fill": "1"})

    assert world.asked == []
    assert Kind(django.kind) is Kind.PACKAGE


# --- What is typed into the form stays there ---

TYPED = {
    "name": "My own name",
    "kind": "built",
    "description": "Keeps <b>notes</b>.",
    "version": "9",
    "criticality": "high",
    "tags": "web, python",
    "identifiers": "pkg:pypi/own",
    "contract_ends_on": "2027-01-31",
}


def held(response: Any) -> dict[str, str]:
    form = response.context["adminform"].form
    values = {name: form[name].value() for name in TYPED if form[name].value()}
    # The form has a criticality from the beginning.
    return {k: v for k, v in values.items() if (k, v) != ("criticality", "medium")}


@pytest.mark.parametrize("button", ["lookup", "fill"])
def test_looking_something_up_keeps_what_was_typed_and_stores_nothing(
    bob: Client, world: Server, cast: Cast, button: str
) -> None:
    people = {"team": str(cast.platform.pk), "owner": str(cast.bob.pk)}
    form = TYPED | people | {"what": "pkg:npm/left-pad", button: "1"}

    response = bob.post(ADD, form)

    assert held(response) == TYPED
    shown = response.context["adminform"].form
    assert {name: str(shown[name].value()) for name in people} == people
    assert not shown.errors
    html = response.content.decode()
    assert "<strong>Not registered</strong>" in html
    assert 'name="what" form="solution_form" value="pkg:npm/left-pad"' in html
    assert not Solution.objects.exists()


def test_an_empty_field_is_filled_beside_one_that_was_typed(
    bob: Client, world: Server
) -> None:
    form = {"what": "pkg:npm/left-pad@1.3.0", "fill": "1", "name": "Padding"}

    response = bob.post(ADD, form)

    assert response.context["filled"].fields == "kind, version, identifiers"
    assert held(response) == {
        "name": "Padding",
        "kind": "package",
        "version": "1.3.0",
        "identifiers": "pkg:npm/left-pad",
    }


@pytest.mark.parametrize("between", [False, True])
def test_another_look_up_replaces_what_the_first_had_filled_in(
    bob: Client, world: Server, between: bool
) -> None:
    first = bob.post(ADD, {"what": "pkg:npm/left-pad@1.3.0", "fill": "1"})
    filled = first.context["was_filled"]
    for name, value in filled.items():
        assert f'name="filled-{name}" value="{value}"' in first.content.decode()
    form = held(first) | {f"filled-{name}": value for name, value in filled.items()}
    if between:
        looked = bob.post(ADD, form | {"what": "pkg:pypi/flask", "lookup": "1"})
        assert looked.context["was_filled"] == filled

    second = bob.post(ADD, form | {"what": "pkg:pypi/flask", "fill": "1"})

    assert held(second) == {
        "name": "flask",
        "kind": "package",
        "identifiers": "pkg:pypi/flask",
    }


def test_the_sources_are_offered_only_for_what_was_looked_up(
    bob: Client, world: Server
) -> None:
    fill = 'name="fill" value="1" form="solution_form" formnovalidate'

    assert fill not in bob.get(ADD).content.decode()
    assert fill not in bob.get(LOOKUP, {"what": "pkg:"}).content.decode()
    assert fill in bob.get(LOOKUP, {"what": "django"}).content.decode()
    nothing = bob.post(ADD, {"lookup": "1", "name": "Kept"}).content.decode()
    assert "Type above what is to be looked up." in nothing
    assert 'value="Kept"' in nothing


def test_a_kind_that_a_name_does_not_tell_is_asked_for(
    bob: Client, world: Server, settings: Any
) -> None:
    settings.EVIDENCE = False

    html = bob.post(ADD, {"what": "Paging service", "fill": "1"}).content.decode()

    assert "Kind: Paging service does not tell it by itself." in html
    assert "Vendor: a company or a service." in html


def test_a_first_review_of_the_past_was_due(bob: Client, cast: Cast) -> None:
    registered("Old", on=date(2025, 1, 1), team=cast.platform)

    assert "a first review was due 2025-" in looked_up(bob, "old")


def test_who_is_asked_is_somebody(bob: Client, cast: Cast) -> None:
    for name, team, said_ in (
        ("Teamed", cast.platform, f"ask {cast.platform.name}."),
        ("Alone", None, "is not said: nobody owns it."),
    ):
        evaluated(registered(name, team=team), date(2026, 11, 1), Verdict.RETIRE)
        html = looked_up(bob, name.lower())
        assert said_ in html
        assert "no owner" not in html


def test_the_question_takes_the_focus(bob: Client) -> None:
    html = bob.get(ADD).content.decode()

    assert html.count("autofocus") == 1
    assert "autofocus" in html.partition('id="what"')[2].partition(">")[0]
    assert "change_form.js" not in html
    assert "search for an owner" in html


def test_looking_up_by_post_takes_the_right_to_register(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.charlie)

    assert client.post(ADD, {"what": "x", "lookup": "1"}).status_code == 403
