"""Whether a later release of a solution comes under a stricter licence."""

from reviews.rules.answers.licences import is_stricter
from reviews.rules.evidence.findings import Finding, Situation, StandingSignal, finding
from reviews.rules.signals import SOURCE_NAMES, Severity, SignalKind, Source
from reviews.rules.vocabulary import Action, Cause


def licence_changed(situation: Situation) -> Finding | None:
    """
    Return that the latest release is licensed more strictly than the version in use.

    Both words are one source's: two sources that name a licence differently are no
    change. What only reads differently, or is unknown on either side, is none either.
    """
    adopted = _releases(situation, SignalKind.ADOPTED_RELEASE)
    latest = _releases(situation, SignalKind.LATEST_RELEASE)
    licences: dict[tuple[Source, str], StandingSignal] = {
        (signal.source, signal.fact.subject): signal
        for signal in situation.of(SignalKind.LICENCE)
    }
    for source in adopted.keys() & latest.keys():
        before = licences.get((source, adopted[source]))
        after = licences.get((source, latest[source]))
        if before is None or after is None:
            continue
        if is_stricter(after.fact.value, before.fact.value):
            return finding(
                Cause.LICENCE_CHANGED,
                Action.REVIEW,
                Severity.HIGH,
                f"{SOURCE_NAMES[source]} lists {latest[source]} under "
                f"{after.fact.value}; version {adopted[source]}, which is in use, is "
                f"under {before.fact.value}.",
                [_first_said(situation, after), before],
            )
    return None


def _first_said(situation: Situation, said: StandingSignal) -> StandingSignal:
    """Return the first release's word of it: a further release asks nothing anew."""
    same = (
        signal
        for signal in situation.of(SignalKind.LICENCE)
        if (signal.source, signal.fact.value) == (said.source, said.fact.value)
        and signal.fact.subject != "repository"
    )
    return min(same, key=lambda signal: signal.id)


def _releases(situation: Situation, kind: SignalKind) -> dict[Source, str]:
    return {signal.source: signal.fact.value for signal in situation.of(kind)}
