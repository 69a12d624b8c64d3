"""What somebody says of a connection to a ticket system, held to the rules."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from reviews.models import Connection, Team, User
from reviews.rules.signals import Severity
from reviews.rules.text import shown
from reviews.rules.ticket_defaults import ISSUE_TYPES, default_mapping
from reviews.rules.ticket_mapping import MappingError, read_mapping
from reviews.rules.ticket_projects import ProjectError, read_project
from reviews.rules.ticketing import TICKETS_PER_DAY, System
from reviews.rules.vocabulary import Action, Cause
from reviews.services.errors import InvalidError
from reviews.services.validation import line

ADDRESS_LIMIT = 500

AddressCheck = Callable[[str], None]
Bounds = tuple[int, int]
LAST_POSITION = 1_000
BOUNDS: Mapping[str, Bounds] = {
    "position": (0, LAST_POSITION),
    "tickets_per_day": (0, 1_000),
    "writes_per_minute": (1, 6_000),
    "lag_seconds": (0, 3_600),
}
"""The least and the most of each number."""

# Without underscores: of a slug is made the name of a setting, which has those instead
# of hyphens, and no two connections may be given the same secret.
_SLUG = re.compile(r"(?=.{1,50}$)[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ConnectionDraft:
    """
    What is said of a connection, but for its secrets.

    Empty `causes`, `actions`, `severities` and `team_ids` mean all. `fields` is a JSON
    object as `rules.ticket_mapping` reads it; None takes the defaults of the system.
    `writes_per_minute` and `lag_seconds` are None for what the system allows.
    """

    name: str
    slug: str
    system: System
    address: str
    project: str
    issue_type: str = ""
    login: str = ""
    owner_id: int | None = None
    position: int = 10
    causes: Sequence[str] = ()
    actions: Sequence[str] = ()
    severities: Sequence[str] = ()
    team_ids: Collection[int] = ()
    fields: Mapping[str, Any] | None = None
    tickets_per_day: int = TICKETS_PER_DAY
    writes_per_minute: int | None = None
    lag_seconds: int | None = None
    decides: bool = True


def draft_of(connection: Connection) -> ConnectionDraft:
    """Return what is said of a connection now."""
    return ConnectionDraft(
        name=connection.name,
        slug=connection.slug,
        system=System(connection.system),
        address=connection.address,
        project=connection.project,
        issue_type=connection.issue_type,
        login=connection.login,
        owner_id=connection.owner_id,
        position=connection.position,
        causes=tuple(connection.causes),
        actions=tuple(connection.actions),
        severities=tuple(connection.severities),
        team_ids=frozenset(connection.teams.values_list("pk", flat=True)),
        fields=connection.fields,
        tickets_per_day=connection.tickets_per_day,
        writes_per_minute=connection.writes_per_minute,
        lag_seconds=connection.lag_seconds,
        decides=connection.decides,
    )


def checked(
    draft: ConnectionDraft, *, kept_owner_id: int | None, check: AddressCheck
) -> ConnectionDraft:
    """
    Return a draft in the one form in which it is stored.

    `check` raises a ValueError for an address that must not be asked. Whoever owns it
    already, `kept_owner_id`, may have left since.

    :raises InvalidError: naming the first field at fault.
    """
    if _SLUG.fullmatch(draft.slug) is None:
        raise InvalidError(
            "It takes 1 to 50 letters from a to z, digits, and hyphens between them.",
            field="slug",
        )
    for name, bounds in BOUNDS.items():
        _check_number(name, getattr(draft, name), bounds)
    _check_owner(draft.owner_id, kept_owner_id)
    _check_teams(draft.team_ids)
    return replace(
        draft,
        name=line(draft.name, limit=100, field="name"),
        address=_address(draft, check),
        project=_project(draft),
        issue_type=line(draft.issue_type, limit=100, field="issue_type", blank=True)
        or ISSUE_TYPES.get(draft.system, ""),
        login=line(draft.login, limit=200, field="login", blank=True),
        causes=_words("causes", draft.causes, Cause),
        actions=_words("actions", draft.actions, Action),
        severities=_words("severities", draft.severities, Severity),
        fields=_mapping(draft),
    )


def origin_of(address: str) -> tuple[str, str]:
    """Return where a checked address leads, the path left out."""
    parts = urlsplit(address)
    return parts.scheme.lower(), parts.netloc.lower()


def _address(draft: ConnectionDraft, check: AddressCheck) -> str:
    address = line(draft.address, limit=ADDRESS_LIMIT, field="address").rstrip("/")
    try:
        check(address)
    except ValueError as error:
        raise InvalidError(str(error), field="address") from error
    if "?" in address or "#" in address:
        raise InvalidError(
            "The address ends with the path: without ? or # and what follows.",
            field="address",
        )
    if draft.system is System.GITHUB and origin_of(address)[1] in _GITHUB_PAGES:
        raise InvalidError(
            "That is where people read GitHub. Its API is at https://api.github.com, "
            "and that of a GitHub server at https://HOST/api/v3.",
            field="address",
        )
    return address


_GITHUB_PAGES = ("github.com", "www.github.com")


def _project(draft: ConnectionDraft) -> str:
    try:
        return read_project(draft.system, draft.project)
    except ProjectError as error:
        raise InvalidError(str(error), field="project") from error


def _mapping(draft: ConnectionDraft) -> Mapping[str, Any]:
    if draft.fields is None:
        return default_mapping(draft.system).stored()
    try:
        return read_mapping(draft.fields).stored()
    except MappingError as error:
        raise InvalidError(str(error), field="fields") from error


def _words(field: str, given: Sequence[str], known: type[StrEnum]) -> tuple[str, ...]:
    """Return the words of a closed set, each once and in its order."""
    words = [word.value for word in known]
    for word in given:
        if word not in words:
            raise InvalidError(
                f"{shown(word)} is none of {', '.join(words)}.", field=field
            )
    return tuple(word for word in words if word in given)


def _check_number(name: str, number: int | None, bounds: Bounds) -> None:
    least, most = bounds
    if number is not None and not least <= number <= most:
        raise InvalidError(
            f"It takes a number from {least} to {most:,}, not {number:,}.", field=name
        )


def _check_owner(owner_id: int | None, kept_id: int | None) -> None:
    if owner_id is None or owner_id == kept_id:
        return
    if not User.objects.filter(pk=owner_id, is_active=True).exists():
        raise InvalidError(
            "Whoever answers for a connection has to be able to sign in.",
            field="owner",
        )


def _check_teams(team_ids: Collection[int]) -> None:
    if Team.objects.filter(pk__in=team_ids).count() != len(set(team_ids)):
        raise InvalidError("There is no such team any more.", field="teams")
