"""People's accounts: the administrators' to change, and the password one's own."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from reviews.models import User
from reviews.rules.access import Actor, NotAllowedError, Permission, require
from reviews.services.audit import differences, record_change
from reviews.services.errors import ConflictError, InvalidError
from reviews.services.succession import Left, left_with

TOLD = (
    "username",
    "first_name",
    "last_name",
    "email",
    "reviews_per_week",
    "is_active",
    "is_superuser",
)
"""What administrators say of a person, and what the audit trail repeats."""

MOST_REVIEWS_PER_WEEK = 100


def add_user(*, user: User, password: str, actor: Actor, now: datetime) -> None:
    """
    Add a person, who signs in with the password.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: for more reviews a week than anyone can do.
    """
    require(actor, Permission.ADMINISTER, None)
    _check_capacity(user)
    with transaction.atomic():
        user.is_staff = user.is_superuser
        user.date_joined = now
        user.set_password(password)
        user.save(force_insert=True)
        _record(user, "added", differences({}, _told(user)), actor, now)


def change_user(*, user: User, actor: Actor, today: date, now: datetime) -> Left | None:
    """
    Store what was changed in a person's account; the password is not touched.

    Return what somebody owns who was deactivated with it, None for everyone else: it is
    to be handed over, and the trail says how much that is.

    :raises NotAllowedError: to anyone but administrators.
    :raises InvalidError: for more reviews a week than anyone can do.
    :raises ConflictError: if that would leave nobody to administer the tracker.
    """
    require(actor, Permission.ADMINISTER, None)
    _check_capacity(user)
    with transaction.atomic():
        others = _other_administrators(user)
        before = User.objects.get(pk=user.pk)
        if not (user.is_active and user.is_superuser) and not others:
            field = "is_superuser" if user.is_active else "is_active"
            raise _last_one(user, field)
        changes: dict[str, Any] = differences(_told(before), _told(user))
        if not changes:
            return None
        left = None
        if before.is_active and not user.is_active:
            left = left_with(user.pk, today=today)
            changes |= _left_told(left)
        user.is_staff = user.is_superuser
        user.save(update_fields=[*TOLD, "is_staff"])
        _record(user, "changed", changes, actor, now)
    return left


def set_password(*, user: User, password: str, actor: Actor, now: datetime) -> None:
    """
    Give a person another password; what was signed in with the old one is signed out.

    :raises NotAllowedError: for somebody else's, to anyone but administrators.
    """
    if actor.user_id != user.pk or actor.scopes is not None:
        require(actor, Permission.ADMINISTER, None)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        _record(user, "password set", {}, actor, now)


def delete_user(*, user: User, actor: Actor, today: date, now: datetime) -> Left:
    """
    Take a person's account away; what the person wrote keeps the name.

    Return what the person owned: it has no owner afterwards, and the trail says how much
    that was.

    :raises NotAllowedError: to anyone but administrators, and for one's own account.
    :raises ConflictError: if that would leave nobody to administer the tracker, or a
        waiver without anybody who answers for it.
    """
    require(actor, Permission.ADMINISTER, None)
    if actor.user_id == user.pk:
        raise NotAllowedError("Nobody deletes their own account.")
    with transaction.atomic():
        if not _other_administrators(user):
            raise _last_one(user, "")
        left = left_with(user.pk, today=today)
        if left.waivers:
            raise ConflictError(
                f"{user.get_username()} answers for {left.waivers} waivers: hand them "
                "over on the page People first, or end them."
            )
        details = differences(_told(user), {}) | _left_told(left)
        _record(user, "deleted", details, actor, now)
        user.delete()
    return left


def _other_administrators(user: User) -> list[int]:
    # Locked, so that two administrators cannot take the right from each other at once.
    active = User.objects.select_for_update().filter(is_active=True, is_superuser=True)
    ids = active.order_by("pk").values_list("pk", flat=True)
    return [pk for pk in ids if pk != user.pk]


def _check_capacity(user: User) -> None:
    if not 0 <= user.reviews_per_week <= MOST_REVIEWS_PER_WEEK:
        raise InvalidError(
            f"A person does 0 to {MOST_REVIEWS_PER_WEEK} reviews a week, "
            f"not {user.reviews_per_week}.",
            field="reviews_per_week",
        )


def _last_one(user: User, field: str) -> ConflictError:
    return ConflictError(
        f"{user.get_username()} is the last active administrator: "
        "make somebody else one first.",
        field=field,
    )


def _told(user: User) -> dict[str, object]:
    return {name: getattr(user, name) for name in TOLD}


def _left_told(left: Left) -> dict[str, Any]:
    told = {
        "solutions left without an owner": left.solutions,
        "waivers left without an owner": left.waivers,
    }
    return {name: count for name, count in told.items() if count}


def _record(
    user: User, what: str, details: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    record_change(
        actor=actor,
        subject=user,
        label=user.get_username(),
        what=what,
        details=details,
        now=now,
    )
