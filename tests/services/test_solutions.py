"""Registering, editing and deleting solutions: what follows when it is allowed."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from reviews.models import Change, Dependency, Flag, Identifier, Solution, Tag
from reviews.rules.vocabulary import Criticality, Kind, Scheme, Verdict
from reviews.services.drafts import draft_of
from reviews.services.solutions import delete_solution
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import draft, edited, evaluated, judged, registered

LATER = NOW + timedelta(minutes=5)


def said(**more: Any) -> dict[str, Any]:
    """Return all that a person can say of a solution, each part other than usual."""
    return {
        "kind": Kind.VENDOR,
        "description": "Reads **invoices**.",
        "homepage": "https://example.com/reader",
        "version": "2026-05",
        "criticality": Criticality.HIGH,
        "tags": ["documents", "generative"],
        "identifiers": [(Scheme.ENDOFLIFE, "reader"), (Scheme.PURL, "pkg:npm/reader")],
        "contract_ends_on": date(2028, 1, 1),
        "notice_period_days": 30,
    } | more


def test_all_that_is_said_of_a_solution_is_kept(cast: Cast) -> None:
    wanted = draft("Reader", cast.platform, **said(owner_id=cast.bob.pk))

    solution = registered("Reader", team=cast.platform, **said(owner_id=cast.bob.pk))

    found = draft_of(Solution.objects.get(pk=solution.pk))
    assert sorted(found.identifiers) == sorted(wanted.identifiers)
    assert found.tags == wanted.tags
    for part in ("name", "kind", "description", "homepage", "version", "criticality"):
        assert getattr(found, part) == getattr(wanted, part)
    assert (found.team_id, found.owner_id) == (cast.platform.pk, cast.bob.pk)
    assert found.contract_ends_on == date(2028, 1, 1)
    assert found.notice_period_days == 30


@pytest.mark.parametrize(
    ("criticality", "first_review_on"),
    [
        (Criticality.CRITICAL, date(2026, 11, 29)),
        (Criticality.HIGH, date(2026, 12, 6)),
        (Criticality.MEDIUM, date(2026, 12, 22)),
        (Criticality.LOW, date(2027, 1, 21)),
    ],
)
def test_a_first_review_is_owed_the_sooner_the_more_depends_on_it(
    cast: Cast, criticality: Criticality, first_review_on: date
) -> None:
    solution = registered(team=cast.platform, criticality=criticality)

    assert solution.state == "unreviewed"
    assert solution.last_evaluated_on is None
    assert solution.first_review_on == first_review_on
    assert solution.clock_due_on == first_review_on
    assert solution.next_review_on == first_review_on
    assert solution.trust_ends_on == date(2027, 11, 22)


@pytest.mark.django_db
def test_what_is_due_at_registration_is_flagged_at_once() -> None:
    registered("Reader", kind=Kind.VENDOR, contract_ends_on=TODAY)

    assert Flag.objects.open().get().due_on == TODAY - timedelta(days=30)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Django", "django"),
        ("@angular/core", "angular-core"),
        ("Café Zoë", "cafe-zoe"),
        ("日本語", "solution"),
        ("x" * 200, "x" * 110),
        ("--//--", "solution"),
    ],
)
def test_a_slug_is_made_from_the_name(name: str, slug: str) -> None:
    assert registered(name).slug == slug


def test_a_slug_that_is_taken_is_numbered(django: Solution) -> None:
    slugs = [registered("Django", kind=kind).slug for kind in (Kind.BUILT, Kind.MODEL)]

    assert slugs == ["django-2", "django-3"]


def test_a_slug_may_be_chosen(cast: Cast) -> None:
    assert registered(team=cast.platform, slug="our-django").slug == "our-django"


def test_a_slug_stays_when_the_name_changes(cast: Cast, django: Solution) -> None:
    edited(django, draft("Django LTS", cast.platform))

    django.refresh_from_db()
    assert (django.name, django.slug) == ("Django LTS", "django")


@pytest.mark.django_db
def test_a_purl_is_kept_without_its_version_which_fills_the_blank_one() -> None:
    solution = registered(
        identifiers=[(Scheme.PURL, "pkg:pypi/Zope.Interface@7.2?x=y#sub")]
    )

    assert draft_of(solution).identifiers == [(Scheme.PURL, "pkg:pypi/zope-interface")]
    assert solution.version == "7.2"


@pytest.mark.django_db
def test_a_version_that_was_written_stands_before_the_purls() -> None:
    solution = registered(
        version="5.1", identifiers=[(Scheme.PURL, "pkg:pypi/django@5.2")]
    )

    assert solution.version == "5.1"


@pytest.mark.django_db
def test_tags_are_kept_in_lower_case_once_and_shared() -> None:
    registered("One", tags=["Generative", " generative ", "ml-ops"])
    two = registered("Two", tags=["generative"])

    assert draft_of(two).tags == ["generative"]
    assert sorted(Tag.objects.values_list("name", flat=True)) == [
        "generative",
        "ml-ops",
    ]


def test_tags_are_replaced_by_those_of_the_edit(cast: Cast) -> None:
    solution = registered(team=cast.platform, tags=["old", "both"])

    edited(solution, draft(team=cast.platform, tags=["both", "new"]))

    assert draft_of(solution).tags == ["both", "new"]


def test_a_contract_pulls_the_review_forward_and_says_why(cast: Cast) -> None:
    solution = registered(team=cast.platform)
    evaluated(solution)
    contract = draft(
        team=cast.platform, contract_ends_on=date(2027, 5, 30), notice_period_days=90
    )

    edited(solution, contract)

    solution.refresh_from_db()
    assert solution.next_review_on == date(2027, 1, 30)
    assert solution.clock_due_on == date(2027, 5, 22)
    assert "the contract ends on 2027-05-30" in solution.pulled_by
    assert "notice is due by 2027-03-01" in solution.pulled_by


def test_without_its_contract_the_review_falls_back_to_the_clock(cast: Cast) -> None:
    solution = registered(team=cast.platform, contract_ends_on=date(2027, 3, 1))
    evaluated(solution)
    assert solution.next_review_on == date(2027, 1, 30)

    edited(solution, draft(team=cast.platform))

    solution.refresh_from_db()
    assert solution.next_review_on == date(2027, 5, 22)
    assert solution.pulled_by == ""


def test_a_flag_that_a_contract_raised_closes_with_the_contract(cast: Cast) -> None:
    solution = registered(team=cast.platform, contract_ends_on=TODAY)

    edited(solution, draft(team=cast.platform))

    assert Flag.objects.get().closed_because == "rescheduled"


def test_an_evaluation_answers_what_the_contract_asked(cast: Cast) -> None:
    solution = registered(team=cast.platform, contract_ends_on=TODAY)

    evaluated(solution)

    assert solution.pulled_by == ""
    assert Flag.objects.get().closed_because == "evaluated"


def test_a_contract_changes_nothing_for_what_is_retired(cast: Cast) -> None:
    solution = registered(team=cast.platform)
    evaluated(solution, judged(Verdict.RETIRE))

    edited(solution, draft(team=cast.platform, contract_ends_on=TODAY))

    solution.refresh_from_db()
    assert solution.next_review_on is None
    assert not Flag.objects.exists()


def test_an_edit_leaves_the_evaluations_standing(cast: Cast, django: Solution) -> None:
    evaluated(django, judged(Verdict.HOLD, date(2026, 8, 31)))

    edited(django, draft("Django", cast.platform, criticality=Criticality.CRITICAL))

    django.refresh_from_db()
    assert (django.state, django.next_review_on) == ("hold", date(2027, 2, 28))


def test_an_edit_that_changes_nothing_leaves_no_trace(
    cast: Cast, django: Solution
) -> None:
    edited(django, draft_of(django), now=LATER)

    django.refresh_from_db()
    assert django.updated_at == NOW
    assert not Change.objects.filter(what="edited").exists()


def test_the_audit_trail_tells_what_an_edit_changed(
    cast: Cast, django: Solution
) -> None:
    wanted = draft("Django", cast.platform, version="5.2", tags=["web"])

    edited(django, wanted, actor=cast.actor(cast.bob), now=LATER)

    change = Change.objects.get(what="edited")
    assert (change.actor, change.at) == ("Bob", LATER)
    assert change.details == {"version": [None, "5.2"], "tags": [None, ["web"]]}


def test_the_audit_trail_tells_what_was_registered(cast: Cast) -> None:
    solution = registered(
        "Reader", team=cast.platform, actor=cast.actor(cast.bob), **said()
    )

    change = Change.objects.get()
    assert (change.what, change.actor, change.object_id) == (
        "registered",
        "Bob",
        solution.pk,
    )
    assert change.details["contract_ends_on"] == [None, "2028-01-01"]
    assert change.details["kind"] == [None, "vendor"]


def test_what_was_registered_by_mistake_goes_and_the_trail_stays(
    cast: Cast, django: Solution
) -> None:
    key = django.pk
    component = registered("Shop", kind=Kind.BUILT)
    Dependency.objects.create(
        component=component,
        solution=django,
        first_seen_on=TODAY,
        last_seen_on=TODAY,
    )

    delete_solution(solution_id=key, actor=cast.actor(cast.alice), now=LATER)

    assert not Solution.objects.filter(pk=key).exists()
    change = Change.objects.get(what="deleted")
    assert (change.object_id, change.object_label) == (key, "django")
    assert change.details["name"] == [None, "Django"]


def test_the_identity_of_what_was_deleted_is_free_again(
    cast: Cast, django: Solution
) -> None:
    delete_solution(solution_id=django.pk, actor=cast.actor(cast.alice), now=LATER)

    assert registered("Django").slug == "django"


def test_a_lead_gives_a_solution_away(cast: Cast, django: Solution) -> None:
    wanted = draft("Django", cast.data, owner_id=cast.eve.pk)

    edited(django, wanted, actor=cast.actor(cast.alice))

    django.refresh_from_db()
    assert (django.team, django.owner) == (cast.data, cast.eve)


def test_an_identifier_that_was_there_before_stands_in_the_way_of_no_edit(
    django: Solution,
) -> None:
    Identifier.objects.create(solution=django, scheme="model", value="two words")
    before = draft_of(django)

    edited(django, replace(before, description="It is a framework."))

    assert (Scheme.MODEL, "two words") in draft_of(django).identifiers
    django.refresh_from_db()
    assert django.description == "It is a framework."
