"""Flags on the staff pages: to be read, and answered by an evaluation."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews.models import Flag, Solution
from reviews.rules.vocabulary import Kind
from reviews.services.drafts import Draft
from tests.admin.conftest import evaluated, registered, signed_in
from tests.conftest import TODAY, Cast

LIST = reverse("admin:reviews_flag_changelist")


@pytest.fixture
def overdue(cast: Cast, django: Solution) -> Solution:
    evaluated(cast, django, on=date(2026, 5, 10))
    return django


def shown(cast: Cast, query: str = "") -> list[str]:
    answer = signed_in(cast.bob).get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return [
        f"{flag.cause}:{flag.solution}" for flag in answer.context["cl"].result_list
    ]


def test_a_flag_says_how_late_and_why(cast: Cast, overdue: Solution) -> None:
    page = signed_in(cast.bob).get(LIST).content.decode()

    assert "overdue by 12 days" in page
    assert "Nobody has evaluated it since 2026-05-10" in page
    assert f"/admin/reviews/evaluation/add/?solution={overdue.pk}" in page


def test_who_may_not_evaluate_is_offered_no_form(cast: Cast, overdue: Solution) -> None:
    page = signed_in(cast.eve).get(LIST).content.decode()

    assert "overdue by 12 days" in page
    assert "Log an evaluation" not in page


def test_open_flags_are_shown_at_first_and_the_page_says_so(
    cast: Cast, overdue: Solution
) -> None:
    evaluated(cast, overdue)

    assert shown(cast) == []
    assert "Open flags" in signed_in(cast.bob).get(LIST).content.decode()
    assert shown(cast, "status=closed") == ["review_due:Django"]
    assert shown(cast, "status=all") == ["review_due:Django"]


def test_the_list_narrows(cast: Cast, overdue: Solution, warehouse: Solution) -> None:
    evaluated(cast, warehouse, on=TODAY - timedelta(370))
    due = "review_due:Django"

    assert shown(cast, f"team={cast.platform.pk}") == [due]
    assert shown(cast, f"owner={cast.bob.pk}") == [due]
    assert shown(cast, "asks_for=deprecate") == ["trust_decayed:Warehouse"]
    assert shown(cast, "cause=trust_decayed") == ["trust_decayed:Warehouse"]
    assert len(shown(cast, "overdue=yes")) == 3
    assert shown(cast, "overdue=no") == []
    assert shown(cast, "q=djan") == [due]


def test_the_list_shows_what_matters_and_no_more(cast: Cast, overdue: Solution) -> None:
    page = signed_in(cast.bob).get(LIST).content.decode()

    columns = re.findall(r'class="(?:sortable )?column-(\w+)', page)
    assert columns == [
        *("solution_link", "severity", "why", "action", "standing"),
        *("asked_of", "log_link"),
    ]


@pytest.mark.parametrize(
    "query", ["status=x", "cause=x", "pulled_by__regex=(a%2B)%2B$"]
)
def test_what_no_filter_offers_is_a_bad_request(cast: Cast, query: str) -> None:
    assert signed_in(cast.bob).get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize("name", ["bob", "alice", "dora"])
def test_nobody_adds_changes_or_deletes_a_flag(
    cast: Cast, overdue: Solution, name: str
) -> None:
    flag = Flag.objects.get()
    client = signed_in(getattr(cast, name))
    page = reverse("admin:reviews_flag_change", args=[flag.pk])
    assert client.get(page).status_code == 200

    answers = [
        client.post(page, {"due_on": "2099-01-01"}).status_code,
        client.post(reverse("admin:reviews_flag_add"), {}).status_code,
        client.post(
            reverse("admin:reviews_flag_delete", args=[flag.pk]), {"post": "y"}
        ).status_code,
    ]

    assert answers == [403, 403, 403]
    assert Flag.objects.get().due_on == flag.due_on


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    cast: Cast, overdue: Solution
) -> None:
    client = signed_in(cast.bob)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(20):
        draft = Draft(
            name=f"Part {number}",
            kind=Kind.BUILT,
            team_id=cast.platform.pk,
            # Somebody else is asked about it otherwise, who has to be looked up.
            owner_id=cast.bob.pk,
        )
        evaluated(cast, registered(cast, draft), on=date(2026, 5, 10))

    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    assert len(few) == len(many) <= 12


def test_a_flag_says_who_is_asked_and_when_it_climbs(
    cast: Cast, overdue: Solution
) -> None:
    client = signed_in(cast.bob)
    flag = Flag.objects.get()

    listed = client.get(LIST).content.decode()
    page = client.get(reverse("admin:reviews_flag_change", args=[flag.pk]))

    html = page.content.decode()
    assert "lead: Alice" in listed
    assert "Asked since 2026-11-17: Alice (the team&#x27;s lead)." in html
    assert "Climbs to the leads&#x27; lead on 2026-12-08." in html
