"""Who is asked about open flags now, and what it costs to find out."""

import random
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Flag, Membership, ReviewPolicy, Solution, Tag, Team, User
from reviews.queries.escalation import Climb, climbs, climbs_of_solutions
from reviews.queries.flags import find_flag
from reviews.rules.access import Role
from reviews.rules.escalation import Level, patience_for
from reviews.rules.vocabulary import Criticality, Kind
from reviews.services.covers import snooze_flag, waive_flag
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.services.building import OPERATOR, registered, scanned

WEEK = timedelta(7)


def due(
    solution: Solution, on: date = TODAY, opened_at: datetime | None = None
) -> Flag:
    return flagged(
        solution,
        cause="review_due",
        action="review",
        reason="",
        severity="",
        due_on=on,
        opened_at=opened_at or NOW - (TODAY - on),
    )


def climb(flag: Flag, on: date = TODAY) -> Climb:
    return climbs(Flag.objects.filter(pk=flag.pk), today=on)[flag.pk]


def asked(flag: Flag, on: date = TODAY) -> tuple[Level, list[str]]:
    found = climb(flag, on)
    return found.level, [person.username for person in found.asked]


def lead(user: User, team: Team) -> None:
    Membership.objects.update_or_create(
        user=user, team=team, defaults={"role": Role.LEAD.value}
    )


@pytest.fixture
def flag(cast: Cast) -> Flag:
    """A flag of Bob's, due today."""
    return due(registered("Django", team=cast.platform, owner_id=cast.bob.pk))


def test_the_owner_is_asked_first(flag: Flag) -> None:
    assert asked(flag) == (Level.OWNER, ["bob"])
    assert climb(flag).words == (
        "Asked since 2026-11-22: Bob (the owner). "
        "Climbs to the team's lead on 2026-11-29."
    )


def test_then_the_teams_leads(cast: Cast, flag: Flag) -> None:
    lead(cast.frank, cast.platform)

    assert asked(flag, TODAY + WEEK) == (Level.LEAD, ["alice", "frank"])


def test_then_the_leads_of_the_team_that_it_is_part_of(cast: Cast, flag: Flag) -> None:
    cast.platform.parent = cast.data
    cast.platform.save()
    lead(cast.eve, cast.data)

    assert asked(flag, TODAY + 4 * WEEK) == (Level.HEAD, ["eve"])
    assert climb(flag, TODAY + 4 * WEEK).words == (
        "Asked since 2026-12-20: Eve (the leads' lead)."
    )


@pytest.mark.parametrize("with_parent", [True, False])
def test_without_a_leads_lead_the_administrators(
    cast: Cast, flag: Flag, with_parent: bool
) -> None:
    cast.platform.parent = cast.data if with_parent else None
    cast.platform.save()

    assert asked(flag, TODAY + 4 * WEEK) == (Level.HEAD, ["dora"])
    assert "as there is no leads' lead" in climb(flag, TODAY + 4 * WEEK).words


def test_nobody_asks_an_owner_who_left(cast: Cast, flag: Flag) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)

    assert asked(flag) == (Level.LEAD, ["alice"])


def test_without_an_owner_the_lead_is_asked_at_once(cast: Cast) -> None:
    assert asked(due(registered("Django", team=cast.platform))) == (
        Level.LEAD,
        ["alice"],
    )


def test_a_lead_who_left_is_passed_over(cast: Cast, flag: Flag) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)

    assert asked(flag, TODAY + WEEK) == (Level.HEAD, ["dora"])


def test_what_no_team_owns_goes_to_the_administrators(cast: Cast) -> None:
    assert asked(due(registered("Loose"))) == (Level.HEAD, ["dora"])


def test_an_engineer_is_no_lead(cast: Cast) -> None:
    of_data = due(registered("dbt", team=cast.data, owner_id=cast.bob.pk))

    assert asked(of_data, TODAY + WEEK) == (Level.HEAD, ["dora"])


def test_what_is_closed_is_asked_of_nobody(flag: Flag) -> None:
    Flag.objects.filter(pk=flag.pk).update(closed_at=NOW, closed_because="withdrawn")

    assert climbs(Flag.objects.all(), today=TODAY) == {}


def test_what_is_covered_is_asked_of_nobody_until_its_day(
    cast: Cast, flag: Flag
) -> None:
    until = TODAY + timedelta(20)
    snooze_flag(
        flag_id=flag.pk,
        until=until,
        reason="Later.",
        actor=OPERATOR,
        today=TODAY,
        now=NOW,
    )

    assert climbs(Flag.objects.all(), today=until - timedelta(1)) == {}
    # A snooze accepts nothing: the days have gone on.
    assert asked(flag, until) == (Level.LEAD, ["alice"])


