"""Snoozing, waiving, overriding and assigning flags, and the waivers there are."""

from datetime import date, timedelta
from typing import Any

import pytest

from reviews.models import Change, Cover, Flag, Solution
from reviews.rules.access import Scope
from tests.api.conftest import BAD_DAYS, FLAGS, HUGE, SOLUTIONS, CallerOf, Response
from tests.conftest import TODAY, Cast
from tests.services.building import evaluated
from tests.services.covering import overdue, questioned, revoked, snoozed, waived

pytestmark = pytest.mark.django_db

WAIVERS = "/api/v1/waivers/"
IN_A_WEEK = str(TODAY + timedelta(days=7))
IN_SPRING = str(TODAY + timedelta(days=120))
SNOOZE = {"until": IN_A_WEEK, "reason": "Next week."}
WAIVE = {"owner": "bob", "reason": "It goes in spring.", "expires_on": IN_SPRING}
OVERRIDE = {"reason": "That is another package."}
ASSIGN = {"owner": "bob"}
BODIES: dict[str, dict[str, Any]] = {
    "snooze": SNOOZE,
    "waive": WAIVE,
    "override": OVERRIDE,
    "assign": ASSIGN,
}


@pytest.fixture
def flag(cast: Cast) -> Flag:
    return questioned(cast)


def address(flag: Flag, what: str = "") -> str:
    return f"{FLAGS}{flag.pk}/" + (f"{what}/" if what else "")


def faults(answer: Response) -> dict[str, str]:
    return {
        fault.get("field", ""): fault["message"] for fault in answer.json()["errors"]
    }


class TestDeciding:
    def test_a_snooze_answers_with_the_flag(
        self, cast: Cast, flag: Flag, caller: CallerOf
    ) -> None:
        alice = caller(cast.alice)

        answer = alice.post(address(flag, "snooze"), SNOOZE)

        assert answer.status_code == 200
        shown = answer.json()
        assert shown == alice.get(address(flag)).json()
        assert shown["status"] == "snoozed"
        assert shown["overdue"] is False
        assert shown["closed_at"] is None
        cover = Cover.objects.get()
        assert shown["cover"] == {
            "id": cover.pk,
            "kind": "snooze",
            "reason": "Next week.",
            "until": IN_A_WEEK,
            "owner": None,
            "owner_name": "",
            "approver": None,
            "approver_name": "",
            "made_by": "Alice",
            "made_at": shown["cover"]["made_at"],
        }
        assert Change.objects.get(what="snoozed").door.startswith("API")

    def test_a_waiver_names_owner_and_approver(
        self, cast: Cast, flag: Flag, caller: CallerOf
    ) -> None:
        answer = caller(cast.alice, Scope.READ, Scope.FLAGS).post(
            address(flag, "waive"), WAIVE
        )

        assert answer.status_code == 200
        cover = answer.json()["cover"]
        assert answer.json()["status"] == "waived"
        assert (cover["owner"], cover["approver"]) == ("bob", "alice")
        assert (cover["until"], cover["reason"]) == (IN_SPRING, "It goes in spring.")

    def test_an_administrator_names_the_approver(
        self, cast: Cast, flag: Flag, caller: CallerOf
    ) -> None:
        answer = caller(cast.dora).post(
            address(flag, "waive"), {**WAIVE, "approver": "alice"}
        )

        assert answer.json()["cover"]["approver_name"] == "Alice"

    def test_an_override_has_no_day(
        self, cast: Cast, flag: Flag, caller: CallerOf
    ) -> None:
        answer = caller(cast.alice).post(address(flag, "override"), OVERRIDE)

        assert answer.status_code == 200
        assert answer.json()["status"] == "overridden"
        assert answer.json()["cover"]["until"] is None

    def test_assigning_gives_the_solution_another_owner(
        self, cast: Cast, flag: Flag, caller: CallerOf
    ) -> None:
        alice = caller(cast.alice)

        assigned = alice.post(address(flag, "assign"), ASSIGN)
        left = alice.post(address(flag, "assign"), {"owner": None})

        assert (assigned.status_code, left.status_code) == (200, 200)
        assert (assigned.json()["owner"], left.json()["owner"]) == ("bob", None)
        assert Solution.objects.get().owner is None

    @pytest.mark.parametrize("what", list(BODIES))
    def test_a_repeated_key_decides_once(
        self, cast: Cast, flag: Flag, caller: CallerOf, what: str
    ) -> None:
        alice = caller(cast.alice)
        key = {"Idempotency-Key": "one"}
        before = Change.objects.count()

        first = alice.post(address(flag, what), BODIES[what], headers=key)
        again = alice.post(address(flag, what), BODIES[what], headers=key)

        assert first.status_code == 200
        assert again.headers["Idempotency-Replayed"] == "true"
        assert first.json() == again.json()
        assert Change.objects.count() == before + 1

    def test_what_is_covered_is_not_asked_until_its_day(
        self, cast: Cast, flag: Flag, caller: CallerOf
    ) -> None:
        other = overdue(cast, "Celery")
        alice = caller(cast.alice)
        alice.post(address(flag, "snooze"), SNOOZE)

        def found(query: str) -> list[int]:
            answer = alice.get(f"{FLAGS}?{query}")
            return [row["id"] for row in answer.json()["results"]]

        assert found("status=snoozed") == [flag.pk]
        assert found("status=open") == [other.pk]
        assert found("status=waived") == found("status=overridden") == []
        assert found("status=closed") == []
        assert found("overdue=true") == [other.pk]
        assert found("overdue=false") == [flag.pk]
        assert len(found("")) == 2

    def test_a_day_that_has_come_is_over_though_nothing_ran(
        self, cast: Cast, flag: Flag, caller: CallerOf
    ) -> None:
        snoozed(flag, TODAY, on=TODAY - timedelta(days=1))

        shown = caller(cast.bob).get(address(flag)).json()

        assert (shown["status"], shown["cover"]) == ("open", None)
        assert Cover.objects.active().count() == 1


