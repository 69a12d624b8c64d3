"""Snoozes, waivers and overrides for the tests: made through the services."""

from datetime import date, timedelta

from reviews.models import Cover, Flag, User
from reviews.rules.access import Actor
from reviews.rules.signals import Fact, Severity, SignalKind
from reviews.rules.vocabulary import Scheme
from reviews.services.covers import (
    override_flag,
    revoke_cover,
    snooze_flag,
    waive_flag,
)
from tests.conftest import TODAY, Cast
from tests.services.building import OPERATOR, evaluated, judged, registered
from tests.services.evidence.sources import at, collected, fact, open_flags, pypi

INACTIVE = fact(SignalKind.INACTIVE_CLASSIFIER, "Development Status :: 7 - Inactive")
IN_A_WEEK = TODAY + timedelta(days=7)


def flaw(severity: Severity = Severity.MEDIUM, **more: object) -> Fact:
    return fact(
        SignalKind.VULNERABILITY,
        "A flaw",
        **{"subject": "CVE-2026-1", "severity": severity, "fixed_in": "4.2.9"} | more,
    )


def questioned(cast: Cast, *facts: Fact, name: str = "Django") -> Flag:
    """Return a flag that evidence has opened, of a package that Platform adopted."""
    solution = registered(
        name,
        team=cast.platform,
        identifiers=((Scheme.PURL, f"pkg:pypi/{name.lower()}"),),
        version="4.2",
    )
    evaluated(solution)
    collected(solution, pypi(*(facts or (INACTIVE,))))
    return open_flags(solution)[0]


def overdue(cast: Cast, name: str = "Django") -> Flag:
    """Return a flag that the clock has opened, of a package of Platform."""
    evaluated(
        solution := registered(name, team=cast.platform, on=date(2026, 1, 1)),
        judged(on=date(2026, 5, 1)),
    )
    return open_flags(solution)[0]


def snoozed(
    flag: Flag,
    until: date = IN_A_WEEK,
    *,
    actor: Actor = OPERATOR,
    reason: str = "Next week.",
    on: date = TODAY,
) -> Cover:
    return snooze_flag(
        flag_id=flag.pk,
        until=until,
        reason=reason,
        actor=actor,
        today=on,
        now=at(on),
    )


def waived(
    flag: Flag,
    owner: User,
    until: date = TODAY + timedelta(days=90),
    *,
    actor: Actor = OPERATOR,
    reason: str = "It goes in spring.",
    approver: User | None = None,
    on: date = TODAY,
) -> Cover:
    return waive_flag(
        flag_id=flag.pk,
        owner_id=owner.pk,
        reason=reason,
        until=until,
        approver_id=approver.pk if approver else None,
        actor=actor,
        today=on,
        now=at(on),
    )


def overridden(
    flag: Flag,
    *,
    actor: Actor = OPERATOR,
    reason: str = "That is another package.",
    on: date = TODAY,
) -> Cover:
    return override_flag(
        flag_id=flag.pk, reason=reason, actor=actor, today=on, now=at(on)
    )


def revoked(
    cover: Cover,
    *,
    actor: Actor = OPERATOR,
    reason: str = "It no longer holds.",
    on: date = TODAY,
) -> Cover:
    return revoke_cover(
        cover_id=cover.pk, reason=reason, actor=actor, today=on, now=at(on)
    )
