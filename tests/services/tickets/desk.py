"""One worker's desk in the tests: a real server as the ticket system, and a clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from reviews.connectors.addresses import Destination
from reviews.connectors.http import HTTPClient, Network
from reviews.connectors.tickets.github.issues import GitHubIssues
from reviews.models import Attempt, Connection, Flag, Ticket, TicketStep
from reviews.ports.tickets import Draft, Fields, RemoteTicket, TicketSystem
from reviews.rules.ticketing import StepKind
from reviews.services.evidence.budget import StoredBudget
from reviews.services.tickets.planning import new_marker
from reviews.services.tickets.sending import Sent, send_tickets
from tests.clock import Clock
from tests.conftest import TODAY, Cast
from tests.ticketing import SITE, connected
from tests.trackers.github import GitHubTracker


@dataclass
class Desk:
    """A live connection to a fake GitHub that is really asked over HTTP."""

    tracker: GitHubTracker
    clock: Clock
    connection: Connection
    fields: Fields = field(default_factory=Fields)
    token: str = "the-token"
    per_second: float = 1000
    # Where it is looked for, if not where it is.
    address: str = ""
    # What happens in the moment before an issue is asked for.
    meanwhile: Callable[[Draft], object] | None = None

    def system(self) -> TicketSystem:
        address = self.address or self.tracker.address
        authority = Destination.of(address).authority
        client = HTTPClient(
            agent="best-before-test",
            network=Network(origins=frozenset({authority})),
            budget=StoredBudget(
                per_second=self.per_second,
                patience=timedelta(seconds=5),
                clock=self.clock,
                sleep=self.clock.advance,
            ),
            deadline=timedelta(seconds=0.5),
        )
        return _Interrupted(
            client,
            address=address,
            project=self.tracker.project,
            issue_type="",
            login="",
            token=self.token,
            fields=self.fields,
            meanwhile=self.meanwhile,
        )

    def send(self, seconds: float = 50) -> Sent:
        self.connection.refresh_from_db()
        return send_tickets(
            connection=self.connection,
            system=self.system(),
            clock=self.clock,
            today=TODAY,
            site_url=SITE,
            until=self.clock() + timedelta(seconds=seconds),
        )

    def send_later(self, seconds: float) -> Sent:
        self.clock.advance(seconds)
        return self.send()

    def intend(self, flag: Flag) -> Ticket:
        """Return a ticket that is to be made."""
        return Ticket.objects.create(
            connection=self.connection,
            flag=flag,
            marker=new_marker(),
            next_at=self.clock(),
            created_at=self.clock(),
        )

    def step(self, ticket: Ticket, kind: StepKind, text: str = "") -> TicketStep:
        """Return a step that is to be taken."""
        marker = new_marker()
        return TicketStep.objects.create(
            ticket=ticket,
            kind=kind.value,
            key=marker,
            marker=marker,
            text=text,
            next_at=self.clock(),
            created_at=self.clock(),
        )


class _Interrupted(GitHubIssues):
    """GitHub's issues, with something that happens before one is made."""

    def __init__(
        self,
        client: HTTPClient,
        *,
        meanwhile: Callable[[Draft], object] | None,
        **said: Any,
    ) -> None:
        super().__init__(client, **said)
        self._meanwhile = meanwhile

    def create(self, draft: Draft) -> RemoteTicket:
        if self._meanwhile is not None:
            self._meanwhile(draft)
        return super().create(draft)


@contextmanager
def desk_of(cast: Cast, **said: Any) -> Iterator[Desk]:
    clock = Clock()
    with GitHubTracker(clock=clock.timestamp) as tracker:
        given: dict[str, Any] = {
            "address": tracker.address,
            "project": tracker.project,
            "lag_seconds": 60,
            "owner": cast.dora,
        }
        yield Desk(tracker, clock, connected(**(given | said)))


def states() -> list[str]:
    """Return how far the tickets came, in the order in which they were planned."""
    return list(Ticket.objects.order_by("pk").values_list("state", flat=True))


def ledger() -> list[tuple[str, str]]:
    """Return what was asked of the system, and what came of it, in order."""
    return list(Attempt.objects.order_by("pk").values_list("what", "outcome"))
