"""A flag's ticket, asked for or tried again: one click each, and on to where it was."""

from django.http import Http404, HttpRequest, HttpResponse

from reviews.pages.deciding import Sent, decided, decision, solution_named
from reviews.queries.flags import find_flag
from reviews.queries.tickets import find_ticket
from reviews.services.tickets.planning import ask_for_ticket
from reviews.services.tickets.problems import try_again


@decision
def retry(request: HttpRequest, id: int) -> HttpResponse:
    ticket = find_ticket(id)
    if ticket is None:
        raise Http404

    def decide(sent: Sent) -> str:
        try_again(ticket_id=id, actor=sent.actor, now=sent.now)
        if ticket.conflict:
            return f"The flag's values are sent to {ticket.connection_name}."
        return f"{ticket.connection_name} is tried again within a minute."

    return decided(request, solution_named(ticket.solution), f"ticket-{id}", decide)


@decision
def make(request: HttpRequest, flag_id: int) -> HttpResponse:
    flag = find_flag(flag_id)
    if flag is None:
        raise Http404

    def decide(sent: Sent) -> str:
        ticket = ask_for_ticket(
            flag_id=flag_id,
            connection_id=None,
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        return f"A ticket is on its way to {ticket.connection}."

    return decided(request, solution_named(flag.solution), "ticket", decide)
