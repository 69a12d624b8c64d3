"""Who reviewed how much lately: full reviews apart from what was only said again."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, Q
from django.utils import timezone

from reviews.models import Cover, Evaluation, Team, User
from reviews.rules.vocabulary import CoverKind

_IN_EFFECT = Q(is_proposal=False) | Q(decision__approved=True)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """
    What somebody did, or what was done for a team's solutions.

    `id` and `name` are the person's or the team's. `full` counts the evaluations that
    were no re-affirmation; a proposal counts once it is approved.
    """

    id: int
    name: str
    full: int
    reaffirmed: int
    snoozes: int


def reviewers_since(
    since: date, *, of: Collection[int] | None = None
) -> tuple[Reviewed, ...]:
    """
    Return what each person did from a day on, the most full reviews first.

    Who did nothing is left out, and so is what nobody with an account did. `of` asks for
    some people alone, by their numbers, and costs what those did.
    """
    counted = _counted(since, "author_id", "made_by_id", of)
    people = User.objects.filter(pk__in=counted).in_bulk()
    return _ranked(
        Reviewed(id, people[id].get_full_name() or people[id].username, *counts)
        for id, counts in counted.items()
        if id in people
    )


def teams_since(since: date) -> tuple[Reviewed, ...]:
    """
    Return what was done for the solutions of each team, as `reviewers_since` does.

    What no team owns is left out.
    """
    counted = _counted(since, "solution__team_id", "flag__solution__team_id")
    teams = Team.objects.filter(pk__in=counted).in_bulk()
    return _ranked(
        Reviewed(id, teams[id].name, *counts)
        for id, counts in counted.items()
        if id in teams
    )


def _counted(
    since: date,
    of_evaluation: str,
    of_cover: str,
    ids: Collection[int] | None = None,
) -> dict[int, tuple[int, int, int]]:
    """Return full reviews, re-affirmations and snoozes, by one column of each table."""
    evaluated, made = Q(), Q()
    if ids is not None:
        evaluated, made = Q((f"{of_evaluation}__in", ids)), Q((f"{of_cover}__in", ids))
    reviews = {
        id: (full, reaffirmed)
        for id, full, reaffirmed in Evaluation.objects.filter(
            evaluated, recorded_on__gte=since
        )
        .values(of_evaluation)
        .annotate(
            full=Count("pk", filter=Q(reaffirms=None) & _IN_EFFECT),
            reaffirmed=Count("pk", filter=Q(reaffirms__isnull=False)),
        )
        .values_list(of_evaluation, "full", "reaffirmed")
        if id is not None
    }
    midnight = timezone.make_aware(datetime.combine(since, time.min))
    snoozes = {
        id: count
        for id, count in Cover.objects.filter(
            made, kind=CoverKind.SNOOZE.value, made_at__gte=midnight
        )
        .values(of_cover)
        .annotate(count=Count("pk"))
        .values_list(of_cover, "count")
        if id is not None
    }
    return {
        id: (*reviews.get(id, (0, 0)), snoozes.get(id, 0)) for id in reviews | snoozes
    }


def _ranked(rows: Iterable[Reviewed]) -> tuple[Reviewed, ...]:
    return tuple(
        sorted(rows, key=lambda row: (-row.full, -row.reaffirmed, row.name, row.id))
    )
