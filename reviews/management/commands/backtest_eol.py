"""Replays old end-of-life lists through today's rules."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from reviews.formats.timelines import release_days, timelines
from reviews.management.arguments import day
from reviews.management.files import read, refuse_overwriting, write_whole
from reviews.rules.endoflife.lifecycle import QuestionKind
from reviews.rules.endoflife.replay import EarlyFlag, early_flags


class Command(BaseCommand):
    help = (
        "Replays timelines of listed ends of support day by day through the rules that "
        "run every night, and writes a line for the first early flag of each cycle. "
        "Each day sees only what was listed or released by then. Needs no database. "
        "The output is written whole or not at all."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="TIMELINES.jsonl")
        parser.add_argument(
            "--releases",
            metavar="RELEASES.json",
            help="the days on which any version of a product was released",
        )
        parser.add_argument(
            "--out", required=True, metavar="FLAGS.jsonl", help="where to write"
        )
        parser.add_argument(
            "--until",
            type=day,
            metavar="YYYY-MM-DD",
            help="the last day that is replayed (default: today)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source, target = Path(options["file"]), Path(options["out"])
        releases = Path(options["releases"]) if options["releases"] else None
        refuse_overwriting(target, *filter(None, (source, releases)))
        rows = read(source, timelines)
        flags = list(
            early_flags(
                rows,
                release_days=read(releases, release_days) if releases else {},
                until=options["until"] or timezone.localdate(),
            )
        )
        write_whole(target, "".join(map(_line, flags)))
        self.stdout.write(f"{_summary(flags, len(rows))} Written to {target}.")


def _line(flag: EarlyFlag) -> str:
    asked = flag.question
    row = {
        "product": flag.product,
        "cycle": flag.cycle,
        "day": flag.day.isoformat(),
        "kind": asked.kind.value,
        "ends_on": asked.ends_on.isoformat() if asked.ends_on else None,
        "reason": asked.reason,
    }
    return json.dumps(row, ensure_ascii=False) + "\n"


def _summary(flags: Iterable[EarlyFlag], cycles: int) -> str:
    counts = Counter(flag.question.kind for flag in flags)
    told = ", ".join(f"{kind}: {counts[kind]:,}" for kind in QuestionKind)
    return f"{counts.total():,} of {cycles:,} cycles flagged ({told})."
