"""
What tickets and their comments say.

The text is Markdown; each adapter turns it into what its system writes. What people and
sources wrote goes in escaped, so that it reads as it was typed.
"""

import hashlib
import re
from typing import assert_never
from urllib.parse import quote

from reviews.models import Cover, Evaluation, Flag
from reviews.ports.tickets import Draft
from reviews.rules.reasons import flag_reason
from reviews.rules.ticketing import WAIVER_DAYS
from reviews.rules.vocabulary import Action, Cause, CoverKind

TITLE_LIMIT = 250
SIGNALS_SHOWN = 5

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
# What would end a link, or begin something else.
_UNSAFE = re.compile(r"[\s<>()\[\]`*\\|\"]")
_ASKS = {
    Action.REVIEW: "Review",
    Action.DEPRECATE: "Deprecate",
}
HOW_TO_DECIDE = (
    "`/verdict adopt because …` (or trial, assess, hold, deprecate, retire), or "
    "`/waive because …`"
)


def draft_of(flag: Flag, *, marker: str, site_url: str) -> Draft:
    """
    Return what a flag's ticket says today.

    The flag comes with its solution, and the solution's team and owner.
    """
    solution = flag.solution
    asks = _ASKS[Action(flag.action)]
    title = f"{asks} {solution.name}: {flag.get_cause_display()}"
    return Draft(
        marker=marker,
        title=" ".join(title.split())[:TITLE_LIMIT],
        text=_text(flag, site_url),
        due_on=flag.due_on,
        severity=flag.severity,
    )


def reason_of(flag: Flag) -> str:
    """Return the sentence that says why a flag is open."""
    return flag_reason(
        Cause(flag.cause),
        due_on=flag.due_on,
        vouched_on=flag.vouched_on,
        pulled_by=flag.pulled_by,
        told=flag.reason,
    )


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text, whatever its white space, in hexadecimal."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def comment_on_closing(flag: Flag, *, site_url: str) -> str:
    """Return what a ticket is told when its flag is closed."""
    evaluation = flag.closed_by
    if evaluation is None:
        return (
            f"The question is answered: {flag.get_closed_because_display()}. "
            f"{_solution_link(flag, site_url)}"
        )
    return f"{_verdict(evaluation)}\n\n{_solution_link(flag, site_url)}"


def comment_on_cover(cover: Cover, *, site_url: str) -> str:
    """Return what a ticket is told when its flag is snoozed, waived or overridden."""
    reason, kind = escaped(cover.reason), CoverKind(cover.kind)
    match kind:
        case CoverKind.SNOOZE:
            said = f"Snoozed until {cover.until} by {escaped(cover.made_by_name)}"
        case CoverKind.WAIVER:
            said = (
                f"Accepted until {cover.until}, for {escaped(cover.owner_name)}, "
                f"approved by {escaped(cover.approver_name)}"
            )
        case CoverKind.OVERRIDE:
            said = (
                f"Overridden by {escaped(cover.made_by_name)}, until what the sources "
                "say changes"
            )
        case _:
            assert_never(kind)
    return f"{said}: {reason}\n\n{_solution_link(cover.flag, site_url)}"


def comment_on_asking_again(flag: Flag, *, site_url: str) -> str:
    """Return what a ticket is told when nothing covers its flag any longer."""
    return (
        f"This is asked again, and was due on {flag.due_on}: "
        f"{escaped(reason_of(flag))}\n\n{_solution_link(flag, site_url)}"
    )


def comment_asking_for_decision(flag: Flag, *, site_url: str) -> str:
    """Return what a ticket is asked that was closed without a decision."""
    name = escaped(flag.solution.name)
    return (
        f"This was closed without a decision, so the question about {name} is still "
        f"open. Write a comment that begins with {HOW_TO_DECIDE}, or log an evaluation: "
        f"{site_url}/queue/{flag.solution.slug}/"
    )


def escaped(text: str) -> str:
    """Return a text as Markdown that reads as it was typed, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _text(flag: Flag, site_url: str) -> str:
    solution = flag.solution
    owner = solution.owner.label() if solution.owner else "nobody"
    team = solution.team.name if solution.team else "no team"
    lines = [
        escaped(reason_of(flag)),
        "",
        f"- Due: {flag.due_on}",
        *([f"- Severity: {flag.severity}"] if flag.severity else []),
        f"- What it is: {solution.get_kind_display()}, {escaped(solution.name)}"
        + (f" {escaped(solution.version)}" if solution.version else ""),
        f"- Owner: {escaped(owner)}, {escaped(team)}",
        *_evidence(flag),
        f"- Decide here: {site_url}/queue/{solution.slug}/",
        "",
        f"Or answer in a comment that begins with {HOW_TO_DECIDE}. A waiver asked for "
        f"here lasts {WAIVER_DAYS} days. This issue closes by itself when the evaluation "
        "is logged.",
    ]
    return "\n".join(lines)


def _evidence(flag: Flag) -> list[str]:
    lines = [f"- Source: {_address(flag.source_url)}"] if flag.source_url else []
    for signal in flag.signals.order_by("pk")[:SIGNALS_SHOWN]:
        said = f"{signal.get_kind_display()} {escaped(signal.value)}".strip()
        day = f", as of {signal.effective_on}" if signal.effective_on else ""
        lines.append(f"- {signal.get_source_display()}: {said[:300]}{day}")
    return lines


def _address(url: str) -> str:
    """Return an address in which nothing is read as Markdown."""
    return _UNSAFE.sub(lambda found: quote(found.group()), url)


def _verdict(evaluation: Evaluation) -> str:
    said = (
        f"Evaluated on {evaluation.evaluated_on} by {escaped(evaluation.author_name)}: "
        f"**{evaluation.verdict}**."
    )
    return f"{said} {escaped(evaluation.summary)}" if evaluation.summary else said


def _solution_link(flag: Flag, site_url: str) -> str:
    return f"{site_url}/solutions/{flag.solution.slug}/"
