"""Deciding on proposals to deprecate or to retire."""

import pytest
from django.urls import reverse

from reviews.models import Decision, Dependency, Evaluation, Solution
from reviews.rules.signals import SignalKind
from reviews.rules.vocabulary import Kind, Verdict
from reviews.services.drafts import Draft
from reviews.services.evaluations import Judgement, record_evaluation
from tests.admin.conftest import evaluated, registered, signed_in
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import said


@pytest.fixture
def proposal(cast: Cast, django: Solution) -> Evaluation:
    return evaluated(cast, django, by=cast.bob, verdict=Verdict.RETIRE)


def decide(evaluation: Evaluation) -> str:
    return reverse("admin:reviews_evaluation_decide", args=[evaluation.pk])


def page_of(evaluation: Evaluation) -> str:
    return reverse("admin:reviews_evaluation_change", args=[evaluation.pk])


def test_a_lead_approves(cast: Cast, django: Solution, proposal: Evaluation) -> None:
    client = signed_in(cast.alice)
    assert decide(proposal) in client.get(page_of(proposal)).content.decode()

    answer = client.post(decide(proposal), {"decision": "approve", "reason": "Agreed."})

    assert answer.status_code == 302
    decision = Decision.objects.get(evaluation=proposal)
    assert (decision.approved, decision.decided_by_name) == (True, "Alice")
    django.refresh_from_db()
    assert django.state == "retire"
    assert "Agreed." in client.get(page_of(proposal)).content.decode()


def test_a_lead_declines_with_a_reason(
    cast: Cast, django: Solution, proposal: Evaluation
) -> None:
    form = {"decision": "decline", "reason": "Two services need it."}

    signed_in(cast.alice).post(decide(proposal), form)

    assert not Decision.objects.get(evaluation=proposal).approved
    django.refresh_from_db()
    assert django.state == "unreviewed"


def test_declining_takes_a_reason(cast: Cast, proposal: Evaluation) -> None:
    answer = signed_in(cast.alice).post(decide(proposal), {"decision": "decline"})

    assert "Declining takes a reason." in answer.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"decision": "maybe"},
        {"decision": "approve", "reason": "x" * 501},
        {"decision": "approve", "reason": "a\0b"},
        {"decision": "approve", "reason": "a\u202eb"},
    ],
)
def test_an_odd_form_decides_nothing(
    cast: Cast, proposal: Evaluation, form: dict[str, str]
) -> None:
    answer = signed_in(cast.alice).post(decide(proposal), form)

    assert answer.status_code == 200
    assert not Decision.objects.exists()


@pytest.mark.parametrize("name", ["bob", "eve", "charlie", "frank"])
def test_only_a_lead_of_the_owning_team_decides(
    cast: Cast, proposal: Evaluation, name: str
) -> None:
    client = signed_in(getattr(cast, name))

    assert client.get(decide(proposal)).status_code == 403
    answer = client.post(decide(proposal), {"decision": "approve"})

    assert answer.status_code == 403
    assert not Decision.objects.exists()


def test_nobody_decides_on_their_own_proposal(
    cast: Cast, django: Solution, proposal: Evaluation
) -> None:
    membership = cast.bob.memberships.get()
    membership.role = "lead"
    membership.save()
    client = signed_in(cast.bob)
    assert decide(proposal) not in client.get(page_of(proposal)).content.decode()
    assert "your own" in client.get(decide(proposal)).content.decode()

    answer = client.post(decide(proposal), {"decision": "approve"})

    assert answer.status_code == 403
    assert not Decision.objects.exists()


def test_a_decision_stands(cast: Cast, proposal: Evaluation) -> None:
    client = signed_in(cast.alice)
    client.post(decide(proposal), {"decision": "approve"})

    answer = client.post(decide(proposal), {"decision": "decline", "reason": "No."})

    assert "decided already" in answer.content.decode()
    assert Decision.objects.get().approved


def test_what_took_effect_at_once_is_not_decided(cast: Cast, django: Solution) -> None:
    evaluation = evaluated(cast, django)
    client = signed_in(cast.alice)

    answer = client.post(decide(evaluation), {"decision": "approve"})

    assert "nothing to decide" in answer.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize("number", ["0", "abc", "9" * 40])
def test_what_does_not_exist_is_not_found(cast: Cast, number: str) -> None:
    address = f"/admin/reviews/evaluation/{number}/decide/"

    assert signed_in(cast.alice).get(address).status_code == 404


def test_a_lead_reads_the_whole_proposal_before_deciding(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    flask = registered(cast, Draft(name="Flask", kind=Kind.PACKAGE))
    evaluated(cast, django)
    said(django, SignalKind.REGISTRY_DEPRECATED, "given up")
    for version in ("4.2", "5.2"):
        Dependency.objects.create(
            component=warehouse,
            solution=django,
            version=version,
            first_seen_on=TODAY,
            last_seen_on=TODAY,
        )
    proposal = record_evaluation(
        solution_id=django.pk,
        judgement=Judgement(
            Verdict.DEPRECATE,
            TODAY,
            "Too slow.",
            rationale="It is **very** slow. <script>alert(1)</script>",
            alternatives=["Litestar"],
            replacement_id=flask.pk,
        ),
        actor=cast.actor(cast.bob),
        today=TODAY,
        now=NOW,
    )

    page = signed_in(cast.alice).get(decide(proposal)).content.decode()

    for shown in (
        "Too slow.",
        "<strong>very</strong> slow",
        "<li>Litestar</li>",
        '<a href="/solutions/flask/">Flask</a> (unreviewed)',
        "Bob, who looked on 2026-11-22",
        '<a href="/solutions/django/">Django</a>',
        "1 depends on it",
        '<a href="/solutions/warehouse/">Warehouse</a>',
        "What has changed since the last evaluation",
        "given up",
        "Open flags",
    ):
        assert shown in page, shown
    assert "<script>alert" not in page


def test_a_decision_leads_back_to_where_it_was_asked_for(
    cast: Cast, proposal: Evaluation
) -> None:
    client = signed_in(cast.alice)
    form = {"decision": "approve", "next": "/queue/"}

    opened = client.get(decide(proposal), {"next": "/queue/"}).content.decode()
    refused = client.post(decide(proposal), form | {"decision": "decline"})
    answer = client.post(decide(proposal), form)

    for page in (opened, refused.content.decode()):
        assert '<input type="hidden" name="next" value="/queue/">' in page
    assert answer["Location"] == "/queue/"


def test_a_decision_leads_to_this_site_only(cast: Cast, proposal: Evaluation) -> None:
    form = {"decision": "approve", "next": "//evil.example/"}

    answer = signed_in(cast.alice).post(decide(proposal), form)

    assert answer["Location"] == page_of(proposal)
