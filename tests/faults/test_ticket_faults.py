"""
Every fault of a ticket system, in every moment in which a worker may die.

Sixteen faults, six moments and three search lags: 288 tickets, made by real processes
over real sockets, by a clock that is put forward while all of them rest. A fault befalls
the first request that would make an issue; a refusal lasts until somebody has put it
right and clicked, once. However it goes: one issue for each flag.
"""

import os
import re
import signal
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from reviews.models import Connection, Ticket
from reviews.rules.outgoing import SendState
from reviews.services.tickets.problems import try_again, try_connection_again
from tests.conftest import Cast
from tests.databases import database_url
from tests.faults.clock import SharedClock
from tests.faults.killing import Kill
from tests.faults.lanes import Job, Lane, lanes
from tests.faults.register import connection_to, intents, open_flags
from tests.trackers.github import GitHubTracker
from tests.trackers.serving import Asked, Fault, Kind

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LAGS = (0, 2, 60)
LANES = 4
ROUNDS = 100
TOGETHER = timedelta(seconds=5)
"""What is due within so long of each other is worked off together."""

REFUSALS = frozenset(
    {Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.UNPROCESSABLE}
)


@dataclass
class Case:
    """One ticket, what befalls it, and what has become of that."""

    fault: Fault
    kill: Kill
    lag: int
    ticket: Ticket
    is_struck: bool = False
    is_put_right: bool = False
    is_killed: bool = False

    @property
    def name(self) -> str:
        return f"{self.fault}, killed {self.kill}, lag {self.lag} s"

    def next_fault(self) -> Fault:
        if self.fault in REFUSALS:
            return Fault.OK if self.is_put_right else self.fault
        fault = Fault.OK if self.is_struck else self.fault
        self.is_struck = True
        return fault


@dataclass
class Trial:
    """All cases, the ticket systems that they are about, and the workers."""

    cast: Cast
    clock: SharedClock
    cases: list[Case]
    trackers: dict[tuple[Fault, int], GitHubTracker]
    lanes: list[Lane] = field(default_factory=list)

    def run(self) -> None:
        """Let the workers work, and time pass, until every ticket is done."""
        for _ in range(ROUNDS):
            if waiting := _waiting():
                first = min(map(_next_at, waiting.values()))
                self.clock.put_forward_to(first + TOGETHER)
                self._work([case for case in self.cases if self._is_due(waiting, case)])
            elif not self._click():
                return
        stuck = [
            f"{case.name}: {row.state}, {row.problem}"
            for case in self.cases
            if (row := _waiting().get(case.ticket.pk)) is not None
        ]
        raise AssertionError("\n".join(["There is no end to it:", *stuck]))

    def _is_due(self, waiting: dict[int, Ticket], case: Case) -> bool:
        row = waiting.get(case.ticket.pk)
        return row is not None and _next_at(row) <= self.clock.now()

    def _work(self, cases: list[Case]) -> None:
        """Work for cases, those of one ticket system in one lane; restart who dies."""
        jobs: dict[int, list[Job]] = defaultdict(list)
        by_connection = {case.ticket.connection_id: case for case in cases}
        places = list(self.trackers)
        for case in cases:
            lane = places.index((case.fault, case.lag)) % len(self.lanes)
            moment = Kill.NEVER if case.is_killed else case.kill
            jobs[lane].append((case.ticket.connection_id, moment))
        with ThreadPoolExecutor(len(self.lanes)) as pool:
            ended = pool.map(lambda lane: self.lanes[lane].work_off(jobs[lane]), jobs)
            for killed in ended:
                for connection_id in killed:
                    by_connection[connection_id].is_killed = True

    def _click(self) -> bool:
        """Put right what was refused and click, once for each; return whether any was."""
        refused = {row.pk: row for row in Ticket.objects.refused()}
        found = [case for case in self.cases if case.ticket.pk in refused]
        for case in found:
            assert not case.is_put_right, f"{case.name}: refused after it was put right"
            case.is_put_right = True
            dora, now = self.cast.actor(self.cast.dora), self.clock.now()
            if case.fault is Fault.UNPROCESSABLE:
                try_again(ticket_id=case.ticket.pk, actor=dora, now=now)
            else:
                try_connection_again(
                    connection_id=case.ticket.connection_id, actor=dora, now=now
                )
        return bool(found)


