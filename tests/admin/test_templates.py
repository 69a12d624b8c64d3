"""Administrators make the questions their own, without code."""

from typing import Any

import pytest
from django.urls import reverse

from reviews.models import EvaluationTemplate
from reviews.queries.templates import current_template
from reviews.rules.criteria import BUILT_IN
from reviews.rules.vocabulary import Kind, Scale
from tests.admin.conftest import signed_in
from tests.conftest import Cast

LIST = reverse("admin:reviews_evaluationtemplate_changelist")
FIRST = BUILT_IN[Kind.VENDOR]


def page_of(kind: Kind, version: int = 1) -> str:
    template = EvaluationTemplate.objects.get(kind=kind.value, version=version)
    return reverse("admin:reviews_evaluationtemplate_change", args=[template.pk])


def typed(answer: Any, **more: Any) -> dict[str, Any]:
    """Return what a browser would send of a form that was opened."""
    form = answer.context["adminform"].form
    sent = {"rows": form["rows"].value()}
    for row in form.questions:
        for field in row:
            value = field.value()
            if value not in (None, False):
                sent[field.html_name] = value
    return sent | more


def test_a_question_is_added_worded_anew_moved_and_removed(cast: Cast) -> None:
    client = signed_in(cast.dora)
    address = page_of(Kind.VENDOR)
    opened = client.get(address)

    answer = client.post(
        address,
        typed(
            opened,
            **{
                "question-1-question": "Who still needs it?",
                "question-2-remove": "on",
                "question-3-order": "50",
                "question-8-question": "Where is our data kept?",
                "question-8-guidance": "A country.",
                "question-8-scale": "text",
                "question-8-required": "on",
            },
        ),
        follow=True,
    )

    assert "Version 2 is in use now" in answer.content.decode()
    questions = current_template(Kind.VENDOR).questions
    assert [each.key for each in questions] == [
        "still-needed",
        *(each.key for each in FIRST[3:]),
        "where-is-our-data-kept",
        FIRST[2].key,
    ]
    assert questions[0].question == "Who still needs it?"
    added = questions[-2]
    assert (added.guidance, added.scale, added.required) == (
        "A country.",
        Scale.TEXT,
        True,
    )


def test_saving_what_is_there_writes_nothing(cast: Cast) -> None:
    client = signed_in(cast.dora)
    address = page_of(Kind.MODEL)

    answer = client.post(address, typed(client.get(address)), follow=True)

    assert "no new version" in answer.content.decode()
    assert EvaluationTemplate.objects.count() == len(Kind)


def test_the_list_has_the_newest_version_of_each_kind(cast: Cast) -> None:
    client = signed_in(cast.dora)
    address = page_of(Kind.VENDOR)
    client.post(address, typed(client.get(address), **{"question-1-remove": "on"}))

    rows = client.get(LIST).context["cl"].result_list

    assert {(row.kind, row.version) for row in rows} == {
        ("built", 1),
        ("model", 1),
        ("package", 1),
        ("vendor", 2),
    }
    older = client.get(address).content.decode()
    assert "no longer in use" in older
    assert FIRST[0].question in older
    assert 'name="_save"' not in older
    assert client.post(address, {}).status_code == 403


@pytest.mark.parametrize(
    "more",
    [
        {"question-1-question": ""},
        {"question-1-question": "x" * 201},
        {"question-1-scale": "love"},
        {"question-1-order": "first"},
        {"question-1-key": "invented"},
        {"question-1-key": "fit"},
        {"question-8-question": FIRST[0].question},
        {"question-8-guidance": "Alone."},
        {"rows": "1000000"},
        {"rows": "abc"},
        {f"question-{number}-remove": "on" for number in range(1, 8)},
    ],
    ids=lambda more: " ".join(f"{key}={more[key]!s:.12}" for key in list(more)[:2]),
)
def test_what_breaks_a_rule_is_refused(cast: Cast, more: dict[str, str]) -> None:
    client = signed_in(cast.dora)
    address = page_of(Kind.VENDOR)
    opened = client.get(address)

    answer = client.post(address, typed(opened) | more)

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert current_template(Kind.VENDOR).version == 1


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_others_read_and_change_nothing(cast: Cast, name: str) -> None:
    client = signed_in(getattr(cast, name))
    address = page_of(Kind.VENDOR)

    page = client.get(address)

    assert FIRST[0].question in page.content.decode()
    assert "question-1-question" not in page.content.decode()
    assert client.post(address, {"rows": "1"}).status_code == 403


def test_nobody_deletes_or_adds_a_template(cast: Cast) -> None:
    client = signed_in(cast.dora)
    template = EvaluationTemplate.objects.get(kind="vendor")
    delete = reverse("admin:reviews_evaluationtemplate_delete", args=[template.pk])

    assert client.post(delete, {"post": "yes"}).status_code == 403
    add = reverse("admin:reviews_evaluationtemplate_add")
    assert client.get(add).status_code == 403


def test_the_history_says_who_wrote_which_version(cast: Cast) -> None:
    client = signed_in(cast.dora)
    address = page_of(Kind.VENDOR)
    client.post(address, typed(client.get(address), **{"question-1-remove": "on"}))
    template = EvaluationTemplate.objects.get(kind="vendor", version=2)

    page = client.get(
        reverse("admin:reviews_evaluationtemplate_history", args=[template.pk])
    ).content.decode()

    assert "written" in page
    assert "Do we still need it?" in page
