"""The list of solutions."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews.admin import paging
from reviews.models import Solution
from reviews.rules.vocabulary import Criticality, Kind, Verdict
from reviews.services.drafts import Draft
from tests.admin.conftest import evaluated, registered, signed_in
from tests.conftest import TODAY, Cast

LIST = reverse("admin:reviews_solution_changelist")


def listed(cast: Cast, query: str = "") -> str:
    answer = signed_in(cast.bob).get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 5, 10), "overdue by 12 days"),
        (date(2026, 5, 21), "overdue by 1 day"),
        (date(2026, 5, 22), "due today"),
        (date(2026, 5, 27), "due in 5 days"),
        (TODAY, "fresh until 2027-05-22"),
    ],
)
def test_freshness_is_said_in_words(
    cast: Cast, django: Solution, on: date, words: str
) -> None:
    evaluated(cast, django, on=on)

    assert words in listed(cast)


def test_never_reviewed_is_not_fresh(cast: Cast, django: Solution) -> None:
    page = listed(cast)

    assert f"never reviewed, first review by {django.next_review_on}" in page
    assert "is-fresh" not in page


def test_a_first_review_may_be_overdue(cast: Cast, django: Solution) -> None:
    Solution.objects.filter(pk=django.pk).update(
        next_review_on=TODAY - timedelta(3), first_review_on=TODAY - timedelta(3)
    )

    assert "never reviewed, first review overdue by 3 days" in listed(cast)


def test_what_is_retired_says_so(cast: Cast, django: Solution) -> None:
    evaluated(cast, django, verdict=Verdict.RETIRE)

    assert '<span class="badge is-retired">retired</span>' in listed(cast)


@pytest.mark.parametrize(
    "query",
    [
        "q=djan",
        "q=pkg:pypi/django",
        "kind=package",
        "state=unreviewed",
        "freshness=unreviewed",
        "criticality=medium",
        "owner=none",
    ],
)
def test_search_and_filters_narrow_the_list(
    cast: Cast, django: Solution, warehouse: Solution, query: str
) -> None:
    expected = {
        "owner=none": {"Warehouse"},
        "state=unreviewed": {"Django", "Warehouse"},
        "freshness=unreviewed": {"Django", "Warehouse"},
        "criticality=medium": {"Django", "Warehouse"},
    }.get(query, {"Django"})

    page = listed(cast, query)

    assert {name for name in ("Django", "Warehouse") if f">{name}<" in page} == expected


def test_the_list_narrows_by_team_owner_and_tag(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    tag = django.tags.get()
    for query in (
        f"team={cast.platform.pk}",
        f"owner={cast.bob.pk}",
        f"tag={tag.pk}",
    ):
        page = listed(cast, query)

        assert ">Django<" in page
        assert ">Warehouse<" not in page


def test_to_be_deprecated_is_what_a_verdict_or_a_flag_wants_gone(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    fine = registered(cast, Draft(name="Fine", kind=Kind.BUILT))
    evaluated(cast, fine)
    evaluated(cast, django, verdict=Verdict.DEPRECATE)
    evaluated(cast, warehouse, on=date(2025, 11, 1))

    page = listed(cast, "deprecation=wanted")

    assert ">Django<" in page
    assert ">Warehouse<" in page
    assert ">Fine<" not in page


@pytest.mark.parametrize(
    "query",
    [
        "name__regex=(a%2B)%2B$",
        "name__iregex=x",
        "name__startswith=D",
        "owner__password__startswith=md5",
        "team__memberships__user__email=a",
        "kind__exact=package",
        "unknown=1",
        "_connector=OR",
        "_negated=1",
        "kind=rocket",
        "freshness=mouldy",
        "team=abc",
        "team=-1",
        "owner=%00",
        f"owner={'9' * 40}",
        "_to_field=name",
        f"q={'a' * 300}",
        f"q={'a+' * 50}",
    ],
)
def test_what_no_filter_offers_is_a_bad_request(
    cast: Cast, django: Solution, query: str
) -> None:
    assert signed_in(cast.bob).get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    ["q=%00", "p=abc", "p=-1", "p=99999999999999999999", "o=abc", "o=99.-1", "all="],
)
def test_an_odd_address_is_no_failure(cast: Cast, django: Solution, query: str) -> None:
    answer = signed_in(cast.bob).get(f"{LIST}?{query}", follow=True)

    assert answer.status_code in {200, 400}


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    cast: Cast, django: Solution
) -> None:
    client = signed_in(cast.bob)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(40):
        draft = Draft(
            name=f"Part {number}",
            kind=Kind.BUILT,
            team_id=cast.platform.pk,
            owner_id=cast.alice.pk,
            tags=[f"tag-{number}"],
        )
        registered(cast, draft)

    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    assert len(few) == len(many) <= 12


def test_a_long_list_is_not_counted_to_its_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED", 3)
    for number in range(5):
        registered(cast, Draft(name=f"Part {number}", kind=Kind.BUILT))

    page = listed(cast)

    assert "3 or more" in page


def test_names_come_out_as_typed(cast: Cast) -> None:
    name = "<script>alert(1)</script> {{ 7*7 }}"
    registered(cast, Draft(name=name, kind=Kind.BUILT, criticality=Criticality.LOW))

    page = listed(cast)

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page
