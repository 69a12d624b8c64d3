"""
What every decision's door has in common: who may knock, what was sent, where it leads.

What is refused comes back as it was typed, in `pages.focus`. Which decisions there are is
for `pages.decisions` to say.
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
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from reviews.pages import errors, focus
from reviews.pages.decision_forms import Refusal
from reviews.pages.shell import visitor
from reviews.queries.flags import FlagRow, find_flag
from reviews.queries.solutions import SolutionRow, find_solution
from reviews.rules.access import Actor, NotAllowedError
from reviews.rules.text import shown
from reviews.services.errors import ConflictError, DomainError, InvalidError

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


def decided(
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


def solution_named(slug: str) -> SolutionRow:
    """Return a solution by its slug. :raises Http404: if there is none."""
    solution = find_solution(slug)
    if solution is None:
        raise Http404
    return solution


def flag_meant(request: HttpRequest, flag_id: int) -> FlagRow:
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
