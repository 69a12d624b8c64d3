"""
Comments, whatever fails and whoever dies: each is written once.

They have no search lag to be waited out, but the same machine behind them as tickets;
what may be done twice without harm, such as closing, is not tried here.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from reviews.models import Connection, Ticket, TicketStep
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import Standing, StepKind
from reviews.services.tickets.planning import new_marker
from tests.databases import database_url
from tests.faults.clock import SharedClock
from tests.faults.killing import Kill
from tests.faults.lanes import Lane, lanes
from tests.faults.register import connection_to, intents, open_flags
from tests.trackers.github import GitHubTracker
from tests.trackers.serving import Asked, Fault, Kind

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FAULTS = (
    Fault.OK,
    Fault.LIMITED,
    Fault.ERROR_BEFORE,
    Fault.ERROR_AFTER,
    Fault.DROPPED_BEFORE,
    Fault.DROPPED_AFTER,
    Fault.TIMEOUT_AFTER,
    Fault.EMPTY,
)
ROUNDS = 60


@dataclass
class Case:
    """One comment, and what befalls it."""

    fault: Fault
    kill: Kill
    step: TicketStep
    is_struck: bool = False
    is_killed: bool = False

    def next_fault(self) -> Fault:
        fault = Fault.OK if self.is_struck else self.fault
        self.is_struck = True
        return fault


@pytest.fixture
def trackers(tmp_path: Path) -> Iterator[dict[Fault, GitHubTracker]]:
    clock = SharedClock(tmp_path / "clock")
    with ExitStack() as stack:
        yield {
            fault: stack.enter_context(GitHubTracker(clock=clock.seconds))
            for fault in FAULTS
        }


def test_every_comment_is_written_once_whatever_fails_and_whoever_dies(
    trackers: dict[Fault, GitHubTracker], tmp_path: Path
) -> None:
    clock = SharedClock(tmp_path / "clock")
    cases = _cases(trackers, clock.now())
    _set_up(trackers, cases)

    with lanes(
        1,
        clock,
        DATABASE_URL=database_url(),
        OUTBOUND_ALLOWED_HOSTS=",".join(
            tracker.origin.removeprefix("http://") for tracker in trackers.values()
        ),
        LOG_LEVEL="CRITICAL",
    ) as (lane,):
        for _ in range(ROUNDS):
            if not _work(lane, clock, cases):
                break

    assert not TicketStep.objects.exclude(state=SendState.DONE.value).exists()
    for case in cases:
        name = f"{case.fault}, killed {case.kill}"
        (issue,) = trackers[case.fault].having(case.step.marker)
        assert len(issue.comments) == 1, name
        assert case.is_killed is (case.kill is not Kill.NEVER), name


def _work(lane: Lane, clock: SharedClock, cases: list[Case]) -> bool:
    """Let time pass to what is due next and work for it; return whether anything was."""
    waiting = {
        row.pk: _next_at(row)
        for row in TicketStep.objects.unfinished().select_related("ticket__connection")
    }
    if not waiting:
        return False
    clock.put_forward_to(min(waiting.values()) + timedelta(seconds=5))
    due = {
        case.step.ticket.connection_id: case
        for case in cases
        if case.step.pk in waiting and waiting[case.step.pk] <= clock.now()
    }
    jobs = [(id, Kill.NEVER if c.is_killed else c.kill) for id, c in due.items()]
    for connection_id in lane.work_off(jobs):
        due[connection_id].is_killed = True
    return True


def _next_at(row: TicketStep) -> datetime:
    held = row.claimed_until if row.state == SendState.SENDING else row.next_at
    assert held is not None
    return max(filter(None, [held, row.ticket.connection.rests_until]))


def _cases(trackers: dict[Fault, GitHubTracker], now: datetime) -> list[Case]:
    matrix = list(product(FAULTS, Kill))
    connections = Connection.objects.bulk_create(
        connection_to(trackers[fault].address, now, slug=f"case-{index}", polled_at=now)
        for index, (fault, _) in enumerate(matrix)
    )
    flags = open_flags(len(matrix), now)
    tickets = intents(list(zip(connections, flags, strict=True)), now)
    cases = []
    for (fault, kill), ticket in zip(matrix, tickets, strict=True):
        issue = trackers[fault].add(title="Review", body=ticket.marker)
        Ticket.objects.filter(pk=ticket.pk).update(
            state=SendState.DONE.value,
            done_at=now,
            remote_id=str(issue.number),
            standing=Standing.OPEN.value,
            updated_at=now,
            read_at=now,
        )
        step = TicketStep.objects.create(
            ticket=ticket,
            kind=StepKind.COMMENT.value,
            key="closed",
            marker=new_marker(),
            text="It is done.",
            next_at=now,
            created_at=now,
        )
        cases.append(Case(fault, kill, step))
    return cases


def _set_up(trackers: dict[Fault, GitHubTracker], cases: list[Case]) -> None:
    """Have the ticket systems do what befalls a comment, and kill whom it says."""
    by_marker = {case.step.marker: case for case in cases}

    def case_of(body: bytes) -> Case:
        found = re.search(rb"bb-[0-9a-f]{16}", body)
        assert found
        return by_marker[found[0].decode()]

    for tracker in trackers.values():

        def kill(asked: Asked, tracker: GitHubTracker = tracker) -> None:
            if tracker.kind_of(asked) is not Kind.COMMENT:
                return
            case = case_of(asked.body)
            if case.kill is Kill.DURING_POST and not case.is_killed:
                case.is_killed = True
                pid = re.search(r"\+(\d+)@workers", asked.agent)
                assert pid
                os.kill(int(pid[1]), signal.SIGKILL)

        tracker.faults_on = frozenset({Kind.COMMENT})
        tracker.fault_for = lambda method, path, body: case_of(body).next_fault()
        tracker.on_request = kill
