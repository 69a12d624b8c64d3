"""What the commands that work on the register share."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError


class RegisterCommand(BaseCommand):
    """A command that says in words when there is no register to work on."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            reason = str(error).partition("\n")[0]
            raise CommandError(
                f"The database cannot be used: {reason}. A new one is set up by "
                "`make run` or `manage.py migrate`; DATABASE_URL or TRACKER_DATA_DIR "
                f"(now {settings.TRACKER_DATA_DIR}) say which one is meant."
            ) from error
