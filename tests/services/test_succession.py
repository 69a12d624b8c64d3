"""Who comes after whom: one solution, or all that somebody owns."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Change, Cover, Flag, Membership, Solution, Team, User
from reviews.rules.access import NotAllowedError, Role
from reviews.rules.vocabulary import Verdict
from reviews.services.covers import revoke_cover, snooze_flag, waive_flag
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.succession import (
    HandedOver,
    check_hand_over,
    hand_over,
    left_with,
    reassign_solution,
)
from reviews.services.users import change_user, delete_user
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.services.building import OPERATOR, evaluated, judged, registered, written

LATER = NOW + timedelta(hours=1)


def reassigned(
    solution: Solution, owner: User | None, cast: Cast, by: User
) -> Solution:
    return reassign_solution(
        solution_id=solution.pk,
        owner_id=owner.pk if owner else None,
        actor=cast.actor(by),
        today=TODAY,
        now=LATER,
    )


def handed(cast: Cast, by: User, to: User | None, former: User) -> HandedOver:
    return hand_over(
        from_id=former.pk,
        to_id=to.pk if to else None,
        actor=cast.actor(by),
        today=TODAY,
        now=LATER,
    )


def owned(name: str, team: Team | None, owner: User | None) -> Solution:
    return registered(name, team=team, owner_id=owner.pk if owner else None)


def due(solution: Solution) -> Flag:
    return flagged(
        solution, cause="review_due", action="review", reason="", severity=""
    )


def waived(solution: Solution, owner: User, days: int = 30) -> Cover:
    return waive_flag(
        flag_id=due(solution).pk,
        owner_id=owner.pk,
        reason="The vendor fixes it.",
        until=TODAY + timedelta(days),
        actor=OPERATOR,
        today=TODAY,
        now=NOW,
    )


def left(user: User) -> User:
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    return user


def owners() -> dict[str, str | None]:
    return dict(Solution.objects.values_list("name", "owner__username"))


def told(what: str) -> list[tuple[str, dict[str, object]]]:
    rows = Change.objects.filter(what=what).order_by("pk")
    return [(row.object_label, row.details) for row in rows]


# --- One solution ---


def test_a_lead_gives_a_solution_another_owner(cast: Cast) -> None:
    django = owned("Django", cast.platform, cast.bob)

    answer = reassigned(django, cast.alice, cast, cast.alice)

    django.refresh_from_db()
    assert django.owner == answer.owner == cast.alice
    assert django.updated_at == LATER
    assert told("reassigned") == [("django", {"owner": ["bob", "alice"]})]


def test_a_solution_may_be_left_without_an_owner(cast: Cast) -> None:
    django = owned("Django", cast.platform, cast.bob)

    reassigned(django, None, cast, cast.dora)

    assert owners() == {"Django": None}
    assert told("reassigned") == [("django", {"owner": ["bob", None]})]


def test_the_same_owner_again_writes_nothing(cast: Cast) -> None:
    django = owned("Django", cast.platform, cast.bob)
    before = written()

    reassigned(django, cast.bob, cast, cast.alice)

    assert written() == before


def test_an_owner_who_left_may_stay_where_nothing_changes(cast: Cast) -> None:
    django = owned("Django", cast.platform, left(cast.bob))

    assert reassigned(django, cast.bob, cast, cast.alice).owner_id == cast.bob.pk


@pytest.mark.parametrize("who", ["bob", "charlie", "eve", "frank"])
def test_who_leads_not_the_team_does_not_reassign(cast: Cast, who: str) -> None:
    django = owned("Django", cast.platform, cast.bob)
    before = written()

    with pytest.raises(NotAllowedError, match="change who owns"):
        reassigned(django, cast.alice, cast, getattr(cast, who))

    assert written() == before


def test_nothing_is_given_to_who_has_left(cast: Cast) -> None:
    django = owned("Django", cast.platform, cast.bob)
    left(cast.charlie)
    before = written()

    with pytest.raises(InvalidError, match="can sign in") as refusal:
        reassigned(django, cast.charlie, cast, cast.alice)

    assert refusal.value.field == "owner_id"
    assert written() == before


def test_nothing_is_given_to_nobody_there_is(cast: Cast) -> None:
    django = owned("Django", cast.platform, cast.bob)

    with pytest.raises(InvalidError):
        reassign_solution(
            solution_id=django.pk,
            owner_id=99_999,
            actor=OPERATOR,
            today=TODAY,
            now=NOW,
        )


def test_what_is_not_registered_is_not_reassigned(cast: Cast) -> None:
    with pytest.raises(ConflictError, match="no longer"):
        reassign_solution(
            solution_id=99_999,
            owner_id=cast.bob.pk,
            actor=OPERATOR,
            today=TODAY,
            now=NOW,
        )


# --- All that somebody owns ---


def test_all_that_a_leaver_owns_passes_to_one_person(cast: Cast) -> None:
    for name, team in (("Django", cast.platform), ("dbt", cast.data), ("Loose", None)):
        owned(name, team, cast.bob)
    owned("Hers", cast.platform, cast.alice)
    left(cast.bob)

    done = handed(cast, cast.dora, cast.eve, cast.bob)

    assert owners() == {"Django": "eve", "dbt": "eve", "Loose": "eve", "Hers": "alice"}
    assert (done.solutions, done.waivers, done.refused) == (3, 0, ())
    assert {label for label, _ in told("reassigned")} == {"django", "dbt", "loose"}
    assert told("handed over") == [("bob", {"solutions": 3, "waivers": 0, "to": "eve"})]
    assert set(
        Solution.objects.filter(owner=cast.eve).values_list("updated_at", flat=True)
    ) == {LATER}


def test_a_lead_hands_over_what_the_teams_own_and_is_told_of_the_rest(
    cast: Cast,
) -> None:
    owned("Django", cast.platform, cast.bob)
    owned("dbt", cast.data, cast.bob)
    owned("Loose", None, cast.bob)

    done = handed(cast, cast.alice, cast.charlie, cast.bob)

    assert owners() == {"Django": "charlie", "dbt": "bob", "Loose": "bob"}
    assert [each.name for each in done.moved] == ["Django"]
    assert {each.name: bool(each.refusal) for each in done.refused} == {
        "dbt": True,
        "Loose": True,
    }
    assert told("handed over")[0][1]["not handed over"] == 2


def test_who_leads_nothing_hands_over_nothing(cast: Cast) -> None:
    owned("Django", cast.platform, cast.bob)
    before = written()

    done = handed(cast, cast.bob, cast.alice, cast.bob)

    assert done.moved == ()
    assert "takes the role lead" in done.refused[0].refusal
    assert written() == before


def test_without_a_person_each_goes_to_its_teams_lead(cast: Cast) -> None:
    owned("Django", cast.platform, cast.bob)
    owned("dbt", cast.data, cast.bob)
    owned("Loose", None, cast.bob)

    done = handed(cast, cast.dora, None, cast.bob)

    assert owners() == {"Django": "alice", "dbt": "bob", "Loose": "bob"}
    assert {each.name: each.refusal for each in done.refused} == {
        "dbt": "The team has no active lead: name a person.",
        "Loose": "No team owns it, so it has no lead: name a person.",
    }
    assert told("handed over")[0][1]["to"] == "the teams' leads"


def test_of_several_leads_the_one_with_the_fewest_gets_it(cast: Cast) -> None:
    Membership.objects.create(user=cast.frank, team=cast.platform, role=Role.LEAD.value)
    owned("Hers", cast.platform, cast.alice)
    retired = owned("His", cast.platform, cast.frank)
    evaluated(retired, judged(Verdict.RETIRE))
    owned("Also his", cast.data, cast.frank)
    owned("Hers too", cast.data, cast.alice)
    owned("Django", cast.platform, cast.bob)

    handed(cast, cast.dora, None, cast.bob)

    assert owners()["Django"] == "frank"


def test_a_lead_who_left_gets_nothing(cast: Cast) -> None:
    owned("Django", cast.platform, cast.bob)
    left(cast.alice)

    done = handed(cast, cast.dora, None, cast.bob)

    assert done.moved == ()
    assert owners() == {"Django": "bob"}


def test_a_lead_who_leaves_is_not_their_own_heir(cast: Cast) -> None:
    owned("Django", cast.platform, cast.alice)

    done = handed(cast, cast.dora, None, cast.alice)

    assert [each.refusal for each in done.refused] == [
        "The team has no active lead: name a person."
    ]


def test_active_waivers_go_along_and_the_history_says_so(cast: Cast) -> None:
    cover = waived(owned("Hers", cast.platform, cast.alice), cast.bob)

    done = handed(cast, cast.alice, cast.charlie, cast.bob)

    cover.refresh_from_db()
    assert (cover.owner, cover.owner_name) == (cast.charlie, "Charlie")
    assert (done.solutions, done.waivers) == (0, 1)
    [(label, details)] = told("waiver handed over")
    assert label == "hers"
    assert details["owner"] == ["Bob", "Charlie"]
    assert details["flag"] == cover.flag_id
    assert owners() == {"Hers": "alice"}


def test_a_waiver_that_is_over_stays_as_it_was(cast: Cast) -> None:
    ended = waived(owned("Django", cast.platform, cast.alice), cast.bob)
    revoke_cover(
        cover_id=ended.pk, reason="Fixed.", actor=OPERATOR, today=TODAY, now=NOW
    )
    soon = waived(owned("Flask", cast.platform, cast.alice), cast.bob, days=10)

    done = hand_over(
        from_id=cast.bob.pk,
        to_id=cast.charlie.pk,
        actor=OPERATOR,
        today=TODAY + timedelta(10),
        now=LATER,
    )

    assert done.moved == ()
    assert set(Cover.objects.values_list("pk", "owner__username")) == {
        (ended.pk, "bob"),
        (soon.pk, "bob"),
    }


def test_a_snooze_has_no_owner_to_change(cast: Cast) -> None:
    snooze_flag(
        flag_id=due(owned("Django", cast.platform, cast.bob)).pk,
        until=TODAY + timedelta(5),
        reason="Later.",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )

    done = handed(cast, cast.dora, cast.eve, cast.bob)

    assert done.waivers == 0


def test_a_waiver_of_another_team_is_refused_to_a_lead(cast: Cast) -> None:
    cover = waived(owned("dbt", cast.data, cast.eve), cast.bob)

    done = handed(cast, cast.alice, cast.charlie, cast.bob)

    cover.refresh_from_db()
    assert cover.owner == cast.bob
    assert [each.is_waiver for each in done.refused] == [True]


def test_nobody_hands_over_to_themselves(cast: Cast) -> None:
    owned("Django", cast.platform, cast.bob)

    with pytest.raises(InvalidError, match="same person"):
        handed(cast, cast.dora, cast.bob, cast.bob)


def test_nothing_is_handed_to_who_has_left(cast: Cast) -> None:
    owned("Django", cast.platform, cast.bob)
    left(cast.eve)
    before = written()

    with pytest.raises(InvalidError, match="can sign in"):
        handed(cast, cast.dora, cast.eve, cast.bob)

    assert written() == before


def test_who_has_no_account_hands_over_nothing(cast: Cast) -> None:
    with pytest.raises(ConflictError, match="no account"):
        hand_over(from_id=99_999, to_id=None, actor=OPERATOR, today=TODAY, now=NOW)


@pytest.mark.parametrize("to", ["eve", None])
def test_the_preview_says_what_will_happen_and_writes_nothing(
    cast: Cast, to: str | None
) -> None:
    for name, team in (("Django", cast.platform), ("dbt", cast.data)):
        owned(name, team, cast.bob)
    waived(Solution.objects.get(name="Django"), cast.bob)
    before = written()
    heir = getattr(cast, to) if to else None

    outlook = check_hand_over(
        from_id=cast.bob.pk,
        to_id=heir.pk if heir else None,
        actor=cast.actor(cast.alice),
        today=TODAY,
    )

    assert written() == before
    assert outlook == handed(cast, cast.alice, heir, cast.bob)


def test_a_thousand_solutions_pass_in_a_fixed_number_of_queries(cast: Cast) -> None:
    owned("First", cast.platform, cast.bob)
    with CaptureQueriesContext(connection) as queries:
        handed(cast, cast.dora, cast.eve, cast.bob)
    for_one = len(queries)
    Solution.objects.bulk_create(
        Solution(
            slug=f"part-{n}",
            key=f"name:part-{n}",
            name=f"Part {n}",
            kind="built",
            team=cast.platform,
            owner=cast.bob,
            registered_on=TODAY,
            created_at=NOW,
            updated_at=NOW,
            first_review_on=TODAY,
            next_review_on=TODAY,
        )
        for n in range(1_000)
    )

    started = time.monotonic()
    with CaptureQueriesContext(connection) as queries:
        done = handed(cast, cast.dora, cast.charlie, cast.bob)
    took = time.monotonic() - started

    assert done.solutions == 1_000
    assert len(told("reassigned")) == 1_001
    # The lines of the history go in batches, on SQLite in small ones.
    assert len(queries) <= for_one + 12
    assert took < 10


# --- Nothing is orphaned unnoticed ---


def test_who_is_deactivated_leaves_word_of_what_they_own(cast: Cast) -> None:
    waived(owned("Django", cast.platform, cast.bob), cast.bob)
    retired = owned("Old", cast.platform, cast.bob)
    evaluated(retired, judged(Verdict.RETIRE))
    cast.bob.is_active = False

    told_left = change_user(
        user=cast.bob, actor=cast.actor(cast.dora), today=TODAY, now=LATER
    )

    assert str(told_left) == "1 solution and 1 waiver"
    details = Change.objects.get(object_kind="user", object_id=cast.bob.pk).details
    assert details["solutions left without an owner"] == 1
    assert details["waivers left without an owner"] == 1
    assert details["is_active"] == [True, False]


def test_who_owns_nothing_leaves_nothing(cast: Cast) -> None:
    cast.frank.is_active = False

    told_left = change_user(
        user=cast.frank, actor=cast.actor(cast.dora), today=TODAY, now=LATER
    )

    assert told_left is not None
    assert not told_left


def test_another_change_asks_for_no_hand_over(cast: Cast) -> None:
    owned("Django", cast.platform, cast.bob)
    cast.bob.reviews_per_week = 7

    answer = change_user(
        user=cast.bob, actor=cast.actor(cast.dora), today=TODAY, now=LATER
    )

    assert answer is None
    [(_, details)] = [row for row in told("changed") if row[0] == "bob"]
    assert details == {"reviews_per_week": [5, 7]}


@pytest.mark.parametrize("many", [-1, 101])
def test_nobody_does_so_many_reviews(cast: Cast, many: int) -> None:
    cast.bob.reviews_per_week = many

    with pytest.raises(InvalidError, match="reviews a week") as refusal:
        change_user(user=cast.bob, actor=OPERATOR, today=TODAY, now=LATER)

    assert refusal.value.field == "reviews_per_week"
    assert User.objects.get(pk=cast.bob.pk).reviews_per_week == 5


def test_a_deleted_account_says_what_it_leaves(cast: Cast) -> None:
    owned("Django", cast.platform, cast.bob)

    gone = delete_user(
        user=cast.bob, actor=cast.actor(cast.dora), today=TODAY, now=LATER
    )

    assert str(gone) == "1 solution"
    assert owners() == {"Django": None}


def test_who_answers_for_a_waiver_is_not_deleted(cast: Cast) -> None:
    waived(owned("Django", cast.platform, None), cast.bob)

    with pytest.raises(ConflictError, match="hand them over"):
        delete_user(user=cast.bob, actor=cast.actor(cast.dora), today=TODAY, now=LATER)

    assert User.objects.filter(username="bob").exists()


def test_what_is_left_is_counted_by_the_day(cast: Cast) -> None:
    waived(owned("Django", cast.platform, None), cast.bob, days=5)

    assert left_with(cast.bob.pk, today=TODAY).waivers == 1
    assert left_with(cast.bob.pk, today=TODAY + timedelta(5)).waivers == 0
    assert Flag.objects.open().exists()
