"""Solutions that cannot be registered, edited or deleted so: nothing is left of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from reviews.models import Solution
from reviews.rules.access import NotAllowedError, Scope
from reviews.rules.vocabulary import Kind, Scheme, Verdict
from reviews.services.access import actor_of
from reviews.services.drafts import draft_of
from reviews.services.errors import (
    AlreadyRegisteredError,
    ConflictError,
    InvalidError,
    StaleError,
)
from reviews.services.solutions import delete_solution
from reviews.services.tokens import create_token
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import (
    draft,
    edited,
    evaluated,
    judged,
    registered,
    written,
)

PURL = (Scheme.PURL, "pkg:pypi/django")

BAD_PARTS: list[tuple[str, dict[str, Any]]] = [
    ("name", {"name": ""}),
    ("name", {"name": " \u00a0"}),
    ("name", {"name": "\u3164"}),
    ("name", {"name": "Djan\x00go"}),
    ("name", {"name": "Djan\u200bgo"}),
    ("name", {"name": "\u202eognajD"}),
    ("name", {"name": "\ud83d"}),
    ("name", {"name": "x" * 201}),
    ("description", {"description": "a\x00b"}),
    ("description", {"description": "x" * 20_001}),
    ("version", {"version": " "}),
    ("version", {"version": "1\n2"}),
    ("version", {"version": "1" * 101}),
    ("homepage", {"homepage": "javascript:alert(1)"}),
    ("homepage", {"homepage": "JaVaScRiPt://example.com/%0aalert(1)"}),
    ("homepage", {"homepage": "data:text/html,<script>alert(1)</script>"}),
    ("homepage", {"homepage": "ftp://example.com"}),
    ("homepage", {"homepage": "file:///etc/passwd"}),
    ("homepage", {"homepage": "//example.com"}),
    ("homepage", {"homepage": "example.com"}),
    ("homepage", {"homepage": "https://"}),
    ("homepage", {"homepage": "https://exa mple.com"}),
    ("homepage", {"homepage": "https://example.com/\njavascript:"}),
    ("homepage", {"homepage": "https://example.com/" + "x" * 500}),
    ("tags", {"tags": [""]}),
    ("tags", {"tags": ["two words"]}),
    ("tags", {"tags": ["caf\u00e9"]}),
    ("tags", {"tags": ["<script>"]}),
    ("tags", {"tags": ["x" * 51]}),
    ("tags", {"tags": [f"tag{n}" for n in range(21)]}),
    ("purl", {"identifiers": [(Scheme.PURL, "django")]}),
    ("purl", {"identifiers": [(Scheme.PURL, "pkg:pypi/")]}),
    ("purl", {"identifiers": [(Scheme.PURL, "pkg:pypi/a%00b")]}),
    ("purl", {"identifiers": [(Scheme.PURL, "pkg:npm/%ff")]}),
    ("purl", {"identifiers": [(Scheme.PURL, "pkg:pypi/" + "x" * 500)]}),
    ("identifiers", {"identifiers": [(Scheme.REPOSITORY, "")]}),
    ("identifiers", {"identifiers": [(Scheme.MODEL, "a\x00b")]}),
    ("identifiers", {"identifiers": [(Scheme.MODEL, "two words")]}),
    ("identifiers", {"identifiers": [(Scheme.ENDOFLIFE, "Django/5.2")]}),
    ("identifiers", {"identifiers": [(Scheme.REPOSITORY, "owner/name")]}),
    ("identifiers", {"identifiers": [(Scheme.MODEL, "x" * 501)]}),
    (
        "identifiers",
        {"identifiers": [(Scheme.MODEL, f"model-{n}") for n in range(21)]},
    ),
    ("contract_ends_on", {"contract_ends_on": date(1969, 12, 31)}),
    ("contract_ends_on", {"contract_ends_on": date(2101, 1, 1)}),
    ("contract_ends_on", {"contract_ends_on": date.max}),
    ("contract_ends_on", {"notice_period_days": 30}),
    ("contract_ends_on", {"notice_period_days": 0}),
    (
        "notice_period_days",
        {"contract_ends_on": TODAY, "notice_period_days": -1},
    ),
    (
        "notice_period_days",
        {"contract_ends_on": TODAY, "notice_period_days": 3651},
    ),
    (
        "notice_period_days",
        {"contract_ends_on": TODAY, "notice_period_days": 10**30},
    ),
]


@pytest.mark.parametrize(
    ("field", "part"),
    BAD_PARTS,
    ids=[f"{field} {[*part.values()][-1]!r:.40}" for field, part in BAD_PARTS],
)
class TestBadParts:
    def test_are_not_registered(
        self, cast: Cast, field: str, part: dict[str, Any]
    ) -> None:
        before = written()

        with pytest.raises(InvalidError) as refusal:
            registered(**({"team": cast.platform} | part))

        assert refusal.value.field == field
        assert len(refusal.value.message) < 400
        assert written() == before

    def test_are_not_edited_in(
        self, django: Solution, field: str, part: dict[str, Any]
    ) -> None:
        before = written()

        with pytest.raises(InvalidError) as refusal:
            edited(django, replace(draft_of(django), **part))

        assert refusal.value.field == field
        assert written() == before


@pytest.mark.parametrize(
    "text",
    [
        "pkg:pypi/Django",
        "pkg:pypi/django@4.2",
        "pkg:PYPI/django?extension=whl",
        "pkg://pypi/django#src",
    ],
)
def test_a_package_is_registered_once_however_its_purl_is_written(
    cast: Cast, text: str
) -> None:
    registered("Django", team=cast.platform, identifiers=[PURL])
    before = written()

    with pytest.raises(AlreadyRegisteredError) as refusal:
        registered("Something else", identifiers=[(Scheme.PURL, text)])

    assert (refusal.value.field, refusal.value.slug) == ("purl", "django")
    assert written() == before


@pytest.mark.parametrize(
    ("name", "same"),
    [
        pytest.param("Django", "DJANGO", id="case"),
        pytest.param("Django Web", " django   web ", id="white space"),
        pytest.param("Django Web", "Django\u00a0Web", id="no-break space"),
        pytest.param("Caf\u00e9", "Cafe\u0301", id="composition"),
        pytest.param("Django", "\uff24\uff4a\uff41\uff4e\uff47\uff4f", id="full width"),
        pytest.param("Stra\u00dfe", "STRASSE", id="sharp s"),
        pytest.param("\ufb01sh", "fish", id="ligature"),
    ],
)
def test_a_name_is_registered_once_a_kind(cast: Cast, name: str, same: str) -> None:
    first = registered(name, team=cast.platform)
    before = written()

    with pytest.raises(AlreadyRegisteredError) as refusal:
        registered(same)

    assert (refusal.value.field, refusal.value.slug) == ("name", first.slug)
    assert written() == before


def test_the_same_name_of_another_kind_is_another_solution(django: Solution) -> None:
    registered("Django", kind=Kind.VENDOR)

    assert Solution.objects.count() == 2


def test_a_look_alike_of_another_alphabet_is_another_name(django: Solution) -> None:
    registered("Dj\u0430ngo")

    assert Solution.objects.count() == 2


def test_an_edit_takes_no_other_solutions_identity(
    cast: Cast, django: Solution
) -> None:
    celery = registered("Celery", team=cast.platform)
    before = written()

    with pytest.raises(AlreadyRegisteredError) as refusal:
        edited(celery, draft("django", cast.platform))

    assert refusal.value.slug == "django"
    assert written() == before


def test_a_chosen_slug_that_is_taken_is_refused(cast: Cast, django: Solution) -> None:
    before = written()

    with pytest.raises(ConflictError, match="choose another") as refusal:
        registered("Another", team=cast.platform, slug="django")

    assert refusal.value.field == "slug"
    assert written() == before


@pytest.mark.parametrize("who", ["charlie", "eve", "frank"])
@pytest.mark.parametrize("verb", ["register", "edit", "delete"])
def test_viewers_other_teams_and_strangers_write_nothing(
    cast: Cast, django: Solution, who: str, verb: str
) -> None:
    actor = cast.actor(getattr(cast, who))
    verbs: dict[str, Callable[[], object]] = {
        "register": lambda: registered("Celery", team=cast.platform, actor=actor),
        "edit": lambda: edited(django, draft("Celery", cast.platform), actor=actor),
        "delete": lambda: delete_solution(solution_id=django.pk, actor=actor, now=NOW),
    }
    before = written()

    with pytest.raises(NotAllowedError):
        verbs[verb]()

    assert written() == before


@pytest.mark.parametrize("who", ["alice", "bob", "frank"])
def test_only_administrators_register_what_no_team_owns(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowedError, match="name a team"):
        registered(actor=cast.actor(getattr(cast, who)))


@pytest.mark.parametrize("part", ["owner_id", "team_id", "no owner"])
def test_an_engineer_changes_no_owner_and_no_team(cast: Cast, part: str) -> None:
    solution = registered(team=cast.platform, owner_id=cast.alice.pk)
    changed: dict[str, dict[str, int | None]] = {
        "owner_id": {"owner_id": cast.bob.pk},
        "team_id": {"team_id": cast.data.pk},
        "no owner": {"owner_id": None},
    }
    wanted = replace(draft_of(solution), **changed[part])  # type: ignore[arg-type]
    before = written()

    with pytest.raises(NotAllowedError, match="the role lead"):
        edited(solution, wanted, actor=cast.actor(cast.bob))

    assert written() == before


def test_a_lead_of_another_team_cannot_take_a_solution(
    cast: Cast, django: Solution
) -> None:
    cast.data.memberships.filter(user=cast.eve).update(role="lead")

    with pytest.raises(NotAllowedError):
        edited(django, draft("Django", cast.data), actor=cast.actor(cast.eve))


def test_an_engineer_deletes_nothing(cast: Cast, django: Solution) -> None:
    with pytest.raises(NotAllowedError, match="the role lead"):
        delete_solution(solution_id=django.pk, actor=cast.actor(cast.bob), now=NOW)


@pytest.mark.parametrize("scope", [Scope.READ, Scope.EVALUATIONS, Scope.INVENTORY])
def test_a_token_without_the_scope_registers_nothing(cast: Cast, scope: Scope) -> None:
    actor = cast.actor(cast.alice)
    token, _ = create_token(
        user=cast.alice, scopes=[scope], days=1, actor=actor, now=NOW
    )

    with pytest.raises(NotAllowedError, match="solutions:write"):
        registered(
            team=cast.platform, actor=actor_of(cast.alice, door="API", token=token)
        )


def test_an_edit_of_what_somebody_else_changed_meanwhile_is_stale(
    cast: Cast, django: Solution
) -> None:
    seen_at = django.updated_at
    edited(
        django, draft("Django LTS", cast.platform), now=NOW + timedelta(microseconds=1)
    )
    before = written()

    with pytest.raises(StaleError, match="read it again"):
        edited(django, draft("Djangos", cast.platform), seen_at=seen_at)

    assert written() == before


def test_an_edit_of_what_was_evaluated_meanwhile_is_stale(
    cast: Cast, django: Solution
) -> None:
    seen_at = django.updated_at
    evaluated(django, now=NOW + timedelta(seconds=1))

    with pytest.raises(StaleError):
        edited(django, draft("Djangos", cast.platform), seen_at=seen_at)


@pytest.mark.parametrize("verdict", Verdict)
def test_what_was_evaluated_is_never_deleted(
    cast: Cast, django: Solution, verdict: Verdict
) -> None:
    evaluated(django, judged(verdict))
    before = written()

    with pytest.raises(ConflictError, match="retire instead of deleting"):
        delete_solution(solution_id=django.pk, actor=cast.actor(cast.alice), now=NOW)

    assert written() == before


def test_a_proposal_alone_is_kept_for_ever_too(cast: Cast, django: Solution) -> None:
    evaluated(django, judged(Verdict.RETIRE), actor=cast.actor(cast.bob))

    with pytest.raises(ConflictError):
        delete_solution(solution_id=django.pk, actor=cast.actor(cast.dora), now=NOW)
