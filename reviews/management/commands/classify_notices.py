"""Reads whether registry texts say that their packages are dying."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reviews.formats import notices
from reviews.management.files import read, refuse_overwriting, write_whole
from reviews.rules.notices.reading import Says, read_notice


class Command(BaseCommand):
    help = (
        "Reads one-line registry texts from a tab-separated file with the columns "
        "ecosystem, name and text, and writes a line for each, in the same order: "
        "ecosystem, name, and dying, alias or alive. Needs no database. The output is "
        "written whole or not at all."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.tsv")
        parser.add_argument(
            "--out", required=True, metavar="PREDICTIONS.tsv", help="where to write"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source, target = Path(options["file"]), Path(options["out"])
        refuse_overwriting(target, source)
        texts = read(source, notices.read)
        readings = [
            (text, read_notice(text.text, name=text.name).what) for text in texts
        ]
        write_whole(target, notices.written(readings))
        counts = Counter(says for _, says in readings)
        told = ", ".join(f"{counts[says]} {says}" for says in Says)
        self.stdout.write(f"{len(readings)} texts: {told}. Written to {target}.")
