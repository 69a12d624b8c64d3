"""Review policies on the staff pages."""

from typing import Any

import pytest
from django.urls import reverse

from reviews.models import Change, ReviewPolicy, Solution
from tests.admin.conftest import evaluated, signed_in
from tests.conftest import Cast

ADD = reverse("admin:reviews_reviewpolicy_add")


def typed(**more: Any) -> dict[str, Any]:
    form = {"months": "3", "kind": "package", "criticality": "", "tag": ""}
    return form | more


def test_a_policy_winds_the_clocks_that_it_bears_on(
    cast: Cast, django: Solution
) -> None:
    evaluated(cast, django)

    signed_in(cast.dora).post(ADD, typed())

    django.refresh_from_db()
    assert str(django.next_review_on) == "2027-02-22"


def test_removing_a_policy_winds_them_back(cast: Cast, django: Solution) -> None:
    evaluated(cast, django)
    client = signed_in(cast.dora)
    client.post(ADD, typed())
    policy = ReviewPolicy.objects.get()

    client.post(
        reverse("admin:reviews_reviewpolicy_delete", args=[policy.pk]), {"post": "yes"}
    )

    django.refresh_from_db()
    assert str(django.next_review_on) == "2027-05-22"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("months", "0"),
        ("months", "7"),
        ("months", "-1"),
        ("months", "9" * 40),
        ("kind", "rocket"),
        ("tag", "abc"),
    ],
)
def test_a_policy_beyond_the_rules_is_refused(
    cast: Cast, field: str, value: str
) -> None:
    answer = signed_in(cast.dora).post(ADD, typed() | {field: value})

    assert field in answer.context["adminform"].form.errors
    assert not ReviewPolicy.objects.exists()


def test_two_policies_do_not_cover_the_same(cast: Cast) -> None:
    client = signed_in(cast.dora)
    client.post(ADD, typed())

    answer = client.post(ADD, typed(months="2"))

    assert answer.context["adminform"].form.errors
    assert ReviewPolicy.objects.count() == 1


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_only_administrators_set_policies(cast: Cast, name: str) -> None:
    policy = ReviewPolicy.objects.create(months=3, kind="package")
    client = signed_in(getattr(cast, name))
    page = reverse("admin:reviews_reviewpolicy_change", args=[policy.pk])
    delete = reverse("admin:reviews_reviewpolicy_delete", args=[policy.pk])
    assert client.get(page).status_code == 200

    answers = [
        client.post(ADD, typed(kind="model")).status_code,
        client.post(page, typed(months="6")).status_code,
        client.post(delete, {"post": "yes"}).status_code,
    ]

    assert answers == [403, 403, 403]
    assert ReviewPolicy.objects.get().months == 3


# --- How long a flag waits ---


def test_a_policy_says_when_a_flag_climbs(cast: Cast) -> None:
    signed_in(cast.dora).post(
        ADD, typed(months="6", lead_after_days="2", head_after_days="10")
    )

    policy = ReviewPolicy.objects.get()
    assert (policy.lead_after_days, policy.head_after_days) == (2, 10)
    change = Change.objects.get(object_kind="reviewpolicy")
    assert change.details == {
        "months": 6,
        "lead_after_days": 2,
        "head_after_days": 10,
    }


def test_what_is_left_empty_stays_with_the_usual_days(cast: Cast) -> None:
    signed_in(cast.dora).post(ADD, typed(lead_after_days="", head_after_days="4"))

    policy = ReviewPolicy.objects.get()
    assert (policy.lead_after_days, policy.head_after_days) == (None, 4)


@pytest.mark.parametrize("field", ["lead_after_days", "head_after_days"])
@pytest.mark.parametrize("value", ["-1", "366", "soon", "9" * 40])
def test_days_beyond_reason_are_refused(cast: Cast, field: str, value: str) -> None:
    answer = signed_in(cast.dora).post(ADD, typed(**{field: value}))

    assert field in answer.context["adminform"].form.errors
    assert not ReviewPolicy.objects.exists()


def test_the_list_tells_the_days(cast: Cast) -> None:
    ReviewPolicy.objects.create(months=3, kind="package", lead_after_days=1)
    ReviewPolicy.objects.create(months=3, kind="model")

    page = signed_in(cast.bob).get(reverse("admin:reviews_reviewpolicy_changelist"))

    assert "1 day, then the usual days" in page.content.decode()
