"""What can be done to many flags at once: snoozing, waiving, overriding, ending that."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminTextInputWidget
from django.db.models import Prefetch
from django.utils import timezone

from reviews.admin.base import clock_now
from reviews.admin.picking import person
from reviews.admin.previews import Step
from reviews.models import Cover, Flag, User
from reviews.rules.access import Actor, Permission, require
from reviews.rules.covers import (
    DEFAULT_WAIVER_DAYS,
    LONGEST_SNOOZE_DAYS,
    LONGEST_WAIVER_DAYS,
)
from reviews.rules.vocabulary import BY_THE_CLOCK, CoverKind
from reviews.services.covers import (
    REASON_LIMIT,
    override_flag,
    revoke_cover,
    snooze_flag,
    waive_flag,
)
from reviews.services.errors import ConflictError, InvalidError

ACTIVE_COVER = Prefetch("covers", Cover.objects.active(), to_attr="active_covers")
"""Brings what covers flags along with them, for `cover_over`."""

_DONE = {
    CoverKind.SNOOZE: "snoozed",
    CoverKind.WAIVER: "waived",
    CoverKind.OVERRIDE: "overridden",
}


def cover_over(flag: Flag) -> Cover | None:
    """Return what covers a flag today; the flag was read with ACTIVE_COVER."""
    today = timezone.localdate()
    if flag.covered_until is None or flag.covered_until <= today:
        return None
    covers: list[Cover] = flag.active_covers  # type: ignore[attr-defined]
    return covers[0] if covers else None


def cover_words(cover: Cover) -> str:
    """Return by whom a flag is covered, and until when."""
    done = _DONE[CoverKind(cover.kind)]
    until = f"until {cover.until}" if cover.until else "until its facts change"
    return f"{done} {until} by {cover.made_by_name}"


class _CoverStep(Step):
    """A step that covers a flag, in the place of what covers it now."""

    done = "Flags covered"

    def told(self, obj: Flag) -> str:
        cover = cover_over(obj)
        asked = f"asked, due on {obj.due_on}" if cover is None else cover_words(cover)
        return f"{obj.action}: {asked}"

    def check(self, obj: Flag) -> None:
        require(self.actor, Permission.COVER, obj.solution.team_id)
        if obj.closed_at is not None:
            raise ConflictError("This flag is closed: nobody is asked about it.")


class Snooze(_CoverStep):
    title = "Snooze flags"
    done = "Flags snoozed"
    button = "Ask later"

    def form(self, said: Any) -> forms.Form:
        return _SnoozeForm(said)

    def check(self, obj: Flag) -> None:
        super().check(obj)
        cover = cover_over(obj)
        if cover is not None and cover.kind != CoverKind.SNOOZE:
            raise ConflictError(
                f"It is {cover_words(cover)}: a snooze would say less than that."
            )

    def take(self, obj: Flag, form: forms.Form) -> None:
        snooze_flag(
            flag_id=obj.pk,
            until=form.cleaned_data["until"],
            reason=form.cleaned_data["reason"],
            actor=self.actor,
            **clock_now(),
        )


class Waive(_CoverStep):
    title = "Waive flags"
    done = "Flags waived"
    button = "Accept it until then"

    def form(self, said: Any) -> forms.Form:
        return _WaiveForm(said, self.actor)

    def take(self, obj: Flag, form: forms.Form) -> None:
        approver = form.cleaned_data.get("approver")
        waive_flag(
            flag_id=obj.pk,
            owner_id=int(form.cleaned_data["owner"]),
            reason=form.cleaned_data["reason"],
            until=form.cleaned_data["until"],
            approver_id=int(approver) if approver else None,
            actor=self.actor,
            **clock_now(),
        )


class Override(_CoverStep):
    title = "Override flags"
    done = "Flags overridden"
    button = "Say that it is wrong"

    def form(self, said: Any) -> forms.Form:
        return _ReasonForm(said)

    def check(self, obj: Flag) -> None:
        super().check(obj)
        if obj.cause in BY_THE_CLOCK:
            raise InvalidError(
                "It is there because of its day, and no evidence could be wrong: "
                "log an evaluation, or snooze or waive it."
            )

    def take(self, obj: Flag, form: forms.Form) -> None:
        override_flag(
            flag_id=obj.pk,
            reason=form.cleaned_data["reason"],
            actor=self.actor,
            **clock_now(),
        )


class EndCover(_CoverStep):
    title = "End snoozes, waivers and overrides"
    done = "Flags that are asked again"
    button = "Ask again now"

    def form(self, said: Any) -> forms.Form:
        return _ReasonForm(said)

    def check(self, obj: Flag) -> None:
        super().check(obj)
        if cover_over(obj) is None:
            raise ConflictError("Nothing covers it: it is asked already.")

    def take(self, obj: Flag, form: forms.Form) -> None:
        cover = cover_over(obj)
        if cover is None:
            raise ConflictError("Nothing covers it: it is asked already.")
        revoke_cover(
            cover_id=cover.pk,
            reason=form.cleaned_data["reason"],
            actor=self.actor,
            **clock_now(),
        )


class _ReasonForm(forms.Form):
    reason = forms.CharField(max_length=REASON_LIMIT, widget=AdminTextInputWidget)


class _SnoozeForm(_ReasonForm):
    until = forms.DateField(
        label=f"Ask again on (at most {LONGEST_SNOOZE_DAYS} days from today)",
        widget=AdminDateWidget,
    )

    def clean_until(self) -> Any:
        return _within(self.cleaned_data["until"], LONGEST_SNOOZE_DAYS)


class _WaiveForm(_ReasonForm):
    owner = forms.ChoiceField(label="Owner, who answers for it")
    until = forms.DateField(
        label=f"Ask again on (at most {LONGEST_WAIVER_DAYS} days from today)",
        widget=AdminDateWidget,
    )
    approver = forms.ChoiceField(label="Approver", required=False)

    def __init__(self, said: Any, actor: Actor) -> None:
        super().__init__(said)
        people = User.objects.filter(is_active=True).order_by("first_name", "username")
        offered = [(str(user.pk), person(user)) for user in people]
        self.fields["owner"].choices = [("", "choose"), *offered]  # type: ignore[attr-defined]
        if actor.is_administrator:
            chosen = [("", f"{actor.name} (you)"), *offered]
            self.fields["approver"].choices = chosen  # type: ignore[attr-defined]
        else:
            # Whoever makes a waiver approves it.
            del self.fields["approver"]
        until = timezone.localdate() + timedelta(days=DEFAULT_WAIVER_DAYS)
        self.fields["until"].initial = until

    def clean_until(self) -> Any:
        return _within(self.cleaned_data["until"], LONGEST_WAIVER_DAYS)


def _within(until: Any, longest: int) -> Any:
    today = timezone.localdate()
    last = today + timedelta(days=longest)
    if not today < until <= last:
        raise forms.ValidationError(
            f"Name a day from {today + timedelta(days=1)} to {last}."
        )
    return until
