"""
What a person says of a solution, and bringing that into the register's one form.

A draft is checked here and stored by `services.solutions`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.text import slugify

from reviews.models import Solution
from reviews.queries.identifiers import identifiers_of
from reviews.rules import purl
from reviews.rules.days import DayError, within_register
from reviews.rules.naming import misfit, name_key
from reviews.rules.vocabulary import Criticality, Kind, Scheme
from reviews.services.errors import InvalidError
from reviews.services.validation import line, paragraphs

DESCRIPTION_LIMIT = 20_000
IDENTIFIERS_LIMIT = 20
TAGS_LIMIT = 20
LONGEST_NOTICE_DAYS = 3650

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


def told(draft: Draft) -> dict[str, Any]:
    """Return what a draft says, as the audit trail compares and keeps it."""
    told = asdict(draft)
    told["identifiers"] = sorted(
        f"{scheme}:{value}" for scheme, value in draft.identifiers
    )
    told["tags"] = sorted(draft.tags)
    return {name: value for name, value in told.items() if value not in (None, "", [])}
