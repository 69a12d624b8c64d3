"""Imports inventories: SBOMs, lock files, CSV."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from reviews.formats.records import FormatError
from reviews.management.arguments import words
from reviews.management.register import RegisterCommand
from reviews.rules.access import operator
from reviews.services.errors import DomainError
from reviews.services.imports import ImportReport, import_inventory


class Command(RegisterCommand):
    help = (
        "Registers what files list: uv.lock, requirements.txt, pylock.toml, CycloneDX "
        "JSON 1.4 to 1.6, CSV (docs/imports.md has its header). A file is imported "
        "whole or not at all; the same file again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--component",
            type=words,
            default="",
            metavar="SLUG",
            help="the built component that uses what the files list",
        )
        parser.add_argument(
            "--team",
            type=words,
            default="",
            metavar="NAME",
            help="the team that new solutions belong to (default: the component's)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="report, and keep nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refused = 0
        for file in options["files"]:
            try:
                self._import(Path(file), options)
            except (CommandError, FormatError, DomainError) as error:
                refused += 1
                self.stderr.write(f"{file}: refused, nothing of it was imported.")
                for line in str(error).splitlines():
                    self.stderr.write(f"  {line}")
        if refused:
            raise CommandError(f"{refused} of {len(options['files'])} files refused.")

    def _import(self, file: Path, options: dict[str, Any]) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(
                f"The file cannot be read: {error.strerror}. Check the path."
            ) from error
        with tqdm(
            desc=file.name, unit=" rows", leave=False, disable=not sys.stderr.isatty()
        ) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            report = import_inventory(
                content=content,
                filename=file.name.encode("utf-8", "replace").decode(),
                actor=operator("import_inventory"),
                today=timezone.localdate(),
                now=timezone.now(),
                component=options["component"],
                team=options["team"],
                dry_run=options["dry_run"],
                progress=show,
            )
        self._print(report, verbosity=options["verbosity"])

    def _print(self, report: ImportReport, *, verbosity: int) -> None:
        for row in report.rows:
            if row.what != "unchanged" or verbosity > 1:
                details = f": {row.details}" if row.details else ""
                self.stdout.write(f"  {row.place}  {row.what}  {row.name}{details}")
        for note in report.notes:
            self.stdout.write(f"  note  {note.place}  {note.message}")
        counted = ", ".join(f"{n} {what}" for what, n in report.counts().items())
        kept = " (dry run: nothing was kept)" if report.dry_run else ""
        self.stdout.write(f"{report.filename} ({report.format}): {counted}{kept}.")
