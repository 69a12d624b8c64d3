"""Decisions that people take in tickets: obeyed once, and never beyond their rights."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from reviews.models import (
    Change,
    Connection,
    Cover,
    Evaluation,
    Flag,
    Membership,
    Solution,
    Ticket,
    TicketStep,
    User,
)
from reviews.ports.outside import OutsideError
from reviews.rules.outgoing import SendState
from reviews.rules.ticketing import POLL_EVERY, Standing, StepKind
from reviews.rules.vocabulary import Verdict
from reviews.services.tickets.standing import add_step
from tests.conftest import NOW, TODAY, Cast
from tests.faults.register import open_flags
from tests.services.building import evaluated, judged, registered
from tests.services.covering import overdue, questioned, snoozed, waived
from tests.services.test_at_once import at_once
from tests.services.tickets.counter import Counter
from tests.ticketing import connected
from tests.trackers.issues import OUTSIDER

DEFAULT_DAY = TODAY + timedelta(days=90)
PAIRS = 200


def looked(counter: Counter, ticket: Ticket, times: int = 3) -> Ticket:
    """Have a ticket read again and again, which must not matter; return it."""
    for _ in range(times):
        counter.hints(ticket.connection, ticket)
        counter.reads(ticket.connection)
    ticket.refresh_from_db()
    ticket.flag.refresh_from_db()
    return ticket


def decided() -> list[Evaluation]:
    """Return the evaluations that came from tickets."""
    return list(Evaluation.objects.filter(author_name__contains=" in #"))


def comments() -> list[TicketStep]:
    return list(TicketStep.objects.filter(kind="comment").order_by("pk"))


def told() -> str:
    (step,) = comments()
    return step.text


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("verdict", ["adopt", "trial", "assess", "hold"])
def test_a_verdict_in_a_comment_completes_the_review(
    counter: Counter, ticket: Ticket, verdict: str, closed: bool
) -> None:
    counter.store.comment(1, "Pat", f"Hello.\r\n/verdict {verdict} because it works\n")
    if closed:
        counter.store.close(1)

    looked(counter, ticket)

    (evaluation,) = decided()
    assert (evaluation.verdict, evaluation.evaluated_on) == (verdict, TODAY)
    assert (evaluation.author, evaluation.author_name) == (None, "Pat in #1")
    assert evaluation.summary == "it works"
    assert f"/verdict {verdict} because it works" in evaluation.rationale
    assert not evaluation.is_proposal
    assert ticket.flag.closed_by == evaluation
    assert comments() == []
    change = Change.objects.get(what="evaluated", actor="Pat in #1")
    assert change.door == "ticket shop"


@pytest.mark.parametrize("text", ["/verdict adopt", "/waive it is fine"])
def test_who_only_passes_by_decides_nothing(
    counter: Counter, ticket: Ticket, text: str
) -> None:
    counter.store.comment(1, OUTSIDER, text)

    looked(counter, ticket)

    assert decided() == []
    assert not Cover.objects.exists()
    assert ticket.flag.closed_at is None
    assert comments() == []


@pytest.mark.parametrize("verdict", ["deprecate", "retire"])
def test_to_end_a_solution_s_life_is_a_proposal(
    counter: Counter, ticket: Ticket, verdict: str
) -> None:
    counter.store.comment(1, "pat", f"/verdict {verdict}")
    counter.store.close(1)

    looked(counter, ticket)

    (evaluation,) = decided()
    assert evaluation.is_proposal
    assert evaluation.summary == "Decided in #1."
    assert ticket.flag.closed_at is None
    assert f"That is a proposal to {verdict}, made by pat" in told()


@pytest.mark.parametrize(
    "text", ["/waive because it goes in spring", "/WAIVE it goes in spring"]
)
def test_a_waiver_gets_the_default_day_and_the_connection_s_owner_approves(
    cast: Cast, counter: Counter, ticket: Ticket, text: str
) -> None:
    counter.store.comment(1, "pat", f"{text}\n\nuntil 2036-01-01, approved by dora")

    looked(counter, ticket)

    cover = Cover.objects.get()
    assert (cover.kind, cover.until) == ("waiver", DEFAULT_DAY)
    assert (cover.owner, cover.approver) == (cast.alice, cast.alice)
    assert cover.reason == "pat in #1: it goes in spring"
    assert ticket.flag.covered_until == DEFAULT_DAY
    assert comments() == []


def test_a_waiver_s_owner_is_who_owns_the_solution(
    cast: Cast, counter: Counter, ticket: Ticket
) -> None:
    Solution.objects.update(owner=cast.bob)
    counter.store.comment(1, "pat", "/waive")

    looked(counter, ticket)

    cover = Cover.objects.get()
    assert (cover.owner, cover.approver) == (cast.bob, cast.alice)
    assert cover.reason == "pat in #1: no reason was given"


def test_a_waiver_hides_no_day_that_is_known(counter: Counter, ticket: Ticket) -> None:
    Solution.objects.update(
        assumption_due_on=TODAY + timedelta(days=20), assumption_reason="the licence"
    )
    counter.store.comment(1, "pat", "/waive")

    looked(counter, ticket)

    assert Cover.objects.get().until == TODAY + timedelta(days=20)


@pytest.mark.parametrize(
    "owner", ["nobody", "an engineer", "a leaver", "of another team"]
)
def test_a_waiver_takes_an_owner_of_the_connection_who_may_approve_it(
    cast: Cast, counter: Counter, ticket: Ticket, owner: str
) -> None:
    if owner == "a leaver":
        User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    else:
        who = {"an engineer": cast.bob, "of another team": cast.eve}.get(owner)
        Connection.objects.update(owner=who)
    counter.store.comment(1, "pat", "/waive because I say so")

    looked(counter, ticket)

    assert not Cover.objects.exists()
    assert "/waive because I say so was not done. " in told()
    assert "/verdict adopt because" in told()


@pytest.mark.parametrize(
    "text",
    [
        "I would say /verdict adopt",
        "> /verdict adopt",
        " /verdict adopt",
        "```\n/verdict adopt\n```",
        "{code}\n/verdict adopt\n{code}",
        "/verdicts adopt",
        "/verdict-adopt",
        "`/verdict adopt`",
        "verdict adopt",
        "/waiver",
        "",
        "\x00\ud800",
    ],
)
def test_what_is_no_command_decides_nothing(
    counter: Counter, ticket: Ticket, text: str
) -> None:
    counter.store.comment(1, "pat", text)

    looked(counter, ticket)

    assert (decided(), comments()) == ([], [])


@pytest.mark.parametrize(
    "text", ["/verdict", "/verdict maybe", "/verdict adopt, hold", "/verdict because"]
)
def test_a_verdict_that_is_none_is_answered_once(
    counter: Counter, ticket: Ticket, text: str
) -> None:
    counter.store.comment(1, "pat", text)
    counter.store.close(1)

    looked(counter, ticket)

    assert decided() == []
    assert "was not done. It names none of the verdicts." in told()


def test_what_is_written_anew_after_a_refusal_counts(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.comment(1, "pat", "/verdict maybe")
    looked(counter, ticket)
    counter.store.comment(1, "pat", "/verdict hold")

    looked(counter, ticket)

    assert [evaluation.verdict for evaluation in decided()] == ["hold"]


def test_of_several_commands_the_first_answers_the_question(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.comment(1, "pat", "/verdict hold")
    counter.store.comment(1, "kim", "/verdict adopt")

    looked(counter, ticket)

    assert [evaluation.verdict for evaluation in decided()] == ["hold"]
    assert comments() == []


def test_a_command_is_not_obeyed_again_when_the_flag_is_asked_again(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.comment(1, "pat", "/waive")
    looked(counter, ticket)
    Cover.objects.update(ended_at=NOW, ended_because="revoked")
    Flag.objects.update(covered_by="", covered_until=None)

    looked(counter, ticket)

    assert Cover.objects.count() == 1


def test_this_product_s_own_comments_never_count(
    counter: Counter, ticket: Ticket
) -> None:
    add_step(ticket, StepKind.COMMENT, key="x", now=NOW, text="/verdict adopt")
    TicketStep.objects.update(state=SendState.DONE.value, done_at=NOW)
    marker = TicketStep.objects.get().marker
    counter.comment("1", "/verdict adopt", marker=marker)
    counter.comment("1", "/verdict adopt", marker=ticket.marker)

    looked(counter, ticket)

    assert decided() == []


def test_a_closed_flag_has_nothing_to_decide(counter: Counter, ticket: Ticket) -> None:
    evaluated(ticket.flag.solution)
    counter.store.comment(1, "pat", "/verdict hold")
    counter.store.close(1)

    looked(counter, ticket)

    assert (decided(), comments()) == ([], [])
    assert "comments" not in counter.asked


def test_a_ticket_gives_no_more_rights_than_an_engineer_s(
    cast: Cast, counter: Counter, connection: Connection
) -> None:
    solution = registered("Orphan", on=TODAY - timedelta(days=400))
    evaluated(solution, judged(on=TODAY - timedelta(days=300)))
    flag = Flag.objects.get(solution=solution)
    ticket = counter.ticket(flag, connection)
    counter.store.comment(1, cast.dora.email, "/verdict adopt")

    looked(counter, ticket)

    assert decided() == []
    assert "Only administrators may log evaluations that no team owns" in told()


def test_what_an_author_is_called_does_no_harm(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.comment(
        1, "\x00\ud800" + "x" * 500, "/verdict hold because \x00<b>\ud800\u202e"
    )

    looked(counter, ticket)

    (evaluation,) = decided()
    assert evaluation.author_name == f"{'x' * 100} in #1"
    assert evaluation.summary == "<b>"


# Closing.


def test_closing_without_a_decision_asks_for_one_once(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.close(1)

    looked(counter, ticket, times=5)
    counter.store.reopen(1)
    counter.store.close(1)
    looked(counter, ticket)

    assert "closed without a decision" in told()
    assert comments()[0].key == "asks-decision"
    assert ticket.asked_for_decision_at == NOW + timedelta(seconds=1)
    assert ticket.flag.closed_at is None


@pytest.mark.parametrize(
    ("closing", "decisions", "verdict"),
    [
        ({"label": "verdict:hold"}, {}, "hold"),
        ({"label": "Verdict: Trial"}, {}, "trial"),
        ({"resolution": "Won't Do"}, {"won't do": "hold"}, "hold"),
        ({"label": "keep"}, {"Keep": "adopt"}, "adopt"),
        ({"label": "verdict:hold", "resolution": "done"}, {"done": "adopt"}, "hold"),
    ],
)
def test_how_a_ticket_was_closed_may_be_the_decision(
    counter: Counter, ticket: Ticket, closing: Any, decisions: Any, verdict: str
) -> None:
    Connection.objects.update(fields={"decisions": decisions})
    counter.store.close(1, **closing)

    looked(counter, ticket)

    (evaluation,) = decided()
    assert (evaluation.verdict, evaluation.author_name) == (verdict, "Somebody in #1")
    assert ticket.flag.closed_by == evaluation
    assert comments() == []


@pytest.mark.parametrize(
    "closing", [{"label": "waive"}, {"resolution": "accepted"}], ids=str
)
def test_how_a_ticket_was_closed_may_waive_it(
    counter: Counter, ticket: Ticket, closing: Any
) -> None:
    Connection.objects.update(fields={"decisions": {"accepted": "waive"}})
    counter.store.close(1, **closing)

    looked(counter, ticket)

    assert Cover.objects.get().until == DEFAULT_DAY
    assert comments() == []


def test_a_label_on_an_open_ticket_decides_nothing(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.edit(1, labels=["verdict:hold", "waive"])

    looked(counter, ticket)

    assert (decided(), comments(), Cover.objects.count()) == ([], [], 0)


@pytest.mark.parametrize("label", ["verdict:deprecate", "verdict:maybe"])
def test_a_label_is_answered_once(counter: Counter, ticket: Ticket, label: str) -> None:
    counter.store.close(1, label=label)

    looked(counter, ticket, times=5)

    assert len(decided()) == (label == "verdict:deprecate")
    assert len(comments()) == 1


@pytest.mark.parametrize("how", ["comment", "label", "nothing"])
def test_a_connection_that_does_not_decide_only_asks(
    counter: Counter, ticket: Ticket, how: str
) -> None:
    Connection.objects.update(decides=False)
    if how == "comment":
        counter.store.comment(1, "pat", "/verdict hold")
    counter.store.close(1, label="verdict:hold" if how == "label" else "")

    looked(counter, ticket)

    assert decided() == []
    assert ("log an evaluation" if how == "comment" else "Decide it here") in told()


# What this product closes and opens itself is nobody's decision.


def test_a_covered_flag_s_ticket_may_be_closed(
    cast: Cast, counter: Counter, ticket: Ticket
) -> None:
    waived(ticket.flag, cast.alice)
    Connection.objects.update(fields={"decisions": {"done": "adopt"}})
    counter.store.close(1, resolution="done")

    looked(counter, ticket)

    assert (decided(), comments()) == ([], [])


@pytest.mark.parametrize("state", ["to be told", "to be opened", "just opened"])
def test_a_ticket_that_is_about_to_be_opened_again_was_not_closed_by_people(
    cast: Cast, counter: Counter, ticket: Ticket, state: str
) -> None:
    cover = snoozed(ticket.flag)
    cover.ended_at, cover.ended_because = NOW, "revoked"
    cover.save()
    Flag.objects.update(covered_by="", covered_until=None)
    counter.store.close(1)
    if state == "to be told":
        Ticket.objects.update(told_cover=cover)
    else:
        add_step(ticket, StepKind.REOPEN, key="reopen", now=NOW)
    if state == "just opened":
        later = NOW + timedelta(minutes=1)
        TicketStep.objects.update(state=SendState.DONE.value, done_at=later)

    looked(counter, ticket)

    assert comments() == []


def test_while_a_proposal_waits_no_decision_is_asked_for(
    cast: Cast, counter: Counter, ticket: Ticket
) -> None:
    evaluated(
        ticket.flag.solution,
        judged(Verdict.RETIRE),
        actor=cast.actor(cast.bob),
    )
    counter.store.close(1)

    looked(counter, ticket)

    assert comments() == []


def test_a_flag_of_evidence_is_decided_like_any_other(
    cast: Cast, counter: Counter, connection: Connection
) -> None:
    ticket = counter.ticket(questioned(cast), connection)
    counter.store.comment(1, "pat", "/verdict hold")

    looked(counter, ticket)

    assert len(decided()) == 1


# Failing, and at once.


def test_comments_that_cannot_be_read_are_read_later(
    counter: Counter, ticket: Ticket
) -> None:
    counter.store.comment(1, "pat", "/verdict hold")
    comments_of = counter.comments
    counter.comments = _fails  # type: ignore[method-assign]
    looked(counter, ticket, times=1)
    counter.comments = comments_of  # type: ignore[method-assign]
    assert decided() == []

    counter.clock.advance(seconds=POLL_EVERY.total_seconds())
    counter.reads(ticket.connection)

    assert len(decided()) == 1


def _fails(id: str) -> Any:
    raise OutsideError("It broke off.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "text", ["/verdict hold", "/verdict retire", "/waive", "/verdict"]
)
def test_workers_at_once_obey_a_comment_once(cast: Cast, text: str) -> None:
    counter, connection = Counter(), connected(owner=cast.alice)
    ticket = counter.ticket(overdue(cast), connection)
    counter.store.comment(1, "pat", text)
    counter.store.close(1)
    counter.hints(connection, ticket)

    raised = at_once(
        *[lambda: counter.reads(Connection.objects.get(pk=connection.pk))] * 6
    )

    assert raised == []
    made = len(decided()) + Cover.objects.count() + len(comments())
    assert made == (2 if text == "/verdict retire" else 1)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_closing_and_commenting_at_once_closes_every_flag(cast: Cast) -> None:
    """INV-W5; the race that left findings open is DefectDojo's issue 14200."""
    counter, connection = Counter(), connected(owner=cast.alice)
    tickets = _many(counter, connection, cast)

    def change(ticket: Ticket, how: str) -> None:
        number = int(ticket.remote_id)
        try:
            if how == "close":
                counter.store.close(number)
            else:
                counter.store.comment(
                    number, "pat", "/verdict adopt because it is fine"
                )
            counter.hints(connection, ticket)
            if number % 20 == 0:
                counter.reads(Connection.objects.get(pk=connection.pk))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        changes = [
            pool.submit(change, ticket, how)
            for ticket in tickets
            for how in ("close", "comment")
        ]
    for made in changes:
        made.result()
    counter.reads(connection)

    assert Flag.objects.filter(closed_because="evaluated").count() == PAIRS
    assert len(decided()) == PAIRS
    assert Ticket.objects.filter(standing=Standing.CLOSED.value).count() == PAIRS
    assert not Membership.objects.filter(user__username="pat").exists()


def _many(counter: Counter, connection: Connection, cast: Cast) -> list[Ticket]:
    flags = open_flags(PAIRS, NOW)
    Solution.objects.update(team=cast.platform)
    return [counter.ticket(flag, connection) for flag in flags]
