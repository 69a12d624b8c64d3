"""
Actions on many objects: what will happen to which is shown before it does.

Each object has its own rights and its own service call; what is refused is told with
its reason, and keeps none of the others from being done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from reviews.rules.access import Actor, NotAllowedError
from reviews.services.errors import DomainError

MOST_AT_ONCE = 500
"""Below the number of fields that a form may have."""

_MOST_TOLD = 20


class Step:
    """
    One kind of change, to be made to many objects.

    `title` says it as a command, `done` as a fact.
    """

    title: ClassVar[str]
    done: ClassVar[str]
    button: ClassVar[str]
    destructive: ClassVar[bool] = False

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def form(self, said: Any) -> forms.Form:
        """Return the form that asks what the change needs to know."""
        return forms.Form(said)

    def told(self, obj: Any) -> str:
        """Return how an object stands now."""
        raise NotImplementedError

    def check(self, obj: Any) -> None:
        """Raise what is known already to stand in the way."""
        raise NotImplementedError

    def take(self, obj: Any, form: forms.Form) -> None:
        """Call the service."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Row:
    """An object on the preview; `refusal` is empty where nothing stands in the way."""

    obj: Any
    told: str
    refusal: str


def preview(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    rows: QuerySet[Any],
    step: Step,
) -> HttpResponse | None:
    """Return the preview of a step, or None once it has been taken."""
    objects = list(rows[: MOST_AT_ONCE + 1])
    if len(objects) > MOST_AT_ONCE:
        model_admin.message_user(
            request,
            f"At most {MOST_AT_ONCE} at once: narrow the list down. Nothing was changed.",
            messages.ERROR,
        )
        return None
    taking = "take" in request.POST
    form = step.form(request.POST if taking else None)
    if taking and form.is_valid():
        _take(model_admin, request, objects, step, form)
        return None
    listed = [Row(obj, step.told(obj), _refusal(step, obj)) for obj in objects]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": step.title,
        "opts": model_admin.opts,
        "rows": listed,
        "possible": sum(not row.refusal for row in listed),
        "form": form,
        "step": step,
        "action": request.POST.get("action", ""),
        "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        "media": model_admin.media + form.media,
    }
    return TemplateResponse(request, "admin/reviews/preview.html", context)


def _take(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    objects: Sequence[Any],
    step: Step,
    form: forms.Form,
) -> None:
    refusals = []
    for obj in objects:
        # Afterwards a deleted one has no name left in the database.
        name = str(obj)
        try:
            step.take(obj, form)
        except (DomainError, NotAllowedError) as refusal:
            refusals.append(f"{name}: {refusal}")
        except ObjectDoesNotExist:
            refusals.append(f"{name}: somebody deleted it meanwhile.")
    taken = len(objects) - len(refusals)
    if taken:
        model_admin.message_user(request, f"{step.done}: {taken}.", messages.SUCCESS)
    for told in refusals[:_MOST_TOLD]:
        model_admin.message_user(request, told, messages.ERROR)
    if len(refusals) > _MOST_TOLD:
        rest = len(refusals) - _MOST_TOLD
        model_admin.message_user(request, f"And {rest} more refused.", messages.ERROR)


def _refusal(step: Step, obj: Any) -> str:
    try:
        step.check(obj)
    except (DomainError, NotAllowedError) as refusal:
        return str(refusal)
    return ""
