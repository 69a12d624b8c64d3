"""Registering and editing solutions on the staff pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from reviews.models import Change, Solution
from reviews.rules.vocabulary import Kind, Scheme
from reviews.services.drafts import Draft, draft_of
from reviews.services.solutions import edit_solution
from tests.admin.conftest import evaluated, registered, signed_in
from tests.conftest import NOW, TODAY, Cast

ADD = reverse("admin:reviews_solution_add")


def page_of(solution: Solution) -> str:
    return reverse("admin:reviews_solution_change", args=[solution.pk])


def typed(**more: Any) -> dict[str, Any]:
    form = {
        "name": "Celery",
        "kind": "package",
        "description": "",
        "homepage": "",
        "version": "5.7",
        "criticality": "high",
        "team": "",
        "owner": "",
        "tags": "queue, web",
        "identifiers": "pkg:pypi/celery\nendoflife: celery/5",
        "contract_ends_on": "",
        "notice_period_days": "",
    }
    return form | more


def as_shown(client: Client, solution: Solution) -> dict[str, Any]:
    """Return the form of a solution's page as a browser would send it back."""
    form = client.get(page_of(solution)).context["adminform"].form
    fields = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in fields.items()}


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


# --- Registering ---


def test_an_engineer_registers_for_the_own_team(cast: Cast) -> None:
    form = typed(team=cast.platform.pk, owner=cast.alice.pk)

    answer = signed_in(cast.bob).post(ADD, form)

    assert answer.status_code == 302
    celery = Solution.objects.get(slug="celery")
    assert (celery.team, celery.owner) == (cast.platform, cast.alice)
    assert set(draft_of(celery).identifiers) == {
        (Scheme.PURL, "pkg:pypi/celery"),
        (Scheme.ENDOFLIFE, "celery/5"),
    }
    assert set(celery.tags.values_list("name", flat=True)) == {"queue", "web"}
    change = Change.objects.get(object_id=celery.pk, object_kind="solution")
    assert (change.actor, change.door, change.what) == ("Bob", "admin", "registered")


def test_an_engineers_only_team_is_chosen_already(cast: Cast) -> None:
    form = signed_in(cast.bob).get(ADD).context["adminform"].form

    assert list(form.fields["team"].queryset) == [cast.platform]
    assert form["team"].value() == cast.platform.pk


def test_an_engineer_does_not_register_for_another_team(cast: Cast) -> None:
    answer = signed_in(cast.bob).post(ADD, typed(team=cast.data.pk))

    assert "team" in errors(answer)
    assert not Solution.objects.exists()


def test_an_engineer_does_not_register_for_no_team(cast: Cast) -> None:
    answer = signed_in(cast.bob).post(ADD, typed())

    assert "team" in errors(answer)


def test_an_administrator_registers_for_no_team(cast: Cast) -> None:
    signed_in(cast.dora).post(ADD, typed())

    assert Solution.objects.get().team is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\0b"),
        ("name", "x" * 201),
        ("name", "\u202egnp"),
        ("kind", "rocket"),
        ("criticality", "utmost"),
        ("homepage", "javascript:alert(1)"),
        ("homepage", "https://a.example/" + "x" * 600),
        ("version", "x" * 101),
        ("description", "x" * 20_001),
        ("description", "a\0b"),
        ("owner", "abc"),
        ("owner", "9" * 40),
        ("owner", "-1"),
        ("team", "abc"),
        ("tags", "no/slash"),
        ("tags", "a\0b"),
        ("identifiers", "just words"),
        ("identifiers", "name: Celery"),
        ("identifiers", "pkg:nonsense"),
        ("identifiers", "model: " + "x" * 501),
        ("identifiers", "model: a\u200bb"),
        ("identifiers", "model: two words"),
        ("identifiers", "endoflife: Celery/5"),
        ("identifiers", "repository: owner/name"),
        ("contract_ends_on", "31/12/2026"),
        ("contract_ends_on", "0001-01-01"),
        ("contract_ends_on", "9999-12-31"),
        ("notice_period_days", "-1"),
        ("notice_period_days", "9" * 40),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(
    cast: Cast, field: str, value: str
) -> None:
    form = typed(team=cast.platform.pk) | {field: value}

    answer = signed_in(cast.bob).post(ADD, form)

    assert answer.status_code == 200
    assert field in errors(answer)
    assert not Solution.objects.exists()


def test_a_notice_period_asks_for_the_contracts_end(cast: Cast) -> None:
    answer = signed_in(cast.dora).post(ADD, typed(notice_period_days="30"))

    assert "contract_ends_on" in errors(answer)


def test_a_known_identifier_is_refused_and_what_was_typed_kept(
    cast: Cast, django: Solution
) -> None:
    form = typed(team=cast.platform.pk, identifiers="pkg:pypi/Django", version="9.9")

    answer = signed_in(cast.bob).post(ADD, form)

    assert "registered already, as django" in str(errors(answer)["identifiers"])
    assert 'value="9.9"' in answer.content.decode()
    assert Solution.objects.count() == 1


def test_a_known_name_is_refused_at_the_name(cast: Cast) -> None:
    registered(cast, Draft(name="Shop", kind=Kind.BUILT))

    answer = signed_in(cast.dora).post(
        ADD, typed(name="shop", kind="built", identifiers="")
    )

    assert "name" in errors(answer)


