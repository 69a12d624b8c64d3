"""Query strings that are refused, and what the filters find (Q- and D-10)."""

from datetime import timedelta
from typing import Any

import pytest

from reviews.models import Solution
from tests.api.conftest import (
    BAD_DAYS,
    EVALUATIONS,
    FLAGS,
    JUDGED,
    SOLUTIONS,
    Caller,
    CallerOf,
    problem_of,
)
from tests.conftest import TODAY, Cast

LISTS = [SOLUTIONS, EVALUATIONS, FLAGS]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("nmae=x", "nmae"),
        ("_connector=OR", "_connector"),
        ("_negated=1", "_negated"),
        ("owner__password__startswith=p", "owner__password__startswith"),
        ("team__memberships__user=1", "team__memberships__user"),
        ("name__regex=(a%2B)%2B%24", "name__regex"),
        ("id__in=1,2", "id__in"),
        ("format=api", "format"),
        ("kind[]=model", "kind[]"),
        ("team=a&team=b", "team"),
        ("page_size=5&page_size=5", "page_size"),
        ("team=%00", "team"),
        ("team=a%07b", "team"),
        ("team=%e2%80%ae", "team"),
        ("owner=", "owner"),
        ("owner=" + "x" * 201, "owner"),
        ("%00=1", None),
        ("=1", None),
        ("a%0Ab=1", None),
        ("ordering=password", "ordering"),
        ("ordering=owner__password", "ordering"),
        ("ordering=--slug", "ordering"),
        ("ordering=slug,name", "ordering"),
        ("ordering=?", "ordering"),
        ("ordering=", "ordering"),
        ("page_size=0", "page_size"),
        ("page_size=-1", "page_size"),
        ("page_size=201", "page_size"),
        ("page_size=1000000000", "page_size"),
        ("page_size=" + "9" * 40, "page_size"),
        ("page_size=abc", "page_size"),
        ("page_size=1.5", "page_size"),
        ("page_size=%D9%A5", "page_size"),
        ("page_size=", "page_size"),
        ("page=2", "page"),
        ("offset=1000000000", "offset"),
        ("limit=NaN", "limit"),
    ],
)
def test_a_parameter_that_means_nothing_is_refused_by_name(
    bob: Caller, path: str, query: str, field: str | None
) -> None:
    if field in ("team", "owner") and path == EVALUATIONS:
        field = None

    problem_of(bob.get(f"{path}?{query}"), 400, field)


@pytest.mark.parametrize("path", [*LISTS, f"{SOLUTIONS}x/", f"{EVALUATIONS}1/"])
@pytest.mark.parametrize("query", ["a=%ff", "%ff=1", "a=%ed%a0%80", "a=%C3", "\u00ff"])
def test_q2_a_query_string_is_utf_8(bob: Caller, path: str, query: str) -> None:
    answer = bob("GET", path, QUERY_STRING=query)

    problem_of(answer, 400)


@pytest.mark.parametrize("path", LISTS)
def test_a_hundred_parameters_are_enough(bob: Caller, path: str) -> None:
    query = "&".join(f"p{n}=1" for n in range(1_100))

    problem_of(bob.get(f"{path}?{query}"), 400)


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("knd=model", "Did you mean kind?"),
        ("kind=pakage", "Did you mean package?"),
        ("state=adopted", "Did you mean adopt?"),
        ("freshness=due-soon", "Did you mean due_soon?"),
        ("ordering=nam", "Did you mean name?"),
    ],
)
def test_a_near_miss_is_told_the_word(bob: Caller, query: str, hint: str) -> None:
    assert hint in problem_of(bob.get(f"{SOLUTIONS}?{query}"), 400)["detail"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (SOLUTIONS, "kind=Package"),
        (SOLUTIONS, "kind="),
        (SOLUTIONS, "state=overdue"),
        (SOLUTIONS, "freshness=stale"),
        (SOLUTIONS, "purl=django"),
        (SOLUTIONS, "purl=pkg:pypi/%25ff"),
        (SOLUTIONS, "purl=" + "x" * 600),
        (SOLUTIONS, "search="),
        (SOLUTIONS, "search=%20"),
        (SOLUTIONS, "search=" + "x" * 201),
        (SOLUTIONS, "search=" + "x" * 64_000),
        (SOLUTIONS, "search=" + "x%20" * 3_000),
        (SOLUTIONS, "search=%F3%A0%80%81&search=b"),
        (FLAGS, "status=Open"),
        (FLAGS, "status=overdue"),
        (FLAGS, "overdue=1"),
        (FLAGS, "overdue=True"),
        (FLAGS, "cause=eol"),
        (FLAGS, "action=snooze"),
        (FLAGS, "ordering=opened_at"),
        (EVALUATIONS, "verdict=keep"),
        (EVALUATIONS, "status=proposed"),
    ],
)
def test_a_value_that_a_filter_does_not_know_is_refused(
    bob: Caller, path: str, query: str
) -> None:
    problem_of(bob.get(f"{path}?{query}"), 400, query.partition("=")[0])


