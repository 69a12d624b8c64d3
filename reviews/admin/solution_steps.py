"""What can be done to many solutions at once."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django import forms

from reviews.admin.base import clock_now
from reviews.admin.filters import NONE
from reviews.admin.picking import person
from reviews.admin.previews import Step
from reviews.models import Solution, Team, User
from reviews.models.choices import CRITICALITIES
from reviews.queries.log import what_tells_of
from reviews.rules.access import Permission, require
from reviews.rules.vocabulary import Criticality
from reviews.rules.weeks import Week, coming_weeks, day_within
from reviews.services.drafts import Draft, draft_of
from reviews.services.errors import ConflictError
from reviews.services.planning import Planned, check_plan, plan_reviews
from reviews.services.solutions import delete_solution, edit_solution


class _Edit(Step):
    permission = Permission.REASSIGN
    done = "Solutions changed"
    button = "Change them"

    @abstractmethod
    def edited(self, draft: Draft, form: forms.Form) -> Draft:
        """Return a draft with the change in it."""

    def check(self, obj: Solution) -> None:
        require(self.actor, self.permission, obj.team_id)

    def take(self, obj: Solution, form: forms.Form) -> None:
        require(self.actor, self.permission, obj.team_id)
        # What was read is what is written back: `seen_at` refuses anything in between.
        edit_solution(
            solution_id=obj.pk,
            draft=self.edited(draft_of(obj), form),
            actor=self.actor,
            seen_at=obj.updated_at,
            **clock_now(),
        )


class ChangeOwner(_Edit):
    title = "Change the owner"

    def form(self, said: Any) -> forms.Form:
        return _OwnerForm(said)

    def told(self, obj: Solution) -> str:
        return f"owner now: {obj.owner.label() if obj.owner else 'nobody'}"

    def edited(self, draft: Draft, form: forms.Form) -> Draft:
        return replace(draft, owner_id=_chosen(form, "owner"))


class ChangeTeam(_Edit):
    title = "Hand over to another team"

    def form(self, said: Any) -> forms.Form:
        return _TeamForm(said, "no team" if self.actor.is_administrator else "")

    def told(self, obj: Solution) -> str:
        return f"team now: {obj.team or 'none'}"

    def edited(self, draft: Draft, form: forms.Form) -> Draft:
        return replace(draft, team_id=_chosen(form, "team"))


class ChangeCriticality(_Edit):
    title = "Change the criticality"
    permission = Permission.EDIT

    def form(self, said: Any) -> forms.Form:
        return _CriticalityForm(said)

    def told(self, obj: Solution) -> str:
        return f"criticality now: {obj.criticality}"

    def edited(self, draft: Draft, form: forms.Form) -> Draft:
        return replace(draft, criticality=Criticality(form.cleaned_data["criticality"]))


class AssignWeek(Step):
    title = "Assign a due week"
    done = "Reviews planned"
    button = "Plan them"

    def form(self, said: Any) -> forms.Form:
        return _WeekForm(said)

    def told(self, obj: Solution) -> str:
        return f"due by {obj.next_review_on or 'no day'}"

    def check(self, obj: Solution) -> None:
        require(self.actor, Permission.PLAN, obj.team_id)
        # Today is allowed for whatever a plan can move at all.
        self._plan(check_plan, obj, clock_now()["today"])

    def take(self, obj: Solution, form: forms.Form) -> None:
        week = Week.read(form.cleaned_data["week"])
        owed_by = obj.clock_due_on if obj.last_evaluated_on else None
        self._plan(
            partial(plan_reviews, now=clock_now()["now"]),
            obj,
            day_within(week, owed_by),
        )

    def _plan(self, plan: Callable[..., Planned], obj: Solution, day: date) -> None:
        planned = plan(days={obj.pk: day}, actor=self.actor, today=clock_now()["today"])
        if planned.refused:
            raise ConflictError(planned.refused[0].why)


class Delete(Step):
    title = "Delete solutions"
    done = "Solutions deleted"
    button = "Delete them for ever"
    destructive = True

    def told(self, obj: Solution) -> str:
        return f"registered on {obj.registered_on}"

    def check(self, obj: Solution) -> None:
        require(self.actor, Permission.DELETE, obj.team_id)
        if told := what_tells_of(obj.pk):
            raise ConflictError(
                f"{obj.slug} {told}, which are kept for ever: "
                "log the verdict retire instead of deleting it."
            )

    def take(self, obj: Solution, form: forms.Form) -> None:
        delete_solution(solution_id=obj.pk, actor=self.actor, now=clock_now()["now"])


class _OwnerForm(forms.Form):
    owner = forms.ChoiceField(label="New owner")

    def __init__(self, said: Any) -> None:
        super().__init__(said)
        people = User.objects.filter(is_active=True).order_by("first_name", "username")
        _offer(self, "owner", [(user.pk, person(user)) for user in people], "nobody")


class _TeamForm(forms.Form):
    team = forms.ChoiceField(label="New team")

    def __init__(self, said: Any, none: str) -> None:
        super().__init__(said)
        teams = Team.objects.order_by("name").values_list("pk", "name")
        _offer(self, "team", list(teams), none)


def _offer(
    form: forms.Form, field: str, rows: list[tuple[int, str]], none: str
) -> None:
    # Nothing is chosen beforehand: it is many objects that would lose what they have.
    first = [("", "choose"), (NONE, none)] if none else [("", "choose")]
    offered = [*first, *((str(pk), name) for pk, name in rows)]
    form.fields[field].choices = offered  # type: ignore[attr-defined]


def _chosen(form: forms.Form, field: str) -> int | None:
    chosen = form.cleaned_data[field]
    return None if chosen == NONE else int(chosen)


class _WeekForm(forms.Form):
    week = forms.ChoiceField(label="Week")

    def __init__(self, said: Any) -> None:
        super().__init__(said)
        weeks = coming_weeks(clock_now()["today"])
        offered = [(str(week), week.words) for week in weeks]
        self.fields["week"].choices = [("", "choose"), *offered]  # type: ignore[attr-defined]


class _CriticalityForm(forms.Form):
    criticality = forms.ChoiceField(choices=CRITICALITIES, label="New criticality")
