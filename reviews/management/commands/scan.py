"""Runs the nightly scan now."""

from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reviews.management.arguments import day
from reviews.management.register import RegisterCommand
from reviews.models import Flag
from reviews.services.errors import BusyError
from reviews.services.scanning import scan


class Command(RegisterCommand):
    help = (
        "Opens a flag for everything due, closes what is no longer in question, asks "
        "again what a snooze or a waiver covered until then, and says how many. Exits 1 if a solution had to be left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--on",
            type=day,
            metavar="YYYY-MM-DD",
            help="the day to scan for, today by default; a later day opens what will "
            "be due then",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        on: date = options["on"] or today
        try:
            outcome = scan(on=on, today=today, now=timezone.now(), wait=True)
        except BusyError as error:
            raise CommandError(str(error)) from error
        found = outcome.settlement
        left = Flag.objects.open().count()
        self.stdout.write(
            f"Scanned for {on}: opened {found.opened}, closed {found.closed}, "
            f"asked again {found.asked_again}, left {left} open."
        )
        for problem in outcome.problems:
            self.stderr.write(f"Left out {problem.solution}: {problem.message}")
        if outcome.problems:
            raise CommandError(
                f"{len(outcome.problems)} solutions could not be dealt with. The next "
                "scan tries them again."
            )
