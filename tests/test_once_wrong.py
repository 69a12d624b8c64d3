"""What was once wrong and must stay right."""

import os
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from reviews.models import Change, Flag, Solution, Team, User
from reviews.rules.access import NotAllowedError, Scope, operator
from reviews.rules.vocabulary import Verdict
from reviews.services.access import actor_of
from reviews.services.drafts import draft_of
from reviews.services.errors import ConflictError, DomainError, InvalidError
from reviews.services.evaluations import decide_proposal
from reviews.services.tokens import create_token, find_token, revoke_token
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import (
    draft,
    edited,
    evaluated,
    judged,
    registered,
    scanned,
)
from tracker import env

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.django_db
def test_only_what_is_retired_may_lack_a_next_review() -> None:
    registered()

    with pytest.raises(IntegrityError), transaction.atomic():
        Solution.objects.update(next_review_on=None)


@pytest.mark.django_db
def test_a_state_needs_its_day() -> None:
    registered()

    with pytest.raises(IntegrityError), transaction.atomic():
        Solution.objects.update(state="adopt")


@pytest.mark.parametrize(
    "contract",
    [
        {"contract_ends_on": date(1970, 1, 10)},
        {"contract_ends_on": date(1979, 1, 1), "notice_period_days": 3650},
    ],
    ids=["early", "long notice"],
)
@pytest.mark.django_db
def test_a_contract_of_long_ago_is_kept_and_due(contract: dict[str, Any]) -> None:
    solution = registered(**contract)

    assert solution.next_review_on == date(1970, 1, 1)
    assert Flag.objects.get().due_on == date(1970, 1, 1)


@pytest.mark.django_db
def test_superseding_another_line_does_not_revive() -> None:
    solution = registered()
    old = evaluated(solution, judged(on=date(2026, 10, 1)))
    evaluated(solution, judged(Verdict.RETIRE, date(2026, 11, 1)))

    with pytest.raises(ConflictError):
        evaluated(solution, judged(Verdict.ADOPT, TODAY, supersedes_id=old.pk))

    solution.refresh_from_db()
    assert solution.state == "retire"


def test_approving_an_older_proposal_does_not_revive(cast: Cast) -> None:
    solution = registered(team=cast.platform)
    bob, alice = cast.actor(cast.bob), cast.actor(cast.alice)
    proposal = evaluated(solution, judged(Verdict.DEPRECATE), actor=bob)
    evaluated(solution, judged(Verdict.RETIRE, date(2026, 11, 1)), actor=alice)
    assert solution.state == "retire"

    try:
        decide_proposal(
            evaluation_id=proposal.pk,
            approve=True,
            reason="",
            actor=alice,
            today=TODAY,
            now=NOW,
        )
    except ConflictError:
        pass

    solution.refresh_from_db()
    assert solution.state == "retire"


def test_an_approval_does_not_supersede_a_second_time(cast: Cast) -> None:
    solution = registered(team=cast.platform)
    wrong = evaluated(solution, judged(Verdict.HOLD))
    proposal = evaluated(
        solution,
        judged(Verdict.RETIRE, supersedes_id=wrong.pk),
        actor=cast.actor(cast.bob),
    )
    evaluated(solution, judged(Verdict.TRIAL, supersedes_id=wrong.pk))

    with pytest.raises(ConflictError):
        decide_proposal(
            evaluation_id=proposal.pk,
            approve=True,
            reason="",
            actor=cast.actor(cast.alice),
            today=TODAY,
            now=NOW,
        )


@pytest.mark.django_db
def test_a_moved_flag_forgets_a_contract_that_is_gone() -> None:
    solution = registered(on=date(2026, 1, 1), contract_ends_on=date(2026, 2, 10))
    scanned()
    assert "contract" in Flag.objects.open().get().pulled_by

    edited(solution, draft())

    flag = Flag.objects.open().get()
    assert flag.due_on == date(2026, 1, 31)
    assert flag.pulled_by == ""


@pytest.mark.django_db
def test_a_moved_flag_names_the_contract_that_pulls_now() -> None:
    solution = registered(contract_ends_on=date(2026, 11, 30))

    edited(solution, draft(contract_ends_on=date(2026, 12, 10)))

    assert "2026-12-10" in Flag.objects.open().get().pulled_by


def test_somebody_with_a_long_name_can_write(cast: Cast) -> None:
    cast.bob.first_name, cast.bob.last_name = "b" * 150, "b" * 150
    cast.bob.save()

    registered(team=cast.platform, actor=cast.actor(cast.bob))

    assert len(Change.objects.get().actor) <= 200


@pytest.mark.django_db
def test_a_name_whose_letters_stand_for_many_has_a_key_of_bounded_length() -> None:
    solution = registered("\ufdfa" * 200)

    [(_, key)] = draft_of(solution).identifiers
    assert len(key) == 500


@pytest.mark.parametrize(
    "name", ["x" * 101, "a\x00b", "a\ud800b"], ids=["long", "NUL", "half"]
)
def test_a_tokens_name_is_one_line(cast: Cast, name: str) -> None:
    with pytest.raises(InvalidError):
        create_token(
            user=cast.bob, scopes=[], days=1, name=name, actor=operator("t"), now=NOW
        )


