"""Registering solutions one at a time, editing and deleting them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from reviews.models import Identifier, Signal, Solution, Tag
from reviews.queries.identifiers import identifiers_of, ids_known_as
from reviews.queries.log import what_tells_of
from reviews.rules import purl
from reviews.rules.access import Actor, Permission, require
from reviews.rules.days import DayError, within_register
from reviews.rules.levelling import first_review_day
from reviews.rules.naming import misfit, name_key
from reviews.rules.vocabulary import Criticality, Kind, Scheme
from reviews.services.audit import differences, record_change
from reviews.services.clock import policy_of, set_dates
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
from reviews.services.validation import line, paragraphs
from reviews.services.weighing import weigh_solutions

DESCRIPTION_LIMIT = 20_000
IDENTIFIERS_LIMIT = 20
TAGS_LIMIT = 20
LONGEST_NOTICE_DAYS = 3650
LONGEST_SLUG = 120
ASKED_BY = frozenset({"identifiers", "version", "homepage", "kind", "name"})
"""What the sources are asked by: when it changes, they are asked anew."""

_is_web_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Draft:
    """
    All that a person says of a solution; the clock's fields follow from it.

    `identifiers` are pairs of a scheme and a value. Of a clean draft the first is what
    the solution is known by: its purl, or else its kind and name.
    """

    name: str
    kind: Kind
    description: str = ""
    homepage: str = ""
    version: str = ""
    criticality: Criticality = Criticality.MEDIUM
    team_id: int | None = None
    owner_id: int | None = None
    tags: Sequence[str] = ()
    identifiers: Sequence[tuple[Scheme, str]] = ()
    contract_ends_on: date | None = None
    notice_period_days: int | None = None


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
            details=differences({}, _told(draft)),
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
        changes = differences(_told(before), _told(draft))
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
            details=differences({}, _told(draft_of(solution))),
            now=now,
        )
        try:
            solution.delete()
        except ProtectedError as error:
            told = what_tells_of(solution_id)
            raise ConflictError(
                f"{solution.slug} {told}, which are kept for ever: "
                "log the verdict retire instead of deleting it."
            ) from error
        Signal.objects.follow(solution_id)


def draft_of(solution: Solution) -> Draft:
    """Return what people have said of a solution so far."""
    return Draft(
        name=solution.name,
        kind=Kind(solution.kind),
        description=solution.description,
        homepage=solution.homepage,
        version=solution.version,
        criticality=Criticality(solution.criticality),
        team_id=solution.team_id,
        owner_id=solution.owner_id,
        tags=sorted(solution.tags.values_list("name", flat=True)),
        identifiers=identifiers_of(solution),
        contract_ends_on=solution.contract_ends_on,
        notice_period_days=solution.notice_period_days,
    )


def cleaned(draft: Draft, known: Sequence[tuple[Scheme, str]] = ()) -> Draft:
    """
    Return a draft in the register's one form; identifiers that are `known` may stay.

    :raises InvalidError: if a part of it breaks a rule; `field` says which.
    """
    name = line(draft.name, limit=200, field="name")
    version = line(draft.version, limit=100, field="version", blank=True)
    identifiers: list[tuple[Scheme, str]] = []
    for scheme, value in draft.identifiers:
        if scheme is Scheme.PURL:
            value, purl_version = _purl(value)
            version = version or purl_version
        elif scheme is Scheme.NAME:
            continue
        value = line(value, limit=500, field="identifiers")
        identifiers.append((scheme, value))
        if (scheme, value) not in known and (wrong := misfit(scheme, value)):
            raise InvalidError(wrong, field="identifiers")
    identifiers = sorted(set(identifiers), key=_purls_first)
    if len(identifiers) > IDENTIFIERS_LIMIT:
        raise InvalidError(
            f"At most {IDENTIFIERS_LIMIT} identifiers.", field="identifiers"
        )
    if not identifiers or identifiers[0][0] is not Scheme.PURL:
        # What no purl names is known by its kind and name.
        identifiers.insert(0, (Scheme.NAME, name_key(draft.kind, name)))
    _check_contract(draft)
    return Draft(
        name=name,
        kind=draft.kind,
        description=paragraphs(
            draft.description, limit=DESCRIPTION_LIMIT, field="description"
        ),
        homepage=_web_address(draft.homepage),
        version=version[:100],
        criticality=draft.criticality,
        team_id=draft.team_id,
        owner_id=draft.owner_id,
        tags=clean_tags(draft.tags),
        identifiers=identifiers,
        contract_ends_on=draft.contract_ends_on,
        notice_period_days=draft.notice_period_days,
    )


def clean_tags(tags: Sequence[str]) -> list[str]:
    """
    Return tags in lower case, each once and in order.

    :raises InvalidError: for one that is more than letters, digits, - and _.
    """
    if len(tags) > TAGS_LIMIT:
        raise InvalidError(f"At most {TAGS_LIMIT} tags.", field="tags")
    names = {tag.strip().lower() for tag in tags}
    for name in names:
        if not name or slugify(name) != name or len(name) > 50:
            raise InvalidError(
                f"{name[:50]!r} is no tag: write up to 50 letters, digits, - or _.",
                field="tags",
            )
    return sorted(names)


def _web_address(address: str) -> str:
    if not address:
        return ""
    try:
        _is_web_address(address)
    except ValidationError as error:
        raise InvalidError(
            "Not a web address: it begins with https:// or http://.", field="homepage"
        ) from error
    return line(address, limit=500, field="homepage")


def _purls_first(identifier: tuple[Scheme, str]) -> tuple[bool, Scheme, str]:
    scheme, value = identifier
    return scheme is not Scheme.PURL, scheme, value


def _purl(text: str) -> tuple[str, str]:
    try:
        known = purl.canonical(text)
    except purl.PurlError as error:
        raise InvalidError(str(error), field="purl") from error
    return known.key, known.version


def _check_contract(draft: Draft) -> None:
    if draft.contract_ends_on is not None:
        try:
            within_register(draft.contract_ends_on)
        except DayError as error:
            raise InvalidError(str(error), field="contract_ends_on") from error
    days = draft.notice_period_days
    if days is None:
        return
    if not 0 <= days <= LONGEST_NOTICE_DAYS:
        raise InvalidError(
            f"A notice period is 0 to {LONGEST_NOTICE_DAYS} days, not {days}.",
            field="notice_period_days",
        )
    if draft.contract_ends_on is None:
        raise InvalidError(
            "A notice period needs the day on which the contract ends.",
            field="contract_ends_on",
        )


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


def _told(draft: Draft) -> dict[str, Any]:
    told = asdict(draft)
    told["identifiers"] = sorted(
        f"{scheme}:{value}" for scheme, value in draft.identifiers
    )
    told["tags"] = sorted(draft.tags)
    return {name: value for name, value in told.items() if value not in (None, "", [])}
