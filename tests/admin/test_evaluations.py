"""Logging evaluations on the staff pages, which never changes one."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews.models import Change, Evaluation, Solution
from reviews.rules.vocabulary import Verdict
from reviews.services.evaluations import decide_proposal
from tests.admin.conftest import ANSWERED, evaluated, signed_in
from tests.conftest import NOW, TODAY, Cast

ADD = reverse("admin:reviews_evaluation_add")
LIST = reverse("admin:reviews_evaluation_changelist")


def page_of(evaluation: Evaluation) -> str:
    return reverse("admin:reviews_evaluation_change", args=[evaluation.pk])


def typed(solution: Solution, **more: Any) -> dict[str, Any]:
    form = {
        "solution": solution.pk,
        "evaluated_on": "2026-11-22",
        "verdict": "adopt",
        "summary": "Still the best we know.",
        "rationale": "",
        "version": "",
        "alternatives": "",
        "supersedes": "",
        **ANSWERED,
    }
    return form | more


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def told(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


# --- Adding ---


def test_an_engineer_logs_an_evaluation(cast: Cast, django: Solution) -> None:
    form = typed(
        django,
        rationale="**Good**\n\n    code",
        version="5.2.19",
        alternatives="Flask\n\n FastAPI ",
    )

    answer = signed_in(cast.bob).post(ADD, form, follow=True)

    evaluation = Evaluation.objects.get()
    assert (evaluation.author, evaluation.author_name) == (cast.bob, "Bob")
    assert evaluation.alternatives == ["Flask", "FastAPI"]
    assert evaluation.rationale == "**Good**\n\n    code"
    assert "Django is next reviewed by 2027-05-22" in told(answer)
    assert Change.objects.get(what="evaluated").door == "admin"
    django.refresh_from_db()
    assert django.state == "adopt"


def test_the_message_says_which_flags_it_closed(cast: Cast, django: Solution) -> None:
    evaluated(cast, django, on=TODAY - timedelta(400))

    answer = signed_in(cast.bob).post(ADD, typed(django), follow=True)

    assert "Flags closed: review due, a year without a review." in told(answer)


@pytest.mark.parametrize("verdict", ["deprecate", "retire"])
def test_an_engineers_ending_is_a_proposal_and_says_so(
    cast: Cast, django: Solution, verdict: str
) -> None:
    answer = signed_in(cast.bob).post(ADD, typed(django, verdict=verdict), follow=True)

    assert "nothing changes until a tech lead of Platform approves it" in told(answer)
    django.refresh_from_db()
    assert django.state == "unreviewed"


def test_a_retired_solution_is_reviewed_no_more(cast: Cast, django: Solution) -> None:
    form = typed(django, verdict="retire")

    answer = signed_in(cast.alice).post(ADD, form, follow=True)

    assert "no review is owed any more" in told(answer)


def test_a_link_chooses_the_solution_and_the_form_the_day(
    cast: Cast, django: Solution
) -> None:
    answer = signed_in(cast.bob).get(f"{ADD}?solution={django.pk}")

    form = answer.context["adminform"].form
    assert form["solution"].value() == str(django.pk)
    assert form["evaluated_on"].value() == TODAY
    assert ">Django<" in answer.content.decode()


@pytest.mark.parametrize("asked", ["abc", "9" * 40, "-1", "%00", "1;", ""])
def test_an_odd_link_chooses_nothing(cast: Cast, asked: str) -> None:
    answer = signed_in(cast.bob).get(f"{ADD}?solution={asked}&supersedes={asked}")

    assert answer.status_code == 200
    assert answer.context["searched"] == ""
    assert "adminform" not in answer.context


def test_a_link_does_not_choose_another_teams_solution(
    cast: Cast, warehouse: Solution
) -> None:
    answer = signed_in(cast.bob).get(f"{ADD}?solution={warehouse.pk}")

    page = answer.content.decode()
    assert "adminform" not in answer.context
    assert "Warehouse" not in page.replace("To log evaluations of Warehouse takes", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("solution", ""),
        ("solution", "abc"),
        ("solution", "9" * 40),
        ("solution", "\0"),
        ("evaluated_on", "2026-11-23"),
        ("evaluated_on", "1969-12-31"),
        ("evaluated_on", "22.11.2026"),
        ("evaluated_on", ""),
        ("verdict", ""),
        ("verdict", "unreviewed"),
        ("verdict", "love"),
        ("summary", ""),
        ("summary", "   "),
        ("summary", "x" * 201),
        ("summary", "a\0b"),
        ("summary", "a\u202eb"),
        ("rationale", "x" * 20_001),
        ("rationale", "a\0b"),
        ("version", "x" * 101),
        ("alternatives", "x" * 201),
        ("alternatives", "\n".join(map(str, range(21)))),
        ("supersedes", "abc"),
        ("supersedes", "1"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(
    cast: Cast, django: Solution, field: str, value: str
) -> None:
    answer = signed_in(cast.bob).post(ADD, typed(django) | {field: value})

    assert answer.status_code == 200
    assert field in errors(answer)
    assert not Evaluation.objects.exists()


def test_a_rejected_form_keeps_what_was_typed(cast: Cast, django: Solution) -> None:
    form = typed(django, evaluated_on="2027-01-01", rationale="A long text.")

    page = signed_in(cast.bob).post(ADD, form).content.decode()

    assert "A long text." in page
    assert "today is 2026-11-22" in page
    assert ">Django<" in page


def test_a_retired_solution_takes_no_further_evaluation(
    cast: Cast, django: Solution
) -> None:
    evaluated(cast, django, verdict=Verdict.RETIRE)

    answer = signed_in(cast.bob).post(ADD, typed(django))

    assert "This solution is retired" in str(errors(answer)["__all__"])


@pytest.mark.parametrize("name", ["charlie", "frank"])
def test_a_viewer_logs_nothing(cast: Cast, django: Solution, name: str) -> None:
    answer = signed_in(getattr(cast, name)).post(ADD, typed(django))

    assert answer.status_code == 403
    assert not Evaluation.objects.exists()


def test_an_engineer_of_another_team_logs_nothing(cast: Cast, django: Solution) -> None:
    answer = signed_in(cast.eve).post(ADD, typed(django))

    assert "solution" in errors(answer)
    assert not Evaluation.objects.exists()


def test_nobody_writes_in_anothers_name(cast: Cast, django: Solution) -> None:
    form = typed(
        django,
        author=cast.alice.pk,
        author_name="Alice",
        is_proposal="",
        recorded_on="2020-01-01",
        verdict="retire",
    )

    signed_in(cast.bob).post(ADD, form)

    evaluation = Evaluation.objects.get()
    assert evaluation.author_name == "Bob"
    assert evaluation.is_proposal
    assert evaluation.recorded_on == TODAY


# --- Correcting ---


def test_a_correction_supersedes_an_evaluation_of_the_same_solution(
    cast: Cast, django: Solution
) -> None:
    wrong = evaluated(cast, django, verdict=Verdict.HOLD)
    client = signed_in(cast.bob)
    link = f"{ADD}?solution={django.pk}&supersedes={wrong.pk}"
    page = client.get(page_of(wrong)).content.decode()
    assert link.replace("&", "&amp;") in page
    assert client.get(link).context["adminform"].form["supersedes"].value() == str(
        wrong.pk
    )

    client.post(ADD, typed(django, supersedes=wrong.pk))

    assert Evaluation.objects.get(supersedes=wrong).verdict == "adopt"
    assert "is-superseded" in client.get(page_of(wrong)).content.decode()


def test_a_correction_does_not_reach_another_solution(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    other = evaluated(cast, warehouse)

    answer = signed_in(cast.bob).post(ADD, typed(django, supersedes=other.pk))

    assert "supersedes" in errors(answer)


# --- Never changing ---


@pytest.mark.parametrize("name", ["bob", "alice", "dora"])
def test_nobody_changes_or_deletes_an_evaluation(
    cast: Cast, django: Solution, name: str
) -> None:
    evaluation = evaluated(cast, django, by=cast.bob)
    client = signed_in(getattr(cast, name))
    form = typed(django, summary="Rewritten", verdict="hold")
    delete = reverse("admin:reviews_evaluation_delete", args=[evaluation.pk])
    bulk = {"action": "delete_selected", "_selected_action": evaluation.pk, "post": "y"}

    answers = [
        client.post(page_of(evaluation), form).status_code,
        client.get(delete).status_code,
        client.post(delete, {"post": "yes"}).status_code,
    ]
    client.post(LIST, bulk)

    assert answers == [403, 403, 403]
    kept = Evaluation.objects.get()
    assert (kept.summary, kept.verdict) == ("Looked at it.", "adopt")


def test_an_evaluations_page_offers_no_button_to_change_it(
    cast: Cast, django: Solution
) -> None:
    page = signed_in(cast.dora).get(page_of(evaluated(cast, django))).content.decode()

    assert 'name="_save"' not in page
    assert "deletelink" not in page


# --- Reading ---


def test_a_rationale_is_formatted_and_harmless(cast: Cast, django: Solution) -> None:
    evaluation = evaluated(
        cast,
        django,
        rationale="**Why** <script>alert(1)</script> [x](javascript:alert(1))",
    )

    page = signed_in(cast.eve).get(page_of(evaluation)).content.decode()

    assert "<strong>Why</strong>" in page
    assert "<script>alert(1)" not in page
    assert 'href="javascript' not in page


def test_what_somebody_wrote_keeps_the_name_when_the_account_goes(
    cast: Cast, django: Solution
) -> None:
    evaluation = evaluated(cast, django, by=cast.bob)
    client = signed_in(cast.dora)

    client.post(
        reverse("admin:reviews_user_delete", args=[cast.bob.pk]), {"post": "yes"}
    )

    assert client.get(page_of(evaluation)).status_code == 200
    assert "Bob" in client.get(LIST).content.decode()
    django.refresh_from_db()
    assert django.owner is None


def test_the_log_narrows_by_status_verdict_team_and_solution(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    evaluated(cast, warehouse, summary="current")
    wrong = evaluated(cast, django, summary="wrong", verdict=Verdict.HOLD)
    evaluated(cast, django, summary="right", supersedes_id=wrong.pk)  # type: ignore[arg-type]
    evaluated(cast, django, by=cast.bob, summary="asked", verdict=Verdict.RETIRE)
    refused = evaluated(
        cast, django, by=cast.bob, summary="refused", verdict=Verdict.DEPRECATE
    )
    decide_proposal(
        evaluation_id=refused.pk,
        approve=False,
        reason="No.",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )
    expected = {
        "status=in_effect": {"current", "right"},
        "status=proposed": {"asked"},
        "status=declined": {"refused"},
        "status=superseded": {"wrong"},
        "verdict=hold": {"wrong"},
        f"team={cast.data.pk}": {"current"},
        f"solution={warehouse.pk}": {"current"},
        "q=refused": {"refused"},
    }
    client = signed_in(cast.eve)

    for query, summaries in expected.items():
        shown = client.get(f"{LIST}?{query}").context["cl"].result_list

        assert {evaluation.summary for evaluation in shown} == summaries, query


@pytest.mark.parametrize(
    "query",
    ["status=lost", "summary__regex=(a%2B)%2B$", "author__password=x", "solution=abc"],
)
def test_what_no_filter_offers_is_a_bad_request(cast: Cast, query: str) -> None:
    assert signed_in(cast.bob).get(f"{LIST}?{query}").status_code == 400


def test_the_log_takes_as_many_queries_for_many_as_for_one(
    cast: Cast, django: Solution
) -> None:
    client = signed_in(cast.bob)
    evaluated(cast, django)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for day in range(1, 20):
        evaluated(cast, django, on=date(2026, 10, day))
        evaluated(cast, django, by=cast.bob, verdict=Verdict.RETIRE)

    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    assert len(few) == len(many) <= 12