def test_an_override_is_asked_of_nobody(cast: Cast) -> None:
    flag = flagged(registered("Django", team=cast.platform, owner_id=cast.bob.pk))
    Flag.objects.filter(pk=flag.pk).update(
        covered_by="override", covered_until=date.max
    )

    assert climbs(Flag.objects.all(), today=TODAY + 50 * WEEK) == {}


@pytest.mark.parametrize("is_scanned", [True, False], ids=["scanned", "not scanned"])
def test_what_was_waived_until_a_day_begins_anew_with_the_owner(
    cast: Cast, flag: Flag, is_scanned: bool
) -> None:
    until = TODAY + timedelta(60)
    waive_flag(
        flag_id=flag.pk,
        owner_id=cast.bob.pk,
        reason="Known.",
        until=until,
        actor=OPERATOR,
        today=TODAY,
        now=NOW,
    )
    if is_scanned:
        scanned(until, NOW + timedelta(60))

    assert asked(flag, until) == (Level.OWNER, ["bob"])
    assert climb(flag, until).rung.since == until
    assert asked(flag, until + WEEK) == (Level.LEAD, ["alice"])


def test_a_policy_sets_the_days(cast: Cast, flag: Flag) -> None:
    ReviewPolicy.objects.create(
        months=6, kind="package", lead_after_days=2, head_after_days=3
    )

    assert asked(flag, TODAY + timedelta(2))[0] is Level.LEAD
    assert asked(flag, TODAY + timedelta(5))[0] is Level.HEAD


def test_the_database_finds_the_patience_that_the_rule_finds(cast: Cast) -> None:
    chance = random.Random(7)
    tags = [Tag.objects.create(name=name) for name in ("web", "ml", "core")]
    for kind in ("", *Kind):
        for criticality in ("", *Criticality):
            for tag in (None, *tags):
                if chance.random() < 0.4:
                    ReviewPolicy.objects.create(
                        months=6,
                        kind=kind,
                        criticality=criticality,
                        tag=tag,
                        lead_after_days=chance.choice([None, 0, 3, 9, 20]),
                        head_after_days=chance.choice([None, 0, 4, 30, 90]),
                    )
    scopes = [row.scope() for row in ReviewPolicy.objects.select_related("tag")]
    for number in range(40):
        solution = registered(
            f"Part {number}",
            kind=chance.choice(list(Kind)),
            criticality=chance.choice(list(Criticality)),
            tags=[tag.name for tag in tags if chance.random() < 0.4],
            team=cast.platform,
            owner_id=cast.bob.pk,
        )
        flag = due(solution)

        row = find_flag(flag.pk)

        assert row is not None
        patience = patience_for(
            Kind(solution.kind),
            Criticality(solution.criticality),
            frozenset(solution.tags.values_list("name", flat=True)),
            scopes,
        )
        climbing = row.climbing
        for found, wanted in (
            (climbing.lead_after_days, patience.lead_after_days),
            (climbing.head_after_days, patience.head_after_days),
        ):
            assert found == wanted or (found is None and wanted in (7, 21))


def test_many_flags_cost_as_much_as_one(cast: Cast) -> None:
    def add(number: int) -> None:
        for team, owner in ((cast.platform, cast.bob), (None, None)):
            solution = registered(
                f"Part {number} {team}",
                team=team,
                owner_id=owner.pk if owner else None,
                kind=Kind.BUILT,
            )
            due(solution, TODAY - 2 * WEEK)

    add(0)
    with CaptureQueriesContext(connection) as few:
        climbs(Flag.objects.all(), today=TODAY)
    for number in range(1, 15):
        add(number)

    with CaptureQueriesContext(connection) as many:
        found = climbs(Flag.objects.all(), today=TODAY)

    assert len(found) == 30
    assert len(few) == len(many) <= 3


def test_of_a_solutions_flags_the_one_that_climbed_furthest_counts(cast: Cast) -> None:
    django = registered("Django", team=cast.platform, owner_id=cast.bob.pk)
    due(django)
    flagged(django, due_on=TODAY - 2 * WEEK, opened_at=NOW - 2 * WEEK)
    flask = registered("Flask", team=cast.platform, owner_id=cast.bob.pk)

    found = climbs_of_solutions([django.pk, flask.pk], today=TODAY)

    assert {id: each.level for id, each in found.items()} == {django.pk: Level.LEAD}
