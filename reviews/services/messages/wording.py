"""
How messages read: plain text of at most 78 columns, links on lines of their own.

Pure but for the rows it is given. What is told, and to whom, is decided elsewhere; how
each channel keeps text from being taken for markup is the connectors' business.
"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from reviews.queries.digest import ComingReview, Digest, Part, Section
from reviews.queries.home import TeamName
from reviews.queries.told import Reader, ToldFlag
from reviews.rules.escalation import Level

COLUMNS = 78
SHOWN = 10
"""How many lines of a section are told one by one; the rest is counted."""

SUBJECT_LIMIT = 150


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in words."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Ways:
    """Where a message leads: the site's address, and what ends the subscription."""

    site_url: str
    stop_token: str

    def solution(self, slug: str) -> str:
        """Return where one solution is decided on."""
        return f"{self.site_url}/queue/{slug}/"

    def queue(self, asked: str) -> str:
        """Return a list of the queue."""
        return f"{self.site_url}/queue/?{asked}"

    @property
    def notices(self) -> str:
        """Where a reader says how to be told."""
        return f"{self.site_url}/notices/"

    @property
    def stop(self) -> str:
        """Where a reader says that this was the last message."""
        return f"{self.site_url}/stop/{self.stop_token}/"


_PARTS = {
    Part.YOURS: ("Yours", "whose=mine"),
    Part.CLIMBED: ("Climbed to you", "show=overdue&whose=all"),
    Part.TEAMS: ("Your teams'", "whose=team"),
}


def digest_message(digest: Digest, ways: Ways) -> Rendered:
    """Return a digest in words."""
    blocks = [
        _wrapped(f"Hello {one_line(digest.reader.name)},"),
        _wrapped(f"this is how it stands on {digest.today}."),
    ]
    blocks += [_section(section, digest, ways) for section in digest.sections]
    blocks += [*_proposals(digest, ways), *_waivers(digest, ways)]
    blocks += [*_connections(digest, ways), farewell(why_told(digest), ways)]
    return Rendered(_digest_subject(digest), _joined(blocks))


def alert_message(
    reader: Reader,
    urgent: Sequence[ToldFlag],
    climbed: Sequence[ToldFlag],
    ways: Ways,
    *,
    today: date,
) -> Rendered:
    """Return an alert in words: what cannot wait, and what has climbed to its reader."""
    blocks = [_wrapped(f"Hello {one_line(reader.name)},")]
    if urgent:
        blocks.append(_wrapped("this cannot wait for your next digest."))
        blocks.append(_list("Not to wait", urgent, (), ways, today))
    if climbed:
        blocks.append(_list("Climbed to you", climbed, (), ways, today))
    if len(urgent) > SHOWN or len(climbed) > SHOWN:
        blocks.append(_linked("All of it, in the queue:", ways.queue("whose=all")))
    blocks.append(
        _wrapped(
            "There is at most one such message a day: what comes up later today is in "
            "your next digest, or in tomorrow's message."
        )
    )
    blocks.append(farewell("you are asked about them now", ways))
    said = [f"{len(urgent)} not to wait"] if urgent else []
    said += [f"{len(climbed)} climbed to you"] if climbed else []
    subject = f"Best Before: {', '.join(said)}"
    if len(urgent) == 1 and not climbed:
        subject = f"Best Before: {one_line(urgent[0].name)}: {urgent[0].cause}"
    return Rendered(subject[:SUBJECT_LIMIT], _joined(blocks))


def proof_message(reader_name: str, ways: Ways) -> Rendered:
    """Return the words of a message that only shows that messages arrive."""
    blocks = [
        _wrapped(f"Hello {one_line(reader_name)},"),
        _wrapped("this is the test message that you asked for. It arrived."),
        farewell("you asked for it on the page Notices", ways),
    ]
    return Rendered("Best Before: a test message", _joined(blocks))


def farewell(why: str, ways: Ways) -> str:
    """Return the end of every message: why its reader got it, and how to stop it."""
    return "\n".join(
        [
            "-" * 20,
            _wrapped(f"You get this because {why}."),
            _linked("When and how it comes:", ways.notices),
            _linked("To stop these messages:", ways.stop),
        ]
    )


def why_told(digest: Digest) -> str:
    """Return by what right somebody gets a digest, as the end of a sentence."""
    reader = digest.reader
    owns = any(section.part is Part.YOURS for section in digest.sections)
    reasons = ["own solutions"] if owns else []
    if digest.waivers:
        reasons.append("answer for waivers")
    if reader.leads:
        reasons.append(f"lead {_named(reader.leads)}")
    if reader.works_in:
        reasons.append(f"are an engineer of {_named(reader.works_in)}")
    if reader.is_administrator:
        reasons.append("administer the tracker")
    return f"you {_and(reasons or ['answer for a part of this'])}"


