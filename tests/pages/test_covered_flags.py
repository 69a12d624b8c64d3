"""Snoozes, waivers and overrides on a solution's own page."""

from datetime import timedelta

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.conftest import TODAY, Cast
from tests.services.covering import overdue, overridden, questioned, snoozed, waived


def page(client: Client, slug: str = "django") -> str:
    response = client.get(f"/solutions/{slug}/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_waived_flag_says_by_whom_why_and_until_when(
    alice: Client, cast: Cast
) -> None:
    waived(
        overdue(cast),
        cast.bob,
        reason="<b>It goes in spring.</b>",
        actor=cast.actor(cast.alice),
    )

    shown = page(alice)

    assert "<strong>Waived until 2027-02-20</strong> by <bdi>Alice</bdi>" in shown
    assert "&lt;b&gt;It goes in spring.&lt;/b&gt;" in shown
    assert "(owner <bdi>Bob</bdi>, approver <bdi>Alice</bdi>)" in shown
    assert 'class="notice calm"' in shown


def test_a_snooze_and_an_override_name_no_approver(alice: Client, cast: Cast) -> None:
    snoozed(overdue(cast))
    overridden(questioned(cast, name="Celery"))

    assert "Snoozed until 2026-11-29</strong>" in page(alice)
    assert "Overridden until its facts change</strong>" in page(alice, "celery")
    assert "approver" not in page(alice) + page(alice, "celery")


def test_what_is_over_is_asked(alice: Client, cast: Cast) -> None:
    snoozed(overdue(cast), TODAY, on=TODAY - timedelta(days=1))

    shown = page(alice)

    assert "Snoozed" not in shown
    assert 'class="notice bad"' in shown


def test_what_covers_costs_one_query(
    alice: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        snoozed(overdue(cast, f"Part {number}"))
    questioned(cast)

    # Five of them look for what stands in the way of "still true", one for overrides.
    with django_assert_max_num_queries(31):
        page(alice, "part-0")
