"""Evaluations that are refused: nothing of them may be left."""

from datetime import date, timedelta
from typing import Any

import pytest

from reviews.models import Solution
from reviews.rules.access import NotAllowedError, Scope
from reviews.rules.vocabulary import Verdict
from reviews.services.access import actor_of
from reviews.services.errors import InvalidError
from reviews.services.tokens import create_token
from tests.conftest import NOW, TODAY, Cast
from tests.services.building import evaluated, judged, registered, written

BAD_LINES = {
    "blank": "",
    "spaces": "   ",
    "no-break spaces": "\u00a0\u00a0",
    "only a filler": "\u3164",
    "zero width": "\u200b",
    "NUL": "a\x00b",
    "a line break": "a\nb",
    "an escape": "a\x1b[31mb",
    "right to left override": "a\u202eb",
    "half a character": "a\ud800b",
    "over-long": "x" * 201,
    "over-long in astral characters": "\U0001f600" * 201,
}
BAD_TEXTS = {
    "NUL": "a\x00b",
    "a bell": "a\x07b",
    "right to left override": "a\u202eb",
    "half a character": "a\udfffb",
    "over-long": "x" * 20_001,
}


def refused(solution: Solution, **said: Any) -> InvalidError:
    before = written()
    with pytest.raises(InvalidError) as refusal:
        evaluated(solution, judged(**said))
    assert written() == before
    return refusal.value


@pytest.mark.parametrize("text", BAD_LINES.values(), ids=BAD_LINES)
def test_a_summary_is_one_visible_line(django: Solution, text: str) -> None:
    assert refused(django, summary=text).field == "summary"


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_rationale_is_clean_text(django: Solution, text: str) -> None:
    assert refused(django, rationale=text).field == "rationale"


@pytest.mark.parametrize("text", BAD_LINES.values(), ids=BAD_LINES)
def test_an_alternative_is_one_visible_line(django: Solution, text: str) -> None:
    found = refused(django, alternatives=["Flask", text])

    assert found.field == "alternatives"


@pytest.mark.parametrize("text", [" ", "a\x00b", "1\n2", "x" * 101])
def test_a_version_is_one_line_or_nothing(django: Solution, text: str) -> None:
    assert refused(django, version=text).field == "version"


def test_there_are_at_most_twenty_alternatives(django: Solution) -> None:
    assert refused(django, alternatives=["Flask"] * 21).field == "alternatives"


def test_texts_of_exactly_the_longest_length_are_kept(django: Solution) -> None:
    judgement = judged(
        summary="\U0001f600" * 200,
        rationale="x" * 20_000,
        version="x" * 100,
        alternatives=["x" * 200] * 20,
    )

    evaluation = evaluated(django, judgement)

    evaluation.refresh_from_db()
    assert len(evaluation.summary) == 200
    assert len(evaluation.alternatives) == 20


@pytest.mark.parametrize(
    "on",
    [
        pytest.param(TODAY + timedelta(days=1), id="tomorrow"),
        pytest.param(TODAY + timedelta(days=365), id="next year"),
        pytest.param(date(1969, 12, 31), id="before 1970"),
        pytest.param(date(1, 1, 1), id="the first day there is"),
        pytest.param(date(2101, 1, 1), id="beyond 2100"),
        pytest.param(date.max, id="the last day there is"),
    ],
)
def test_an_evaluation_is_of_a_day_between_1970_and_today(
    django: Solution, on: date
) -> None:
    assert refused(django, on=on).field == "evaluated_on"


def test_a_refusal_of_the_future_says_what_day_it_is(django: Solution) -> None:
    found = refused(django, on=TODAY + timedelta(days=1))

    assert "today is 2026-11-22" in found.message


@pytest.mark.parametrize("who", ["charlie", "eve", "frank"])
@pytest.mark.parametrize("verdict", Verdict)
def test_viewers_other_teams_and_strangers_evaluate_nothing(
    cast: Cast, django: Solution, who: str, verdict: Verdict
) -> None:
    actor = cast.actor(getattr(cast, who))
    before = written()

    with pytest.raises(NotAllowedError, match="engineer or lead"):
        evaluated(django, judged(verdict), actor=actor)

    assert written() == before


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_what_no_team_owns_is_the_administrators_to_evaluate(
    cast: Cast, who: str
) -> None:
    orphan = registered("Nobody's")
    before = written()

    with pytest.raises(NotAllowedError, match="name a team"):
        evaluated(orphan, actor=cast.actor(getattr(cast, who)))

    assert written() == before


def test_a_deactivated_lead_evaluates_nothing(cast: Cast, django: Solution) -> None:
    cast.alice.is_active = False
    before = written()

    with pytest.raises(NotAllowedError):
        evaluated(django, actor=cast.actor(cast.alice))

    assert written() == before


@pytest.mark.parametrize(
    "scopes",
    [[Scope.READ], [Scope.SOLUTIONS], [Scope.INVENTORY], [Scope.READ, Scope.SOLUTIONS]],
    ids=str,
)
@pytest.mark.parametrize("who", ["alice", "dora"])
def test_a_token_without_the_scope_evaluates_nothing(
    cast: Cast, django: Solution, who: str, scopes: list[Scope]
) -> None:
    user = getattr(cast, who)
    token, _ = create_token(
        user=user, scopes=scopes, days=1, actor=cast.actor(user), now=NOW
    )
    before = written()

    with pytest.raises(NotAllowedError, match="the scope evaluations:write"):
        evaluated(django, actor=actor_of(user, door="API", token=token))

    assert written() == before


def test_a_token_with_the_scope_goes_no_further_than_its_owner(
    cast: Cast, django: Solution
) -> None:
    token, _ = create_token(
        user=cast.charlie,
        scopes=[Scope.EVALUATIONS],
        days=1,
        actor=cast.actor(cast.charlie),
        now=NOW,
    )

    with pytest.raises(NotAllowedError):
        evaluated(django, actor=actor_of(cast.charlie, door="API", token=token))


@pytest.mark.parametrize("scopes", [[], [Scope.EVALUATIONS]], ids=str)
def test_a_token_with_the_scope_or_without_any_evaluates(
    cast: Cast, django: Solution, scopes: list[Scope]
) -> None:
    token, _ = create_token(
        user=cast.bob, scopes=scopes, days=1, actor=cast.actor(cast.bob), now=NOW
    )

    evaluated(django, actor=actor_of(cast.bob, door="API", token=token))

    assert django.state == "adopt"
