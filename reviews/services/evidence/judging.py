"""
Bringing flags and review dates into line with what the evidence asks.

The rules speak in `rules.evidence.judgement`; here their findings are held to the flags that are
open. Nothing is locked for a solution of which there is nothing to change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Prefetch

from reviews.models import Cover, Flag, Notice, Signal, Solution
from reviews.queries.situations import Read, read_situations
from reviews.rules.access import operator
from reviews.rules.evidence.findings import Finding
from reviews.rules.evidence.judgement import judge, open_findings, pull_of
from reviews.rules.staleness import Pull, policy_for
from reviews.rules.vocabulary import (
    BY_THE_CLOCK,
    Action,
    Criticality,
    Kind,
    Verdict,
)
from reviews.services.clock import CLOCK_FIELDS, policy_scopes, set_dates
from reviews.services.evidence.covered import Covered, covers_over, held_to
from reviews.services.flags import Settlement, settle_flags
from reviews.services.uncovering import CLEAR, ask_again, end_covers_of
from reviews.services.weighing import weigh_solutions

_ACTOR = operator("judge-evidence")
_TOLD = ("action", "severity", "reason", "source_url", "due_on")


@dataclass(slots=True)
class Difference:
    """What has to change so that a solution's flags are what its evidence asks."""

    solution_id: int
    read: Read
    wanted: dict[str, Finding]
    pull: Pull | None
    opened: list[Finding] = field(default_factory=list)
    closed: list[Flag] = field(default_factory=list)
    changed: list[tuple[Flag, Finding]] = field(default_factory=list)
    uncovered: list[Cover] = field(default_factory=list)
    pulled: bool = False

    def __bool__(self) -> bool:
        return bool(
            self.opened or self.closed or self.changed or self.uncovered or self.pulled
        )


def judge_solutions(
    *, solution_ids: Sequence[int], today: date, now: datetime
) -> Settlement:
    """
    Open and close the flags of some solutions by their evidence, and pull their dates.

    What a waiver or an override covers pulls nothing, and whatever covers a flag that
    has become worse, or an override of which the facts have changed, ends. A finding that is new opens a flag at once. A flag whose cause is gone is closed, but
    only after the hold: upstream data flaps.
    """
    differing = [each.solution_id for each in _differences(solution_ids, today, now)]
    if not differing:
        return Settlement()
    with transaction.atomic():
        locked = (
            Solution.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=differing)
            .order_by("pk")
            .prefetch_related("tags")
        )
        solutions = {solution.pk: solution for solution in locked}
        return _apply(
            solutions,
            list(_differences(sorted(solutions), today, now)),
            today=today,
            now=now,
        )


def _differences(
    solution_ids: Sequence[int], today: date, now: datetime
) -> Iterable[Difference]:
    flags: dict[int, list[Flag]] = defaultdict(list)
    for flag in (
        Flag.objects.open()
        .filter(solution_id__in=solution_ids)
        .exclude(cause__in=[cause.value for cause in BY_THE_CLOCK])
        .order_by("pk")
        .prefetch_related(Prefetch("signals", Signal.objects.only("pk")))
    ):
        flags[flag.solution_id].append(flag)
    covers = covers_over((flag for each in flags.values() for flag in each), today)
    pulls = _pulls(solution_ids)
    for id, read in read_situations(solution_ids, now).items():
        difference = _difference(id, read, flags.get(id, []), covers, pulls[id], today)
        if difference:
            yield difference


def _difference(
    solution_id: int,
    read: Read,
    flags: Sequence[Flag],
    covers: Mapping[int, Covered],
    pulled: Pull | None,
    today: date,
) -> Difference:
    """Return what is to change of one solution."""
    asked = {finding.cause.value: finding for finding in open_findings(read.now, today)}
    before = asked
    if read.held is not read.now:
        held = open_findings(read.held, today)
        before = {finding.cause.value: finding for finding in held}
    open_flags = {flag.cause: flag for flag in flags}
    wanted = dict(asked)
    for cause, flag in open_flags.items():
        if cause in before and (cause not in asked or _softer(asked[cause], flag)):
            wanted[cause] = before[cause]
    # What is asked already is never put off by one fact more.
    since = {
        cause: min(found.since, open_flags[cause].due_on)
        if cause in open_flags
        else found.since
        for cause, found in wanted.items()
    }
    over, accepted = held_to(covers, open_flags, asked, read.now)
    asking = tuple(
        replace(found, since=since[cause])
        for cause, found in wanted.items()
        if cause not in accepted
    )
    difference = Difference(solution_id, read, wanted, pull=pull_of(asking))
    difference.uncovered = over
    difference.opened = [f for cause, f in wanted.items() if cause not in open_flags]
    difference.closed = [
        flag for cause, flag in open_flags.items() if cause not in wanted
    ]
    difference.changed = [
        (flag, wanted[cause])
        for cause, flag in open_flags.items()
        if cause in wanted and _tells_otherwise(flag, wanted[cause])
    ]
    difference.pulled = difference.pull != pulled
    return difference


def _softer(finding: Finding, flag: Flag) -> bool:
    return finding.action is Action.REVIEW and flag.action == Action.DEPRECATE


def _tells_otherwise(flag: Flag, finding: Finding) -> bool:
    """Return whether an open flag says something else than a finding does."""
    if {signal.pk for signal in flag.signals.all()} != set(finding.signals):
        return True
    told = tuple(getattr(flag, name) for name in _TOLD)
    return told != _to_tell(flag, finding)


