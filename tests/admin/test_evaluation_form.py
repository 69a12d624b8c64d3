"""The form that logs an evaluation stays with the solution whose evidence it shows."""

from typing import Any

from django.urls import reverse

from reviews.models import Evaluation, Solution
from reviews.rules.vocabulary import Kind
from reviews.services.solutions import Draft
from tests.admin.conftest import registered, signed_in
from tests.conftest import Cast

ADD = reverse("admin:reviews_evaluation_add")


def typed(solution: Solution, **more: Any) -> dict[str, Any]:
    form = {
        "solution": solution.pk,
        "evaluated_on": "2026-11-22",
        "verdict": "adopt",
        "summary": "Still the best we know.",
    }
    return form | more


def test_a_form_about_one_solution_offers_no_other(
    cast: Cast, django: Solution
) -> None:
    other = registered(
        cast, Draft(name="Flask", kind=Kind.PACKAGE, team_id=cast.platform.pk)
    )
    address = f"{ADD}?solution={django.pk}"
    client = signed_in(cast.bob)

    answer = client.get(address)

    field = answer.context["adminform"].form["solution"]
    assert [str(value) for value, _ in field.field.choices] == [str(django.pk)]
    assert "admin-autocomplete" not in str(field)
    page = answer.content.decode()
    assert f'<a href="{ADD}">another solution</a>' in page

    refused = client.post(address, typed(other))

    assert "solution" in refused.context["adminform"].form.errors
    assert not Evaluation.objects.exists()
    assert "Evidence on <bdi>Django</bdi>" in refused.content.decode()

    client.post(address, typed(django))

    assert Evaluation.objects.get().solution == django


def test_a_form_that_comes_again_about_a_solution_offers_no_other(
    cast: Cast, django: Solution
) -> None:
    answer = signed_in(cast.bob).post(ADD, typed(django, summary=""))

    field = answer.context["adminform"].form["solution"]
    assert [str(value) for value, _ in field.field.choices] == [str(django.pk)]
    assert "Evidence on <bdi>Django</bdi>" in answer.content.decode()


def test_a_form_about_nothing_searches_among_all(cast: Cast, django: Solution) -> None:
    page = signed_in(cast.bob).get(ADD).content.decode()

    assert "admin-autocomplete" in page
    assert "another solution" not in page
