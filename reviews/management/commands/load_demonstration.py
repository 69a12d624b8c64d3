"""Fills an empty register with something to look at."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from reviews.management.register import RegisterCommand
from reviews.rules.access import operator
from reviews.services.demonstration import load_demonstration, read_demonstration
from reviews.services.errors import DomainError

PLAN = Path(__file__).resolve().parent.parent / "demonstration.toml"


class Command(RegisterCommand):
    help = (
        "Fills an empty register with this project's own lock file and a handful of "
        "built components, vendors and models."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        demonstration = read_demonstration(
            plan=PLAN, lock=settings.BASE_DIR / "requirements.lock"
        )
        try:
            count = load_demonstration(
                demonstration=demonstration,
                actor=operator("load_demonstration"),
                today=timezone.localdate(),
                now=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The register holds {count} solutions.")
        self.stdout.write(
            f"Its people cannot sign in: manage.py changepassword {demonstration.someone} "
            "gives one of them a password."
        )
