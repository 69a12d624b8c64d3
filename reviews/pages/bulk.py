"""
Deciding on many entries of the queue at once: what will happen is shown before it does.

Each solution has its own rights and its own refusal; one that is refused keeps none of
the others from being done.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from reviews.pages.bulk_steps import (
    LONGEST_REASON,
    Hand,
    Step,
    Word,
    last_snooze,
    step_of,
)
from reviews.pages.parameters import LARGEST_ID
from reviews.pages.shell import frame, visitor
from reviews.pages.wording import counted
from reviews.queries.selected import SelectedRow, selected
from reviews.rules.access import Actor, NotAllowedError, Role
from reviews.rules.covers import LONGEST_SNOOZE_DAYS
from reviews.rules.weeks import coming_weeks
from reviews.services.errors import DomainError, InvalidError

MOST_AT_ONCE = 200
MOST_TOLD = 20
"""How many refusals are told one by one; the preview has told them all."""

LONGEST_ADDRESS = 2_000
_USUAL_SNOOZE = timedelta(days=7)
_FIELDS = ("step", "owner", "until", "reason", "week")


@dataclass(frozen=True, slots=True)
class Offer:
    """
    What the form for many at once offers, as it was filled in or as it begins.

    `error` is about the field `wrong`, or about all of it where that is empty.
    """

    step: str
    owner: str
    until: str
    first_day: str
    last_day: str
    longest_days: int
    reason: str
    longest_reason: int
    weeks: list[tuple[str, str, bool]]
    error: str = ""
    wrong: str = ""


def bulk_offer(
    actor: Actor,
    today: date,
    said: QueryDict | None = None,
    error: DomainError | None = None,
) -> Offer | None:
    """Return the form for many at once, None for who may decide on nothing so."""
    if not actor.is_administrator and Role.LEAD not in actor.roles.values():
        return None
    typed = {name: said.get(name, "") if said else "" for name in _FIELDS}
    return Offer(
        step=typed["step"],
        owner=typed["owner"],
        until=typed["until"] or str(today + _USUAL_SNOOZE),
        first_day=str(today + timedelta(days=1)),
        last_day=str(last_snooze(today)),
        longest_days=LONGEST_SNOOZE_DAYS,
        reason=typed["reason"],
        longest_reason=LONGEST_REASON,
        weeks=[
            (str(week), week.words, str(week) == typed["week"])
            for week in coming_weeks(today)
        ],
        error=error.message if error else "",
        wrong=error.field if error else "",
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """Show what a step would do to those chosen, and with `take` have it done."""
    back = _back(request.POST)
    if request.method != "POST":
        # Who had to sign in meanwhile has chosen nothing any more.
        return redirect("queue")
    now = timezone.now()
    hand = Hand(visitor(request), timezone.localdate(now), now)
    ids = _chosen(request.POST)
    if not ids or len(ids) > MOST_AT_ONCE:
        messages.error(
            request,
            f"At most {MOST_AT_ONCE} at once: choose fewer. Nothing was changed."
            if ids
            else "Nothing was chosen: tick what it is about. Nothing was changed.",
        )
        return redirect(back)
    rows = selected(ids, today=hand.today)
    try:
        step = step_of(request.POST.dict(), hand)
    except InvalidError as error:
        return _asked_again(request, hand, rows, back, error)
    if "take" in request.POST:
        _take(request, step, rows)
        return redirect(back)
    return _preview(request, hand, step, rows, back)


def _take(request: HttpRequest, step: Step, rows: list[SelectedRow]) -> None:
    refusals = []
    for row in rows:
        try:
            step.take(row)
        except (DomainError, NotAllowedError) as refusal:
            refusals.append(f"{row.name}: {refusal}")
        except ObjectDoesNotExist:
            refusals.append(f"{row.name}: somebody deleted it meanwhile.")
    taken = len(rows) - len(refusals)
    if taken:
        told = f"{step.done}: {counted(taken, 'solution')}."
        messages.success(request, told)
    for refusal_told in refusals[:MOST_TOLD]:
        messages.error(request, refusal_told)
    if len(refusals) > MOST_TOLD:
        messages.error(request, f"And {len(refusals) - MOST_TOLD} more refused.")


def _preview(
    request: HttpRequest, hand: Hand, step: Step, rows: list[SelectedRow], back: str
) -> HttpResponse:
    fates = step.fates(rows)
    word = request.POST["step"]
    context = {
        "title": step.title,
        "fates": fates,
        "possible": sum(not fate.refusal for fate in fates),
        "hidden": {"step": word, **step.said()},
        "bulk": bulk_offer(hand.actor, hand.today, request.POST),
        "step": word,
    }
    return _answer(request, hand, rows, back, context)


def _asked_again(
    request: HttpRequest,
    hand: Hand,
    rows: list[SelectedRow],
    back: str,
    error: InvalidError,
) -> HttpResponse:
    context = {
        "title": "Decide on several",
        "fates": [],
        "possible": 0,
        "bulk": bulk_offer(hand.actor, hand.today, request.POST, error),
        "step": request.POST.get("step", ""),
    }
    status = HTTPStatus.BAD_REQUEST
    return _answer(request, hand, rows, back, context, status=status)


def _answer(
    request: HttpRequest,
    hand: Hand,
    rows: list[SelectedRow],
    back: str,
    context: dict[str, Any],
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    around = {"here": "queue", "rows": rows, "back": back, "words": Word}
    return render(
        request, "bulk.html", frame(hand.actor) | around | context, status=status
    )


def _chosen(said: QueryDict) -> list[int]:
    """Return the numbers of those chosen, each once; what is no number is left out."""
    ticked = said.getlist("chosen")
    if "all" in said:
        ticked = [*ticked, *said.getlist("listed")]
    numbers = (
        int(text)
        for text in ticked
        if text.isascii() and text.isdigit() and len(text) < 20
    )
    return list(dict.fromkeys(number for number in numbers if number <= LARGEST_ID))


def _back(said: QueryDict) -> str:
    address = said.get("next", "")
    is_local = (
        address.startswith("/")
        and len(address) <= LONGEST_ADDRESS
        and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    )
    return address if is_local else reverse("queue")
