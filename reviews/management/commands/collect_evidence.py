"""Asks the sources now, and says what they said."""

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from reviews.management.register import RegisterCommand
from reviews.models import Solution
from reviews.rules.signals import SOURCE_NAMES, Source
from reviews.rules.vocabulary import Verdict
from reviews.services.evidence.collecting import Collection, collect_evidence
from reviews.services.evidence.watching import (
    claim,
    give_back,
    watch_new_solutions,
)
from reviews.services.flags import Settlement
from reviews.wiring import evidence_sources, setting_of

ASKABLE = [source.value for source in Source if source is not Source.FORECAST]


class Command(RegisterCommand):
    help = (
        "Asks the sources about every solution, or about some, keeps what they say and "
        "opens the flags that follow from it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--solution",
            action="append",
            default=[],
            metavar="SLUG",
            help="only this solution; may be given several times",
        )
        parser.add_argument(
            "--source",
            action="append",
            default=[],
            metavar="NAME",
            help=f"only this source; may be given several times: {', '.join(ASKABLE)}",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EVIDENCE:
            raise CommandError(
                "EVIDENCE is false: set it to true to have the sources asked."
            )
        sources = evidence_sources()
        only = frozenset(map(_source_named, options["source"]))
        for source in only - sources.keys():
            raise CommandError(
                f"{SOURCE_NAMES[source]} has no address: set {setting_of(source)}."
            )
        solutions = _solutions(options["solution"])
        watch_new_solutions(now=timezone.now())
        report = Report()
        with tqdm(solutions, unit="solution", disable=None, leave=False) as progress:
            for solution_id, slug in progress:
                progress.set_postfix_str(slug[:30], refresh=False)
                if claim(solution_id=solution_id, now=timezone.now()) is None:
                    report.busy.append(slug)
                    continue
                try:
                    collection = collect_evidence(
                        solution_id=solution_id,
                        sources=sources,
                        today=timezone.localdate(),
                        now=timezone.now(),
                        only=only,
                        insist=True,
                    )
                except KeyboardInterrupt:
                    give_back(solution_id=solution_id)
                    self.stderr.write("Stopped. What was heard so far is kept.")
                    break
                except BaseException:
                    give_back(solution_id=solution_id)
                    raise
                report.add(slug, collection)
        for line in report.lines():
            self.stdout.write(line)
        report.refuse_if_nothing_came()


class Report:
    """What came of all that was asked."""

    def __init__(self) -> None:
        self.solutions = self.news = 0
        self.busy: list[str] = []
        self.asked: Counter[Source] = Counter()
        self.unknown: Counter[Source] = Counter()
        self.failed: Counter[Source] = Counter()
        self.example: dict[Source, str] = {}
        self.settlement = Settlement()

    def add(self, slug: str, collection: Collection) -> None:
        """Count what came of one solution."""
        self.solutions += 1
        self.news += collection.news
        self.asked.update(collection.asked)
        self.failed.update(collection.failed.keys())
        self.unknown.update(collection.unknown)
        for source, error in collection.failed.items():
            self.example.setdefault(source, f"{slug}: {error}")
        self.settlement += collection.settlement

    def lines(self) -> Iterable[str]:
        """Return the report, a line at a time."""
        yield (
            f"Asked about {_counted(self.solutions, 'solution')}: {self.news} with "
            f"something new; opened {_counted(self.settlement.opened, 'flag')}, "
            f"closed {self.settlement.closed}."
        )
        if self.busy:
            yield (
                f"Left out {len(self.busy)}: another worker is asking about them "
                f"({', '.join(self.busy[:3])}{', …' if len(self.busy) > 3 else ''})."
            )
        for source, asked in self.asked.items():
            failed, unknown = self.failed[source], self.unknown[source]
            told = [f"{asked - failed - unknown} answered"]
            told += [f"{unknown} had nothing to say"] if unknown else []
            told += [f"{failed} failed"] if failed else []
            yield f"  {source.value:12} {', '.join(told)}"
            if failed:
                yield f"    for example {self.example[source]}"

    def refuse_if_nothing_came(self) -> None:
        """:raises CommandError: if nobody was asked, or nobody could be."""
        if not self.asked and self.solutions:
            raise CommandError(
                "Nothing was asked: no source knows them under a name. Their pages say "
                "why, source by source."
            )
        if self.asked and self.failed.total() == self.asked.total():
            raise CommandError("No source could be asked: see the reasons above.")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _source_named(name: str) -> Source:
    """Return the source of a name, however its parts are joined: deps-dev, depsdev."""
    for known in ASKABLE:
        if _letters(known) == _letters(name):
            return Source(known)
    near = get_close_matches(name, ASKABLE, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise CommandError(
        f"There is no source {name!r}.{hint} There are: {', '.join(ASKABLE)}."
    )


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _solutions(slugs: list[str]) -> list[tuple[int, str]]:
    rows = Solution.objects.exclude(state=Verdict.RETIRE.value).order_by("pk")
    if not slugs:
        return list(rows.values_list("pk", "slug"))
    found = list(rows.filter(slug__in=slugs).values_list("pk", "slug"))
    for slug in slugs:
        if slug in {known for _, known in found}:
            continue
        if Solution.objects.filter(slug=slug).exists():
            raise CommandError(f"{slug} is retired: nothing is asked about it.")
        known = Solution.objects.values_list("slug", flat=True)
        near = get_close_matches(slug, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise CommandError(f"There is no solution {slug!r}.{hint}")
    return found
