"""
Bar charts, worked out as shapes for `_bars.html` to draw.

Pure: numbers and words in, places out. Lengths are the drawing's own units, which the
page scales to its width. A chart repeats what a table beside it says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 560
_TOP, _PLOT, _FOOT, _LEFT = 24, 150, 24, 28
_GAP = 4
_ROW, _THICK, _NAME = 30, 18, 150
_LONGEST_NAME = 16
# How wide a figure is, and how far lines of text have to stay from each other.
_DIGIT, _LINE = 10, 14


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a bar; `textured` marks it where its tone cannot be told."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    textured: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """
    Words in the drawing, around a point on their base line.

    `is_minor` ones are left out where the drawing is small.
    """

    x: float
    y: float
    words: str
    anchor: str = "middle"
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the drawing; a limit is dashed."""

    x1: float
    y1: float
    x2: float
    y2: float
    is_limit: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """What a tone means, in words."""

    words: str
    tone: str
    textured: bool = False
    is_limit: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its name, what it shows in words, and the meaning of its tones."""

    id: str
    title: str
    description: str
    height: float
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]
    rules: tuple[Rule, ...]
    legend: tuple[Key, ...]
    width: float = WIDTH


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what stands below it; a minor label may be left out."""

    label: str
    value: int
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar: how much, what of, and its tone."""

    words: str
    value: int
    tone: str


@dataclass(frozen=True, slots=True)
class Stack:
    """A stacked bar and its name."""

    name: str
    segments: tuple[Segment, ...]

    @property
    def total(self) -> int:
        """How long the bar is."""
        return sum(segment.value for segment in self.segments)


def columns(
    id: str,
    title: str,
    description: str,
    bars: Sequence[Column],
    *,
    limit: int | None = None,
    within: str = "due",
    beyond: str = "more than fit",
) -> Chart:
    """
    Return upright bars, and across them the line of what fits, if there is a limit.

    What lies beyond the limit has another tone and a texture, and its figure above it.
    """
    top = max([bar.value for bar in bars] + [limit or 0, 1])
    base = _TOP + _PLOT
    pitch = (WIDTH - _LEFT) / max(len(bars), 1)
    boxes: list[Box] = []
    texts = [Text(_LEFT - 6, base, "0", "end")]
    told = -2
    for place, bar in enumerate(bars):
        x = _LEFT + place * pitch
        fits = bar.value if limit is None else min(bar.value, limit)
        rises = _PLOT * bar.value / top
        over = _PLOT * (bar.value - fits) / top
        boxes += _boxes(x + _GAP / 2, base - rises, pitch - _GAP, over, rises)
        texts.append(
            Text(_one(x + pitch / 2), base + 16, bar.label, is_minor=bar.is_minor)
        )
        if bar.value:
            # Where the drawing is small, figures side by side would run together.
            is_told = bar.value > fits and place > told + 1
            told = place if is_told else told
            figure = str(bar.value)
            y = _one(base - rises - 4)
            texts.append(Text(_one(x + pitch / 2), y, figure, is_minor=not is_told))
    rules = [Rule(_LEFT, base, WIDTH, base)]
    legend = [Key(within, "info")]
    if limit is not None:
        y = _one(base - _PLOT * limit / top)
        rules.append(Rule(_LEFT, y, WIDTH, y, is_limit=True))
        if base - y >= _LINE:
            texts.append(Text(_LEFT - 6, _one(y + 4), str(limit), "end"))
        legend.append(Key(beyond, "bad", textured=True))
        legend.append(Key(f"{limit:,} fit", "calm", is_limit=True))
    return Chart(
        id=id,
        title=title,
        description=description,
        height=base + _FOOT,
        boxes=tuple(boxes),
        texts=tuple(texts),
        rules=tuple(rules),
        legend=tuple(legend),
    )


def stacks(id: str, title: str, description: str, bars: Sequence[Stack]) -> Chart:
    """
    Return lying bars made of segments, one below the other, the longest as wide as fits.

    A segment that is too narrow for its figure goes without; the table has it. The
    legend has each meaning once, in the order in which they are met.
    """
    longest = max([bar.total for bar in bars] + [1])
    plot = WIDTH - _NAME - len(f"{longest:,}") * _DIGIT - 8
    boxes: list[Box] = []
    texts: list[Text] = []
    for place, bar in enumerate(bars):
        y = place * _ROW + (_ROW - _THICK) / 2
        line = y + _THICK - 5
        texts.append(Text(_NAME - 8, line, _shortened(bar.name), "end"))
        so_far = 0
        for segment in bar.segments:
            x = _NAME + plot * so_far / longest
            width = plot * segment.value / longest
            so_far += segment.value
            if segment.value:
                boxes.append(
                    Box(
                        _one(x),
                        y,
                        _one(width),
                        _THICK,
                        segment.tone,
                        _textured(segment),
                    )
                )
        end = _NAME + plot * so_far / longest
        texts.append(Text(_one(end + 6), line, f"{bar.total:,}", "start"))
    met = {
        segment.words: Key(segment.words, segment.tone, _textured(segment))
        for bar in bars
        for segment in bar.segments
    }
    return Chart(
        id=id,
        title=title,
        description=description,
        height=max(len(bars), 1) * _ROW,
        boxes=tuple(boxes),
        texts=tuple(texts),
        rules=(Rule(_NAME, 0, _NAME, max(len(bars), 1) * _ROW),),
        legend=tuple(met.values()),
    )


def told(bars: Sequence[Stack]) -> str:
    """Return what stacked bars show, in words, for their description."""
    return "; ".join(
        f"{bar.name}: "
        + ", ".join(f"{each.value:,} {each.words}" for each in bar.segments)
        for bar in bars
    )


def _boxes(x: float, y: float, width: float, over: float, rises: float) -> list[Box]:
    """Return a column from its top down: what lies beyond the limit, and the rest."""
    parts = []
    if over:
        parts.append(
            Box(_one(x), _one(y), _one(width), _one(over), "bad", textured=True)
        )
    if rises > over:
        fits = rises - over
        parts.append(Box(_one(x), _one(y + over), _one(width), _one(fits), "info"))
    return parts


def _textured(segment: Segment) -> bool:
    return segment.tone == "bad"


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _one(length: float) -> float:
    """Return a length with one decimal, which is finer than any screen."""
    return round(length, 1)