@pytest.mark.parametrize("day", [day for day in BAD_DAYS if day])
def test_d10_a_filter_takes_a_day_of_the_calendar(bob: Caller, day: str) -> None:
    answer = bob("GET", SOLUTIONS, query_params={"due_before": day})

    problem_of(answer, 400, "due_before")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_only_reading_takes_parameters(bob: Caller, path: str, method: str) -> None:
    problem_of(bob(method, f"{path}?kind=model"), 400, "kind")


@pytest.fixture
def register(cast: Cast, caller: CallerOf, bob: Caller) -> None:
    """Six solutions, which differ in all that the filters look at."""
    eve, dora = caller(cast.eve), caller(cast.dora)

    def add(somebody: Caller, name: str, kind: str, **more: Any) -> None:
        content = {"name": name, "kind": kind, **more}
        answer = somebody.post(SOLUTIONS, content)
        assert answer.status_code == 201, answer.content

    add(bob, "Django", "package", purl="pkg:pypi/django@5.2", tags=["web"])
    add(bob, "100% Ünïcode_x", "vendor", owner="bob", tags=["web", "paid"])
    add(bob, "Back\\slash'; DROP", "built", team="platform")
    add(eve, "Pandas", "package", purl="pkg:pypi/Pandas", owner="eve")
    add(eve, "100 percent", "vendor")
    add(dora, "Orphan", "model")
    for slug, days in (("django", 10), ("pandas", 170), ("orphan", 200)):
        judged = JUDGED | {"solution": slug}
        on = TODAY - timedelta(days)
        answer = dora.post(EVALUATIONS, judged | {"evaluated_on": str(on)})
        assert answer.status_code == 201, answer.content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=vendor", "100-percent 100-unicode_x"),
        ("state=adopt", "django orphan pandas"),
        ("state=retire", ""),
        ("owner=bob", "100-unicode_x"),
        ("owner=Bob", ""),
        ("owner=nobody-at-all", ""),
        ("owner=none&state=adopt", "django orphan"),
        ("team=data", "100-percent pandas"),
        ("team=no-such-team", ""),
        ("team=none", "orphan"),
        ("tag=web", "100-unicode_x django"),
        ("tag=wEb", ""),
        ("purl=pkg:pypi/django", "django"),
        ("purl=pkg:pypi/Django@1.0%3Fa=b", "django"),
        ("purl=pkg:npm/django", ""),
        ("freshness=unreviewed", "100-percent 100-unicode_x back-slash-drop"),
        ("freshness=fresh", "django"),
        ("freshness=due_soon", "pandas"),
        ("freshness=overdue", "orphan"),
        ("due_before=1970-01-01", ""),
        ("due_before=2026-11-22", "orphan"),
        ("search=DJANGO", "django"),
        ("search=pkg:pypi/p", "pandas"),
        ("search=100%25", "100-unicode_x"),
        ("search=100", "100-percent 100-unicode_x"),
        ("search=code_", "100-unicode_x"),
        ("search=%25", "100-unicode_x"),
        ("search=_", "100-unicode_x"),
        ("search=%5C", "back-slash-drop"),
        ("search='%3B%20DROP", "back-slash-drop"),
        ("search=%22unclosed", ""),
        ("search=a%20%26%20%7C%20b", ""),
        ("search=back slash", ""),
        ("kind=package&team=data&freshness=due_soon", "pandas"),
        ("kind=model&team=data", ""),
    ],
)
def test_a_filter_finds_what_it_says(
    register: None, bob: Caller, query: str, found: str
) -> None:
    answer = bob.get(f"{SOLUTIONS}?{query}")

    assert answer.status_code == 200, answer.content
    assert " ".join(row["slug"] for row in answer.json()["results"]) == found


def test_due_before_leaves_the_day_itself_out(register: None, bob: Caller) -> None:
    due_on = Solution.objects.get(slug="orphan").next_review_on

    answer = bob.get(f"{SOLUTIONS}?due_before={due_on}")

    assert answer.json()["results"] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=open", "orphan"),
        ("status=closed", ""),
        ("overdue=true", "orphan"),
        ("overdue=false", ""),
        ("status=closed&overdue=true", ""),
        ("cause=review_due", "orphan"),
        ("cause=trust_decayed", ""),
        ("action=review&solution=orphan", "orphan"),
        ("action=deprecate", ""),
        ("solution=no-such-solution", ""),
        ("team=none", "orphan"),
        ("team=data", ""),
        ("owner=none", "orphan"),
        ("owner=eve", ""),
    ],
)
def test_the_flags_filters_find_what_they_say(
    register: None, bob: Caller, query: str, found: str
) -> None:
    answer = bob.get(f"{FLAGS}?{query}")

    assert answer.status_code == 200, answer.content
    assert " ".join(row["solution"] for row in answer.json()["results"]) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "django pandas orphan"),
        ("ordering=evaluated_on", "orphan pandas django"),
        ("solution=pandas", "pandas"),
        ("solution=no-such-solution", ""),
        ("verdict=adopt&author=Dora", "django pandas orphan"),
        ("verdict=hold", ""),
        ("author=dora", ""),
    ],
)
def test_the_log_s_filters_find_what_they_say(
    register: None, bob: Caller, query: str, found: str
) -> None:
    answer = bob.get(f"{EVALUATIONS}?{query}")

    assert " ".join(row["solution"] for row in answer.json()["results"]) == found
