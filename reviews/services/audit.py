"""The audit trail's one way in."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from reviews.models import Change
from reviews.rules.access import Actor


def record_change(
    *,
    actor: Actor,
    subject: models.Model,
    label: str,
    what: str,
    details: Mapping[str, Any],
    now: datetime,
) -> Change:
    """Add a line to an object's history, in the transaction of the change itself."""
    change = _change(actor, subject, label, what, details, now)
    change.save()
    return change


def record_changes(
    *,
    actor: Actor,
    what: str,
    changed: Iterable[tuple[models.Model, str, Mapping[str, Any]]],
    now: datetime,
) -> None:
    """Add a line to the history of each of many objects: the object, its label, details."""
    Change.objects.bulk_create(
        (
            _change(actor, subject, label, what, details, now)
            for subject, label, details in changed
        ),
        batch_size=1000,
    )


def _change(
    actor: Actor,
    subject: models.Model,
    label: str,
    what: str,
    details: Mapping[str, Any],
    now: datetime,
) -> Change:
    return Change(
        at=now,
        actor=actor.name[:200],
        door=actor.door,
        object_kind=kind_of(subject),
        object_id=subject.pk,
        object_label=label[:200],
        what=what,
        details=dict(details),
    )


def kind_of(subject: models.Model | type[models.Model]) -> str:
    """Return the word under which an object's history is kept."""
    return str(subject._meta.model_name)


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Return the fields that changed, each with its old and its new value as text."""
    return {
        name: [_shown(before.get(name)), _shown(after.get(name))]
        for name in [*before, *(after.keys() - before.keys())]
        if before.get(name) != after.get(name)
    }


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(str(item) for item in value)
    return str(value)
