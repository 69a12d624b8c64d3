"""Registering solutions one at a time, editing and deleting them."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from reviews.models import Identifier, Signal, Solution, Tag
from reviews.queries.identifiers import ids_known_as
from reviews.queries.log import what_tells_of
from reviews.rules.access import Actor, Permission, require
from reviews.rules.levelling import first_review_day
from reviews.rules.vocabulary import Criticality, Scheme
from reviews.services.audit import differences, record_change
from reviews.services.clock import policy_of, set_dates
from reviews.services.drafts import Draft, cleaned, draft_of, told
from reviews.services.errors import (
    AlreadyRegisteredError,
    ConflictError,
    InvalidError,
    StaleError,
)
from reviews.services.evidence.watching import ask_soon
from reviews.services.flags import settle_flags
from reviews.services.leases import IMPORT, take_lease
from reviews.services.locks import locked_solution
from reviews.services.slugs import free_slugs
from reviews.services.weighing import weigh_solutions

LONGEST_SLUG = 120
ASKED_BY = frozenset({"identifiers", "version", "homepage", "kind", "name"})
"""What the sources are asked by: when it changes, they are asked anew."""


def register_solution(
    *,
    draft: Draft,
    actor: Actor,
    today: date,
    now: datetime,
    slug: str = "",
) -> Solution:
    """
    Add a solution to the register, with the day of its first review.

    Without a slug, one is made from the name.

    :raises NotAllowedError: without the right to register for the team.
    :raises InvalidError: if a part of the draft breaks a rule; `field` says which.
    :raises AlreadyRegisteredError: if an identifier names a registered solution.
    :raises ConflictError: if the slug is taken.
    :raises BusyError: while an import runs, if it lasts.
    """
    require(actor, Permission.REGISTER, draft.team_id)
    draft = cleaned(draft)
    if len(slug) > LONGEST_SLUG or slugify(slug) != slug:
        raise InvalidError(
            f"A slug has up to {LONGEST_SLUG} small letters, digits, - and _.",
            field="slug",
        )
    with transaction.atomic():
        # One at a time names things: no constraint spans keys and other identifiers.
        take_lease(IMPORT, wait=True)
        solution = Solution(
            slug=slug or free_slugs([draft.name])[0],
            registered_on=today,
            first_review_on=today,
            created_at=now,
            updated_at=now,
        )
        _fill(solution, draft)
        policy = policy_of(solution, draft.tags)
        criticality = Criticality(solution.criticality)
        solution.first_review_on = first_review_day(today, criticality, policy)
        set_dates(solution, policy=policy)
        if Solution.objects.filter(slug=solution.slug).exists():
            raise ConflictError(
                f"The slug {solution.slug!r} is taken: choose another.", field="slug"
            )
        _save_identified(solution, draft)
        _set_tags(solution, draft.tags)
        record_change(
            actor=actor,
            subject=solution,
            label=solution.slug,
            what="registered",
            details=differences({}, told(draft)),
            now=now,
        )
        settle_flags(solution_ids=[solution.pk], today=today, now=now)
        weigh_solutions(solution_ids=[solution.pk], today=today)
    return solution


def edit_solution(
    *,
    solution_id: int,
    draft: Draft,
    actor: Actor,
    today: date,
    now: datetime,
    seen_at: datetime | None = None,
) -> Solution:
    """
    Change what a person says of a solution, and wind its clock accordingly.

    `seen_at` is the `updated_at` that the editor saw, if that is known.

    :raises NotAllowedError: without the right to edit what the team owns, or, where the
        owner or the team changes, to give it away.
    :raises InvalidError: if a part of the draft breaks a rule; `field` says which.
    :raises AlreadyRegisteredError: if an identifier names another solution.
    :raises StaleError: if somebody else changed the solution since it was seen.
    """
    with transaction.atomic():
        take_lease(IMPORT, wait=True)
        solution = locked_solution(solution_id)
        before = draft_of(solution)
        require(actor, Permission.EDIT, solution.team_id)
        if seen_at is not None and seen_at != solution.updated_at:
            raise StaleError(
                "Somebody changed this solution since you read it: read it again."
            )
        if (draft.team_id, draft.owner_id) != (before.team_id, before.owner_id):
            require(actor, Permission.REASSIGN, solution.team_id)
        draft = cleaned(draft, known=before.identifiers)
        changes = differences(told(before), told(draft))
        if not changes:
            return solution
        _fill(solution, draft)
        set_dates(solution, policy=policy_of(solution, draft.tags))
        solution.updated_at = now
        _save_identified(solution, draft)
        _set_tags(solution, draft.tags)
        record_change(
            actor=actor,
            subject=solution,
            label=solution.slug,
            what="edited",
            details=changes,
            now=now,
        )
        settle_flags(solution_ids=[solution.pk], today=today, now=now)
        weigh_solutions(solution_ids=[solution.pk], today=today)
        if changes.keys() & ASKED_BY:
            ask_soon(solution_ids=[solution.pk], now=now)
    return solution


def delete_solution(*, solution_id: int, actor: Actor, now: datetime) -> None:
    """
    Take a solution that was registered by mistake out of the register.

    :raises NotAllowedError: to anyone but a lead of the owning team.
    :raises ConflictError: if the log, which is kept, tells of it: it is retired.
    """
    with transaction.atomic():
        solution = locked_solution(solution_id)
        require(actor, Permission.DELETE, solution.team_id)
        record_change(
            actor=actor,
            subject=solution,
            label=solution.slug,
            what="deleted",
            details=differences({}, told(draft_of(solution))),
            now=now,
        )
        try:
            solution.delete()
        except ProtectedError as error:
            named = what_tells_of(solution_id)
            raise ConflictError(
                f"{solution.slug} {named}, which are kept for ever: "
                "log the verdict retire instead of deleting it."
            ) from error
        Signal.objects.follow(solution_id)


def _fill(solution: Solution, draft: Draft) -> None:
    solution.name = draft.name
    solution.kind = draft.kind.value
    solution.description = draft.description
    solution.homepage = draft.homepage
    solution.version = draft.version
    solution.criticality = draft.criticality.value
    solution.team_id = draft.team_id
    solution.owner_id = draft.owner_id
    solution.contract_ends_on = draft.contract_ends_on
    solution.notice_period_days = draft.notice_period_days


def _save_identified(solution: Solution, draft: Draft) -> None:
    """Save a solution with its identifiers, the first of which is its key."""
    (_, solution.key), *others = draft.identifiers
    for scheme, value in draft.identifiers:
        _refuse_if_known(scheme, value, solution)
    solution.save()
    rows = {(row.scheme, row.value): row for row in solution.identifiers.all()}
    wanted = {(scheme.value, value) for scheme, value in others}
    for gone in rows.keys() - wanted:
        rows[gone].delete()
    Identifier.objects.bulk_create(
        Identifier(solution=solution, scheme=scheme, value=value)
        for scheme, value in sorted(wanted - rows.keys())
    )


def _refuse_if_known(scheme: Scheme, value: str, solution: Solution) -> None:
    """
    Return if no other solution has an identifier.

    :raises AlreadyRegisteredError: otherwise, naming the other.
    """
    other = (
        Solution.objects.exclude(pk=solution.pk)
        .filter(pk__in=ids_known_as(scheme, value))
        .values_list("slug", flat=True)
        .first()
    )
    if other is None:
        return
    field = {Scheme.PURL: "purl", Scheme.NAME: "name"}.get(scheme, "identifiers")
    raise AlreadyRegisteredError(
        f"{value} is registered already, as {other}.", field=field, slug=other
    )


def _set_tags(solution: Solution, names: Sequence[str]) -> None:
    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
    solution.tags.set(Tag.objects.filter(name__in=names))
