"""
What digests say: what is whose, what climbs to whom, and what else waits for a reader.

Read at one instant for all readers together, in a bounded number of queries, and told
apart here. A flag stands in one section of a reader's digest, so that the figures of the
sections add up to those of the whole.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Q

from reviews.models import Connection, Cover, Evaluation, Solution
from reviews.queries.home import NOT_RETIRED
from reviews.queries.queue_order import WAIVERS_END_WITHIN
from reviews.queries.ticket_needs import held_back
from reviews.queries.told import (
    Reader,
    ToldFlag,
    concerning,
    readers,
    told_flags,
)
from reviews.rules.staleness import is_overdue
from reviews.rules.vocabulary import CoverKind

COMING = timedelta(days=6)
"""How far "this week" reaches beyond today."""


class Part(StrEnum):
    """Why a flag is in somebody's digest, the nearest reason first."""

    YOURS = "yours"
    CLIMBED = "climbed"
    TEAMS = "teams"


@dataclass(frozen=True, slots=True)
class ComingReview:
    """A review that is owed within the week, and about which nothing is asked yet."""

    id: int
    slug: str
    name: str
    team_id: int | None
    owner_id: int | None
    due_on: date


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a digest: its flags in the order in which they are told, then the rest."""

    part: Part
    flags: tuple[ToldFlag, ...]
    coming: tuple[ComingReview, ...]
    overdue: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell in it."""
        return not (self.flags or self.coming)


@dataclass(frozen=True, slots=True)
class WaitingProposal:
    """A proposal that a reader may decide on."""

    id: int
    slug: str
    name: str
    verdict: str
    author: str
    proposed_on: date


@dataclass(frozen=True, slots=True)
class EndingWaiver:
    """A waiver that a reader answers for, and that ends soon."""

    id: int
    slug: str
    name: str
    until: date


@dataclass(frozen=True, slots=True)
class TroubledConnection:
    """A ticket connection that holds flags back, or that fails."""

    id: int
    name: str
    held_back: int
    problem: str


