"""
endoflife.date: until when the release cycle in use is supported, and the whole product.

Which cycle a version belongs to is the business of `rules.endoflife.cycles`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from reviews.connectors import fields
from reviews.connectors.answers import fact, not_found, told, unchanged
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, Response, segment
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.answers.instants import utc_day
from reviews.rules.answers.quoting import quoted
from reviews.rules.endoflife.aliases import model_product
from reviews.rules.endoflife.cycles import cycle_of
from reviews.rules.endoflife.lifecycle import Cycle, Product
from reviews.rules.matches import Match
from reviews.rules.signals import Fact, SignalKind, Source, SourceState
from reviews.rules.text import shown

_HOSTED_MODELS = "llm"
"""The tag of a product whose cycles are hosted models."""

_REPLACEMENTS = ("recommendedReplacement", "replacement", "replacedBy", "successor")
_NO_REPLACEMENT = frozenset({"", "-", "n/a", "none", "tbd"})

_NAME_LIMIT = 200
_PAGE_LIMIT = 1_000
_NAMED_IN_NOTE = 12
"""How many cycles a note names."""


class EndOfLife:
    """
    Support dates of a product's release cycles.

    A day is when a phase ends; without one, only a flag says whether it has ended, and
    that was worked out when the site was built. Where there is a day, it decides.

    Of a hosted model "end of active support" is the day on which its retirement was
    announced, and before that "end of life" is only a day before which it will not be.

    Source: https://endoflife.date/docs/api/v1/ (api_v1/openapi.yml, 1.2.1). 304 and 429
    are documented; a renamed product redirects; what is missing answers 404 with a page.
    """

    name = Source.ENDOFLIFE

    def __init__(self, client: HTTPClient, base: str) -> None:
        self._client = client
        self._base = base.rstrip("/")

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return the product, and what is said of the cycle in use.

        A hosted model, or a cycle that was named, that is not listed is not found, though
        the product is: to say nothing of it is no answer.

        :raises OutsideError: if it cannot be asked or its answer cannot be used.
        """
        address = f"{self._base}/api/v1/products/{segment(match.subject)}"
        response = self._client.get(address, known=known)
        match response.status:
            case 404:
                return not_found(address)
            case 304:
                return unchanged(response, address, known)
        return self._read(response, address, match)

    def _read(self, response: Response, address: str, asked: Match) -> SourceAnswer:
        listed = _listed(fields.mapping(fields.document(response.json()), "result"))
        if model_product(asked.cycle):
            # It was asked for as a hosted model, whatever its tags say.
            listed = replace(listed, hosts_models=True)
        page = listed.page or f"{self._base}/{segment(listed.name)}"
        used = cycle_of(
            asked.cycle or asked.version, (cycle.name for cycle in listed.cycles)
        )
        adopted = next((cycle for cycle in listed.cycles if cycle.name == used), None)
        notes = _notes(listed, adopted, asked)
        product = _product(listed, asked.subject)
        if adopted is None and (asked.cycle or listed.hosts_models):
            answer = told(response, address, (), notes)
            return replace(answer, state=SourceState.NOT_FOUND, product=product)
        facts = [*_latest(listed, adopted, page)]
        if adopted is not None:
            facts += _support(adopted, page, hosted=listed.hosts_models)
        return replace(told(response, address, facts, notes), product=product)


@dataclass(frozen=True, slots=True)
class _Phase:
    """When a phase ends: a day, or only whether it has, or neither (unknown)."""

    on: date | None
    ended: bool | None

    @property
    def is_known(self) -> bool:
        return self.on is not None or self.ended is not None

    @property
    def value(self) -> str:
        if self.on is not None:
            return self.on.isoformat()
        return "ended" if self.ended else "not ended"


@dataclass(frozen=True, slots=True)
class _Cycle:
    name: str
    released_on: date | None
    active: _Phase
    life: _Phase
    extended: _Phase
    is_maintained: bool
    long_term: bool | None
    latest: str
    latest_on: date | None
    replacement: str
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Listed:
    """
    The product as it is listed, its cycles as they came: the newest first.

    `page` is the address of its page, empty where none is given.
    """

    name: str
    page: str
    category: str
    hosts_models: bool
    cycles: tuple[_Cycle, ...]


def _listed(said: Fields) -> _Listed:
    if not said:
        raise OutsideError("unusable answer: result is missing")
    releases = fields.mappings(said, "releases")
    if not releases:
        raise OutsideError("unusable answer: releases is missing or empty")
    return _Listed(
        name=_name(said),
        page=_page(said),
        category=fields.text(said, "category"),
        hosts_models=_HOSTED_MODELS in fields.texts(said, "tags"),
        cycles=tuple(map(_cycle, releases)),
    )


