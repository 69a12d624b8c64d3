"""
The decisions on one solution, or one of its flags: each calls one service and goes on.

They only take what is sent to them. Where they lead to afterwards stands in the form, as
a path of this tracker. What is refused comes back as it was typed, in `pages.focus`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from reviews.pages import errors, focus
from reviews.pages.decision_forms import Refusal
from reviews.pages.shell import visitor
from reviews.queries.covers import find_cover
from reviews.queries.flags import FlagRow, find_flag
from reviews.queries.home import OwnerName, owner_named
from reviews.queries.log import slug_of_evaluation
from reviews.queries.solutions import SolutionRow, find_solution
from reviews.rules.access import Actor, NotAllowedError
from reviews.rules.text import TextError, clean_line, shown
from reviews.rules.vocabulary import Verdict
from reviews.services.covers import (
    override_flag,
    revoke_cover,
    snooze_flag,
    waive_flag,
)
from reviews.services.errors import ConflictError, DomainError, InvalidError
from reviews.services.evaluations import Judgement, decide_proposal, record_evaluation
from reviews.services.reaffirming import reaffirm as reaffirm_solution
from reviews.services.succession import reassign_solution

LONGEST_NEXT = 2_000

# What services call the parts of a request, where a form here calls them otherwise.
_FIELDS = {"expires_on": "until", "owner_id": "owner", "replacement_id": "replacement"}

Rest = ParamSpec("Rest")
Door = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


class SeeOther(HttpResponseRedirect):
    status_code = HTTPStatus.SEE_OTHER


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sent, by whom and when."""

    request: HttpRequest
    actor: Actor
    today: date
    now: datetime

    def text(self, name: str) -> str:
        """Return what a field holds; a service says whether it will do."""
        return self.request.POST.get(name, "").strip()

    def day(self, name: str) -> date:
        """
        Return the day that a field holds.

        :raises InvalidError: if it holds none.
        """
        text = self.text(name)
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise InvalidError(
                f"{shown(text)} is no day: write one as {self.today}."
                if text
                else f"It takes a day: write one as {self.today}.",
                field=name,
            ) from error


def decision(door: Door[Rest]) -> Door[Rest]:
    """Return a door that takes only what is sent to it, by somebody who signed in."""

    @wraps(door)
    def entered(
        request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponse:
        if not request.user.is_authenticated:
            # Nothing is to be read here, so that signing in leads to the queue.
            return redirect_to_login(reverse("queue"))
        return door(request, *args, **kwargs)

    return never_cache(require_POST(entered))


@decision
def reaffirm(request: HttpRequest, slug: str) -> HttpResponse:
    solution = _solution(slug)

    def decide(sent: Sent) -> str:
        evaluation = reaffirm_solution(
            solution_id=solution.id, actor=sent.actor, today=sent.today, now=sent.now
        )
        return f"{solution.name} is still true: re-affirmed as {evaluation.verdict}."

    return _decided(request, solution, "reaffirm", decide)


@decision
def reassign(request: HttpRequest, slug: str) -> HttpResponse:
    solution = _solution(slug)

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

    return _decided(request, solution, "reassign", decide)


@decision
def deprecate(request: HttpRequest, slug: str) -> HttpResponse:
    solution = _solution(slug)

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

    return _decided(request, solution, "deprecate", decide)


@decision
def snooze(request: HttpRequest, flag_id: int) -> HttpResponse:
    flag = _flag(request, flag_id)
    solution = _solution(flag.solution)

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

    return _decided(request, solution, "snooze", decide)


@decision
def waive(request: HttpRequest, flag_id: int) -> HttpResponse:
    flag = _flag(request, flag_id)
    solution = _solution(flag.solution)

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

    return _decided(request, solution, "waive", decide)


@decision
def override(request: HttpRequest, flag_id: int) -> HttpResponse:
    flag = _flag(request, flag_id)
    solution = _solution(flag.solution)

    def decide(sent: Sent) -> str:
        override_flag(
            flag_id=flag.id,
            reason=sent.text("reason"),
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        return f"A flag of {solution.name} is overridden until its facts change."

    return _decided(request, solution, "override", decide)


@decision
def revoke(request: HttpRequest, id: int) -> HttpResponse:
    cover = find_cover(id)
    if cover is None:
        raise Http404
    solution = _solution(cover.solution)

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

    return _decided(request, solution, f"revoke-{id}", decide)


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
    solution = _solution(slug)

    def decide(sent: Sent) -> str:
        decided = decide_proposal(
            evaluation_id=id,
            approve=approve,
            reason=sent.text("reason"),
            actor=sent.actor,
            today=sent.today,
            now=sent.now,
        )
        verdict = decided.evaluation.verdict
        if approve:
            return f"Approved: {verdict} {solution.name}, from now on."
        return f"Declined: {verdict} {solution.name}. Nothing was changed."

    form = f"approve-{id}" if approve else f"decline-{id}"
    return _decided(request, solution, form, decide)


def _decided(
    request: HttpRequest,
    solution: SolutionRow,
    form: str,
    decide: Callable[[Sent], str],
) -> HttpResponse:
    """Answer a decision: on with what was done, or back with why it was refused."""
    onward = request.POST.get("next", "") or reverse("queue")
    if not _is_local(onward):
        return errors.refused(
            request, "A decision leads to a page of this tracker, and to no other."
        )
    now = timezone.now()
    sent = Sent(request, visitor(request), timezone.localdate(now), now)
    try:
        done = decide(sent)
    except NotAllowedError as error:
        return _refused(sent, solution, Refusal(form, str(error)))
    except DomainError as error:
        name = _FIELDS.get(error.field, error.field)
        return _refused(sent, solution, Refusal(form, error.message, name), error)
    query = request.GET.urlencode()
    back = reverse("focus", args=[solution.slug]) + (f"?{query}" if query else "")
    link = '{} <a href="{}">Back to {}</a>'
    messages.success(request, format_html(link, done, back, solution.name))
    return SeeOther(onward)


def _refused(
    sent: Sent,
    solution: SolutionRow,
    refusal: Refusal,
    error: DomainError | None = None,
) -> HttpResponse:
    """Answer with the solution in focus, and nothing lost of what was typed."""
    match error:
        case None:
            status = HTTPStatus.FORBIDDEN
        case ConflictError():
            status = HTTPStatus.CONFLICT
        case _:
            status = HTTPStatus.BAD_REQUEST
    typed = {name: sent.request.POST[name] for name in sent.request.POST}
    told = Refusal(refusal.form, refusal.message, refusal.at, typed)
    return focus.shown(sent.request, solution.slug, refusal=told, status=status)


def _is_local(address: str) -> bool:
    return (
        len(address) <= LONGEST_NEXT
        and address.startswith("/")
        and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    )


def _solution(slug: str) -> SolutionRow:
    solution = find_solution(slug)
    if solution is None:
        raise Http404
    return solution


def _flag(request: HttpRequest, flag_id: int) -> FlagRow:
    """
    Return the flag that is meant: the one chosen in the form, or that of the address.

    Without a script, an address cannot follow what somebody chooses in the form. What is
    chosen has to ask about the same solution.
    """
    flag = find_flag(flag_id)
    if flag is None:
        raise Http404
    chosen = request.POST.get("flag", "")
    if not chosen or chosen == str(flag_id):
        return flag
    other = find_flag(int(chosen)) if chosen.isdecimal() and len(chosen) < 20 else None
    if other is None or other.solution != flag.solution:
        raise Http404
    return other


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
