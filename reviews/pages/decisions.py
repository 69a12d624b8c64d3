"""
The decisions on one solution, or one of its flags: each calls one service and goes on.

They only take what is sent to them. Where they lead to afterwards stands in the form, as
a path of this tracker; `pages.deciding` sees to that.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify

from reviews.pages.deciding import (
    Sent,
    decided,
    decision,
    flag_meant,
    solution_named,
)
from reviews.queries.covers import find_cover
from reviews.queries.home import OwnerName, owner_named
from reviews.queries.log import slug_of_evaluation
from reviews.queries.solutions import find_solution
from reviews.rules.text import TextError, clean_line, shown
from reviews.rules.vocabulary import Verdict
from reviews.services.covers import (
    override_flag,
    revoke_cover,
    snooze_flag,
    waive_flag,
)
from reviews.services.errors import InvalidError
from reviews.services.evaluations import Judgement, decide_proposal, record_evaluation
from reviews.services.reaffirming import reaffirm as reaffirm_solution
from reviews.services.succession import reassign_solution


@decision
def reaffirm(request: HttpRequest, slug: str) -> HttpResponse:
    solution = solution_named(slug)

    def decide(sent: Sent) -> str:
        evaluation = reaffirm_solution(
            solution_id=solution.id, actor=sent.actor, today=sent.today, now=sent.now
        )
        return f"{solution.name} is still true: re-affirmed as {evaluation.verdict}."

    return decided(request, solution, "reaffirm", decide)


@decision
def reassign(request: HttpRequest, slug: str) -> HttpResponse:
    solution = solution_named(slug)

    def decide(sent: Sent) -> str:
        owner = _person(sent) if sent.text("owner") else OwnerName()
        reassign_solution(
            solution_id=solution.id,
            owner_id=owner.id,
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        if owner.id is None:
            return f"{solution.name} has no owner any more."
        return f"{solution.name} now belongs to {owner.name}."

    return decided(request, solution, "reassign", decide)


@decision
def deprecate(request: HttpRequest, slug: str) -> HttpResponse:
    solution = solution_named(slug)

    def decide(sent: Sent) -> str:
        evaluation = record_evaluation(
            solution_id=solution.id,
            judgement=Judgement(
                verdict=Verdict.DEPRECATE,
                evaluated_on=sent.today,
                summary=sent.text("summary"),
                replacement_id=_replacement(sent),
            ),
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        if evaluation.is_proposal:
            return f"Proposed: deprecate {solution.name}. A lead decides on it."
        return f"{solution.name} is deprecated from now on."

    return decided(request, solution, "deprecate", decide)


@decision
def snooze(request: HttpRequest, flag_id: int) -> HttpResponse:
    flag = flag_meant(request, flag_id)
    solution = solution_named(flag.solution)

    def decide(sent: Sent) -> str:
        until = sent.day("until")
        snooze_flag(
            flag_id=flag.id,
            until=until,
            reason=sent.text("reason"),
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        return f"A flag of {solution.name} is snoozed until {until}."

    return decided(request, solution, "snooze", decide)


@decision
def waive(request: HttpRequest, flag_id: int) -> HttpResponse:
    flag = flag_meant(request, flag_id)
    solution = solution_named(flag.solution)

    def decide(sent: Sent) -> str:
        until = sent.day("until")
        owner = _person(sent)
        waive_flag(
            flag_id=flag.id,
            owner_id=owner.id or 0,
            reason=sent.text("reason"),
            until=until,
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        return (
            f"A flag of {solution.name} is waived until {until}; {owner.name} answers "
            "for it."
        )

    return decided(request, solution, "waive", decide)


@decision
def override(request: HttpRequest, flag_id: int) -> HttpResponse:
    flag = flag_meant(request, flag_id)
    solution = solution_named(flag.solution)

    def decide(sent: Sent) -> str:
        override_flag(
            flag_id=flag.id,
            reason=sent.text("reason"),
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        return f"A flag of {solution.name} is overridden until its facts change."

    return decided(request, solution, "override", decide)


@decision
def revoke(request: HttpRequest, id: int) -> HttpResponse:
    cover = find_cover(id)
    if cover is None:
        raise Http404
    solution = solution_named(cover.solution)

    def decide(sent: Sent) -> str:
        revoke_cover(
            cover_id=id,
            reason=sent.text("reason"),
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        return (
            f"The {cover.kind} of {solution.name} has ended: its flag is asked again."
        )

    return decided(request, solution, f"revoke-{id}", decide)


@decision
def approve(request: HttpRequest, id: int) -> HttpResponse:
    return _decided_on_proposal(request, id, approve=True)


@decision
def decline(request: HttpRequest, id: int) -> HttpResponse:
    return _decided_on_proposal(request, id, approve=False)


def _decided_on_proposal(
    request: HttpRequest, id: int, *, approve: bool
) -> HttpResponse:
    slug = slug_of_evaluation(id)
    if slug is None:
        raise Http404
    solution = solution_named(slug)

    def decide(sent: Sent) -> str:
        made = decide_proposal(
            evaluation_id=id,
            approve=approve,
            reason=sent.text("reason"),
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        verdict = made.evaluation.verdict
        if approve:
            return f"Approved: {verdict} {solution.name}, from now on."
        return f"Declined: {verdict} {solution.name}. Nothing was changed."

    form = f"approve-{id}" if approve else f"decline-{id}"
    return decided(request, solution, form, decide)


def _person(sent: Sent) -> OwnerName:
    """
    Return the person whose username was typed.

    :raises InvalidError: if nobody here has it.
    """
    username = sent.text("owner")
    if not username:
        raise InvalidError("It takes a person: write a username.", field="owner")
    person = owner_named(_clean(username, "owner", limit=150))
    if person is None:
        raise InvalidError(
            f"Nobody here has the username {shown(username)}.", field="owner"
        )
    return person


def _replacement(sent: Sent) -> int | None:
    """
    Return the solution to use instead, None if nothing was typed.

    :raises InvalidError: if the register has no such solution.
    """
    typed = sent.text("replacement")
    if not typed:
        return None
    name = _clean(typed, "replacement", limit=200)
    found = find_solution(slugify(name.rstrip("/").rpartition("/")[2]))
    if found is None:
        raise InvalidError(
            f"The register has no solution {shown(typed)}: write the last part of its "
            "page's address.",
            field="replacement",
        )
    return found.id


def _clean(text: str, field: str, *, limit: int) -> str:
    try:
        return clean_line(text, limit=limit)
    except TextError as error:
        raise InvalidError(str(error), field=field) from error
