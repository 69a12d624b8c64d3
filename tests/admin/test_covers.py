"""Snoozing, waiving and overriding on the staff pages, and the list of what covers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews.models import Cover, Flag
from tests.admin.conftest import signed_in
from tests.conftest import TODAY, Cast
from tests.services.covering import overdue, overridden, questioned, snoozed, waived

FLAGS = reverse("admin:reviews_flag_changelist")
COVERS = reverse("admin:reviews_cover_changelist")
IN_A_WEEK = TODAY + timedelta(days=7)
SNOOZE = {"until": str(IN_A_WEEK), "reason": "Next week."}

pytestmark = pytest.mark.django_db


@pytest.fixture
def flag(cast: Cast) -> Flag:
    return questioned(cast)


def act(
    client: Client, action: str, *flags: Flag, take: bool = False, **said: Any
) -> Any:
    form = {"action": action, "_selected_action": [flag.pk for flag in flags], **said}
    if take:
        form["take"] = "yes"
    return client.post(f"{FLAGS}?status=all", form, follow=True)


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def shown(client: Client, path: str) -> list[Any]:
    answer = client.get(path)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


class TestDeciding:
    def test_a_preview_says_what_will_happen_and_changes_nothing(
        self, cast: Cast, flag: Flag
    ) -> None:
        other = overdue(cast, "Celery")
        waived(other, cast.bob)

        page = act(signed_in(cast.alice), "snooze", flag, other).content.decode()

        assert "1 of 2 can be done by you" in page
        assert f"waived until {TODAY + timedelta(days=90)} by test" in page
        assert "a snooze would say less" in page
        assert Cover.objects.count() == 1

    def test_flags_are_snoozed_together(self, cast: Cast, flag: Flag) -> None:
        other = overdue(cast, "Celery")

        answer = act(signed_in(cast.alice), "snooze", flag, other, take=True, **SNOOZE)

        assert told(answer) == ["Flags snoozed: 2."]
        assert {cover.until for cover in Cover.objects.all()} == {IN_A_WEEK}
        assert {cover.made_by for cover in Cover.objects.all()} == {cast.alice}

    def test_a_waiver_has_its_owner_and_the_lead_as_approver(
        self, cast: Cast, flag: Flag
    ) -> None:
        alice = signed_in(cast.alice)
        assert "Approver" not in act(alice, "waive", flag).content.decode()

        act(alice, "waive", flag, take=True, owner=cast.bob.pk, **SNOOZE)

        cover = Cover.objects.get()
        assert (cover.kind, cover.owner) == ("waiver", cast.bob)
        assert cover.approver == cast.alice

    def test_an_administrator_names_the_approver(self, cast: Cast, flag: Flag) -> None:
        who = {"owner": cast.bob.pk, "approver": cast.alice.pk}

        act(signed_in(cast.dora), "waive", flag, take=True, **who, **SNOOZE)

        assert Cover.objects.get().approver == cast.alice

    def test_an_override_is_of_evidence_alone(self, cast: Cast, flag: Flag) -> None:
        clock = overdue(cast, "Celery")

        answer = act(
            signed_in(cast.alice),
            "override",
            flag,
            clock,
            take=True,
            reason="Another package.",
        )

        assert told(answer)[0] == "Flags overridden: 1."
        assert "because of its day" in told(answer)[1]
        assert Cover.objects.get().flag == flag

    def test_what_covers_is_ended(self, cast: Cast, flag: Flag) -> None:
        cover = waived(flag, cast.bob)

        answer = act(
            signed_in(cast.alice), "end_cover", flag, take=True, reason="We moved."
        )

        cover.refresh_from_db()
        assert told(answer) == ["Flags that are asked again: 1."]
        assert cover.ended_because == "revoked"

    @pytest.mark.parametrize(
        "said",
        [
            {"until": str(TODAY)},
            {"until": str(TODAY + timedelta(days=31))},
            {"until": "soon"},
            {"reason": ""},
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_on_the_form(
        self, cast: Cast, flag: Flag, said: dict[str, str]
    ) -> None:
        answer = act(signed_in(cast.alice), "snooze", flag, take=True, **SNOOZE | said)

        assert set(answer.context["form"].errors) == set(said)
        assert not Cover.objects.exists()

    def test_a_lead_of_another_team_is_refused(self, cast: Cast, flag: Flag) -> None:
        cast.data.memberships.update(role="lead")

        answer = act(signed_in(cast.eve), "snooze", flag, take=True, **SNOOZE)

        assert "takes the role lead" in told(answer)[0]
        assert not Cover.objects.exists()

    def test_who_leads_nothing_is_offered_nothing(self, cast: Cast, flag: Flag) -> None:
        bob = signed_in(cast.bob)

        act(bob, "snooze", flag, take=True, **SNOOZE)

        assert not Cover.objects.exists()
        assert 'name="action"' not in bob.get(FLAGS).content.decode()


class TestTheFlags:
    def test_say_who_covers_them_and_until_when(self, cast: Cast, flag: Flag) -> None:
        snoozed(flag, IN_A_WEEK, actor=cast.actor(cast.alice))
        bob = signed_in(cast.bob)

        for path in (FLAGS, reverse("admin:reviews_flag_change", args=[flag.pk])):
            assert (
                f"snoozed until {IN_A_WEEK} by Alice" in bob.get(path).content.decode()
            )

    def test_narrow_to_what_is_asked_and_what_is_not(self, cast: Cast) -> None:
        names = ["Asked", "Snoozed", "Waived", "Overridden", "Passed"]
        flags = [questioned(cast, name=name) for name in names]
        snoozed(flags[1])
        waived(flags[2], cast.bob)
        overridden(flags[3])
        snoozed(flags[4], TODAY, on=TODAY - timedelta(days=1))
        bob = signed_in(cast.bob)

        def found(query: str) -> list[str]:
            rows = shown(bob, f"{FLAGS}?{query}")
            return sorted(flag.solution.name for flag in rows)

        assert found("") == sorted(names)
        assert found("status=asked") == ["Asked", "Passed"]
        assert found("status=snoozed") == ["Snoozed"]
        assert found("status=waived") == ["Waived"]
        assert found("status=overridden") == ["Overridden"]
        assert found("status=closed") == []
        assert found("status=asked&overdue=no") == ["Asked", "Passed"]

    def test_take_as_many_queries_covered_as_not(self, cast: Cast, flag: Flag) -> None:
        client = signed_in(cast.bob)
        with CaptureQueriesContext(connection) as few:
            client.get(FLAGS)
        for number in range(6):
            snoozed(overdue(cast, f"Part {number}"))

        with CaptureQueriesContext(connection) as many:
            client.get(FLAGS)

        assert len(few) == len(many) <= 12


class TestTheList:
    def test_shows_what_ends_next_first(self, cast: Cast) -> None:
        late = waived(overdue(cast, "Celery"), cast.bob)
        never = overridden(questioned(cast, name="Redis"))
        soon = snoozed(overdue(cast, "Flask"))

        bob = signed_in(cast.bob)

        assert shown(bob, COVERS) == [soon, late, never]
        assert "when its facts change" in bob.get(COVERS).content.decode()

    def test_narrows(self, cast: Cast, flag: Flag) -> None:
        snooze = snoozed(overdue(cast, "Celery"))
        passed = snoozed(overdue(cast, "Flask"), TODAY, on=TODAY - timedelta(days=1))
        waiver = waived(flag, cast.bob)
        bob = signed_in(cast.bob)

        def found(query: str) -> set[Cover]:
            return set(shown(bob, f"{COVERS}?{query}"))

        assert found("") == {snooze, waiver}
        assert found("status=ended") == {passed}
        assert found("status=all") == {snooze, waiver, passed}
        assert found("kind=waiver") == {waiver}
        assert found(f"team={cast.platform.pk}") == {snooze, waiver}
        assert found("team=none") == set()
        assert found("q=celery") == {snooze}

    @pytest.mark.parametrize("query", ["status=x", "kind=x", "owner__password=a"])
    def test_takes_nothing_that_it_does_not_offer(
        self, cast: Cast, flag: Flag, query: str
    ) -> None:
        assert signed_in(cast.bob).get(f"{COVERS}?{query}").status_code == 400

    @pytest.mark.parametrize("name", ["bob", "alice", "dora"])
    def test_is_to_be_read_alone(self, cast: Cast, flag: Flag, name: str) -> None:
        cover = overridden(flag)
        client = signed_in(getattr(cast, name))
        page = reverse("admin:reviews_cover_change", args=[cover.pk])

        answer = client.get(page)

        assert "Development Status :: 7 - Inactive" in answer.content.decode()
        posted = [
            client.post(page, {"reason": "Other."}).status_code,
            client.post(reverse("admin:reviews_cover_add"), {}).status_code,
            client.post(
                reverse("admin:reviews_cover_delete", args=[cover.pk]), {"post": "y"}
            ).status_code,
        ]
        assert posted == [403, 403, 403]

    def test_names_people_by_what_they_do(self, cast: Cast, flag: Flag) -> None:
        waived(flag, cast.bob)

        page = signed_in(cast.alice).get(COVERS).content.decode()

        for title in ("Owner", "Approved by", "Made by"):
            assert title in page
        assert "by name" not in page.lower()
        assert "owner name" not in page.lower()
        assert '<a href="/queue/">Queue</a> /' in page
