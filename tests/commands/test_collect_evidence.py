"""`manage.py collect_evidence`, against a real server that speaks for every source."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from reviews.models import Flag, Signal, Solution, SourceCheck, Watch
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from tests.conftest import NOW, TODAY
from tests.connectors.serving import (
    Server,
    json_answer,
    page,
    serving,
    too_many,
    truncated,
)
from tests.services.building import evaluated, judged, registered

pytestmark = pytest.mark.django_db

CANNED = Path(__file__).parents[1] / "canned"
SETTINGS = (
    "EVIDENCE_PYPI_URL",
    "EVIDENCE_NPM_URL",
    "EVIDENCE_ENDOFLIFE_URL",
    "EVIDENCE_OSV_URL",
    "EVIDENCE_DEPS_DEV_URL",
    "EVIDENCE_GITHUB_URL",
    "EVIDENCE_SCORECARD_URL",
    "EVIDENCE_HUGGING_FACE_URL",
)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def world(settings: Any) -> Iterator[Server]:
    """Return the one server that every source's address points to."""
    with serving() as server:
        for name in SETTINGS:
            setattr(settings, name, server.address)
        settings.EVIDENCE_REQUESTS_PER_SECOND = 1_000
        settings.EVIDENCE_TIMEOUT_SECONDS = 2
        yield server


def canned(path: str) -> Any:
    return json.loads((CANNED / path).read_text())


def collect(*arguments: str) -> str:
    out = StringIO()
    call_command("collect_evidence", *arguments, stdout=out)
    return out.getvalue()


def django() -> Solution:
    return registered(identifiers=((Scheme.PURL, "pkg:pypi/django"),), version="4.2.11")


def claude() -> Solution:
    solution = registered(
        "Claude Opus 4.1",
        kind=Kind.MODEL,
        identifiers=((Scheme.MODEL, "claude-opus-4-1-20250805"),),
        version="claude-opus-4-1-20250805",
    )
    evaluated(solution, judged())
    return solution


def test_a_models_retirement_announced_today_is_a_flag_today(world: Server) -> None:
    solution = claude()
    product = canned("endoflife/claude.json")
    name = product["result"]["name"]
    (release,) = [
        each
        for each in product["result"]["releases"]
        if each["name"] == "claude-opus-4-1-20250805"
    ]
    announced = dict(release)
    release |= {"isEoas": False, "eoasFrom": None, "eolFrom": "2027-08-05"}
    world.script(f"/api/v1/products/{name}", json_answer(product))
    collect()
    before = Solution.objects.get(pk=solution.pk).next_review_on
    assert not Flag.objects.exists()

    release |= {"isEoas": True, "eoasFrom": "2026-11-22", "eolFrom": "2027-01-22"}
    release["custom"] = {"recommendedReplacement": "claude-opus-4-8"}
    assert announced["name"] == release["name"]
    world.script(f"/api/v1/products/{name}", json_answer(product))
    said = collect()

    flag = Flag.objects.open().get()
    solution.refresh_from_db()
    assert (flag.cause, flag.action) == ("model_retirement", "deprecate")
    assert "2027-01-22" in flag.reason
    assert "claude-opus-4-8" in flag.reason
    assert flag.source_url.startswith("http")
    assert before is not None
    assert solution.next_review_on == TODAY < before
    assert "opened 1 flag," in said


def test_it_says_what_each_source_answered(world: Server) -> None:
    django()
    world.script("/pypi/django/json", json_answer(canned("pypi/django.json")))
    world.script("/api/v1/products/django", page(500))

    said = collect()

    assert said.startswith("Asked about 1 solution: 1 with something new")
    assert "  pypi         1 answered\n" in said
    assert "  endoflife    0 answered, 1 failed" in said
    assert "for example django: " in said


def test_it_asks_one_source_about_one_solution(world: Server) -> None:
    django()
    registered("Celery", identifiers=((Scheme.PURL, "pkg:pypi/celery"),))
    world.script("/pypi/django/json", json_answer(canned("pypi/django.json")))

    collect("--solution", "django", "--source", "pypi")

    assert world.paths() == ["/pypi/django/json"]
    assert {signal.source for signal in Signal.objects.all()} == {"pypi"}


@pytest.mark.parametrize("name", ["deps.dev", "deps-dev", "DepsDev", "deps_dev"])
def test_a_sources_name_may_be_joined_in_any_way(world: Server, name: str) -> None:
    django()
    world.script("/v3/systems/pypi/packages/django", too_many("1"))

    with pytest.raises(CommandError, match="No source could be asked"):
        collect("--source", name)

    assert {path.split("/")[1] for path in world.paths()} == {"v3"}