def _waiting() -> dict[int, Ticket]:
    rows = Ticket.objects.unfinished().select_related("connection")
    return {row.pk: row for row in rows}


def _next_at(row: Ticket) -> datetime:
    """Return when a row may be taken up next."""
    held = row.claimed_until if row.state == SendState.SENDING else row.next_at
    assert held is not None
    return max(filter(None, [held, row.connection.rests_until]))


@pytest.fixture
def trial(cast: Cast, tmp_path: Path) -> Iterator[Trial]:
    clock = SharedClock(tmp_path / "clock")
    with ExitStack() as stack:
        trackers = {
            (fault, lag): stack.enter_context(
                GitHubTracker(clock=clock.seconds, lag=lag)
            )
            for fault, lag in product(Fault, LAGS)
        }
        trial = Trial(cast, clock, _cases(trackers, clock.now()), trackers)
        _set_up(trial)
        trial.lanes = stack.enter_context(
            lanes(
                LANES,
                clock,
                DATABASE_URL=database_url(),
                OUTBOUND_ALLOWED_HOSTS=",".join(
                    tracker.origin.removeprefix("http://")
                    for tracker in trackers.values()
                ),
                LOG_LEVEL="CRITICAL",
            )
        )
        yield trial


def _cases(
    trackers: dict[tuple[Fault, int], GitHubTracker], now: datetime
) -> list[Case]:
    matrix = list(product(Fault, Kill, LAGS))
    connections = Connection.objects.bulk_create(
        connection_to(
            trackers[fault, lag].address,
            now,
            slug=f"case-{index}",
            lag_seconds=lag,
            polled_at=now,
        )
        for index, (fault, _, lag) in enumerate(matrix)
    )
    flags = open_flags(len(matrix), now)
    tickets = intents(list(zip(connections, flags, strict=True)), now)
    return [
        Case(*how, ticket=ticket) for how, ticket in zip(matrix, tickets, strict=True)
    ]


def _set_up(trial: Trial) -> None:
    """Have the ticket systems do what befalls a case, and kill whom it says."""
    by_marker = {case.ticket.marker: case for case in trial.cases}

    def case_of(body: bytes) -> Case:
        found = re.search(rb"bb-[0-9a-f]{16}", body)
        assert found
        return by_marker[found[0].decode()]

    def fault_for(method: str, path: str, body: bytes) -> Fault:
        return case_of(body).next_fault()

    for tracker in trial.trackers.values():

        def kill(asked: Asked, tracker: GitHubTracker = tracker) -> None:
            if tracker.kind_of(asked) is not Kind.CREATE:
                return
            case = case_of(asked.body)
            if case.kill is Kill.DURING_POST and not case.is_killed:
                case.is_killed = True
                pid = re.search(r"\+(\d+)@workers", asked.agent)
                assert pid
                os.kill(int(pid[1]), signal.SIGKILL)

        tracker.fault_for = fault_for
        tracker.on_request = kill


def test_every_flag_has_one_ticket_whatever_fails_and_whoever_dies(
    trial: Trial,
) -> None:
    trial.run()

    wrong = []
    for case in trial.cases:
        row = Ticket.objects.get(pk=case.ticket.pk)
        issues = trial.trackers[case.fault, case.lag].having(row.marker)
        linked = [row.remote_id] == [str(issue.number) for issue in issues]
        if len(issues) != 1 or not linked or row.state != SendState.DONE:
            wrong.append(f"{case.name}: {len(issues)} issues, {row.state}")
        if case.kill is not Kill.NEVER and not case.is_killed:
            wrong.append(f"{case.name}: nobody was killed")
    assert wrong == []
    assert len(trial.cases) == 288
    _refused_at_most_twice(trial)


def _refused_at_most_twice(trial: Trial) -> None:
    """Check that what was refused was not asked again and again before the click."""
    for case in trial.cases:
        tracker = trial.trackers[case.fault, case.lag]
        marker = case.ticket.marker.encode()
        posts = [asked for asked in tracker.creating_posts if marker in asked.body]
        # Two, where a worker died of the first; and the one after the click.
        assert len(posts) <= 3, case.name