class TestRefusing:
    @pytest.mark.parametrize("what", ["snooze", "waive", "override"])
    @pytest.mark.parametrize("name", ["bob", "charlie", "eve", "frank"])
    def test_only_a_lead_of_the_owning_team_decides(
        self, cast: Cast, flag: Flag, caller: CallerOf, what: str, name: str
    ) -> None:
        answer = caller(getattr(cast, name)).post(address(flag, what), BODIES[what])

        assert answer.status_code == 403
        assert not Cover.objects.exists()

    @pytest.mark.parametrize("what", ["snooze", "waive", "override"])
    def test_it_takes_the_scope(
        self, cast: Cast, flag: Flag, caller: CallerOf, what: str
    ) -> None:
        scopes = [scope for scope in Scope if scope is not Scope.FLAGS]

        answer = caller(cast.alice, *scopes).post(address(flag, what), BODIES[what])

        assert answer.status_code == 403
        assert "flags:write" in answer.json()["detail"]

    def test_assigning_takes_the_scope_of_solutions(
        self, cast: Cast, flag: Flag, caller: CallerOf
    ) -> None:
        answer = caller(cast.alice, Scope.FLAGS).post(address(flag, "assign"), ASSIGN)

        assert answer.status_code == 403
        assert "solutions:write" in answer.json()["detail"]

    @pytest.mark.parametrize("what", list(BODIES))
    @pytest.mark.parametrize("id", [0, 2**63 - 1, HUGE])
    def test_a_flag_that_is_not_there_is_404(
        self, cast: Cast, caller: CallerOf, what: str, id: int
    ) -> None:
        answer = caller(cast.dora).post(f"{FLAGS}{id}/{what}/", BODIES[what])

        assert answer.status_code == 404

    @pytest.mark.parametrize(
        ("what", "said", "field"),
        [
            ("snooze", {"until": str(TODAY)}, "until"),
            ("snooze", {"until": IN_SPRING}, "until"),
            ("snooze", {"until": None}, "until"),
            ("snooze", {"until": 7}, "until"),
            ("snooze", {"days": 7}, "days"),
            ("snooze", {"reason": "  "}, "reason"),
            ("snooze", {"reason": "x" * 501}, "reason"),
            ("snooze", {"reason": 5}, "reason"),
            ("waive", {"expires_on": str(TODAY)}, "expires_on"),
            ("waive", {"expires_on": "2099-01-01"}, "expires_on"),
            ("waive", {"owner": "nobody"}, "owner"),
            ("waive", {"owner": None}, "owner"),
            ("waive", {"owner": ""}, "owner"),
            ("waive", {"approver": "nobody"}, "approver"),
            ("waive", {"approver": "bob"}, "approver"),
            ("waive", {"until": IN_SPRING}, "until"),
            ("override", {"reason": ""}, "reason"),
            ("override", {"until": IN_SPRING}, "until"),
            ("assign", {"owner": "nobody"}, "owner"),
            ("assign", {"owner": 3}, "owner"),
        ],
        ids=str,
    )
    def test_a_fault_names_its_field(
        self,
        cast: Cast,
        flag: Flag,
        caller: CallerOf,
        what: str,
        said: dict[str, Any],
        field: str,
    ) -> None:
        dora = caller(cast.dora)
        before = Change.objects.count()

        answer = dora.post(address(flag, what), {**BODIES[what], **said})

        assert answer.status_code == 400
        assert set(faults(answer)) == {field}
        assert Change.objects.count() == before
        assert not Cover.objects.exists()

    @pytest.mark.parametrize("what", list(BODIES))
    def test_what_is_left_out_is_named(
        self, cast: Cast, flag: Flag, caller: CallerOf, what: str
    ) -> None:
        answer = caller(cast.alice).post(address(flag, what), {})

        assert answer.status_code == 400
        assert set(faults(answer)) == set(BODIES[what])

    @pytest.mark.parametrize("day", BAD_DAYS)
    def test_what_is_no_day_of_the_register_is_refused(
        self, cast: Cast, flag: Flag, caller: CallerOf, day: str
    ) -> None:
        answer = caller(cast.alice).post(
            address(flag, "snooze"), {**SNOOZE, "until": day}
        )

        assert answer.status_code == 400
        assert set(faults(answer)) == {"until"}

    def test_a_lead_names_no_other_approver(
        self, cast: Cast, flag: Flag, caller: CallerOf
    ) -> None:
        answer = caller(cast.alice).post(
            address(flag, "waive"), {**WAIVE, "approver": "dora"}
        )

        assert answer.status_code == 403

    def test_the_clock_is_not_overridden(self, cast: Cast, caller: CallerOf) -> None:
        answer = caller(cast.alice).post(address(overdue(cast), "override"), OVERRIDE)

        assert answer.status_code == 400
        assert "because of its day" in answer.json()["detail"]

    def test_a_closed_flag_is_a_conflict(self, cast: Cast, caller: CallerOf) -> None:
        flag = overdue(cast)
        evaluated(Solution.objects.get())

        answer = caller(cast.alice).post(address(flag, "snooze"), SNOOZE)

        assert answer.status_code == 409

    @pytest.mark.parametrize("what", list(BODIES))
    def test_nothing_else_is_done_there(
        self, cast: Cast, flag: Flag, caller: CallerOf, what: str
    ) -> None:
        assert caller(cast.alice).get(address(flag, what)).status_code == 405


