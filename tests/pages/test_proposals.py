"""Deciding on a proposal: in focus mode, and on the solution's own page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from reviews.models import Change, Decision, Evaluation, Solution
from reviews.rules.vocabulary import Verdict
from reviews.services.answers import Answer
from reviews.services.evaluations import Judgement, record_evaluation
from tests.conftest import NOW, TODAY, Cast
from tests.pages.building import registered
from tests.pages.reading import html_of, words

NEXT = "/queue/next-one/?show=proposals&whose=all"
FOCUS = "/queue/django/?show=proposals&whose=all"


@pytest.fixture
def proposal(cast: Cast) -> Evaluation:
    """Bob of Platform proposes to deprecate Django, and to use Flask instead."""
    django = registered("Django", team=cast.platform)
    flask = registered("Flask", team=cast.platform)
    return record_evaluation(
        solution_id=django.pk,
        judgement=Judgement(
            Verdict.DEPRECATE,
            TODAY,
            "Too old by far",
            rationale="**At length**",
            replacement_id=flask.pk,
            answers={
                "still-needed": Answer("no", "The shop has moved"),
                "fit": Answer("2"),
                "better-elsewhere": Answer("yes"),
                "maintained": Answer("5"),
            },
        ),
        actor=cast.actor(cast.bob),
        today=TODAY,
        now=NOW,
    )


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Client]:
    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, name))
        return client

    return signed_in


def sent(client: Client, proposal: Evaluation, what: str, **fields: str) -> Any:
    return client.post(f"/proposals/{proposal.pk}/{what}/", {"next": NEXT} | fields)


@pytest.mark.parametrize("path", [FOCUS, "/solutions/django/"])
def test_a_lead_reads_the_whole_proposal_and_decides_there(
    path: str, alice: Client, proposal: Evaluation
) -> None:
    html = html_of(alice, path)
    pending = words(alice, "pending", path)

    for told in ["Too old by far", "At length", "Use instead: Flask", "no: The shop"]:
        assert told in pending
    assert f'action="/proposals/{proposal.pk}/approve/' in html
    assert f'action="/proposals/{proposal.pk}/decline/' in html
    assert html.count(f'id="evaluation-{proposal.pk}"') == 1


@pytest.mark.parametrize("path", [FOCUS, "/solutions/django/"])
@pytest.mark.parametrize("who", ["bob", "charlie", "eve", "frank"])
def test_who_may_not_decide_is_offered_nothing(
    who: str, path: str, as_: Callable[[str], Client], proposal: Evaluation
) -> None:
    html = html_of(as_(who), path)

    assert "Too old by far" in html
    assert "/proposals/" not in html


@pytest.mark.parametrize("who", ["alice", "dora"])
def test_an_approval_takes_effect_and_leads_on(
    who: str, as_: Callable[[str], Client], proposal: Evaluation
) -> None:
    response = sent(as_(who), proposal, "approve")

    assert (response.status_code, response.headers["Location"]) == (303, NEXT)
    assert Decision.objects.get().approved
    assert Solution.objects.get(slug="django").state == "deprecate"


def test_a_refusal_keeps_its_reason_and_changes_nothing_else(
    alice: Client, proposal: Evaluation
) -> None:
    response = sent(alice, proposal, "decline", reason="Not before the migration")

    assert response.status_code == 303
    decided = Decision.objects.get()
    assert (decided.approved, decided.reason) == (False, "Not before the migration")
    assert Solution.objects.get(slug="django").state == "unreviewed"


def test_declining_takes_a_reason(alice: Client, proposal: Evaluation) -> None:
    response = sent(alice, proposal, "decline", reason=" ")

    assert response.status_code == 400
    assert "Declining takes a reason." in response.content.decode()
    assert f'id="decline-{proposal.pk}" open' in response.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize("what", ["approve", "decline"])
@pytest.mark.parametrize("who", ["bob", "charlie", "eve", "frank"])
def test_nobody_else_decides(
    who: str, what: str, as_: Callable[[str], Client], proposal: Evaluation
) -> None:
    before = Change.objects.count()

    response = sent(as_(who), proposal, what, reason="So be it")

    assert response.status_code == 403
    assert not Decision.objects.exists()
    assert Change.objects.count() == before


@pytest.mark.parametrize("what", ["approve", "decline"])
def test_a_lead_does_not_decide_on_their_own(
    what: str, alice: Client, cast: Cast
) -> None:
    own = Evaluation.objects.create(
        solution=registered("Celery", team=cast.platform),
        author=cast.alice,
        author_name="Alice",
        evaluated_on=TODAY,
        recorded_on=TODAY,
        recorded_at=NOW,
        verdict="retire",
        summary="Unused.",
        is_proposal=True,
    )

    assert "/proposals/" not in html_of(alice, "/queue/celery/?whose=all")
    assert sent(alice, own, what, reason="Mine").status_code == 403
    assert not Decision.objects.exists()


@pytest.mark.parametrize("what", ["approve", "decline"])
def test_what_was_decided_is_not_decided_again(
    what: str, alice: Client, proposal: Evaluation
) -> None:
    sent(alice, proposal, "decline", reason="Not yet")

    response = sent(alice, proposal, what, reason="Once more")

    assert response.status_code == 409
    assert Decision.objects.count() == 1


def test_what_there_is_not_or_only_read_is_refused(
    alice: Client, proposal: Evaluation
) -> None:
    assert alice.post("/proposals/999999/approve/").status_code == 404
    assert alice.get(f"/proposals/{proposal.pk}/approve/").status_code == 405
    elsewhere = {"next": "https://elsewhere.example/"}
    path = f"/proposals/{proposal.pk}/approve/"
    assert alice.post(path, elsewhere).status_code == 400
    assert "/sign-in/" in Client().post(path).headers["Location"]
    assert not Decision.objects.exists()
