"""What is worth a note and asks for nothing."""

from datetime import date, timedelta

import pytest

from reviews.rules.evidence.findings import StandingSignal
from reviews.rules.evidence.judgement import judge
from reviews.rules.evidence.notes import notes
from reviews.rules.signals import SignalKind, Source
from tests.conftest import TODAY
from tests.rules.evidence.situations import signal, situation

SILENT = signal(SignalKind.LATEST_RELEASE, "1.0", effective_on=date(2020, 1, 1))
ENDED = signal(SignalKind.END_OF_ACTIVE_SUPPORT, subject="1", effective_on=TODAY, id=3)


def releases(in_use: str, newest: str) -> list[StandingSignal]:
    return [
        signal(SignalKind.ADOPTED_RELEASE, in_use, id=1),
        signal(SignalKind.LATEST_RELEASE, newest, id=2, effective_on=TODAY),
    ]


def told(*signals: StandingSignal) -> list[str]:
    return [note.text for note in notes(situation(*signals), TODAY)]


@pytest.mark.parametrize(
    ("signals", "text"),
    [
        pytest.param([SILENT], "Nothing has been released since 2020", id="silence"),
        pytest.param([ENDED], "active support of 1 as ended", id="active support"),
        pytest.param(
            releases("1.4", "3.0"), "1.4 is 2 major versions behind", id="two majors"
        ),
        pytest.param(
            [*releases("1.4", "2.0"), ENDED], "one major version behind", id="one, late"
        ),
        pytest.param(
            [
                signal(
                    SignalKind.MODEL_FLOOR,
                    subject="m",
                    effective_on=TODAY + timedelta(days=180),
                )
            ],
            "not to be retired before",
            id="floor",
        ),
        pytest.param(
            [signal(SignalKind.MAINTAINERS, "1")], "a single maintainer", id="one"
        ),
        pytest.param(
            [signal(SignalKind.SCORECARD_MAINTAINED, "0", source=Source.SCORECARD)],
            "rates its upkeep 0",
            id="scorecard",
        ),
        pytest.param(
            [signal(SignalKind.REPOSITORY_MOVED, "new/place", source=Source.GITHUB)],
            "GitHub has its repository at new/place now.",
            id="moved",
        ),
        pytest.param(
            [signal(SignalKind.MODEL_SUCCESSOR, "org/next")], "org/next", id="successor"
        ),
        pytest.param(
            [signal(SignalKind.MODEL_GATED, "yes")], "whoever asks", id="gated"
        ),
    ],
)
def test_it_is_told_and_asks_nothing(signals: list[StandingSignal], text: str) -> None:
    assert any(text in note for note in told(*signals))
    assert judge(situation(*signals), TODAY) == ()


@pytest.mark.parametrize(
    "signals",
    [
        pytest.param([], id="nothing known"),
        pytest.param(releases("1.4", "2.0"), id="one major version"),
        pytest.param(releases("3.0", "2.0"), id="ahead"),
        pytest.param(releases("1.4", "2026.1"), id="another way to count"),
        pytest.param(releases("main", "2.0"), id="no number"),
        pytest.param([signal(SignalKind.MAINTAINERS, "organisation")], id="owned"),
        pytest.param([signal(SignalKind.SCORECARD_MAINTAINED, "-1")], id="unclear"),
        pytest.param(
            [signal(SignalKind.MODEL_FLOOR, effective_on=TODAY + timedelta(days=181))],
            id="far floor",
        ),
    ],
)
def test_there_is_nothing_to_note(signals: list[StandingSignal]) -> None:
    assert told(*signals) == []
