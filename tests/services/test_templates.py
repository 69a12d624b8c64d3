"""Writing the next version of a template."""

from dataclasses import replace

import pytest

from reviews.models import Change, Criterion, EvaluationTemplate
from reviews.queries.templates import current_template
from reviews.rules.access import NotAllowedError
from reviews.rules.criteria import BUILT_IN, Question
from reviews.rules.vocabulary import Kind, Scale
from reviews.services.errors import InvalidError, StaleError
from reviews.services.templates import save_template
from tests.conftest import NOW, Cast

FIRST = BUILT_IN[Kind.VENDOR]
NEW = Question("", "Where is our data kept?", "A country.", Scale.TEXT)


def saved(cast: Cast, *questions: Question, seen: int | None = None) -> int:
    template = save_template(
        kind=Kind.VENDOR,
        questions=questions,
        actor=cast.actor(cast.dora),
        now=NOW,
        seen_version=seen,
    )
    return template.version


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_begins_with_a_version_of_its_own(db: None, kind: Kind) -> None:
    template = current_template(kind)

    assert template.name == f"{kind} 1"
    assert template.questions == BUILT_IN[kind]


def test_to_edit_is_to_write_the_next_version(cast: Cast) -> None:
    assert saved(cast, *FIRST[1:], NEW) == 2

    template = current_template(Kind.VENDOR)
    assert template.questions == (
        *FIRST[1:],
        replace(NEW, key="where-is-our-data-kept"),
    )
    assert (template.made_by, template.made_at) == ("Dora", NOW)
    first = EvaluationTemplate.objects.get(kind="vendor", version=1)
    assert first.criteria.count() == len(FIRST)
    assert current_template(Kind.MODEL).version == 1
    change = Change.objects.get(what="written")
    assert change.object_label == "vendor 2"
    assert change.details["still-needed"][1] is None


def test_a_question_that_is_worded_anew_keeps_its_key(cast: Cast) -> None:
    saved(cast, replace(FIRST[0], question="Who still needs it?"), *FIRST[1:])

    assert current_template(Kind.VENDOR).questions[0].key == "still-needed"


def test_a_question_that_comes_back_without_its_key_is_known_again(cast: Cast) -> None:
    again = replace(FIRST[0], key="", question=f" {FIRST[0].question.upper()} ")

    saved(cast, *FIRST[1:], again)

    assert current_template(Kind.VENDOR).questions[-1].key == "still-needed"


def test_keys_stay_apart(cast: Cast) -> None:
    saved(cast, *FIRST, NEW, replace(NEW, question="Where is our data kept!?"))

    keys = Criterion.objects.filter(template__version=2).values_list("key", flat=True)
    assert list(keys[7:]) == ["where-is-our-data-kept", "where-is-our-data-kept-2"]


@pytest.mark.parametrize("question", ["数据在哪里?", "x" * 200])
def test_any_question_has_a_key(cast: Cast, question: str) -> None:
    saved(cast, replace(NEW, question=question))

    key = current_template(Kind.VENDOR).questions[0].key
    assert 0 < len(key) <= 50


def test_without_a_change_there_is_no_new_version(cast: Cast) -> None:
    assert saved(cast, *FIRST) == 1

    assert EvaluationTemplate.objects.count() == len(Kind)
    assert not Change.objects.exists()


@pytest.mark.parametrize(
    "questions",
    [
        pytest.param([], id="none"),
        pytest.param(
            [replace(NEW, question=f"Number {n}?") for n in range(31)], id="31"
        ),
        pytest.param([NEW, replace(NEW, question="where is our data  kept?")], id="2x"),
        pytest.param([replace(NEW, question=" ")], id="blank"),
        pytest.param([replace(NEW, question="x" * 201)], id="long"),
        pytest.param([replace(NEW, guidance="x" * 501)], id="guidance"),
        pytest.param([replace(NEW, question="a\u202eb")], id="direction"),
        pytest.param([replace(NEW, key="invented")], id="a key of its own"),
        pytest.param([FIRST[0], replace(FIRST[1], key="still-needed")], id="key 2x"),
    ],
)
def test_a_template_that_breaks_a_rule_is_refused(
    cast: Cast, questions: list[Question]
) -> None:
    with pytest.raises(InvalidError):
        saved(cast, *questions)

    assert current_template(Kind.VENDOR).version == 1


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "frank"])
def test_only_administrators_write_templates(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowedError):
        save_template(
            kind=Kind.VENDOR,
            questions=[NEW],
            actor=cast.actor(getattr(cast, who)),
            now=NOW,
        )


def test_of_two_editors_the_second_reads_again(cast: Cast) -> None:
    saved(cast, *FIRST, NEW, seen=1)

    with pytest.raises(StaleError, match="version 2 since you read version 1"):
        saved(cast, *FIRST[1:], seen=1)
