"""The audit trail on the staff pages."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from reviews.models import Change, Solution, Team, User
from reviews.services.covers import snooze_flag
from reviews.services.solutions import delete_solution
from tests.admin.conftest import evaluated, signed_in
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged

TRAIL = reverse("admin:reviews_change_changelist")


def history(subject: Solution | Team | User) -> str:
    name = subject._meta.model_name
    return reverse(f"admin:reviews_{name}_history", args=[subject.pk])


def test_a_history_says_who_did_what_when_and_through_which_door(
    cast: Cast, django: Solution
) -> None:
    client = signed_in(cast.alice)
    client.post(
        reverse("admin:reviews_solution_changelist"),
        {
            "action": "change_criticality",
            "_selected_action": django.pk,
            "take": "yes",
            "criticality": "critical",
        },
    )

    page = client.get(history(django)).content.decode()

    assert "<td>Alice</td>" in page
    assert "<td>edited</td>" in page
    assert "<td>admin</td>" in page
    assert "criticality: medium → critical" in page
    assert "<td>registered</td>" in page
    assert "team: nothing → Platform" in page
    assert "owner: nothing → Bob" in page


def test_an_evaluations_history_tells_of_it_alone(cast: Cast, django: Solution) -> None:
    evaluation = evaluated(cast, django, by=cast.bob)
    address = reverse("admin:reviews_evaluation_history", args=[evaluation.pk])

    page = signed_in(cast.eve).get(address).content.decode()

    assert "<td>evaluated</td>" in page
    assert "<td>registered</td>" not in page


def test_what_is_in_a_history_comes_out_as_typed(cast: Cast, django: Solution) -> None:
    Change.objects.create(
        at=NOW,
        actor="<b>x</b>",
        door="<script>alert(1)</script>",
        object_kind="solution",
        object_id=django.pk,
        object_label="x",
        what="edited",
        details={"name": ["<img src=x onerror=alert(1)>", "y"]},
    )

    page = signed_in(cast.eve).get(history(django)).content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_a_persons_history_is_for_administrators(cast: Cast, name: str) -> None:
    client = signed_in(getattr(cast, name))

    assert client.get(history(cast.dora)).status_code == 403
    assert signed_in(cast.dora).get(history(cast.bob)).status_code == 200


@pytest.mark.parametrize("name", ["charlie", "frank"])
def test_a_viewer_reads_no_history_here(
    cast: Cast, django: Solution, name: str
) -> None:
    assert signed_in(getattr(cast, name)).get(history(django)).status_code == 403


def test_the_trail_outlives_what_it_tells_of(cast: Cast, django: Solution) -> None:
    delete_solution(solution_id=django.pk, actor=cast.actor(cast.dora), now=NOW)

    page = signed_in(cast.dora).get(f"{TRAIL}?of=solution&q=django").content.decode()

    assert "deleted" in page


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_the_whole_trail_is_for_administrators(
    cast: Cast, django: Solution, name: str
) -> None:
    change = Change.objects.first()
    assert change is not None
    client = signed_in(getattr(cast, name))
    page = reverse("admin:reviews_change_change", args=[change.pk])

    assert client.get(TRAIL).status_code == 403
    assert client.get(page).status_code == 403


def test_nobody_changes_the_trail(cast: Cast, django: Solution) -> None:
    change = Change.objects.first()
    assert change is not None
    client = signed_in(cast.dora)
    page = reverse("admin:reviews_change_change", args=[change.pk])
    delete = reverse("admin:reviews_change_delete", args=[change.pk])
    assert client.get(page).status_code == 200

    answers = [
        client.post(page, {"actor": "nobody"}).status_code,
        client.post(delete, {"post": "yes"}).status_code,
        client.post(reverse("admin:reviews_change_add"), {}).status_code,
    ]

    assert answers == [403, 403, 403]


def test_the_admins_own_log_is_left_empty(cast: Cast, django: Solution) -> None:
    signed_in(cast.dora).post(
        reverse("admin:reviews_team_add"), {"name": "Search", "slug": "search"}
    )

    assert not LogEntry.objects.exists()


def test_a_flags_history_tells_of_it_alone_and_by_its_name(
    cast: Cast, django: Solution
) -> None:
    more = {"cause": "review_due", "action": "review", "reason": "", "severity": ""}
    due = flagged(django, **more)
    decayed = flagged(django, **more | {"cause": "trust_decayed"})
    covers = [
        snooze_flag(
            flag_id=flag.pk,
            until=TODAY + timedelta(5),
            reason=f"Not {flag.cause}.",
            actor=cast.actor(cast.alice),
            today=TODAY,
            now=NOW,
        )
        for flag in (due, decayed)
    ]
    client = signed_in(cast.eve)

    of_flag = client.get(
        reverse("admin:reviews_flag_history", args=[due.pk])
    ).content.decode()
    of_cover = client.get(
        reverse("admin:reviews_cover_history", args=[covers[1].pk])
    ).content.decode()

    assert "<td>snoozed</td>" in of_flag
    assert f"flag: {due.get_cause_display()}" in of_flag
    assert "Not review_due." in of_flag
    assert "Not trust_decayed." not in of_flag
    assert "registered" not in of_flag
    assert "Not trust_decayed." in of_cover
    assert "Not review_due." not in of_cover


def test_the_evaluation_that_closed_a_flag_stands_in_its_history(
    cast: Cast, django: Solution
) -> None:
    flag = flagged(django, cause="review_due", action="review", reason="", severity="")
    evaluated(cast, django, by=cast.bob)
    flag.refresh_from_db()
    assert flag.closed_by is not None

    page = (
        signed_in(cast.eve)
        .get(reverse("admin:reviews_flag_history", args=[flag.pk]))
        .content.decode()
    )

    assert "<td>evaluated</td>" in page
    assert "adopt on 2026-11-22 by Bob" in page