class TestWaivers:
    @pytest.fixture
    def waiver(self, cast: Cast, flag: Flag) -> Cover:
        return waived(
            flag,
            cast.bob,
            date.fromisoformat(IN_SPRING),
            actor=cast.actor(cast.alice),
        )

    def test_a_waiver_is_shown_with_its_flag(
        self, cast: Cast, flag: Flag, waiver: Cover, caller: CallerOf
    ) -> None:
        frank = caller(cast.frank)

        one = frank.get(f"{WAIVERS}{waiver.pk}/").json()

        assert frank.get(WAIVERS).json()["results"] == [one]
        assert one == {
            "id": waiver.pk,
            "kind": "waiver",
            "reason": "It goes in spring.",
            "until": IN_SPRING,
            "owner": "bob",
            "owner_name": "Bob",
            "approver": "alice",
            "approver_name": "Alice",
            "made_by": "Alice",
            "made_at": one["made_at"],
            "status": "active",
            "flag": flag.pk,
            "cause": "unmaintained",
            "action": "review",
            "solution": "django",
            "solution_name": "Django",
            "team": "platform",
            "ended_at": None,
            "ended_because": "",
            "ended_by": "",
        }

    def test_what_ends_next_comes_first(self, cast: Cast, caller: CallerOf) -> None:
        days = [90, 20, 300, 20]
        for number, each in enumerate(days):
            waived(
                questioned(cast, name=f"Package{number}"),
                cast.bob,
                TODAY + timedelta(days=each),
            )
        bob = caller(cast.bob)

        first = bob.get(f"{WAIVERS}?page_size=2").json()
        second = bob.get(first["next"]).json()

        names = [row["solution"] for row in first["results"] + second["results"]]
        assert names == ["package1", "package3", "package0", "package2"]
        assert second["next"] is None

    def test_the_filters_find_what_they_say(
        self, cast: Cast, waiver: Cover, caller: CallerOf
    ) -> None:
        over = revoked(waived(overdue(cast, "Celery"), cast.eve))
        passed = waived(
            overdue(cast, "Redis"), cast.eve, TODAY, on=TODAY - timedelta(days=9)
        )
        snoozed(overdue(cast, "Flask"))

        def found(query: str) -> set[int]:
            answer = caller(cast.bob).get(f"{WAIVERS}?{query}")
            return {row["id"] for row in answer.json()["results"]}

        assert found("") == {waiver.pk, over.pk, passed.pk}
        assert found("status=active") == {waiver.pk}
        assert found("status=ended") == {over.pk, passed.pk}
        assert found("owner=bob") == {waiver.pk}
        assert found("owner=none") == found("owner=nobody") == set()
        assert found("team=platform&status=active") == {waiver.pk}
        assert found("team=data") == found("team=none") == set()
        assert found("solution=celery") == {over.pk}

    @pytest.mark.parametrize(
        "query", ["status=open", "kind=snooze", "owner=", "ordering=owner", "x=1"]
    )
    def test_what_no_filter_knows_is_refused(
        self, cast: Cast, caller: CallerOf, query: str
    ) -> None:
        assert caller(cast.bob).get(f"{WAIVERS}?{query}").status_code == 400

    def test_a_lead_revokes_one(
        self, cast: Cast, flag: Flag, waiver: Cover, caller: CallerOf
    ) -> None:
        alice = caller(cast.alice)

        answer = alice.post(f"{WAIVERS}{waiver.pk}/revoke/", {"reason": "We moved."})

        assert answer.status_code == 200
        shown = answer.json()
        assert (shown["status"], shown["ended_because"]) == ("ended", "revoked")
        assert shown["ended_by"] == "Alice"
        assert alice.get(address(flag)).json()["status"] == "open"
        again = alice.post(f"{WAIVERS}{waiver.pk}/revoke/", {"reason": "We moved."})
        assert again.status_code == 409

    @pytest.mark.parametrize("name", ["bob", "eve"])
    def test_nobody_else_does(
        self, cast: Cast, waiver: Cover, caller: CallerOf, name: str
    ) -> None:
        path = f"{WAIVERS}{waiver.pk}/revoke/"

        answer = caller(getattr(cast, name)).post(path, {"reason": "No."})

        assert answer.status_code == 403
        assert Cover.objects.active().count() == 1

    def test_a_snooze_is_no_waiver(self, cast: Cast, caller: CallerOf) -> None:
        cover = snoozed(overdue(cast))
        alice = caller(cast.alice)

        assert alice.get(f"{WAIVERS}{cover.pk}/").status_code == 404
        assert (
            alice.post(f"{WAIVERS}{cover.pk}/revoke/", {"reason": "No."}).status_code
            == 404
        )
        assert alice.get(f"{WAIVERS}{HUGE}/").status_code == 404

    def test_the_solutions_history_tells_of_it(
        self, cast: Cast, waiver: Cover, caller: CallerOf
    ) -> None:
        lines = caller(cast.bob).get(f"{SOLUTIONS}django/history/").json()["results"]

        assert "waived" in [line["what"] for line in lines]