def test_it_names_itself_and_somebody_to_write_to(world: Server, settings: Any) -> None:
    settings.EVIDENCE_CONTACT = "tracker@example.com"
    django()

    collect("--source", "pypi")

    agent = world.asked[0].headers["user-agent"]
    assert agent.startswith("best-before/")
    assert "tracker@example.com" in agent


def test_a_repository_named_by_the_package_is_asked_for_in_the_same_run(
    world: Server,
) -> None:
    solution = django()
    world.script("/pypi/django/json", json_answer(canned("pypi/django.json")))
    world.script("/repos/django/django", json_answer(canned("github/archived.json")))

    collect()

    archived = Signal.objects.get(source="github", kind="repository_archived")
    check = SourceCheck.objects.get(solution=solution, source="github")
    assert not archived.verified
    assert check.matched_by == "metadata"


def test_what_another_worker_is_asking_about_is_left_out(world: Server) -> None:
    solution = django()
    Watch.objects.create(
        solution=solution, ask_at=NOW, taken_until=NOW.replace(hour=23)
    )

    said = collect()

    assert "Left out 1: another worker is asking" in said
    assert world.asked == []


def test_a_retired_solution_is_not_asked_about(world: Server) -> None:
    evaluated(django(), judged(Verdict.RETIRE))

    collect()

    assert world.asked == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(page(200), id="a page instead of JSON"),
        pytest.param(json_answer([1, 2]), id="another schema"),
        pytest.param(json_answer({"info": 7}), id="another type"),
        pytest.param(truncated(b'{"info": {'), id="cut off"),
        pytest.param(page(500), id="500"),
        pytest.param(too_many("60"), id="429"),
    ],
)
def test_what_was_known_survives_every_fault(world: Server, fault: Any) -> None:
    solution = django()
    world.script("/pypi/django/json", json_answer(canned("pypi/django.json")))
    collect("--source", "pypi")
    known = set(Signal.objects.standing().values_list("pk", flat=True))

    world.script("/pypi/django/json", fault)
    with pytest.raises(CommandError, match="No source could be asked"):
        collect("--source", "pypi")

    check = SourceCheck.objects.get(solution=solution, source="pypi")
    assert known
    assert set(Signal.objects.standing().values_list("pk", flat=True)) == known
    assert check.state == "stale"
    assert check.error


def test_where_nothing_can_be_reached_it_says_so_and_fails(settings: Any) -> None:
    django()
    with serving() as gone:
        for name in SETTINGS:
            setattr(settings, name, gone.address)

    out = StringIO()
    with pytest.raises(CommandError, match="No source could be asked"):
        call_command("collect_evidence", stdout=out)

    assert "failed" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--solution", "djagno"], "no solution 'djagno'. Did you mean django?"),
        (["--source", "pipy"], "no source 'pipy'. Did you mean pypi?"),
        (["--source", "forecast"], "no source 'forecast'"),
    ],
)
def test_a_name_that_is_none_is_refused(
    world: Server, arguments: list[str], message: str
) -> None:
    django()

    with pytest.raises(CommandError, match=message):
        collect(*arguments)

    assert world.asked == []


def test_a_source_without_address_is_refused_by_name(
    world: Server, settings: Any
) -> None:
    settings.EVIDENCE_NPM_URL = ""

    with pytest.raises(CommandError, match="npm has no address: set EVIDENCE_NPM_URL"):
        collect("--source", "npm")


def test_where_no_source_knows_it_nothing_is_asked_and_that_is_said(
    world: Server,
) -> None:
    django()

    with pytest.raises(CommandError, match="Nothing was asked"):
        collect("--source", "huggingface")


def test_what_a_source_does_not_list_is_no_answer(world: Server) -> None:
    django()

    said = collect("--source", "pypi")

    assert "pypi         0 answered, 1 had nothing to say" in said


def test_a_solution_is_free_again_when_asking_breaks_down(
    world: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    solution = django()
    world.script("/pypi/django/json", json_answer(canned("pypi/django.json")))
    monkeypatch.setattr(
        "reviews.services.evidence.collecting.forecast", lambda **_: 1 / 0
    )

    with pytest.raises(ZeroDivisionError):
        collect()

    assert Watch.objects.get(solution=solution).taken_until is None
