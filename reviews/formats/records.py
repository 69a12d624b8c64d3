"""
What every reader returns, and how a reader says that it cannot.

Nothing here knows a format; the readers stand beside, one module a format.
"""

from datetime import date

import msgspec

from reviews.rules.text import TextError, clean_line
from reviews.rules.vocabulary import Criticality, Kind

CONTENT_LIMIT = 50_000_000
COMPONENT_LIMIT = 50_000
PROBLEM_LIMIT = 100
"""How many problems are told; after ten times as many, reading stops."""
NOTE_LIMIT = 100

NAME_LIMIT = 200
VERSION_LIMIT = 100

MEGABYTE = 1_000_000


class Component(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    One thing that a file says is in use, and where in the file it says so.

    The key is the canonical purl without version, or empty when the file names no
    package of a registry. What only spreadsheets say is empty for other formats.
    """

    place: str
    name: str
    version: str = ""
    key: str = ""
    kind: Kind = Kind.PACKAGE
    owner: str = ""
    team: str = ""
    criticality: Criticality | None = None
    tags: tuple[str, ...] = ()
    contract_ends_on: date | None = None
    notice_period_days: int | None = None
    description: str = ""
    homepage: str = ""


class Note(msgspec.Struct, frozen=True):
    """Something that the reader of an inventory should know; nothing was refused."""

    place: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """What is wrong at a place, or with the whole file, and what to do about it."""

    place: str
    message: str


class Inventory(msgspec.Struct, frozen=True):
    """What a file says is in use, in the order of the file."""

    format: str
    components: tuple[Component, ...]
    notes: tuple[Note, ...]


class FormatError(Exception):
    """A file that cannot be read, with everything that is wrong about it."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(
            f"{problem.place}: {problem.message}" if problem.place else problem.message
            for problem in self.problems
        )


def refusal(message: str, *, place: str = "") -> FormatError:
    """Return the error for a file that one thing is wrong with."""
    return FormatError(Problem(place, message))


def require_size(content: bytes, *, limit: int = CONTENT_LIMIT) -> None:
    """
    Return if a file can be read as far as its size goes.

    :raises FormatError: for an empty file, and for one larger than `limit` bytes.
    """
    if not content.strip():
        raise refusal("The file is empty. Export it again and check its size.")
    if len(content) > limit:
        raise refusal(
            f"The file has {len(content) / MEGABYTE:,.1f} MB; files of this format may "
            f"have {limit // MEGABYTE} MB at most. Split it."
        )


class Gathering:
    """
    The components, notes and problems of one file while it is being read.

    Problems are gathered, so that a user corrects a file once and not line by line.
    """

    def __init__(self, format_name: str) -> None:
        self._format = format_name
        self._components: list[Component] = []
        self._first: dict[str, Component] = {}
        self._repeated = 0
        self._notes: list[Note] = []
        self._problems: list[Problem] = []
        self._more_notes = 0
        self._more_problems = 0

    def add(self, component: Component) -> Component:
        """
        Return the component that is kept for this package and version.

        That is this one, or else the first one of the same key (of the same name, where
        there is no key) and version; then a note says that the two became one.

        :raises FormatError: when more than 50,000 were added, repeated ones included.
        """
        key = component.key or f"\0{component.name}"
        first = self._first.setdefault(f"{key}@{component.version}", component)
        if first is component:
            self._components.append(component)
        else:
            self._repeated += 1
            self.note(component.place, f"The same as {first.place}; counted once.")
        if len(self._components) + self._repeated > COMPONENT_LIMIT:
            raise refusal(
                f"The file has more than {COMPONENT_LIMIT:,} components; "
                f"at most {COMPONENT_LIMIT:,} components are read from one. Split it."
            )
        return first

    def extend(self, components: list[Component]) -> None:
        """
        Add many components: as `add` each, and quicker.

        :raises FormatError: as `add`.
        """
        identities = [f"{each.key}@{each.version}" for each in components]
        if (
            self._components
            or len(components) > COMPONENT_LIMIT
            or len(set(identities)) < len(identities)
        ):
            for component in components:
                self.add(component)
            return
        self._components = components
        self._first = dict(zip(identities, components, strict=True))

    def note(self, place: str, message: str) -> None:
        """Keep a note, or only count it when there are a hundred already."""
        if len(self._notes) < NOTE_LIMIT:
            self._notes.append(Note(place, message))
        else:
            self._more_notes += 1

    def problem(self, place: str, message: str) -> None:
        """
        Keep a problem, or only count it when there are a hundred already.

        :raises FormatError: when there are a thousand.
        """
        if len(self._problems) < PROBLEM_LIMIT:
            self._problems.append(Problem(place, message))
            return
        self._more_problems += 1
        if self._more_problems == 9 * PROBLEM_LIMIT:
            raise self._error("The rest of the file was not read.")

    def line(self, place: str, what: str, text: str, *, limit: int) -> str:
        """
        Return a text of one line in canonical form; empty for one that is empty.

        For a text that cannot be kept, a problem is gathered and it comes back empty.
        """
        if not text:
            return ""
        try:
            return clean_line(text, limit=limit)
        except TextError as error:
            self.problem(place, f"{what}: {error}")
            return ""

    def inventory(self) -> Inventory:
        """
        Return what was gathered.

        :raises FormatError: with all problems, when there are any.
        """
        if self._problems:
            raise self._error()
        if self._more_notes:
            more = f"And {self._more_notes:,} more notes."
            self._notes.append(Note("", more))
        return Inventory(self._format, tuple(self._components), tuple(self._notes))

    def _error(self, remark: str = "") -> FormatError:
        if not self._more_problems:
            return FormatError(*self._problems)
        more = f"And {self._more_problems:,} more problems. {remark}".strip()
        return FormatError(*self._problems, Problem("", more))
