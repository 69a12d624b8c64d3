"""Looking one thing up."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from packageurl.contrib import purl2url

from reviews.models import Flag, Solution
from reviews.queries.lookup import Registered, look_up
from reviews.rules.purl import PurlError
from reviews.rules.signals import SignalKind
from reviews.rules.text import TextError
from reviews.rules.vocabulary import Cause, Freshness, Kind, Scheme, Verdict
from reviews.services.covers import waive_flag
from reviews.services.evaluations import Judgement, record_evaluation
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import ended, flagged, said
from tests.pages.building import ADMINISTRATOR, evaluated, registered, scanned


@pytest.fixture
def django(cast: Cast) -> Solution:
    return registered(
        "Django",
        team=cast.platform,
        owner=cast.bob,
        version="5.2.19",
        identifiers=[
            (Scheme.PURL, "pkg:pypi/django@5.2.19"),
            (Scheme.REPOSITORY, "https://github.com/django/django"),
            (Scheme.ENDOFLIFE, "django/5.2"),
        ],
    )


def exact(text: str) -> list[str]:
    return [row.slug for row in look_up(text, today=TODAY).exact]


def alike(text: str) -> list[str]:
    return [row.slug for row in look_up(text, today=TODAY).alike]


def only(text: str) -> Registered:
    [row] = look_up(text, today=TODAY).exact
    return row


@pytest.mark.parametrize(
    "text",
    [
        "pkg:pypi/Django",
        "pkg:pypi/django@4.2?extension=whl",
        purl2url.get_repo_url("pkg:pypi/Django"),
        "https://github.com/django/django.git",
        "git@github.com:django/django.git",
        "pkg:github/django/django",
        "django/5.2",
        "Django",
        "  DJANGO ",
    ],
)
def test_it_is_found_under_all_its_names(django: Solution, text: str) -> None:
    assert exact(text) == ["django"]


def test_what_is_only_called_alike_is_told_apart(django: Solution) -> None:
    registered(
        "Django REST framework",
        identifiers=[(Scheme.PURL, "pkg:pypi/djangorestframework")],
    )

    assert exact("pkg:pypi/djangorestframework") == ["django-rest-framework"]
    assert alike("pkg:npm/django") == ["django", "django-rest-framework"]
    assert exact("pkg:npm/django") == []
    assert alike("Django") == ["django-rest-framework"]
    assert (exact("Flask"), alike("Flask")) == ([], [])


def test_only_a_few_that_are_called_alike_are_named(cast: Cast) -> None:
    for n in range(12):
        registered(f"Service {n}", kind=Kind.VENDOR)

    assert len(alike("service")) == 5


def test_what_has_no_purl_is_found_by_its_name_of_any_kind(cast: Cast) -> None:
    registered("Paging Service", kind=Kind.VENDOR)
    registered("Claude", kind=Kind.MODEL, identifiers=[(Scheme.MODEL, "claude-opus-4")])

    assert exact("paging  service") == ["paging-service"]
    assert exact("claude-opus-4") == ["claude"]
    assert exact("anthropic/claude-opus-4") == []


def test_it_says_how_the_solution_stands(django: Solution, cast: Cast) -> None:
    evaluated(django, date(2026, 5, 10))
    flagged(django)

    row = only("pkg:pypi/django")

    assert (row.state, row.last_evaluated_on) == ("adopt", date(2026, 5, 10))
    assert row.freshness is Freshness.OVERDUE
    assert row.next_review_on == date(2026, 11, 10)
    assert (row.team.slug, row.owner.username) == ("platform", "bob")
    assert {flag.cause for flag in row.flags} >= {Cause.END_OF_LIFE}
    assert (row.waiver, row.instead) == (None, None)


def test_an_active_waiver_is_told_until_its_day(django: Solution, cast: Cast) -> None:
    evaluated(django, date(2026, 5, 10))
    scanned()
    flag = Flag.objects.open().get(solution=django)
    until = TODAY + timedelta(days=30)
    waive_flag(
        flag_id=flag.pk,
        owner_id=cast.bob.pk,
        reason="The contract runs on.",
        until=until,
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )

    waiver = only("django").waiver
    assert waiver is not None
    assert (waiver.until, waiver.owner, waiver.reason) == (
        until,
        "Bob",
        "The contract runs on.",
    )
    [row] = look_up("django", today=until).exact
    assert row.waiver is None


def test_what_to_use_instead_is_what_the_evaluation_says(
    django: Solution, cast: Cast
) -> None:
    better = registered("Better", team=cast.platform)
    said(
        django,
        SignalKind.REGISTRY_DEPRECATED,
        "gone",
        replacement="something else",
    )
    record_evaluation(
        solution_id=django.pk,
        judgement=Judgement(
            verdict=Verdict.DEPRECATE,
            evaluated_on=TODAY,
            summary="Enough.",
            replacement_id=better.pk,
        ),
        actor=ADMINISTRATOR,
        today=TODAY,
        now=NOW,
    )

    instead = only("django").instead

    assert instead is not None
    assert (instead.name, instead.slug, instead.said_by) == ("Better", "better", "Dora")


def test_what_to_use_instead_is_else_what_a_source_still_says(
    django: Solution,
) -> None:
    signal = said(
        django, SignalKind.REGISTRY_DEPRECATED, "gone", replacement="pkg:pypi/other"
    )

    instead = only("django").instead
    assert instead is not None
    assert (instead.name, instead.slug, instead.said_by) == (
        "pkg:pypi/other",
        "",
        "PyPI",
    )

    ended(signal)
    assert only("django").instead is None


def test_a_superseded_evaluation_says_nothing_any_more(
    django: Solution, cast: Cast
) -> None:
    better = registered("Better", team=cast.platform)
    record_evaluation(
        solution_id=django.pk,
        judgement=Judgement(
            verdict=Verdict.HOLD,
            evaluated_on=TODAY - timedelta(days=2),
            summary="Enough.",
            replacement_id=better.pk,
        ),
        actor=ADMINISTRATOR,
        today=TODAY,
        now=NOW,
    )
    assert only("django").instead is not None

    evaluated(django, TODAY)

    assert only("django").instead is None


def test_a_look_up_takes_the_same_few_queries_whatever_it_finds(
    django: Solution,
) -> None:
    def count(text: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            look_up(text, today=TODAY)
        return len(queries)

    evaluated(django, TODAY)
    one = count("pkg:pypi/django")
    for n in range(8):
        solution = registered(f"Django {n}")
        evaluated(solution, TODAY)
        flagged(solution)

    assert count("pkg:pypi/django") == one <= 8
    assert count("nothing of the kind") == 3


# The plans that it reads are those of SQLite.
@pytest.mark.embedded
def test_no_look_up_reads_the_whole_register(django: Solution) -> None:
    with CaptureQueriesContext(connection) as queries:
        look_up("Django", today=TODAY)

    for query in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plan = [row[-1] for row in cursor.fetchall()]
        assert not [step for step in plan if step.startswith("SCAN")], query["sql"]


@pytest.mark.parametrize(
    ("text", "error"), [("pkg:", PurlError), (" ", TextError), ("\x00", TextError)]
)
def test_what_cannot_be_read_is_refused(
    db: None, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        look_up(text, today=TODAY)