def test_a_read_only_token_revokes_nothing(cast: Cast) -> None:
    row, _ = create_token(
        user=cast.bob, scopes=[], days=1, actor=operator("t"), now=NOW
    )
    own, _ = create_token(
        user=cast.dora, scopes=[Scope.READ], days=1, actor=operator("t"), now=NOW
    )

    with pytest.raises(NotAllowedError):
        revoke_token(
            token=row, actor=actor_of(cast.dora, door="API", token=own), now=NOW
        )


@pytest.mark.django_db
def test_half_a_character_is_no_token() -> None:
    assert find_token("bb_\ud800", now=NOW) is None


@pytest.mark.parametrize("what", ["team", "person"])
@pytest.mark.django_db
def test_a_demonstration_takes_teams_and_people_as_they_are(what: str) -> None:
    if what == "team":
        Team.objects.create(name="Platform", slug="platform")
    else:
        User.objects.create_user("mira")

    call_command("load_demonstration", stdout=StringIO())

    assert Team.objects.filter(name="Platform").count() == 1
    assert User.objects.filter(username="mira").count() == 1


@pytest.mark.django_db
def test_a_username_that_is_no_utf8_is_unknown() -> None:
    with pytest.raises(CommandError):
        call_command("create_token", "\udcff", stdout=StringIO())


@pytest.mark.django_db
def test_a_file_whose_name_is_no_utf8_is_imported_or_refused(
    tmp_path: Path,
) -> None:
    file = tmp_path / os.fsdecode(b"requirements-\xff.txt")
    file.write_text("django==5.2\n")

    try:
        call_command(
            "import_inventory", str(file), stdout=StringIO(), stderr=StringIO()
        )
    except CommandError:
        pass


@pytest.mark.django_db
def test_a_team_whose_name_is_no_utf8_is_unknown(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("django==5.2\n")

    with pytest.raises(CommandError):
        call_command(
            "import_inventory",
            str(file),
            "--component=\udcff",
            stdout=StringIO(),
            stderr=StringIO(),
        )


@pytest.mark.parametrize(
    "url", ["postgres://h:abc/d", "postgres://[::1/d", "postgres://bob:p/w#1@h/d"]
)
def test_an_address_that_cannot_be_read_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database("DATABASE_URL", tmp_path)


def test_a_secret_file_that_is_no_text_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE"):
        env.text("SECRET_KEY", "")


def test_a_number_of_five_thousand_digits_names_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "9" * 5_000)

    with pytest.raises(ImproperlyConfigured, match="PORT"):
        env.number("PORT", 8000, at_least=1, at_most=65535)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TRACKER_DATA_DIR", "/etc/passwd"), ("LOG_LEVEL", "LOUD")],
)
def test_a_mistake_names_its_variable(
    tmp_path: Path, variable: str, value: str
) -> None:
    found = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TRACKER_DATA_DIR": str(tmp_path)}
        | {variable: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode != 0
    assert variable in found.stderr.splitlines()[-1]


def test_a_policy_of_seven_months_is_refused_in_words(cast: Cast) -> None:
    from reviews.models import ReviewPolicy
    from reviews.services.policies import set_policy

    with pytest.raises(DomainError):
        set_policy(
            policy=ReviewPolicy(months=7), actor=operator("t"), today=TODAY, now=NOW
        )


def test_a_team_by_a_name_that_is_taken_is_refused_in_words(cast: Cast) -> None:
    from reviews.services.teams import save_team

    with pytest.raises(DomainError):
        save_team(team=Team(name="Platform", slug="p"), actor=operator("t"), now=NOW)


def test_a_role_that_is_given_again_is_no_change(cast: Cast) -> None:
    from reviews.rules.access import Role
    from reviews.services.teams import set_role

    set_role(
        user=cast.bob,
        team=cast.platform,
        role=Role.ENGINEER,
        actor=operator("t"),
        now=NOW,
    )

    assert not Change.objects.exists()


@pytest.mark.django_db
def test_a_slug_that_is_too_long_is_refused_in_words() -> None:
    with pytest.raises(DomainError):
        registered(slug="x" * 121)


@pytest.mark.django_db
def test_twenty_identifiers_are_kept() -> None:
    from reviews.rules.vocabulary import Scheme

    solution = registered(identifiers=[(Scheme.MODEL, f"m-{n}") for n in range(20)])

    assert len(draft_of(solution).identifiers) == 21


@pytest.mark.django_db(transaction=True)
def test_a_purl_names_one_solution_even_at_once() -> None:
    import threading

    from django.db import connection, connections

    from reviews.rules.vocabulary import Scheme

    if connection.vendor == "sqlite":
        return
    purl = (Scheme.PURL, "pkg:pypi/django")

    def other() -> None:
        try:
            registered("Other", identifiers=[(Scheme.PURL, "pkg:pypi/aaa"), purl])
        except ConflictError:
            pass
        finally:
            connections.close_all()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        registered("Django", identifiers=[purl])
        thread.start()
        thread.join(3)
    thread.join()

    known = [s.slug for s in Solution.objects.all() if purl in draft_of(s).identifiers]
    assert len(known) == 1