@dataclass(frozen=True, slots=True)
class Digest:
    """All that one reader is told on a day."""

    reader: Reader
    today: date
    sections: tuple[Section, ...]
    proposals: tuple[WaitingProposal, ...]
    waivers: tuple[EndingWaiver, ...]
    connections: tuple[TroubledConnection, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        told = (self.sections, self.proposals, self.waivers, self.connections)
        return not any(told)

    @property
    def overdue(self) -> int:
        """How many of all its flags are overdue."""
        return sum(section.overdue for section in self.sections)

    @property
    def due_this_week(self) -> int:
        """How many flags and reviews are due today or within the six days after."""
        until = self.today + COMING
        return sum(
            len(section.coming)
            + sum(self.today <= flag.due_on <= until for flag in section.flags)
            for section in self.sections
        )

    @property
    def urgent_ids(self) -> list[int]:
        """The flags in it that cannot wait."""
        return [
            flag.id
            for section in self.sections
            for flag in section.flags
            if flag.is_urgent
        ]

    def fingerprint(self) -> str:
        """
        Return what is the same as long as nothing in it has changed; empty for nothing.

        Days that pass change nothing: only what is asked, of whom, by when, and what is
        overdue.
        """
        if self.is_empty:
            return ""
        told = [
            *(
                (section.part, *_said(flag), is_overdue(flag.due_on, self.today))
                for section in self.sections
                for flag in section.flags
            ),
            *(
                (section.part, "coming", review.id, review.due_on)
                for section in self.sections
                for review in section.coming
            ),
            *(("proposal", row.id) for row in self.proposals),
            *(("waiver", row.id, row.until) for row in self.waivers),
            *(
                ("connection", row.id, row.held_back > 0, row.problem != "")
                for row in self.connections
            ),
        ]
        lines = sorted("|".join(map(str, row)) for row in told)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _said(flag: ToldFlag) -> tuple[object, ...]:
    return flag.id, flag.due_on, flag.action, flag.severity, flag.climb.level


def read_digests(user_ids: Collection[int], *, today: date) -> dict[int, Digest]:
    """
    Return the digests of some people, by their ids; nobody's who has left.

    A dozen queries, however many people there are, and however much they own.
    """
    people = readers(user_ids)
    if not people:
        return {}
    flags = _flags_by_reader(people, today)
    coming = _coming_by_reader(people, today)
    proposals = _proposals(people)
    waivers = _waivers(people, today)
    connections = _connections(people, today)
    return {
        id: Digest(
            reader=reader,
            today=today,
            sections=_sections(flags[id], coming[id], today),
            proposals=tuple(proposals[id]),
            waivers=tuple(waivers[id]),
            connections=tuple(connections[id]),
        )
        for id, reader in people.items()
    }


_Flags = dict[int, dict[Part, list[ToldFlag]]]
_Coming = dict[int, dict[Part, list[ComingReview]]]


def _sections(
    flags: Mapping[Part, list[ToldFlag]],
    coming: Mapping[Part, list[ComingReview]],
    today: date,
) -> tuple[Section, ...]:
    asked = {flag.slug for told in flags.values() for flag in told}
    sections = []
    for part in Part:
        told = flags.get(part, [])
        sections.append(
            Section(
                part,
                tuple(told),
                tuple(row for row in coming.get(part, []) if row.slug not in asked),
                sum(is_overdue(flag.due_on, today) for flag in told),
            )
        )
    return tuple(section for section in sections if not section.is_empty)


def _flags_by_reader(people: Mapping[int, Reader], today: date) -> _Flags:
    found: _Flags = defaultdict(lambda: defaultdict(list))
    by_team = _members(people.values())
    for flag in told_flags(concerning(people.values(), today), today=today):
        parts = dict.fromkeys(by_team.get(flag.team_id, ()), Part.TEAMS)
        parts |= {id: Part.CLIMBED for id in flag.asked_ids if id in people}
        if flag.owner_id is not None and flag.owner_id in people:
            parts[flag.owner_id] = Part.YOURS
        for id, part in parts.items():
            found[id][part].append(flag)
    return found


def _coming_by_reader(people: Mapping[int, Reader], today: date) -> _Coming:
    by_team = _members(people.values())
    quiet = Q(next_review_on=today, quiet_until__gt=today)
    rows = (
        Solution.objects.filter(
            NOT_RETIRED,
            Q(owner__in=people.keys()) | Q(team__in=by_team.keys()),
            next_review_on__range=(today, today + COMING),
        )
        .exclude(quiet)
        .order_by("next_review_on", "name", "pk")
        .values_list("id", "slug", "name", "team_id", "owner_id", "next_review_on")
    )
    found: _Coming = defaultdict(lambda: defaultdict(list))
    for id, slug, name, team_id, owner_id, due_on in rows:
        # The range holds only what has a day.
        review = ComingReview(id, slug, name, team_id, owner_id, due_on or today)
        for reader_id in by_team.get(team_id, ()):
            if reader_id != owner_id:
                found[reader_id][Part.TEAMS].append(review)
        if owner_id in people:
            found[owner_id][Part.YOURS].append(review)
    return found


def _members(people: Iterable[Reader]) -> dict[int | None, list[int]]:
    """Return who is told of what a team owns, by the team."""
    found: dict[int | None, list[int]] = defaultdict(list)
    for reader in people:
        for team_id in reader.team_ids:
            found[team_id].append(reader.id)
    return found


def _proposals(people: Mapping[int, Reader]) -> dict[int, list[WaitingProposal]]:
    leads: dict[int | None, list[int]] = defaultdict(list)
    for reader in people.values():
        for team in reader.leads:
            leads[team.id].append(reader.id)
    found: dict[int, list[WaitingProposal]] = defaultdict(list)
    if not leads:
        return found
    waiting = Evaluation.objects.filter(
        is_proposal=True, decision=None, solution__team__in=leads.keys()
    ).exclude(solution__state="retire")
    for row in waiting.select_related("solution").order_by("pk"):
        proposal = WaitingProposal(
            row.pk,
            row.solution.slug,
            row.solution.name,
            row.verdict,
            row.author_name,
            row.recorded_on,
        )
        for id in leads[row.solution.team_id]:
            # Nobody decides on what they propose themselves.
            if id != row.author_id:
                found[id].append(proposal)
    return found


def _waivers(
    people: Mapping[int, Reader], today: date
) -> dict[int, list[EndingWaiver]]:
    found: dict[int, list[EndingWaiver]] = defaultdict(list)
    rows = Cover.objects.active().filter(
        kind=CoverKind.WAIVER.value,
        owner__in=people.keys(),
        until__gt=today,
        until__lte=today + WAIVERS_END_WITHIN,
    )
    columns = (
        "owner_id",
        "id",
        "flag__solution__slug",
        "flag__solution__name",
        "until",
    )
    for owner_id, id, slug, name, until in rows.order_by("until", "pk").values_list(
        *columns
    ):
        if owner_id is not None and until is not None:
            found[owner_id].append(EndingWaiver(id, slug, name, until))
    return found


def _connections(
    people: Mapping[int, Reader], today: date
) -> dict[int, list[TroubledConnection]]:
    found: dict[int, list[TroubledConnection]] = defaultdict(list)
    in_use = list(Connection.objects.in_use())
    if not in_use:
        return found
    held = held_back(today)
    for row in in_use:
        waiting = held.get(row.pk, 0)
        if not waiting and not row.problem:
            continue
        troubled = TroubledConnection(row.pk, row.name, waiting, row.problem)
        for reader in people.values():
            if reader.is_administrator or reader.id == row.owner_id:
                found[reader.id].append(troubled)
    return found
