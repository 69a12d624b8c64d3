"""Who is asked about a flag, as the API tells it."""

from datetime import date, timedelta
from typing import Any

import pytest

from reviews.models import Cover, Flag, User
from tests.api.conftest import FLAGS, Caller
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.services.building import registered


def due(cast: Cast, on: date, owner: User | None) -> Flag:
    return flagged(
        registered("Django", team=cast.platform, owner_id=owner.pk if owner else None),
        cause="review_due",
        action="review",
        reason="",
        severity="",
        due_on=on,
        opened_at=NOW - (TODAY - on),
    )


def listed(caller: Caller) -> Any:
    [row] = caller.get(FLAGS).json()["results"]
    return row["escalation"]


def shown(caller: Caller, flag: Flag) -> Any:
    return caller.get(f"{FLAGS}{flag.pk}/").json()["escalation"]


def test_a_flag_tells_who_is_asked_and_until_when(cast: Cast, bob: Caller) -> None:
    flag = due(cast, TODAY, cast.bob)

    level = {"level": "owner", "since": "2026-11-22", "next_on": "2026-11-29"}
    assert listed(bob) == level
    assert shown(bob, flag) == {**level, "asked": ["bob"]}


def test_a_flag_that_nobody_answered_has_climbed(cast: Cast, bob: Caller) -> None:
    flag = due(cast, TODAY - timedelta(8), cast.bob)

    assert shown(bob, flag) == {
        "level": "lead",
        "since": "2026-11-21",
        "next_on": "2026-12-12",
        "asked": ["alice"],
    }


def test_at_the_top_it_climbs_no_further(cast: Cast, bob: Caller) -> None:
    flag = due(cast, TODAY - timedelta(40), cast.bob)

    assert shown(bob, flag) == {
        "level": "head",
        "since": "2026-11-10",
        "next_on": None,
        "asked": ["dora"],
    }


@pytest.mark.parametrize("state", ["closed", "covered"])
def test_nobody_is_asked_about_what_is_closed_or_covered(
    cast: Cast, bob: Caller, state: str
) -> None:
    flag = due(cast, TODAY - timedelta(40), cast.bob)
    if state == "closed":
        Flag.objects.update(closed_at=NOW, closed_because="withdrawn")
    else:
        until = TODAY + timedelta(3)
        Cover.objects.create(
            kind="snooze",
            flag=flag,
            reason="Later.",
            until=until,
            made_by_name="Alice",
            made_at=NOW,
            action=flag.action,
        )
        Flag.objects.update(covered_by="snooze", covered_until=until)

    assert listed(bob) is None
    assert shown(bob, flag) is None
