"""How a solution stands to its clock, in words beside the colour."""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from django.utils.html import format_html
from django.utils.safestring import SafeString

from reviews.models import Flag, Solution
from reviews.rules.reasons import flag_reason
from reviews.rules.staleness import freshness, is_overdue
from reviews.rules.vocabulary import Cause, Freshness


@dataclass(frozen=True, slots=True)
class Standing:
    """A word for the colour, and the words that say the same."""

    colour: str
    text: str

    def badge(self) -> SafeString:
        return format_html(
            '<span class="badge is-{}">{}</span>', self.colour, self.text
        )


def standing(solution: Solution, today: date) -> Standing:
    """Return how a solution stands to its clock on a day."""
    due_on = solution.next_review_on
    fresh = freshness(verdict=solution.verdict(), next_review_on=due_on, today=today)
    if fresh is None or due_on is None:
        return Standing("retired", "retired")
    match fresh:
        case Freshness.OVERDUE:
            return Standing("overdue", late(due_on, today))
        case Freshness.DUE_SOON:
            return Standing("due_soon", soon(due_on, today))
        case Freshness.FRESH:
            return Standing("fresh", f"fresh until {due_on}")
        case Freshness.UNREVIEWED if is_overdue(due_on, today):
            words = f"never reviewed, first review {late(due_on, today)}"
            return Standing("overdue", words)
        case Freshness.UNREVIEWED:
            words = f"never reviewed, first review by {due_on}"
            return Standing("unreviewed", words)
        case _:
            assert_never(fresh)


def late(due_on: date, today: date) -> str:
    """Return by how much a day has passed."""
    return f"overdue by {_days((today - due_on).days)}"


def soon(due_on: date, today: date) -> str:
    """Return how far off a day is."""
    days = (due_on - today).days
    return "due today" if days == 0 else f"due in {_days(days)}"


def why(solution: Solution, today: date) -> str:
    """Return the sentence that says where a solution's next review comes from."""
    due_on, clock_due_on = solution.next_review_on, solution.clock_due_on
    if due_on is None:
        return "It is retired, so no review is owed any more."
    passed = is_overdue(due_on, today)
    is_was = "was" if passed else "is"
    if solution.pulled_by:
        return (
            f"A review {is_was} due by {due_on} because {solution.pulled_by}; "
            f"by the clock alone it would be {clock_due_on}."
        )
    if solution.last_evaluated_on is None:
        return (
            f"Nobody has evaluated it since it was registered on "
            f"{solution.registered_on}; its first review {is_was} due by {due_on}."
        )
    return (
        f"Last evaluated on {solution.last_evaluated_on}; by the review policies "
        f"that verdict {'held' if passed else 'holds'} until {due_on}."
    )


def flag_standing(flag: Flag, today: date) -> Standing:
    """Return how a flag stands to its due day."""
    if flag.closed_at is not None:
        return Standing("closed", f"closed: {flag.get_closed_because_display()}")
    if is_overdue(flag.due_on, today):
        return Standing("overdue", late(flag.due_on, today))
    return Standing("due_soon", soon(flag.due_on, today))


def why_flagged(flag: Flag) -> str:
    """Return why a flag is there."""
    return flag_reason(
        Cause(flag.cause),
        due_on=flag.due_on,
        vouched_on=flag.vouched_on,
        pulled_by=flag.pulled_by,
        told=flag.reason,
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"
