"""
Which of the changes since an evaluation are material: they take a full review.

What is not material may be re-affirmed. One table says of each kind of signal what
counts; every answer says why, in a sentence that a reader is shown.

| kind of signal                              | material                                 |
|---------------------------------------------|------------------------------------------|
| latest_release                              | a new major version, unless it is a year |
| adopted_release                             | another version is in use                |
| licence                                     | a name that its source did not give      |
| repository, repository_moved                | it has another owner                     |
| maintainers                                 | never                                    |
| project_status                              | any but "active"                         |
| registry_deprecated, version_deprecated,    | new, or said otherwise                   |
| version_yanked, notice_text,                |                                          |
| inactive_classifier, all_releases_yanked,   |                                          |
| unpublished, no_files, repository_archived, |                                          |
| repository_gone, repository_disabled,       |                                          |
| model_disabled, model_gated,                |                                          |
| model_successor                             |                                          |
| vulnerability                               | a new one, a worse rating, another fix   |
| scorecard_maintained                        | a fall of three points or more           |
| end_of_life, end_of_active_support,         | a day, new or another; that it has ended |
| end_of_extended_support, model_retirement   |                                          |
| predicted_end                               | new, or moved by more than thirty days   |
| model_floor                                 | new, or earlier                          |

What is no longer said is not material, whatever it was: nothing bad follows from it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from reviews.rules.answers.licences import LicenceClass, class_of
from reviews.rules.evidence.findings import StandingSignal, weight
from reviews.rules.evidence.support import ENDED, MOVED_DAYS
from reviews.rules.evidence.upstream import said
from reviews.rules.signals import SOURCE_NAMES, Severity, SignalKind
from reviews.rules.versions import major

FALL: Final = 3
"""By how many of ten points a rating has to fall."""

_FIRST_YEAR = 1900
_ACTIVE = "active"
_HOST = re.compile(r"^https?://[^/]*/+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """
    What a source says otherwise since an evaluation.

    `before` is None for what is new, `after` for what is no longer said.
    """

    before: StandingSignal | None
    after: StandingSignal | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """Whether a change is material, and why, in one sentence."""

    is_material: bool
    why: str


_Rule = Callable[
    [StandingSignal, StandingSignal | None, Sequence[StandingSignal]], Weighed
]


def changes_between(
    rested_on: Iterable[StandingSignal], standing: Iterable[StandingSignal]
) -> tuple[Change, ...]:
    """Return how what is said now differs from what an evaluation rested on."""
    before = {signal.key: signal for signal in rested_on}
    changes = []
    for signal in standing:
        earlier = before.pop(signal.key, None)
        if earlier is None or _says(earlier) != _says(signal):
            changes.append(Change(earlier, signal))
    return (*changes, *(Change(gone, None) for gone in before.values()))


def weigh(change: Change, rested_on: Sequence[StandingSignal]) -> Weighed:
    """
    Return whether a change is material to an evaluation that rested on some signals.

    :raises ValueError: for a change of nothing.
    """
    if change.after is None:
        if change.before is None:
            raise ValueError("A change has a before or an after.")
        return _minor(f"{_who(change.before)} no longer says “{_kind(change.before)}”.")
    rule = RULES[change.after.fact.kind]
    return rule(change.after, change.before, rested_on)


def first_material(
    rested_on: Sequence[StandingSignal], standing: Iterable[StandingSignal]
) -> Weighed | None:
    """Return the first material change, None where a re-affirmation is enough."""
    weighed = (
        weigh(change, rested_on) for change in changes_between(rested_on, standing)
    )
    return next((each for each in weighed if each.is_material), None)


def _material(why: str) -> Weighed:
    return Weighed(is_material=True, why=why)


def _minor(why: str) -> Weighed:
    return Weighed(is_material=False, why=why)


def _latest_release(
    now: StandingSignal,
    before: StandingSignal | None,
    rested_on: Sequence[StandingSignal],
) -> Weighed:
    """A source that is asked for the first time is held against what others said."""
    known = (
        [before]
        if before
        else [
            signal
            for signal in rested_on
            if signal.fact.kind is SignalKind.LATEST_RELEASE
        ]
    )
    majors = {
        number: signal.fact.value
        for signal in known
        if (number := major(signal.fact.value)) is not None
    }
    number = major(now.fact.value)
    lists = f"{_who(now)} lists {now.fact.value} as the latest release"
    if number is None or not majors:
        return _minor(f"{lists}; no other one to compare it with was known.")
    highest = max(majors)
    if number <= highest:
        return _minor(f"{lists}: no new major version.")
    if number >= _FIRST_YEAR:
        return _minor(f"{lists}: its first number is a year.")
    return _material(f"{lists}: a new major version after {majors[highest]}.")


def _adopted_release(
    now: StandingSignal, before: StandingSignal | None, _: Sequence[StandingSignal]
) -> Weighed:
    if before is not None and before.fact.value != now.fact.value:
        return _material(
            f"The version in use is {now.fact.value}, and was {before.fact.value}.",
        )
    return _minor(f"{_who(now)} tells more of the version in use, which is the same.")


def _licence(
    now: StandingSignal, _: StandingSignal | None, rested_on: Sequence[StandingSignal]
) -> Weighed:
    """Two sources may write one licence in two ways: then its class is compared."""
    named = [signal for signal in rested_on if signal.fact.kind is SignalKind.LICENCE]
    names = {
        signal.fact.value.casefold() for signal in named if signal.source is now.source
    }
    licence = now.fact.value
    if names:
        if licence.casefold() in names:
            return _minor(f"{_who(now)} names the same licence, {licence}.")
        return _material(
            f"{_who(now)} names the licence {licence}, which it did not before."
        )
    classes = {class_of(signal.fact.value) for signal in named}
    if class_of(licence) in (classes or {LicenceClass.PERMISSIVE}):
        return _minor(
            f"{_who(now)} names the licence {licence}: no other kind of terms."
        )
    return _material(
        f"{_who(now)} names the licence {licence}, and none was known before."
    )


def _repository(
    now: StandingSignal, before: StandingSignal | None, _: Sequence[StandingSignal]
) -> Weighed:
    if now.fact.kind is SignalKind.REPOSITORY_MOVED:
        earlier = now.fact.subject.partition("/")[0].casefold()
    else:
        earlier = _owner(before.fact.value) if before else ""
    where = f"{_who(now)} has its repository at {now.fact.value}"
    if earlier and _owner(now.fact.value) != earlier:
        return _material(f"{where}: it has another owner.")
    return _minor(f"{where}: its owner is the same, as far as is known.")


def _maintainers(
    now: StandingSignal, _: StandingSignal | None, __: Sequence[StandingSignal]
) -> Weighed:
    return _minor(
        f"{_who(now)} counts {now.fact.value} maintainers: a number that moves."
    )


def _project_status(
    now: StandingSignal, _: StandingSignal | None, __: Sequence[StandingSignal]
) -> Weighed:
    return Weighed(now.fact.value != _ACTIVE, said(now))


def _bad_word(
    now: StandingSignal, _: StandingSignal | None, __: Sequence[StandingSignal]
) -> Weighed:
    return _material(said(now))


def _gated(
    now: StandingSignal, _: StandingSignal | None, __: Sequence[StandingSignal]
) -> Weighed:
    return _material(f"{_who(now)} gives the model only to whoever asks for it now.")


def _successor(
    now: StandingSignal, _: StandingSignal | None, __: Sequence[StandingSignal]
) -> Weighed:
    return _material(f"{_who(now)} names {now.fact.value} as the newer version.")


def _flaw(
    now: StandingSignal, before: StandingSignal | None, rested: Sequence[StandingSignal]
) -> Weighed:
    names = {now.fact.subject, *now.fact.aliases}
    known = [
        signal
        for signal in rested
        if signal.fact.kind is SignalKind.VULNERABILITY
        and not names.isdisjoint({signal.fact.subject, *signal.fact.aliases})
    ]
    flaw = f"{_who(now)} lists {now.fact.subject} for the version in use"
    if not known:
        return _material(f"{flaw}, which is a new flaw.")
    worst = max(_rating(signal) for signal in known)
    if _rating(now) > worst:
        return _material(f"{flaw}, and rates it {now.fact.severity} now.")
    fixes = {signal.fact.fixed_in for signal in ([before] if before else known)}
    if now.fact.fixed_in and now.fact.fixed_in not in fixes:
        return _material(f"{flaw}, and it is fixed in {now.fact.fixed_in}.")
    return _minor(f"{flaw}, which was known.")


def _scorecard(
    now: StandingSignal, before: StandingSignal | None, _: Sequence[StandingSignal]
) -> Weighed:
    rates = f"{_who(now)} rates its upkeep {now.fact.value} of 10"
    after, earlier = _points(now), _points(before) if before else None
    if after is None or earlier is None:
        return _minor(f"{rates}; there is no earlier rating to compare.")
    if earlier - after >= FALL:
        return _material(f"{rates}, and {earlier} before.")
    return _minor(f"{rates}, and {earlier} before: less than {FALL} down.")


def _end(
    now: StandingSignal, before: StandingSignal | None, _: Sequence[StandingSignal]
) -> Weighed:
    subject = f" of {now.fact.subject}" if now.fact.subject else ""
    lists = f"{_who(now)} lists the {_kind(now)}{subject}"
    day = now.fact.effective_on
    if (
        day is None
        and now.fact.value != ENDED
        and (now.fact.kind is not SignalKind.MODEL_RETIREMENT)
    ):
        return _minor(f"{lists} without a day.")
    when = f" for {day}" if day else ", without a day"
    if before is None:
        return _material(f"{lists}{when}, which is new.")
    earlier = before.fact
    if (earlier.effective_on, earlier.value) != (day, now.fact.value):
        was = earlier.effective_on or earlier.value or "without a day"
        return _material(f"{lists}{when}; it was {was} before.")
    if earlier.replacement != now.fact.replacement and now.fact.replacement:
        return _material(f"{lists} and recommends {now.fact.replacement} now.")
    return _minor(f"{lists}{when}, as before.")


def _predicted_end(
    now: StandingSignal, before: StandingSignal | None, _: Sequence[StandingSignal]
) -> Weighed:
    foretells = f"The forecast for {now.fact.subject} is {_day(now.fact.effective_on)}"
    if before is None:
        return _material(f"{foretells}, which is new.")
    after, earlier = now.fact.effective_on, before.fact.effective_on
    moved = abs((after - earlier).days) if after and earlier else None
    if moved is None or moved > MOVED_DAYS:
        return _material(f"{foretells}, and was {_day(earlier)}.")
    return _minor(f"{foretells}: it has moved by {moved} days.")


def _floor(
    now: StandingSignal, before: StandingSignal | None, _: Sequence[StandingSignal]
) -> Weighed:
    after = now.fact.effective_on
    earlier = before.fact.effective_on if before else None
    lists = f"{_who(now)} lists {now.fact.subject} as not to be retired before {_day(after)}"
    if before is None:
        return _material(f"{lists}, which is new.")
    if after is not None and (earlier is None or after < earlier):
        return _material(f"{lists}, which is earlier than it was.")
    return _minor(f"{lists}, which is no earlier than it was.")


RULES: Final[dict[SignalKind, _Rule]] = {
    SignalKind.LATEST_RELEASE: _latest_release,
    SignalKind.ADOPTED_RELEASE: _adopted_release,
    SignalKind.LICENCE: _licence,
    SignalKind.REPOSITORY: _repository,
    SignalKind.MAINTAINERS: _maintainers,
    SignalKind.PROJECT_STATUS: _project_status,
    SignalKind.REGISTRY_DEPRECATED: _bad_word,
    SignalKind.VERSION_DEPRECATED: _bad_word,
    SignalKind.NOTICE_TEXT: _bad_word,
    SignalKind.INACTIVE_CLASSIFIER: _bad_word,
    SignalKind.ALL_RELEASES_YANKED: _bad_word,
    SignalKind.UNPUBLISHED: _bad_word,
    SignalKind.NO_FILES: _bad_word,
    SignalKind.VERSION_YANKED: _bad_word,
    SignalKind.VULNERABILITY: _flaw,
    SignalKind.REPOSITORY_ARCHIVED: _bad_word,
    SignalKind.REPOSITORY_GONE: _bad_word,
    SignalKind.REPOSITORY_DISABLED: _bad_word,
    SignalKind.REPOSITORY_MOVED: _repository,
    SignalKind.SCORECARD_MAINTAINED: _scorecard,
    SignalKind.END_OF_LIFE: _end,
    SignalKind.END_OF_ACTIVE_SUPPORT: _end,
    SignalKind.END_OF_EXTENDED_SUPPORT: _end,
    SignalKind.PREDICTED_END: _predicted_end,
    SignalKind.MODEL_RETIREMENT: _end,
    SignalKind.MODEL_FLOOR: _floor,
    SignalKind.MODEL_DISABLED: _bad_word,
    SignalKind.MODEL_GATED: _gated,
    SignalKind.MODEL_SUCCESSOR: _successor,
}
"""What counts, kind by kind: of what is said now, before, and of all that was."""


def _says(signal: StandingSignal) -> tuple[object, ...]:
    fact = signal.fact
    severity = fact.severity or ""
    return (fact.value, fact.effective_on, severity, fact.replacement, fact.fixed_in)


def _who(signal: StandingSignal) -> str:
    return SOURCE_NAMES[signal.source]


def _kind(signal: StandingSignal) -> str:
    return signal.fact.kind.value.replace("_", " ")


def _owner(address: str) -> str:
    """Return whose a repository is, by its address or its name."""
    return _HOST.sub("", address).partition("/")[0].casefold()


def _rating(signal: StandingSignal) -> int:
    # Unrated is not harmless: it counts as `rules.evidence.vulnerabilities` has it.
    return weight(signal.fact.severity or Severity.MEDIUM)


def _points(signal: StandingSignal) -> int | None:
    value = signal.fact.value
    return int(value) if value.isascii() and value.isdecimal() else None


def _day(day: date | None) -> str:
    return str(day) if day else "a day that is not named"
