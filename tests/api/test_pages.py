"""Cursor pages (G-): complete, steady while rows come and go, and cheap everywhere."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Flag, Identifier, Solution, Tag
from reviews.rules.staleness import DUE_SOON_DAYS
from tests.api.conftest import EVALUATIONS, FLAGS, SOLUTIONS, Caller, problem_of
from tests.conftest import NOW, TODAY, Cast

COUNT = 60


@pytest.fixture
def register(cast: Cast) -> list[Solution]:
    """Sixty solutions, all with flags, of which most share a name and a date."""
    solutions = Solution.objects.bulk_create(
        Solution(
            slug=f"s-{n * 37 % COUNT:03}",
            key=f"package:s-{n}",
            name=f"Name {n % 3}",
            kind="package",
            state="retire" if n % 10 == 0 else "adopt",
            team=cast.platform,
            owner=cast.bob,
            last_evaluated_on=TODAY,
            next_review_on=None
            if n % 10 == 0
            else TODAY + timedelta(DUE_SOON_DAYS + n % 2),
            registered_on=TODAY,
            first_review_on=TODAY,
            created_at=NOW,
            updated_at=NOW,
        )
        for n in range(COUNT)
    )
    tags = Tag.objects.bulk_create([Tag(name="web"), Tag(name="paid")])
    for solution in solutions:
        solution.tags.set(tags)
    Identifier.objects.bulk_create(
        Identifier(solution=solution, scheme=scheme, value=f"pkg:pypi/p{solution.pk}")
        for solution in solutions
        for scheme in ("purl", "model")
    )
    Flag.objects.bulk_create(
        Flag(
            solution=solution,
            cause="review_due",
            action="review",
            due_on=TODAY - timedelta(solution.pk % 2),
            opened_at=NOW,
        )
        for solution in solutions
    )
    return solutions


def pages(caller: Caller, path: str, way: str = "next") -> Iterator[list[Any]]:
    """Yield the results of every page, from one on, following its links."""
    link: str | None = path
    while link is not None:
        answer = caller.get(link)
        assert answer.status_code == 200, answer.content
        content = answer.json()
        assert set(content) == {"next", "previous", "results"}
        yield content["results"]
        link = content[way]


def ids(rows: list[Any]) -> list[Any]:
    return [row.get("id") or row["slug"] for row in rows]


ORDERINGS = [
    (SOLUTIONS, "slug"),
    (SOLUTIONS, "name"),
    (SOLUTIONS, "next_review_on"),
    (SOLUTIONS, "registered_on"),
    (FLAGS, "due_on"),
]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(("path", "ordering"), ORDERINGS)
def test_the_pages_together_are_the_whole_once_in_order(
    register: list[Solution], bob: Caller, path: str, ordering: str, sign: str
) -> None:
    query = f"{path}?ordering={sign}{ordering}"

    walked = [row for page in pages(bob, f"{query}&page_size=7") for row in page]

    assert walked == bob.get(f"{query}&page_size=200").json()["results"]
    assert len(set(ids(walked))) == COUNT
    if ordering not in ("next_review_on", "registered_on"):
        values = [row[ordering] for row in walked]
        assert values == sorted(values, reverse=bool(sign))


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(("path", "ordering"), ORDERINGS)
def test_walking_back_shows_the_same_pages(
    register: list[Solution], bob: Caller, path: str, ordering: str, sign: str
) -> None:
    first = f"{path}?page_size=20&ordering={sign}{ordering}"
    second = bob.get(first).json()["next"]
    last = bob.get(second).json()["next"]
    forth = [ids(page) for page in pages(bob, first)]

    back = [ids(page) for page in pages(bob, last, "previous")]

    assert back == forth[::-1]


def test_what_is_retired_comes_last_in_order_of_review(
    register: list[Solution], bob: Caller
) -> None:
    rows = bob.get(f"{SOLUTIONS}?ordering=next_review_on&page_size=200").json()

    states = [row["state"] for row in rows["results"]]
    assert states == sorted(states)


def test_links_keep_the_filters(register: list[Solution], bob: Caller) -> None:
    query = "search=s-0&team=platform&ordering=-name&page_size=5"

    link = bob.get(f"{SOLUTIONS}?{query}").json()["next"]

    parts = urlsplit(link)
    assert parts.path == SOLUTIONS
    asked = parse_qs(parts.query)
    assert len(asked.pop("cursor")) == 1
    assert asked == parse_qs(query)


def test_the_first_page_has_none_before_and_the_last_none_behind(
    register: list[Solution], bob: Caller
) -> None:
    only = bob.get(f"{SOLUTIONS}?page_size={COUNT}").json()

    assert (only["next"], only["previous"]) == (None, None)


def test_g3_rows_that_come_and_go_move_no_other(
    register: list[Solution], bob: Caller
) -> None:
    walk = pages(bob, f"{SOLUTIONS}?ordering=slug&page_size=10")
    walked = ids(next(walk))

    Solution.objects.filter(slug__in=["s-002", "s-009", "s-015"]).delete()
    bob.post(SOLUTIONS, {"name": "S 000b", "kind": "package"})
    bob.post(SOLUTIONS, {"name": "S 030b", "kind": "package"})
    for page in walk:
        walked += ids(page)

    kept = {f"s-{n:03}" for n in range(COUNT)} - {"s-015"}
    assert sorted(walked) == sorted(kept | {"s-030b"})


def encoded(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


BAD_CURSORS = [
    "abc",
    "",
    "%00",
    "cD0xMjM=",
    "=",
    "a" * 2_001,
    "-1",
    "9" * 40,
    encoded(b"\x00"),
    encoded(b"\xff"),
    encoded(b"[" * 900),
    encoded(b"[" * 1_400),
    encoded([]),
    encoded({}),
    encoded(None),
    encoded(["solutions"]),
    encoded(["solutions", "slug", "next", []]),
    encoded(["solutions", "slug", "next", ["a", 1]]),
    encoded(["solutions", "slug", "next", [1]]),
    encoded(["solutions", "slug", "next", ["a\u0000"]]),
    encoded(b'["solutions", "slug", "next", ["\\ud800"]]'),
    encoded(["solutions", "slug", "sideways", ["a"]]),
    encoded(["solutions", "password", "next", ["a"]]),
    encoded(["solutions", "--slug", "next", ["a"]]),
    encoded(["flags", "slug", "next", ["a"]]),
    encoded(["solutions", "name", "next", ["a", 1]]),
]


@pytest.mark.parametrize("cursor", BAD_CURSORS)
def test_g1_what_is_no_cursor_of_this_list_is_refused(
    db: None, bob: Caller, cursor: str
) -> None:
    problem_of(bob.get(f"{SOLUTIONS}?cursor={cursor}"), 400, "cursor")


@pytest.mark.parametrize(
    "position",
    [
        ["abc", 1],
        ["2026-01-01", "1"],
        ["2026-01-01", -1],
        ["2026-01-01", 2**63],
        ["2026-01-01", 10**40],
        ["2026-01-01", 1.0],
        ["2026-01-01", True],
        ["2026-01-01", None],
        ["2026-02-30", 1],
        ["2026-1-1", 1],
        ["10000-01-01", 1],
        ["2026-W01-1", 1],
        [20260101, 1],
        ["2026-01-01"],
    ],
)
@pytest.mark.parametrize("way", ["next", "previous"])
def test_g1_a_position_is_a_day_and_a_number(
    db: None, bob: Caller, way: str, position: list[Any]
) -> None:
    cursor = encoded(["flags", "due_on", way, position])

    problem_of(bob.get(f"{FLAGS}?cursor={cursor}"), 400, "cursor")


def test_g1_a_cursor_is_good_for_its_own_list_and_order_only(
    register: list[Solution], bob: Caller
) -> None:
    link = bob.get(f"{SOLUTIONS}?page_size=1&ordering=name").json()["next"]
    cursor = parse_qs(urlsplit(link).query)["cursor"][0]

    assert bob.get(f"{SOLUTIONS}?ordering=name&cursor={cursor}").status_code == 200
    for other in (
        f"{SOLUTIONS}?cursor={cursor}",
        f"{SOLUTIONS}?ordering=-name&cursor={cursor}",
        f"{FLAGS}?cursor={cursor}",
        f"{EVALUATIONS}?cursor={cursor}",
    ):
        problem_of(bob.get(other), 400, "cursor")


@pytest.mark.parametrize("way", ["next", "previous"])
@pytest.mark.parametrize("position", [[""], ["\U0010ffff"], ["x" * 500], ["' OR 1=1"]])
def test_g4_a_position_beyond_the_end_is_a_page_of_its_own(
    register: list[Solution], bob: Caller, way: str, position: list[Any]
) -> None:
    cursor = encoded(["solutions", "slug", way, position])

    assert bob.get(f"{SOLUTIONS}?cursor={cursor}").status_code == 200


@pytest.mark.parametrize("size", [5, 50])
@pytest.mark.parametrize(
    ("path", "budget"), [(SOLUTIONS, 3), (FLAGS, 2), (EVALUATIONS, 2)]
)
def test_a_page_costs_three_queries_at_most_and_counts_nothing(
    register: list[Solution], bob: Caller, path: str, budget: int, size: int
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = bob.get(f"{path}?page_size={size}")

    assert answer.status_code == 200
    assert len(queries) <= budget, [query["sql"] for query in queries]
    assert not any("COUNT(" in query["sql"] for query in queries)


FAR = [
    (SOLUTIONS, "solutions", "slug", ["s-030"]),
    (SOLUTIONS, "solutions", "-slug", ["s-030"]),
    (SOLUTIONS, "solutions", "name", ["Name 1", 30]),
    (SOLUTIONS, "solutions", "-name", ["Name 1", 30]),
    (SOLUTIONS, "solutions", "next_review_on", ["2026-12-22", 30]),
    (SOLUTIONS, "solutions", "-next_review_on", ["2026-12-22", 30]),
    (SOLUTIONS, "solutions", "-registered_on", [30]),
    (FLAGS, "flags", "due_on", ["2026-11-22", 30]),
    (EVALUATIONS, "evaluations", "-evaluated_on", ["2026-11-22", 30]),
]


@pytest.mark.parametrize(("path", "endpoint", "ordering", "position"), FAR)
def test_a_page_begins_where_the_index_says_and_sorts_nothing(
    register: list[Solution],
    bob: Caller,
    path: str,
    endpoint: str,
    ordering: str,
    position: list[Any],
) -> None:
    cursor = encoded([endpoint, ordering, "next", position])
    with CaptureQueriesContext(connection) as queries:
        bob.get(f"{path}?ordering={ordering}&cursor={cursor}")
    [statement] = [q["sql"] for q in queries if q["sql"].endswith("LIMIT 51")]

    plan = _plan_of(statement)

    table = f"reviews_{endpoint.removesuffix('s')}"
    if connection.vendor == "postgresql":
        # The scan of the table itself, without what is joined to it.
        scan = plan.partition(f" on {table}")[2].partition("->")[0]
        assert "Index Cond" in scan, plan
        assert "Filter" not in scan.partition("Join Filter")[0], plan
        assert "Sort" not in plan, plan
    else:
        assert f"SEARCH {table} USING" in plan, plan
        assert "TEMP B-TREE" not in plan, plan


def _plan_of(statement: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What a planner does with a large table, shown on a small one.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute(f"EXPLAIN {statement}")
            return "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        return "\n".join(row[3] for row in cursor.fetchall())
