"""What a register needs before its first day."""

import secrets
from datetime import datetime

from django.db import transaction

from reviews.models import User
from reviews.rules.access import operator
from reviews.services.audit import record_change

ADMINISTRATOR = "admin"


def first_administrator(*, now: datetime) -> tuple[User, str] | None:
    """
    Return a new administrator with the password, or None if there are people already.

    The password is random and stored only as Django stores passwords.
    """
    with transaction.atomic():
        if User.objects.exists():
            return None
        password = secrets.token_urlsafe(12)
        user = User.objects.create_superuser(ADMINISTRATOR, password=password)
        record_change(
            actor=operator("run"),
            subject=user,
            label=ADMINISTRATOR,
            what="added",
            details={"administrator": True},
            now=now,
        )
    return user, password
