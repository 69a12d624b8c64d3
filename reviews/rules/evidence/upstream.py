"""
What a registry, a package and a repository say of a project's end.

Three questions: is it gone, is it given up, is the version in use taken back. Silence
asks none of them; it only adds weight to what somebody did say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reviews.rules.answers.quoting import plain, sentence
from reviews.rules.evidence.findings import (
    Finding,
    Situation,
    StandingSignal,
    finding,
    raised,
)
from reviews.rules.signals import SOURCE_NAMES, Severity, SignalKind
from reviews.rules.staleness import months_after
from reviews.rules.vocabulary import Action, Cause, Kind

SILENT_MONTHS = 24

_GONE = (
    SignalKind.UNPUBLISHED,
    SignalKind.ALL_RELEASES_YANKED,
    SignalKind.NO_FILES,
    SignalKind.MODEL_DISABLED,
)
_STATUS_ASKS = ("archived", "deprecated")

# Who speaks, by kind: two words of one group are one voice. What a maintainer writes
# into a package, and the classifier beside it, come with the same upload.
_REGISTRY, _WORDS, _REPOSITORY = "registry", "words", "repository"
_GROUPS = {
    SignalKind.PROJECT_STATUS: _REGISTRY,
    SignalKind.REGISTRY_DEPRECATED: _REGISTRY,
    SignalKind.NOTICE_TEXT: _WORDS,
    SignalKind.INACTIVE_CLASSIFIER: _WORDS,
    SignalKind.REPOSITORY_ARCHIVED: _REPOSITORY,
    SignalKind.REPOSITORY_GONE: _REPOSITORY,
    SignalKind.REPOSITORY_DISABLED: _REPOSITORY,
}


@dataclass(frozen=True, slots=True)
class Voice:
    """One statement that a project is given up, and how much it weighs."""

    signal: StandingSignal
    severity: Severity

    @property
    def group(self) -> str:
        """Return who speaks."""
        return _GROUPS[self.signal.fact.kind]


def withdrawn(situation: Situation) -> Finding | None:
    """Return that the whole project was taken away, by whoever keeps it."""
    quarantined = [
        signal
        for signal in situation.of(SignalKind.PROJECT_STATUS)
        if signal.fact.value == "quarantined"
    ]
    gone = [*quarantined, *situation.of(*_GONE)]
    if not gone:
        return None
    severity = Severity.CRITICAL if quarantined else Severity.HIGH
    reason = said(gone[0]) + _others(len(gone) - 1)
    return finding(Cause.WITHDRAWN, Action.DEPRECATE, severity, reason, gone)


def unmaintained(situation: Situation, today: date) -> Finding | None:
    """
    Return that a project is given up, by what it says of itself.

    It asks for a review. Two voices independent of one another, both of high severity
    and neither found by an unverified link, are proof enough to ask for a deprecation.
    """
    silent = is_silent(situation, today)
    voices = [
        Voice(voice.signal, raised(voice.severity) if silent else voice.severity)
        for voice in _voices(situation)
    ]
    if not voices:
        return None
    voices.sort(key=lambda voice: list(Severity).index(voice.severity), reverse=True)
    proof = {
        voice.group
        for voice in voices
        if voice.severity is Severity.HIGH and voice.signal.verified
    }
    return finding(
        Cause.UNMAINTAINED,
        Action.DEPRECATE if len(proof) > 1 else Action.REVIEW,
        voices[0].severity,
        said(voices[0].signal) + _others(len(voices) - 1),
        [voice.signal for voice in voices],
    )


def version_withdrawn(situation: Situation) -> Finding | None:
    """Return that the version in use was yanked or deprecated: upgrade, or look why."""
    signals = list(
        situation.of(SignalKind.VERSION_YANKED, SignalKind.VERSION_DEPRECATED)
    )
    if not signals:
        return None
    names_flaw = any("CVE-" in f"{s.fact.value} {s.fact.quote}" for s in signals)
    return finding(
        Cause.VERSION_WITHDRAWN,
        Action.REVIEW,
        Severity.HIGH if names_flaw else Severity.MEDIUM,
        said(signals[0]) + _others(len(signals) - 1),
        signals,
    )


def last_release_on(situation: Situation) -> date | None:
    """Return the day of the newest release that any source knows of, if one does."""
    days = (
        signal.fact.effective_on
        for signal in situation.of(SignalKind.LATEST_RELEASE)
        if signal.fact.effective_on
    )
    return max(days, default=None)


def is_silent(situation: Situation, today: date, months: int = SILENT_MONTHS) -> bool:
    """Return whether nothing was released for so long. Unknown is not silent."""
    released_on = last_release_on(situation)
    return released_on is not None and months_after(released_on, months) <= today


def said(signal: StandingSignal) -> str:
    """Return in a sentence what a source says, for what speaks of a project's end."""
    fact = signal.fact
    who = SOURCE_NAMES[signal.source]
    pointer = f", and points to {fact.replacement}" if fact.replacement else ""
    quote = _quoted(fact.quote)
    words = _after_colon(quote or _quoted(fact.value))
    statement = {
        SignalKind.PROJECT_STATUS: f"{who} marks the project as {fact.value}"
        + _after_colon(quote),
        SignalKind.REGISTRY_DEPRECATED: f"{who} marks its latest release as "
        f"deprecated{words}",
        SignalKind.VERSION_DEPRECATED: f"{who} marks version {fact.subject} as "
        f"deprecated{words}",
        SignalKind.VERSION_YANKED: f"{who} lists version {fact.subject} as yanked"
        + (words if fact.value not in ("", "yanked") else ""),
        SignalKind.NOTICE_TEXT: f"{who} shows a notice in its {fact.subject}{words}",
        SignalKind.INACTIVE_CLASSIFIER: f"{who} has it classified as inactive",
        SignalKind.ALL_RELEASES_YANKED: f"{who} has every release of it yanked",
        SignalKind.UNPUBLISHED: f"{who} says that it was unpublished",
        SignalKind.NO_FILES: f"{who} has no file of it any more",
        SignalKind.MODEL_DISABLED: f"{who} has disabled the model",
        SignalKind.REPOSITORY_ARCHIVED: f"{who} shows its repository {fact.subject} "
        "as archived",
        SignalKind.REPOSITORY_GONE: f"{who} has no public repository {fact.subject} "
        "any more",
        SignalKind.REPOSITORY_DISABLED: f"{who} has disabled its repository "
        f"{fact.subject}",
    }[fact.kind]
    return sentence(f"{statement}{pointer}")


def _voices(situation: Situation) -> Iterator[Voice]:
    for signal in situation.of(*_GROUPS):
        fact = signal.fact
        if fact.kind is SignalKind.REPOSITORY_GONE and situation.kind is Kind.BUILT:
            continue  # One's own repository is private, as a rule.
        if fact.kind is SignalKind.PROJECT_STATUS and fact.value not in _STATUS_ASKS:
            continue
        low = fact.kind is SignalKind.INACTIVE_CLASSIFIER or (
            fact.kind is SignalKind.NOTICE_TEXT and fact.subject == "description"
        )
        yield Voice(signal, Severity.MEDIUM if low else Severity.HIGH)


def _others(count: int) -> str:
    if not count:
        return ""
    return f" {count} further {'fact says' if count == 1 else 'facts say'} the same."


def _quoted(text: str, limit: int = 160) -> str:
    words = plain(text)
    if len(words) > limit:
        # The cut may leave a quote loose at the end, and not at the beginning.
        words = plain(words[: limit - 1]) + "…"
    return words


def _after_colon(words: str) -> str:
    return f": “{words}”" if words else ""
