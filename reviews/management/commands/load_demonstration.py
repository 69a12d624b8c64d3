"""Fills an empty register with something to look at."""

import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from reviews.management.register import RegisterCommand
from reviews.models import Solution
from reviews.services.demonstration import Demonstration, load_demonstration

PLAN = Path(__file__).resolve().parent.parent / "demonstration.toml"


class Command(RegisterCommand):
    help = (
        "Fills an empty register with this project's own lock file and a handful of "
        "built components, vendors and models."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if Solution.objects.exists():
            raise CommandError(
                "The register is not empty: a demonstration does not belong in it. "
                "Set TRACKER_DATA_DIR to another folder to start another register."
            )
        lock: Path = settings.BASE_DIR / "requirements.lock"
        count = load_demonstration(
            demonstration=Demonstration(
                plan=tomllib.loads(PLAN.read_text()),
                lock=lock.read_bytes(),
                lock_name=lock.name,
            ),
            today=timezone.localdate(),
            now=timezone.now(),
        )
        self.stdout.write(f"The register holds {count} solutions.")