def _cycle(said: Fields) -> _Cycle:
    custom = fields.mapping(said, "custom")
    stated = (fields.loose_text(custom, name).strip() for name in _REPLACEMENTS)
    days = ("releaseDate", "eoasFrom", "eolFrom", "eoesFrom")
    return _Cycle(
        name=_name(said),
        released_on=_day(said, "releaseDate"),
        active=_phase(said, "isEoas", "eoasFrom"),
        life=_phase(said, "isEol", "eolFrom"),
        extended=_phase(said, "isEoes", "eoesFrom"),
        is_maintained=fields.is_set(said, "isMaintained"),
        long_term=_answered(said, "isLts"),
        latest=fields.text(said, "latest", "name").strip(),
        latest_on=_day(said, "latest", "date"),
        replacement=next(
            (text for text in stated if text.casefold() not in _NO_REPLACEMENT), ""
        ),
        unread=tuple(
            fields.text(said, name)
            for name in days
            if fields.text(said, name) and _day(said, name) is None
        ),
    )


def _name(said: Fields) -> str:
    return quoted(fields.required_text(said, "name"), _NAME_LIMIT)


def _page(said: Fields) -> str:
    """Return the address of a product's page, empty if none is given to be opened."""
    page = fields.loose_text(said, "links", "html")
    try:
        parts = urlsplit(page)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    is_plain = page.isascii() and page.isprintable() and " " not in page
    return page if is_web and is_plain and len(page) <= _PAGE_LIMIT else ""


def _day(said: Fields, *path: str) -> date | None:
    return utc_day(fields.text(said, *path))


def _phase(said: Fields, flag: str, day: str) -> _Phase:
    if fields.text(said, day):
        # A day that cannot be read is unknown, whatever the flag made of it.
        return _Phase(on=_day(said, day), ended=None)
    return _Phase(on=None, ended=_answered(said, flag))


def _answered(said: Fields, name: str) -> bool | None:
    """Return yes or no, None where it is not said."""
    return fields.is_set(said, name) if fields.holds(said, name) else None


def _product(listed: _Listed, asked: str) -> Product | None:
    """
    Return the product for the rules on support, without cycles of no known beginning.

    It goes by the name under which it was asked for, which a redirect may have left
    behind. None for hosted models: days before which they are not retired are no ends of
    support, and nothing is to be learned from them.
    """
    if listed.hosts_models:
        return None
    return Product(
        name=asked,
        category=listed.category,
        cycles=tuple(
            Cycle(
                name=cycle.name,
                released_on=cycle.released_on,
                ends_on=cycle.life.on,
                ended=cycle.life.ended,
                active_support_ends_on=cycle.active.on,
                extended_support_ends_on=cycle.extended.on,
                long_term=cycle.long_term,
            )
            for cycle in listed.cycles
            if cycle.released_on is not None
        ),
    )


def _support(cycle: _Cycle, page: str, *, hosted: bool) -> Iterator[Fact]:
    if hosted and (cycle.life.on or _is_announced(cycle)):
        yield _of_model(cycle, page)
        return
    phases = {
        SignalKind.END_OF_LIFE: cycle.life,
        SignalKind.END_OF_ACTIVE_SUPPORT: cycle.active,
        SignalKind.END_OF_EXTENDED_SUPPORT: cycle.extended,
    }
    for kind, phase in phases.items():
        if phase.is_known:
            yield fact(
                kind,
                phase.value,
                address=page,
                subject=cycle.name,
                on=phase.on,
                replacement=cycle.replacement,
            )


def _is_announced(cycle: _Cycle) -> bool:
    return cycle.active.on is not None or cycle.active.ended is True


def _of_model(cycle: _Cycle, page: str) -> Fact:
    """Return its retirement, or the day before which it will not be retired."""
    announced = _is_announced(cycle)
    has_end = cycle.life.on is not None or cycle.life.ended is True
    return fact(
        SignalKind.MODEL_RETIREMENT if announced else SignalKind.MODEL_FLOOR,
        cycle.life.value if has_end else "announced",
        address=page,
        subject=cycle.name,
        on=cycle.life.on,
        replacement=cycle.replacement,
    )


def _latest(listed: _Listed, adopted: _Cycle | None, page: str) -> Iterator[Fact]:
    """Return the latest version of the newest cycle that is maintained, else of any."""
    released = [cycle for cycle in listed.cycles if cycle.latest]
    maintained = [cycle for cycle in released if cycle.is_maintained]
    if not released:
        return
    newest = max(maintained or released, key=lambda c: c.released_on or date.min)
    quote = ""
    if adopted is not None and adopted.latest not in ("", newest.latest):
        quote = f"The latest of cycle {adopted.name} is {adopted.latest}"
        quote += f" of {adopted.latest_on}." if adopted.latest_on else "."
    yield fact(
        SignalKind.LATEST_RELEASE,
        newest.latest,
        address=page,
        on=newest.latest_on,
        quote=quote,
    )


def _notes(listed: _Listed, adopted: _Cycle | None, asked: Match) -> Iterable[str]:
    if listed.name != asked.subject:
        yield f"The product is now listed as {listed.name}."
    if adopted is None:
        names = [cycle.name for cycle in listed.cycles[:_NAMED_IN_NOTE]]
        more = ", and more" if len(listed.cycles) > _NAMED_IN_NOTE else ""
        version = asked.cycle or asked.version
        whose = (
            f"{shown(version)} is of none of its cycles"
            if version
            else "Which of its cycles is in use is not known"
        )
        yield f"{whose}; there are {', '.join(names)}{more}."
    elif adopted.unread:
        days = ", ".join(map(shown, adopted.unread))
        yield f"Not a day, and left out: {days}."
