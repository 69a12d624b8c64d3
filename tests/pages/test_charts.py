"""Bar charts as shapes."""

import re

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from reviews.pages.charts import (
    WIDTH,
    Chart,
    Column,
    Segment,
    Stack,
    columns,
    stacks,
    told,
)

Values = list[int]


def upright(values: Values, limit: int | None = None) -> Chart:
    bars = [Column("label", value) for value in values]
    return columns("it", "Title", "What it shows.", bars, limit=limit)


def stack(name: str, **values: int) -> Stack:
    tones = {"overdue": "bad", "soon": "warn", "fresh": "good", "unknown": "calm"}
    parts = (Segment(word, value, tones[word]) for word, value in values.items())
    return Stack(name, tuple(parts))


@given(
    values=st.lists(st.integers(0, 10**6), max_size=30),
    limit=st.none() | st.integers(0, 10**6),
)
def test_every_column_is_inside_the_drawing_and_true_to_scale(
    values: Values, limit: int | None
) -> None:
    chart = upright(values, limit)

    base = chart.rules[0].y1
    heights: dict[float, float] = {}
    for box in chart.boxes:
        assert box.x >= 0
        assert box.x + box.width <= WIDTH + 0.1
        assert box.y >= 0
        assert box.y + box.height <= base + 0.2
        heights[box.x] = heights.get(box.x, 0) + box.height
    drawn = sorted(heights.values())
    top = max([*values, limit or 0, 1])
    wanted = sorted(150 * value / top for value in values if value)
    assert drawn == pytest.approx(wanted, abs=0.2)


def test_only_what_is_beyond_the_limit_is_marked() -> None:
    chart = upright([2, 5, 8, 0], limit=5)

    marked = [box for box in chart.boxes if box.textured]
    (over,) = marked
    assert over.tone == "bad"
    assert over.height == pytest.approx(150 * 3 / 8, abs=0.1)
    assert [box.tone for box in chart.boxes] == ["info", "info", "bad", "info"]


def test_the_line_of_what_fits_is_where_that_many_end() -> None:
    chart = upright([5, 10], limit=5)

    (limit,) = (rule for rule in chart.rules if rule.is_limit)
    assert limit.y1 == limit.y2 == chart.boxes[0].y
    assert [key.words for key in chart.legend] == ["due", "more than fit", "5 fit"]


def test_without_a_limit_nothing_is_marked() -> None:
    chart = upright([5, 10])

    assert not any(box.textured for box in chart.boxes)
    assert not any(rule.is_limit for rule in chart.rules)
    assert [key.words for key in chart.legend] == ["due"]


def test_where_nothing_fits_all_of_a_column_is_too_much() -> None:
    chart = upright([4], limit=0)

    assert [box.tone for box in chart.boxes] == ["bad"]


def test_figures_side_by_side_do_not_all_stay_where_it_is_small() -> None:
    chart = upright([9, 9, 9, 1, 9], limit=5)

    shown = [text.words for text in chart.texts if not text.is_minor]
    assert shown.count("9") == 3
    assert "1" not in shown


@given(
    rows=st.lists(
        st.lists(st.integers(0, 10**5), min_size=4, max_size=4), min_size=1, max_size=12
    )
)
def test_segments_follow_each_other_within_the_drawing(rows: list[Values]) -> None:
    words = ("overdue", "soon", "fresh", "unknown")
    bars = [
        stack(f"Team {place}", **dict(zip(words, values, strict=True)))
        for place, values in enumerate(rows)
    ]

    chart = stacks("it", "Title", "What it shows.", bars)

    ends: dict[float, float] = {}
    for box in chart.boxes:
        assert box.x >= ends.get(box.y, 0) - 0.2
        ends[box.y] = box.x + box.width
        assert box.x + box.width <= WIDTH
        assert box.y + box.height <= chart.height
    assert len(chart.boxes) == sum(1 for values in rows for value in values if value)


def test_the_legend_has_each_meaning_once_in_words() -> None:
    chart = stacks(
        "it",
        "Title",
        "What it shows.",
        [stack("One", overdue=1, fresh=2), stack("Two", overdue=3, soon=1)],
    )

    assert [(key.words, key.tone, key.textured) for key in chart.legend] == [
        ("overdue", "bad", True),
        ("fresh", "good", False),
        ("soon", "warn", False),
    ]


def test_a_long_name_is_cut_and_told_in_full() -> None:
    bars = [stack("Platform engineering and more", overdue=1234, fresh=0)]

    chart = stacks("it", "Title", told(bars), bars)

    assert chart.texts[0].words == "Platform engine…"
    assert chart.description == (
        "Platform engineering and more: 1,234 overdue, 0 fresh"
    )


def test_the_drawing_has_a_name_a_description_and_no_style_of_its_own() -> None:
    chart = columns("it", "A & B", "<b>", [Column("1", 7)], limit=5)

    html = render_to_string("_bars.html", {"chart": chart})

    assert 'role="img" aria-labelledby="it-title it-desc"' in html
    assert '<title id="it-title">A &amp; B</title>' in html
    assert '<desc id="it-desc">&lt;b&gt;</desc>' in html
    assert html.count("url(#it-texture)") == 2
    assert not re.search(r"style=|\son\w+=|<script", html)
