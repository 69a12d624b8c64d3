"""Asking about what is not registered."""

import time
from dataclasses import dataclass

from reviews.models import Signal, SourceCheck
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.matches import Match
from reviews.rules.recognising import recognised
from reviews.rules.signals import SignalKind, Source, SourceState
from reviews.services.evidence.asking import LATE, Asked, ask_about
from tests.services.evidence.sources import Told, answer, fact, pypi


@dataclass
class Slow:
    """A source that takes its time."""

    name: Source
    seconds: float

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        time.sleep(self.seconds)
        raise OutsideError("It did not answer in time.")


class Broken:
    """A source whose connector has a fault."""

    name = Source.NPM

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        raise KeyError("versions")


def asked_about(text: str, *sources: Told | Slow | Broken, within: float = 5) -> Asked:
    return ask_about(
        asked=recognised(text),
        sources={source.name: source for source in sources},
        within_seconds=within,
        longest_seconds=1,
    )


def test_a_repository_that_a_registry_names_is_asked_about_as_well() -> None:
    github = Told(Source.GITHUB, answer(fact(SignalKind.REPOSITORY_ARCHIVED)))
    registry = pypi(
        fact(SignalKind.REPOSITORY, "https://github.com/django/django"),
        fact(SignalKind.LATEST_RELEASE, "5.2"),
    )

    found = asked_about("pkg:pypi/django@4.2", registry, github)

    assert found.answered == (Source.PYPI, Source.GITHUB)
    assert not found.unknown
    assert {told.fact.kind for told in found.told} == {
        SignalKind.REPOSITORY,
        SignalKind.LATEST_RELEASE,
        SignalKind.REPOSITORY_ARCHIVED,
    }
    [(match, known)] = registry.asked
    assert (match.subject, match.version, known) == ("django", "4.2", Validators())
    [(match, _)] = github.asked
    assert match.subject == "django/django"


def test_only_who_can_know_it_is_asked() -> None:
    registry, scores = pypi(), Told(Source.SCORECARD, answer())

    found = asked_about("https://github.com/django/django", registry, scores)

    assert (found.told, found.answered, found.unknown) == ((), (), {})
    assert registry.asked == scores.asked == []


def test_what_a_source_has_nothing_of_is_unknown() -> None:
    registry = pypi()
    registry.reply = answer(state=SourceState.NOT_FOUND)

    found = asked_about("pkg:pypi/nothing", registry)

    assert found.answered == ()
    assert found.unknown == {Source.PYPI: "It has nothing of that name."}


def test_a_fault_of_one_source_takes_nothing_from_the_others() -> None:
    found = asked_about("pkg:npm/left-pad", Broken(), Told(Source.DEPS_DEV, answer()))

    assert found.answered == (Source.DEPS_DEV,)
    assert found.unknown == {
        Source.NPM: "Its answer could not be read: a fault of the tracker."
    }


def test_nobody_is_asked_whose_answer_could_come_too_late() -> None:
    late = Told(Source.DEPS_DEV, answer())
    began = time.monotonic()

    found = asked_about("pkg:pypi/a", Slow(Source.PYPI, 0.4), late, within=1.3)

    assert time.monotonic() - began < 1.3
    assert late.asked == []
    assert found.unknown == {
        Source.PYPI: "It did not answer in time.",
        Source.DEPS_DEV: LATE,
    }


def test_nothing_of_it_is_kept(db: None) -> None:
    asked_about("pkg:pypi/django", pypi(fact(SignalKind.LATEST_RELEASE, "5.2")))

    assert not Signal.objects.exists()
    assert not SourceCheck.objects.exists()
