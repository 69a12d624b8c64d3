"""Snoozes, waivers and overrides: who makes them, what they cover, and what ends them."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from reviews.models import Change, Cover, Flag, Notice, Solution
from reviews.rules.access import NotAllowedError, Scope
from reviews.rules.signals import Severity, SignalKind
from reviews.rules.vocabulary import Scheme, Verdict
from reviews.services.access import actor_of
from reviews.services.covers import snooze_flag
from reviews.services.errors import ConflictError, DomainError, InvalidError
from reviews.services.scanning import scan
from reviews.services.solutions import delete_solution
from reviews.services.tokens import create_token
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import OPERATOR, evaluated, judged, registered, scanned
from tests.services.covering import (
    IN_A_WEEK,
    INACTIVE,
    flaw,
    overdue,
    overridden,
    questioned,
    revoked,
    snoozed,
    waived,
)
from tests.services.evidence.sources import at, collected, fact, night, open_flags, pypi

pytestmark = pytest.mark.django_db

TOMORROW = TODAY + timedelta(days=1)
ARCHIVED = fact(SignalKind.REPOSITORY_ARCHIVED, subject="owner/name")


def standing(flag: Flag) -> tuple[str, date | None]:
    flag.refresh_from_db()
    return flag.covered_by, flag.covered_until


def ending(cover: Cover) -> str:
    cover.refresh_from_db()
    return cover.ended_because


def lines() -> list[str]:
    told = Change.objects.exclude(what__in=["registered", "evaluated"])
    return list(told.order_by("pk").values_list("what", flat=True))


def solution_of(flag: Flag) -> Solution:
    return Solution.objects.get(pk=flag.solution_id)


class TestMaking:
    def test_a_snooze_leaves_the_flag_open_and_asks_nobody_before_its_day(
        self, cast: Cast
    ) -> None:
        flag = overdue(cast)

        snoozed(flag, IN_A_WEEK, actor=cast.actor(cast.alice))

        assert standing(flag) == ("snooze", IN_A_WEEK)
        assert flag.closed_at is None
        assert not Flag.objects.asked_on(IN_A_WEEK - timedelta(days=1)).exists()
        assert Flag.objects.asked_on(IN_A_WEEK).get() == flag

    def test_a_waiver_has_owner_reason_approver_and_day(self, cast: Cast) -> None:
        flag = overdue(cast)

        cover = waived(
            flag, cast.bob, actor=cast.actor(cast.alice), reason=" Until we move. "
        )

        assert (cover.owner, cover.owner_name) == (cast.bob, "Bob")
        assert (cover.approver_id, cover.approver_name) == (cast.alice.pk, "Alice")
        assert cover.reason == "Until we move."
        assert standing(flag) == ("waiver", TODAY + timedelta(days=90))

    def test_an_override_keeps_what_it_calls_wrong_and_has_no_day(
        self, cast: Cast
    ) -> None:
        flag = questioned(cast)

        cover = overridden(flag, actor=cast.actor(cast.alice))

        assert cover.until is None
        assert standing(flag) == ("override", date.max)
        assert set(cover.signals.all()) == set(flag.signals.all())
        assert cover.signals.count() == 1

    def test_what_was_covered_is_kept_with_its_weight(self, cast: Cast) -> None:
        cover = snoozed(questioned(cast))

        assert (cover.action, cover.severity) == ("review", "medium")

    def test_the_history_tells_of_each(self, cast: Cast) -> None:
        flag = questioned(cast)
        alice = cast.actor(cast.alice)

        revoked(snoozed(flag, actor=alice), actor=alice)
        cover = waived(flag, cast.bob, actor=alice)
        overridden(flag, actor=alice)

        assert lines() == ["snoozed", "cover revoked", "waived", "overridden"]
        line = Change.objects.get(what="waived")
        assert (line.object_kind, line.object_id) == ("solution", flag.solution_id)
        assert (line.actor, line.door) == ("Alice", "test")
        assert line.details == {
            "flag": flag.pk,
            "cause": "unmaintained",
            "cover": cover.pk,
            "kind": "waiver",
            "until": str(cover.until),
            "reason": "It goes in spring.",
            "owner": "Bob",
            "approver": "Alice",
        }
        assert Change.objects.get(what="overridden").details["replaces"] == cover.pk

    def test_a_longer_snooze_takes_the_place_of_another(self, cast: Cast) -> None:
        flag = overdue(cast)
        first = snoozed(flag)

        snoozed(flag, IN_A_WEEK + timedelta(days=3))

        assert ending(first) == "replaced"
        assert standing(flag) == ("snooze", IN_A_WEEK + timedelta(days=3))
        assert Cover.objects.active().count() == 1

    def test_a_snooze_takes_the_place_of_a_waiver_whose_day_has_come(
        self, cast: Cast
    ) -> None:
        flag = overdue(cast)
        over = waived(flag, cast.bob, TOMORROW)

        snoozed(flag, IN_A_WEEK, on=TOMORROW)

        assert ending(over) == "expired"
        assert standing(flag) == ("snooze", IN_A_WEEK)

    def test_a_solution_with_nothing_left_to_ask_is_quiet(self, cast: Cast) -> None:
        flag = questioned(cast, flaw(Severity.CRITICAL))
        loud = solution_of(flag)

        waived(flag, cast.bob)

        quiet = solution_of(flag)
        assert loud.quiet_until is None
        assert quiet.quiet_until == TODAY + timedelta(days=90)
        assert quiet.risk_class < loud.risk_class

    def test_an_administrator_names_a_lead_as_approver(self, cast: Cast) -> None:
        cover = waived(
            overdue(cast), cast.bob, actor=cast.actor(cast.dora), approver=cast.alice
        )

        assert (cover.approver_id, cover.approver_name) == (cast.alice.pk, "Alice")
        assert cover.made_by_name == "Dora"

    def test_a_lead_may_name_herself(self, cast: Cast) -> None:
        alice = cast.actor(cast.alice)

        cover = waived(overdue(cast), cast.bob, actor=alice, approver=cast.alice)

        assert cover.approver_id == cast.alice.pk


def refused(error: type[DomainError], flag: Flag, field: str, **how: Any) -> str:
    """Return why a cover was refused; nothing of it may be left."""
    before = Flag.objects.filter(pk=flag.pk).values().get()
    covers, changes = Cover.objects.count(), Change.objects.count()
    make = how.pop("make")

    with pytest.raises(error) as caught:
        make(flag, **how)

    assert caught.value.field == field
    assert Flag.objects.filter(pk=flag.pk).values().get() == before
    assert (Cover.objects.count(), Change.objects.count()) == (covers, changes)
    return caught.value.message


class TestRefusing:
    @pytest.mark.parametrize("days", [-1, 0, 31, 400])
    def test_a_snooze_is_for_one_to_thirty_days(self, cast: Cast, days: int) -> None:
        until = TODAY + timedelta(days=days)

        told = refused(InvalidError, overdue(cast), "until", make=snoozed, until=until)

        assert "at most 30 days: name a day from 2026-11-23 to 2026-12-22" in told

    @pytest.mark.parametrize("days", [1, 30])
    def test_the_first_and_the_last_day_of_a_snooze_hold(
        self, cast: Cast, days: int
    ) -> None:
        until = TODAY + timedelta(days=days)

        assert snoozed(overdue(cast), until).until == until

    @pytest.mark.parametrize("days", [-1, 0, 366])
    def test_a_waiver_is_for_a_year_at_most(self, cast: Cast, days: int) -> None:
        until = TODAY + timedelta(days=days)

        refused(
            InvalidError,
            overdue(cast),
            "expires_on",
            make=waived,
            owner=cast.bob,
            until=until,
        )

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\0b"])
    def test_each_takes_a_reason(self, cast: Cast, reason: str) -> None:
        flag = questioned(cast)

        for make, how in (
            (snoozed, {}),
            (waived, {"owner": cast.bob}),
            (overridden, {}),
        ):
            refused(InvalidError, flag, "reason", make=make, reason=reason, **how)

    def test_the_owner_of_a_waiver_has_to_be_there(self, cast: Cast) -> None:
        flag = overdue(cast)
        cast.bob.is_active = False
        cast.bob.save()

        refused(InvalidError, flag, "owner", make=waived, owner=cast.bob)

    @pytest.mark.parametrize("name", ["bob", "eve", "frank"])
    def test_who_may_not_approve_is_no_approver(self, cast: Cast, name: str) -> None:
        refused(
            InvalidError,
            overdue(cast),
            "approver",
            make=waived,
            owner=cast.bob,
            actor=cast.actor(cast.dora),
            approver=getattr(cast, name),
        )

    def test_a_lead_names_nobody_else_as_approver(self, cast: Cast) -> None:
        with pytest.raises(NotAllowedError, match="Only administrators"):
            waived(
                overdue(cast),
                cast.bob,
                actor=cast.actor(cast.alice),
                approver=cast.dora,
            )

        assert not Cover.objects.exists()

    @pytest.mark.parametrize("name", ["bob", "charlie", "eve", "frank"])
    def test_only_leads_of_the_owning_team_cover(self, cast: Cast, name: str) -> None:
        flag = questioned(cast)
        actor = cast.actor(getattr(cast, name))

        for make in (
            partial(snoozed, flag, actor=actor),
            partial(waived, flag, cast.bob, actor=actor),
            partial(overridden, flag, actor=actor),
        ):
            with pytest.raises(NotAllowedError, match="lead"):
                make()

        assert not Cover.objects.exists()

    def test_an_engineer_revokes_nothing(self, cast: Cast) -> None:
        cover = snoozed(overdue(cast))

        with pytest.raises(NotAllowedError):
            revoked(cover, actor=cast.actor(cast.bob))

        assert ending(cover) == ""

    def test_a_token_takes_the_scope(self, cast: Cast) -> None:
        flag = overdue(cast)
        scopes = [scope for scope in Scope if scope is not Scope.FLAGS]
        token, _ = create_token(
            user=cast.alice, scopes=scopes, days=1, actor=OPERATOR, now=NOW
        )

        with pytest.raises(NotAllowedError, match="flags:write"):
            snoozed(flag, actor=actor_of(cast.alice, door="API", token=token))

    def test_what_the_clock_asks_is_not_wrong(self, cast: Cast) -> None:
        told = refused(InvalidError, overdue(cast), "", make=overridden)

        assert "snooze or waive it" in told

    @pytest.mark.parametrize("kind", ["waiver", "override"])
    def test_a_snooze_takes_the_place_of_nothing_that_says_more(
        self, cast: Cast, kind: str
    ) -> None:
        flag = questioned(cast)
        if kind == "waiver":
            waived(flag, cast.bob)
        else:
            overridden(flag)

        told = refused(ConflictError, flag, "", make=snoozed)

        assert f"Revoke the {kind} first" in told

    def test_a_closed_flag_is_not_covered(self, cast: Cast) -> None:
        flag = overdue(cast)
        evaluated(solution_of(flag))

        told = refused(ConflictError, flag, "", make=snoozed)

        assert "closed" in told

    def test_what_has_ended_is_not_revoked(self, cast: Cast) -> None:
        cover = revoked(snoozed(overdue(cast)))

        with pytest.raises(ConflictError, match="ended already"):
            revoked(cover)

    @pytest.mark.parametrize("id", [0, 2**40])
    def test_what_is_not_there_is_a_conflict(self, cast: Cast, id: int) -> None:
        with pytest.raises(ConflictError, match="no longer in the register"):
            revoked(Cover(pk=id))
        with pytest.raises(ConflictError, match="no longer in the register"):
            snooze_flag(
                flag_id=id,
                until=IN_A_WEEK,
                reason="Later.",
                actor=OPERATOR,
                today=TODAY,
                now=NOW,
            )

    def test_revoking_takes_a_reason(self, cast: Cast) -> None:
        cover = snoozed(overdue(cast))

        with pytest.raises(InvalidError) as caught:
            revoked(cover, reason=" ")

        assert caught.value.field == "reason"
        assert ending(cover) == ""


class TestEndingByItsDay:
    def test_the_scan_says_that_the_flag_is_asked_again(self, cast: Cast) -> None:
        flag = overdue(cast)
        cover = snoozed(flag, IN_A_WEEK)

        early = scanned(IN_A_WEEK - timedelta(days=1)).settlement.asked_again
        outcome = scanned(IN_A_WEEK, at(IN_A_WEEK))

        assert (early, outcome.settlement.asked_again) == (0, 1)
        assert ending(cover) == "expired"
        assert standing(flag) == ("", None)
        assert Notice.objects.filter(
            key=f"flag:{flag.pk}:asked-again:{cover.pk}"
        ).exists()
        line = Change.objects.get(what="asked again")
        assert (line.actor, line.door) == ("scan", "command scan")
        assert line.details["cover"] == cover.pk

    def test_it_is_said_once_however_often_the_scan_runs(self, cast: Cast) -> None:
        snoozed(overdue(cast))

        for _ in range(3):
            scanned(IN_A_WEEK)

        assert Change.objects.filter(what="asked again").count() == 1

    def test_days_of_outage_are_caught_up_with(self, cast: Cast) -> None:
        flag = overdue(cast)
        cover = snoozed(flag)

        scanned(IN_A_WEEK + timedelta(days=40))

        assert ending(cover) == "expired"
        assert standing(flag) == ("", None)

    def test_the_solution_is_back_in_the_queue(self, cast: Cast) -> None:
        flag = questioned(cast, flaw(Severity.CRITICAL))
        before = solution_of(flag).risk_class
        snoozed(flag)

        scanned(IN_A_WEEK)

        assert solution_of(flag).quiet_until is None
        assert solution_of(flag).risk_class == before

    def test_a_scan_for_a_later_day_ends_it_and_todays_takes_that_back(
        self, cast: Cast
    ) -> None:
        flag = overdue(cast)
        cover = snoozed(flag)

        scan(on=IN_A_WEEK, today=TODAY, now=NOW)
        then = standing(flag), ending(cover)
        scanned(TODAY)

        assert then == (("", None), "expired")
        assert standing(flag) == ("snooze", IN_A_WEEK)
        assert ending(cover) == ""
        assert lines() == ["snoozed", "asked again", "covered again"]
        assert not Notice.objects.filter(key__contains="asked-again").exists()
        assert solution_of(flag).quiet_until == IN_A_WEEK
        scanned(IN_A_WEEK)
        assert ending(cover) == "expired"
        assert Notice.objects.filter(key__contains="asked-again").count() == 1

    def test_what_somebody_decided_since_is_not_taken_back(self, cast: Cast) -> None:
        flag = overdue(cast)
        first = snoozed(flag)
        scan(on=IN_A_WEEK, today=TODAY, now=NOW)
        second = snoozed(flag, TOMORROW)
        revoked(second)

        scanned(TODAY)

        assert standing(flag) == ("", None)
        assert (ending(first), ending(second)) == ("expired", "revoked")

    def test_what_was_answered_since_is_not_covered_again(self, cast: Cast) -> None:
        flag = overdue(cast)
        cover = snoozed(flag)
        scan(on=IN_A_WEEK, today=TODAY, now=NOW)
        evaluated(solution_of(flag))

        scanned(TODAY)

        assert standing(flag) == ("", None)
        assert ending(cover) == "expired"

    def test_what_ended_on_its_day_is_over_for_good(self, cast: Cast) -> None:
        flag = overdue(cast)
        cover = snoozed(flag, TOMORROW)
        scan(on=IN_A_WEEK, today=IN_A_WEEK, now=at(IN_A_WEEK))

        scan(on=TODAY, today=IN_A_WEEK, now=at(IN_A_WEEK))

        assert ending(cover) == "expired"

    def test_a_question_that_comes_up_breaks_the_quiet(self, cast: Cast) -> None:
        flag = questioned(cast)
        overridden(flag)
        solution = solution_of(flag)
        due_on = solution.next_review_on
        assert due_on is not None
        # By the day on which the clock asks, whether a scan has run by then or not.
        assert solution.quiet_until == due_on

        scanned(due_on)

        assert Flag.objects.open().count() == 2
        assert solution_of(flag).quiet_until is None


class TestEndingWithAnAnswer:
    def test_an_evaluation_ends_what_covers_the_clocks_flag(self, cast: Cast) -> None:
        flag = overdue(cast)
        cover = waived(flag, cast.bob)

        evaluated(solution_of(flag), now=NOW)

        assert ending(cover) == "answered"
        assert standing(flag) == ("", None)
        assert flag.closed_because == "evaluated"

    def test_and_what_covers_a_flag_of_evidence(self, cast: Cast) -> None:
        flag = questioned(cast)
        cover = overridden(flag)

        evaluated(solution_of(flag), judged(on=TOMORROW), today=TOMORROW)

        assert ending(cover) == "answered"
        assert standing(flag) == ("", None)
        assert flag.closed_at is not None

    def test_a_cause_that_goes_takes_its_cover_along(self, cast: Cast) -> None:
        flag = questioned(cast)
        cover = waived(flag, cast.bob)
        collected(solution_of(flag), pypi(), on=TOMORROW)

        night(TODAY + timedelta(days=4))

        assert flag in Flag.objects.filter(closed_because="withdrawn")
        assert ending(cover) == "answered"

    def test_retiring_ends_it(self, cast: Cast) -> None:
        flag = questioned(cast)
        cover = snoozed(flag)

        evaluated(solution_of(flag), judged(Verdict.RETIRE))

        assert ending(cover) == "answered"

    def test_a_solution_that_was_a_mistake_takes_it_along(self, cast: Cast) -> None:
        solution = registered(
            identifiers=((Scheme.PURL, "pkg:pypi/django"),), team=cast.platform
        )
        collected(solution, pypi(INACTIVE))
        overridden(open_flags(solution)[0])

        delete_solution(solution_id=solution.pk, actor=OPERATOR, now=NOW)

        assert not Cover.objects.exists()


class TestEndingWithTheFacts:
    @pytest.mark.parametrize("kind", ["snooze", "waiver", "override"])
    def test_a_flag_that_hardens_is_asked_again(self, cast: Cast, kind: str) -> None:
        flag = questioned(cast)
        cover = {
            "snooze": lambda: snoozed(flag),
            "waiver": lambda: waived(flag, cast.bob),
            "override": lambda: overridden(flag),
        }[kind]()

        collected(solution_of(flag), pypi(INACTIVE, ARCHIVED), on=TOMORROW)

        flag.refresh_from_db()
        assert ending(cover) == "changed"
        assert standing(flag) == ("", None)
        assert Notice.objects.filter(
            key=f"flag:{flag.pk}:asked-again:{cover.pk}"
        ).exists()
        line = Change.objects.get(what="asked again")
        assert line.actor == "judge-evidence"
        assert solution_of(flag).quiet_until is None

    def test_a_graver_flaw_is_asked_again(self, cast: Cast) -> None:
        flag = questioned(cast, flaw(Severity.MEDIUM))
        cover = waived(flag, cast.bob)

        collected(solution_of(flag), pypi(flaw(Severity.CRITICAL)), on=TOMORROW)

        assert ending(cover) == "changed"

    def test_a_lesser_one_is_not(self, cast: Cast) -> None:
        flag = questioned(cast, flaw(Severity.CRITICAL))
        cover = waived(flag, cast.bob)

        collected(solution_of(flag), pypi(flaw(Severity.HIGH)), on=TOMORROW)

        assert ending(cover) == ""
        assert standing(flag)[0] == "waiver"

    def test_one_more_flaw_as_grave_ends_an_override_and_a_waiver(
        self, cast: Cast
    ) -> None:
        one, two = flaw(), flaw(subject="CVE-2026-2")
        called_wrong = questioned(cast, one)
        accepted = questioned(cast, one, name="Celery")
        override, waiver = overridden(called_wrong), waived(accepted, cast.bob)

        for flag in (called_wrong, accepted):
            collected(solution_of(flag), pypi(one, two), on=TOMORROW)

        assert (ending(override), ending(waiver)) == ("changed", "changed")

    def test_another_name_of_an_accepted_flaw_ends_no_waiver(self, cast: Cast) -> None:
        flag = questioned(cast, flaw())
        waiver = waived(flag, cast.bob)

        renamed = flaw(subject="GHSA-1", aliases=("CVE-2026-1",))
        collected(solution_of(flag), pypi(renamed), on=TOMORROW)

        assert ending(waiver) == ""

    def test_facts_that_stand_leave_an_override_in_force(self, cast: Cast) -> None:
        flag = questioned(cast)
        cover = overridden(flag)

        for day in range(1, 40):
            night(TODAY + timedelta(days=day))
        collected(solution_of(flag), pypi(INACTIVE), on=TOMORROW)

        assert ending(cover) == ""
        assert standing(flag) == ("override", date.max)

    def test_what_flaps_within_the_hold_changes_nothing(self, cast: Cast) -> None:
        flag = questioned(cast)
        cover = overridden(flag)

        collected(solution_of(flag), pypi(), on=TOMORROW)
        collected(solution_of(flag), pypi(INACTIVE), on=TODAY + timedelta(days=2))

        assert ending(cover) == ""

    def test_another_value_ends_an_override(self, cast: Cast) -> None:
        fixed = flaw(fixed_in="4.2.9")
        flag = questioned(cast, fixed)
        cover = overridden(flag)

        collected(solution_of(flag), pypi(flaw(fixed_in="4.2.10")), on=TOMORROW)

        assert ending(cover) == "changed"


class TestThePull:
    def test_a_waiver_takes_the_evidences_pull_off_the_review(self, cast: Cast) -> None:
        flag = questioned(cast)
        pulled = solution_of(flag)

        waived(flag, cast.bob)

        left = solution_of(flag)
        assert pulled.next_review_on == TODAY
        assert left.next_review_on == left.clock_due_on
        assert left.pulled_by == ""

    def test_so_does_an_override(self, cast: Cast) -> None:
        flag = questioned(cast)

        overridden(flag)

        assert solution_of(flag).evidence_due_on is None

    def test_a_snooze_leaves_the_pull(self, cast: Cast) -> None:
        flag = questioned(cast)

        snoozed(flag)
        night(TOMORROW)

        assert solution_of(flag).next_review_on == TODAY

    def test_the_other_questions_go_on_pulling(self, cast: Cast) -> None:
        flag = questioned(cast, INACTIVE, flaw())
        assert Flag.objects.open().count() == 2

        waived(flag, cast.bob)

        assert solution_of(flag).next_review_on == TODAY

    def test_revoking_brings_the_pull_back(self, cast: Cast) -> None:
        flag = questioned(cast)

        revoked(waived(flag, cast.bob))

        assert solution_of(flag).next_review_on == TODAY
        assert solution_of(flag).pulled_by == "PyPI has it classified as inactive"

    @pytest.mark.parametrize("scan_first", [True, False])
    def test_its_day_brings_the_pull_back_whatever_runs_first(
        self, cast: Cast, *, scan_first: bool
    ) -> None:
        flag = questioned(cast)
        waived(flag, cast.bob, IN_A_WEEK)
        night(IN_A_WEEK - timedelta(days=1))
        before = solution_of(flag).next_review_on

        if scan_first:
            scanned(IN_A_WEEK)
        night(IN_A_WEEK)

        assert before is not None
        assert before > IN_A_WEEK
        assert solution_of(flag).next_review_on == TODAY

    def test_a_snooze_in_the_place_of_nothing_changes_no_date(self, cast: Cast) -> None:
        flag = overdue(cast)
        before = solution_of(flag).next_review_on

        waived(flag, cast.bob)

        assert solution_of(flag).next_review_on == before