def one_line(text: str) -> str:
    """Return a text as one line, without what is invisible or turns its direction."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: 1 flag, 2 flags, 1,000 flags."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _digest_subject(digest: Digest) -> str:
    climbed = sum(
        len(section.flags)
        for section in digest.sections
        if section.part is Part.CLIMBED
    )
    asked = sum(len(section.flags) for section in digest.sections)
    said = [
        f"{number:,} {words}"
        for number, words in (
            (digest.overdue, "overdue"),
            (digest.due_this_week, "due this week"),
            (climbed, "climbed to you"),
            (len(digest.proposals), "to approve"),
        )
        if number
    ]
    if not said and asked:
        said = [f"{counted(asked, 'flag')} open"]
    if not said:
        said = ["waivers end soon" if digest.waivers else "a connection needs you"]
    return f"Best Before: {', '.join(said)}"[:SUBJECT_LIMIT]


def _section(section: Section, digest: Digest, ways: Ways) -> str:
    title, asked = _PARTS[section.part]
    if section.part is Part.TEAMS:
        reader = digest.reader
        title += f" ({_named((*reader.leads, *reader.works_in))})"
    told = [_list(title, section.flags, section.coming, ways, digest.today)]
    told.append(_linked("All of it, in the queue:", ways.queue(asked)))
    return "\n\n".join(told)


def _list(
    title: str,
    flags: Sequence[ToldFlag],
    coming: Sequence[ComingReview],
    ways: Ways,
    today: date,
) -> str:
    """Return a heading with its figures, and the first lines of what it counts."""
    overdue = sum(flag.due_on < today for flag in flags)
    figures = []
    if flags:
        figures.append(f"{counted(len(flags), 'open flag')}, {overdue:,} overdue")
    if coming:
        figures.append(f"{counted(len(coming), 'review')} due within a week")
    head = _wrapped(f"{title}: {'; '.join(figures)}")
    lines = [_flag(flag, ways, today) for flag in flags[:SHOWN]]
    lines += [_review(row, ways, today) for row in coming[: SHOWN - len(lines)]]
    rest = len(flags) + len(coming) - len(lines)
    if rest:
        lines.append(f"  And {rest:,} more.")
    underline = "=" * max(len(line) for line in head.splitlines())
    return "\n".join([head, underline, "", "\n\n".join(lines)])


def _flag(flag: ToldFlag, ways: Ways, today: date) -> str:
    severity = f", {flag.severity}" if flag.severity else ""
    head = (
        f"{one_line(flag.name)}: {flag.cause}{severity}, to {flag.action}; "
        f"{_due(flag.due_on, today)}"
    )
    lines = [_item(head), _item(one_line(flag.reason), "    ")]
    if flag.climb.level is not Level.OWNER:
        lines.append(
            _item(
                f"Asked of {one_line(flag.climb.names)} since {flag.climb.rung.since}.",
                "    ",
            )
        )
    return "\n".join([*lines, f"    {ways.solution(flag.slug)}"])


def _review(row: ComingReview, ways: Ways, today: date) -> str:
    head = f"{one_line(row.name)}: review {_due(row.due_on, today)}"
    return "\n".join([_item(head), f"    {ways.solution(row.slug)}"])


def _proposals(digest: Digest, ways: Ways) -> list[str]:
    rows = digest.proposals
    if not rows:
        return []
    lines = [
        "\n".join(
            [
                _item(
                    f"{one_line(row.name)}: to {row.verdict}, proposed by "
                    f"{one_line(row.author)} on {row.proposed_on}"
                ),
                f"    {ways.solution(row.slug)}",
            ]
        )
        for row in rows[:SHOWN]
    ]
    head = f"Awaiting your approval: {counted(len(rows), 'proposal')}"
    return [_simple(head, lines, len(rows), ways.queue("show=proposals&whose=team"))]


def _waivers(digest: Digest, ways: Ways) -> list[str]:
    rows = digest.waivers
    if not rows:
        return []
    lines = [
        "\n".join(
            [
                _item(f"{one_line(row.name)}: the flag is asked again on {row.until}"),
                f"    {ways.solution(row.slug)}",
            ]
        )
        for row in rows[:SHOWN]
    ]
    head = f"Your waivers that end within fourteen days: {len(rows):,}"
    return [_simple(head, lines, len(rows), ways.queue("show=waivers&whose=mine"))]


def _connections(digest: Digest, ways: Ways) -> list[str]:
    rows = digest.connections
    if not rows:
        return []
    lines = []
    for row in rows[:SHOWN]:
        told = f"{one_line(row.name)}: {counted(row.held_back, 'flag')} held back"
        if row.problem:
            told += f"; it fails: {one_line(row.problem)}"
        lines.append(_item(told))
    return [_simple("Ticket connections", lines, len(rows), "")]


def _simple(head: str, lines: list[str], total: int, url: str) -> str:
    if total > len(lines):
        lines = [*lines, f"  And {total - len(lines):,} more."]
    told = "\n".join([head, "=" * len(head), "", "\n\n".join(lines)])
    return f"{told}\n\n{_linked('All of it, in the queue:', url)}" if url else told


def _due(due_on: date, today: date) -> str:
    days = (today - due_on).days
    if days > 0:
        return f"due {due_on}, overdue by {counted(days, 'day')}"
    return (
        f"due {due_on}, in {counted(-days, 'day')}" if days else f"due {due_on}, today"
    )


def _item(text: str, indent: str = "  * ") -> str:
    return textwrap.fill(
        text,
        COLUMNS,
        initial_indent=indent,
        subsequent_indent="    ",
        break_on_hyphens=False,
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, COLUMNS, break_on_hyphens=False)


def _linked(words: str, url: str) -> str:
    # A link is never broken: in pieces, no mail program would follow it.
    line = f"{words} {url}"
    return line if len(line) <= COLUMNS else f"{words}\n{url}"


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(blocks) + "\n"


def _named(teams: Iterable[TeamName]) -> str:
    return _and([one_line(team.name) for team in teams])


def _and(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
