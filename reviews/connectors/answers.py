"""
Putting together what a source said: facts cut to size, and the answer that holds them.

Every text of a fact passes through here, so that nothing of a stranger's that is too
long or invisible goes further.
"""

from collections.abc import Iterable
from datetime import date

from reviews.connectors.http import Response
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import Validators
from reviews.rules.answers.quoting import quoted
from reviews.rules.signals import (
    QUOTE_LIMIT,
    VALUE_LIMIT,
    Confidence,
    Fact,
    Severity,
    SignalKind,
    SourceState,
)

SUBJECT_LIMIT = 200
ALIAS_LIMIT = 20
NOTE_LIMIT = 500
_ID_LIMIT = 100


def fact(
    kind: SignalKind,
    value: str,
    *,
    address: str,
    subject: str = "",
    on: date | None = None,
    confidence: Confidence = Confidence.STATED,
    severity: Severity | None = None,
    replacement: str = "",
    aliases: Iterable[str] = (),
    fixed_in: str = "",
    quote: str = "",
) -> Fact:
    """Return a fact whose texts are cut to what may be kept of them."""
    return Fact(
        kind=kind,
        value=quoted(value, VALUE_LIMIT),
        subject=quoted(subject, SUBJECT_LIMIT),
        effective_on=on,
        confidence=confidence,
        address=address,
        severity=severity,
        replacement=quoted(replacement, SUBJECT_LIMIT),
        aliases=tuple(quoted(name, _ID_LIMIT) for name in aliases)[:ALIAS_LIMIT],
        fixed_in=quoted(fixed_in, SUBJECT_LIMIT),
        quote=quoted(quote, QUOTE_LIMIT),
    )


def told(
    response: Response, address: str, facts: Iterable[Fact], notes: Iterable[str] = ()
) -> SourceAnswer:
    """Return the answer of a source that knows the package."""
    return SourceAnswer(
        state=SourceState.OK,
        address=address,
        facts=tuple(facts),
        digest=response.digest,
        validators=response.validators,
        note=quoted(" ".join(notes), NOTE_LIMIT),
    )


def not_found(address: str) -> SourceAnswer:
    """Return the answer of a source that knows no such package."""
    return SourceAnswer(state=SourceState.NOT_FOUND, address=address)


def unsupported(address: str, note: str) -> SourceAnswer:
    """Return the answer of a source that does not offer what is asked."""
    return SourceAnswer(
        state=SourceState.UNSUPPORTED, address=address, note=quoted(note, NOTE_LIMIT)
    )


def unchanged(response: Response, address: str, known: Validators) -> SourceAnswer:
    """Return the answer that the last one still holds; its marks may be new ones."""
    fresh = response.validators
    return SourceAnswer(
        state=SourceState.OK,
        address=address,
        validators=fresh if fresh != Validators() else known,
        unchanged=True,
    )