def _to_tell(flag: Flag, finding: Finding) -> tuple[object, ...]:
    """Return what an open flag is to say: it never becomes due later than it was."""
    return (
        finding.action.value,
        finding.severity.value,
        finding.reason,
        finding.address[:1000],
        min(flag.due_on, finding.since),
    )


def _pulls(solution_ids: Sequence[int]) -> Mapping[int, Pull | None]:
    rows = Solution.objects.filter(pk__in=solution_ids).values_list(
        "pk", "evidence_due_on", "evidence_reason"
    )
    return {id: Pull(due_on, why) if due_on else None for id, due_on, why in rows}


def _apply(
    solutions: Mapping[int, Solution],
    differences: Sequence[Difference],
    *,
    today: date,
    now: datetime,
) -> Settlement:
    """Write what is to change of many solutions, set by set."""
    opened = [(each, found) for each in differences for found in each.opened]
    closed = [(each, flag) for each in differences for flag in each.closed]
    changed = [pair for each in differences for pair in each.changed]
    _open(opened, now)
    for difference, flag in closed:
        _close(solutions[flag.solution_id], flag, difference.read, today, now)
    Notice.objects.bulk_create(
        (Notice(key=f"flag:{flag.pk}:closed", created_at=now) for _, flag in closed),
        ignore_conflicts=True,
    )
    _change(changed, now)
    uncovered = [cover for each in differences for cover in each.uncovered]
    ask_again(uncovered, because="changed", actor=_ACTOR, now=now)
    settlement = Settlement(len(opened), len(closed), len(uncovered))
    settlement += _pull(
        {
            each.solution_id: (solutions[each.solution_id], each.pull)
            for each in differences
            if each.pulled
        },
        today=today,
        now=now,
    )
    weigh_solutions(
        solution_ids=[each.solution_id for each in differences], today=today
    )
    return settlement


def _open(opened: Sequence[tuple[Difference, Finding]], now: datetime) -> None:
    earlier = Flag.objects.filter(
        solution_id__in={each.solution_id for each, _ in opened}
    ).order_by("pk")
    # The newest of a cause comes last, and stays.
    former = {
        (solution_id, cause): pk
        for solution_id, cause, pk in earlier.values_list("solution_id", "cause", "pk")
    }
    flags = Flag.objects.bulk_create(
        Flag(
            solution_id=each.solution_id,
            cause=found.cause.value,
            action=found.action.value,
            severity=found.severity.value,
            due_on=found.since,
            reason=found.reason,
            source_url=found.address[:1000],
            vouched_on=each.read.now.evaluated_on,
            opened_at=now,
            reopens_id=former.get((each.solution_id, found.cause.value)),
        )
        for each, found in opened
    )
    _rest_on(zip(flags, (found for _, found in opened), strict=True))
    Notice.objects.bulk_create(
        Notice(key=f"flag:{flag.pk}:open", created_at=now) for flag in flags
    )


def _rest_on(flags: Iterable[tuple[Flag, Finding]]) -> None:
    link = Flag.signals.through
    link._default_manager.bulk_create(
        link(flag_id=flag.pk, signal_id=signal_id)
        for flag, found in flags
        for signal_id in dict.fromkeys(found.signals)
    )


def _close(
    solution: Solution, flag: Flag, read: Read, today: date, now: datetime
) -> None:
    """Close a flag, and say whether somebody answered it or its cause has gone."""
    still_found = any(found.cause == flag.cause for found in judge(read.now, today))
    if solution.state == Verdict.RETIRE:
        because = "retired"
    elif still_found and read.evaluation_id is not None:
        because = "evaluated"
    else:
        because = "withdrawn"
    answered = because != "withdrawn"
    Flag.objects.open().filter(pk=flag.pk).update(
        closed_at=now,
        closed_because=because,
        closed_by_id=read.evaluation_id if answered else None,
        **CLEAR,
    )
    end_covers_of(flag_ids=[flag.pk], because="answered", now=now)


def _change(changed: Sequence[tuple[Flag, Finding]], now: datetime) -> None:
    if not changed:
        return
    escalated = [
        f"flag:{flag.pk}:deprecate"
        for flag, found in changed
        if found.action is Action.DEPRECATE and flag.action == Action.REVIEW
    ]
    for flag, found in changed:
        for name, value in zip(_TOLD, _to_tell(flag, found), strict=True):
            setattr(flag, name, value)
    Flag.objects.bulk_update((flag for flag, _ in changed), _TOLD, batch_size=200)
    link = Flag.signals.through
    link._default_manager.filter(flag_id__in=[flag.pk for flag, _ in changed]).delete()
    _rest_on(changed)
    Notice.objects.bulk_create(
        (Notice(key=key, created_at=now) for key in escalated), ignore_conflicts=True
    )


def _pull(
    pulled: Mapping[int, tuple[Solution, Pull | None]], *, today: date, now: datetime
) -> Settlement:
    """Bring reviews forward, or let them fall back to the clock's own dates."""
    scopes = policy_scopes() if pulled else []
    for solution, pull in pulled.values():
        solution.evidence_due_on = pull.on if pull else None
        solution.evidence_reason = pull.reason if pull else ""
        policy = policy_for(
            Kind(solution.kind),
            Criticality(solution.criticality),
            frozenset(tag.name for tag in solution.tags.all()),
            scopes,
        )
        set_dates(solution, policy=policy)
    Solution.objects.bulk_update(
        (solution for solution, _ in pulled.values()), CLOCK_FIELDS, batch_size=200
    )
    return settle_flags(solution_ids=sorted(pulled), today=today, now=now)
