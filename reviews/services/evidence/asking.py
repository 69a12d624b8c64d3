"""
Asking the sources about something that is not registered: nothing of it is kept.

No transaction may be open, and whoever waits does so at a page: the time is bounded.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from reviews.ports.evidence import EvidenceSource
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.evidence.matching import matching
from reviews.rules.filling import Told, repositories_in, subject_of
from reviews.rules.matches import Match
from reviews.rules.recognising import Recognised
from reviews.rules.signals import Fact, Source, SourceState

logger = logging.getLogger(__name__)

WANTED = (
    Source.PYPI,
    Source.NPM,
    Source.PYPI_STATUS,
    Source.DEPS_DEV,
    Source.GITHUB,
    Source.ENDOFLIFE,
    Source.HUGGING_FACE,
)
"""The sources that know what a registration asks for, what matters most first."""

LATE = "It was not asked any more: the time for it was over."


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: the facts, and of each source without any, why."""

    told: tuple[Told, ...]
    answered: tuple[Source, ...]
    unknown: Mapping[Source, str]


def ask_about(
    *,
    asked: Recognised,
    sources: Mapping[Source, EvidenceSource],
    within_seconds: float,
    longest_seconds: float,
) -> Asked:
    """
    Return what the sources say of what was typed.

    None is asked so late that an answer which takes the longest would come after
    `within_seconds`; what such a source would say is unknown.
    """
    began = time.monotonic()
    told: list[Told] = []
    answered: list[Source] = []
    unknown: dict[Source, str] = {}
    # What a registry says of a package's repository is known only after the first round.
    for _ in range(2):
        for match in _matches(asked, told, sources):
            if match.source in answered or match.source in unknown:
                continue
            if time.monotonic() - began > within_seconds - longest_seconds:
                unknown[match.source] = LATE
                continue
            facts, why = _ask(sources[match.source], match)
            if why:
                unknown[match.source] = why
            else:
                answered.append(match.source)
                told += [Told(match.source, fact) for fact in facts]
    return Asked(tuple(told), tuple(answered), unknown)


def _matches(
    asked: Recognised, told: list[Told], sources: Mapping[Source, EvidenceSource]
) -> list[Match]:
    matched = matching(subject_of(asked, repositories_in(told))).matches
    wanted = [
        match for match in matched if match.source in sources and match.source in WANTED
    ]
    return sorted(wanted, key=lambda match: WANTED.index(match.source))


def _ask(source: EvidenceSource, match: Match) -> tuple[tuple[Fact, ...], str]:
    """Return what a source says, or why that is unknown."""
    try:
        answer = source.ask(match, Validators())
    except OutsideError as error:
        return (), str(error)
    except Exception:
        logger.exception("%s cannot be read for %s", match.source, match.subject)
        return (), "Its answer could not be read: a fault of the tracker."
    if answer.state is not SourceState.OK:
        return (), answer.note or "It has nothing of that name."
    return answer.facts, ""