def test_a_forms_address_fills_in_nothing(cast: Cast) -> None:
    answer = signed_in(cast.bob).get(f"{ADD}?owner=abc&name=x&tags=1&seen_at=x")

    assert answer.status_code == 200
    assert answer.context["adminform"].form["name"].value() is None


# --- Editing ---


def test_an_engineer_edits_what_the_own_team_owns(cast: Cast, django: Solution) -> None:
    client = signed_in(cast.bob)
    form = as_shown(client, django) | {"version": "5.2.19", "tags": "web orm"}

    answer = client.post(page_of(django), form)

    assert answer.status_code == 302
    django.refresh_from_db()
    assert django.version == "5.2.19"
    assert draft_of(django).identifiers == [(Scheme.PURL, "pkg:pypi/django")]
    assert set(django.tags.values_list("name", flat=True)) == {"orm", "web"}
    assert django.team == cast.platform
    assert django.owner == cast.bob


def test_saving_a_form_unchanged_changes_nothing(cast: Cast, django: Solution) -> None:
    client = signed_in(cast.alice)
    before = Change.objects.count()

    client.post(page_of(django), as_shown(client, django))

    assert Change.objects.count() == before


def test_an_engineer_does_not_change_owner_or_team(
    cast: Cast, django: Solution
) -> None:
    client = signed_in(cast.bob)
    form = as_shown(client, django)
    assert not {"owner", "team"} & form.keys()

    client.post(page_of(django), form | {"owner": cast.eve.pk, "team": cast.data.pk})

    django.refresh_from_db()
    assert (django.owner, django.team) == (cast.bob, cast.platform)


def test_a_lead_changes_the_owner(cast: Cast, django: Solution) -> None:
    client = signed_in(cast.alice)

    client.post(page_of(django), as_shown(client, django) | {"owner": cast.alice.pk})

    django.refresh_from_db()
    assert django.owner == cast.alice


def test_the_clock_is_not_edited(cast: Cast, django: Solution) -> None:
    client = signed_in(cast.dora)
    before = django.next_review_on
    form = as_shown(client, django) | {
        "next_review_on": "2099-01-01",
        "state": "adopt",
        "last_evaluated_on": "2026-11-01",
        "slug": "other",
    }

    client.post(page_of(django), form)

    django.refresh_from_db()
    assert django.next_review_on == before
    assert (django.state, django.slug) == ("unreviewed", "django")


@pytest.mark.parametrize("name", ["eve", "charlie", "frank"])
def test_others_do_not_edit(cast: Cast, django: Solution, name: str) -> None:
    form = as_shown(signed_in(cast.alice), django) | {"name": "Mine"}

    answer = signed_in(getattr(cast, name)).post(page_of(django), form)

    assert answer.status_code == 403
    django.refresh_from_db()
    assert django.name == "Django"


def test_an_engineer_of_another_team_reads(cast: Cast, django: Solution) -> None:
    page = signed_in(cast.eve).get(page_of(django)).content.decode()

    assert "pkg:pypi/django" in page
    assert 'name="_save"' not in page
    assert "Log an evaluation" not in page


def test_the_second_of_two_editors_is_warned(
    cast: Cast, django: Solution, clock: Traveller
) -> None:
    client = signed_in(cast.bob)
    form = as_shown(client, django) | {"description": "Mine"}
    clock.shift(60)
    edit_solution(
        solution_id=django.pk,
        draft=Draft(
            name="Django",
            kind=Kind.PACKAGE,
            version="6",
            team_id=cast.platform.pk,
            owner_id=cast.bob.pk,
            identifiers=[(Scheme.PURL, "pkg:pypi/django")],
        ),
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW + timedelta(minutes=1),
    )

    answer = client.post(page_of(django), form)

    assert "Somebody changed this solution" in str(errors(answer)["__all__"])
    assert "Mine" in answer.content.decode()
    django.refresh_from_db()
    assert (django.version, django.description) == ("6", "")


@pytest.mark.parametrize("seen_at", ["", "yesterday", "2026-11-22", "\0"])
def test_a_form_that_does_not_say_what_it_shows_is_refused(
    cast: Cast, django: Solution, seen_at: str
) -> None:
    client = signed_in(cast.bob)
    form = as_shown(client, django) | {"seen_at": seen_at, "version": "9"}

    answer = client.post(page_of(django), form)

    assert answer.status_code == 200
    assert errors(answer)
    django.refresh_from_db()
    assert django.version == ""


def test_a_page_shows_flags_and_log_and_the_way_to_the_next_evaluation(
    cast: Cast, django: Solution
) -> None:
    evaluated(cast, django, on=TODAY - timedelta(400))

    page = signed_in(cast.bob).get(page_of(django)).content.decode()

    assert "a year without a review" in page
    assert "Looked at it." in page
    assert f'href="/admin/reviews/evaluation/add/?solution={django.pk}"' in page
    assert "Last evaluated on 2025-10-18" in page


def test_what_does_not_exist_is_no_failure(cast: Cast) -> None:
    client = signed_in(cast.dora)
    for number in ("0", "abc", "9" * 40, "%00"):
        for page in ("change", "delete", "history"):
            address = f"/admin/reviews/solution/{number}/{page}/"

            assert client.get(address).status_code in {302, 404}
