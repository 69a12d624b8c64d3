"""What the queue says: the names of its lists, their order, and what to do about none."""

from reviews.pages.queue_asked import Asked
from reviews.pages.wording import counted
from reviews.queries.queue import Weight
from reviews.queries.queue_order import MOST_COUNTED, Show, Whose
from reviews.rules.access import Actor
from reviews.rules.escalation import Rung

TITLES = {
    Show.DUE: "Everything due",
    Show.OVERDUE: "Overdue",
    Show.DUE_SOON: "Due soon",
    Show.PULLED: "Pulled forward",
    Show.PROPOSALS: "Proposals",
    Show.WAIVERS: "Waivers ending",
    Show.ORPHANS: "Orphans",
}
_TIMES = "\N{MULTIPLICATION SIGN}"
_BY_RISK = "Highest risk first; of equals, the earliest due."
NOTES = {
    Show.DUE: "Overdue, or due within thirty days. What is snoozed, waived or overridden "
    f"is left out. {_BY_RISK}",
    Show.OVERDUE: f"The day of their review has passed. {_BY_RISK}",
    Show.DUE_SOON: f"A review is owed within thirty days, today included. {_BY_RISK}",
    Show.PULLED: "Due earlier than the clock would have it, and why. " + _BY_RISK,
    Show.PROPOSALS: "Somebody proposes to deprecate or to retire, and a lead of the "
    "owning team decides. The oldest first.",
    Show.WAIVERS: "Waivers that end within fourteen days: then their flags are asked "
    "again. What ends next comes first.",
    Show.ORPHANS: "Nobody owns them, or their owner has left. The gravest first, by "
    "criticality, severity and dependents; of equals, the earliest due.",
}
EMPTY = {
    Show.DUE: "Nothing is due.",
    Show.OVERDUE: "Nothing is overdue.",
    Show.DUE_SOON: "Nothing is due within thirty days.",
    Show.PULLED: "Nothing is pulled forward.",
    Show.PROPOSALS: "No proposal awaits a decision.",
    Show.WAIVERS: "No waiver ends within fourteen days.",
    Show.ORPHANS: "Nothing is an orphan: everything has an owner who is still here.",
}
WHOSE = {
    Whose.MINE: "Mine",
    Whose.TEAM: "My teams'",
    Whose.ALL: "Everyone's",
}
_SCOPES = {
    Whose.MINE: "Only what belongs to you was looked at.",
    Whose.TEAM: "Only the teams were looked at in which you are a lead or an engineer.",
    Whose.ALL: "",
}


def count_words(count: int) -> str:
    """Return a figure, which is not counted on beyond MOST_COUNTED."""
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"


def empty_remedy(asked: Asked, actor: Actor) -> str:
    """Return in a sentence how far was looked where nothing was found."""
    if not has_no_team(asked):
        return _SCOPES[asked.wanted.whose]
    if actor.is_administrator:
        return "You are in no team as a lead or an engineer, so none was looked at."
    return "You are no lead and no engineer of any team: an administrator adds you."


def has_no_team(asked: Asked) -> bool:
    """Return whether the visitor asks for their teams' queue and reviews for none."""
    return asked.wanted.whose is Whose.TEAM and not asked.wanted.team_ids


def weight_words(weight: Weight) -> str:
    """Return the product that a risk is, with a name for each factor but those of one."""
    days = counted(weight.days, "day")
    if weight.severity is None or weight.dependents is None:
        return f"{days} {_TIMES} {1 << weight.of_class}"
    factors = {
        "criticality": weight.criticality,
        "severity": weight.severity,
        "dependents": weight.dependents,
    }
    told = [f"{factor} {name}" for name, factor in factors.items() if factor != 1]
    return f" {_TIMES} ".join([days, *told])


def climb_words(rung: Rung) -> str:
    """Return who a flag is asked, since when, and when that changes."""
    said = f"Asked of {rung.level.words} since {rung.since}"
    if rung.next_level is None:
        return f"{said}."
    return f"{said}; it climbs to {rung.next_level.words} on {rung.next_on}."
