"""The form that logs an evaluation: all of one on one page."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews.models import Assumption, Attachment, Evaluation, Solution
from reviews.rules.assumptions import Assumed
from reviews.rules.criteria import BUILT_IN
from reviews.rules.signals import SignalKind
from reviews.rules.vocabulary import Condition, Kind, Verdict
from reviews.services.answers import Answer
from reviews.services.drafts import Draft
from reviews.services.evaluations import Judgement, record_evaluation
from reviews.services.templates import save_template
from tests.admin.conftest import ANSWERED, evaluated, registered, signed_in
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import replaced, rests, said

ADD = reverse("admin:reviews_evaluation_add")


def typed(solution: Solution, **more: Any) -> dict[str, Any]:
    form = {
        "solution": solution.pk,
        "evaluated_on": "2026-11-22",
        "verdict": "adopt",
        "summary": "Still the best we know.",
        **ANSWERED,
    }
    return form | more


def form_of(answer: Any) -> Any:
    return answer.context["adminform"].form


def answers_of(answer: Any) -> dict[str, Any]:
    return {row.question.key: row["answer"].value() for row in form_of(answer).criteria}


@pytest.fixture
def flask(cast: Cast) -> Solution:
    return registered(
        cast, Draft(name="Flask", kind=Kind.PACKAGE, team_id=cast.platform.pk)
    )


@pytest.fixture
def last(cast: Cast, django: Solution, flask: Solution) -> Evaluation:
    """What Bob found of Django last time."""
    return record_evaluation(
        solution_id=django.pk,
        judgement=Judgement(
            verdict=Verdict.HOLD,
            evaluated_on=TODAY - timedelta(90),
            summary="Wait for 6.0.",
            rationale="Because.",
            version="4.2",
            alternatives=["Litestar"],
            answers={
                "still-needed": Answer("yes"),
                "fit": Answer("2", "Slow admin."),
                "better-elsewhere": Answer("unknown"),
                "maintained": Answer("5"),
            },
            replacement_id=flask.pk,
            alternative_ids=[flask.pk],
            assumptions=[
                Assumed(Condition.RELEASE_REACHES, "6.0", note="Async ORM."),
                Assumed(Condition.DAY, str(TODAY + timedelta(1))),
            ],
        ),
        actor=cast.actor(cast.bob),
        today=TODAY - timedelta(90),
        now=NOW,
    )


# --- Which solution ---


def test_a_form_about_one_solution_offers_no_other(
    cast: Cast, django: Solution, flask: Solution
) -> None:
    address = f"{ADD}?solution={django.pk}"
    client = signed_in(cast.bob)

    answer = client.get(address)

    field = form_of(answer)["solution"]
    assert [str(value) for value, _ in field.field.choices] == [str(django.pk)]
    assert "admin-autocomplete" not in str(field)
    page = answer.content.decode()
    assert f'<a href="{ADD}">another solution</a>' in page

    refused = client.post(address, typed(flask))

    assert "solution" in form_of(refused).errors
    assert not Evaluation.objects.exists()
    assert "Evidence on <bdi>Django</bdi>" in refused.content.decode()

    client.post(address, typed(django))

    assert Evaluation.objects.get().solution == django


def test_a_form_that_comes_again_about_a_solution_offers_no_other(
    cast: Cast, django: Solution
) -> None:
    answer = signed_in(cast.bob).post(ADD, typed(django, summary=""))

    field = form_of(answer)["solution"]
    assert [str(value) for value, _ in field.field.choices] == [str(django.pk)]
    assert "Evidence on <bdi>Django</bdi>" in answer.content.decode()


def test_without_a_solution_the_page_first_asks_which(
    cast: Cast, django: Solution, flask: Solution, warehouse: Solution
) -> None:
    client = signed_in(cast.bob)

    own = client.get(f"{ADD}?verdict=deprecate")
    found = client.get(f"{ADD}?q=FLAS")
    nothing = client.get(f"{ADD}?q=warehouse")

    assert [offer.name for offer in own.context["offers"]] == ["Django"]
    link = f"{ADD}?solution={django.pk}&amp;verdict=deprecate"
    assert link in own.content.decode()
    assert [offer.name for offer in found.context["offers"]] == ["Flask"]
    assert "Nothing that you may evaluate" in nothing.content.decode()


@pytest.mark.parametrize("query", ["", "&q=django"])
def test_who_may_not_evaluate_a_solution_reads_what_it_takes(
    cast: Cast, django: Solution, warehouse: Solution, query: str
) -> None:
    page = signed_in(cast.bob).get(f"{ADD}?solution={warehouse.pk}{query}")
    gone = signed_in(cast.bob).get(f"{ADD}?solution=999999{query}")
    viewer = signed_in(cast.charlie).get(f"{ADD}?solution={warehouse.pk}")

    takes = (
        "To log evaluations of Warehouse takes the role engineer or lead in "
        f"{cast.data.name}."
    )
    assert takes in page.content.decode()
    assert "not in the register" in gone.content.decode()
    assert viewer.status_code == 403


# --- Where it leads to ---


def test_the_form_leads_back_to_where_it_was_opened(
    cast: Cast, django: Solution
) -> None:
    client = signed_in(cast.bob)
    back = "/queue/?whose=mine"

    opened = client.get(ADD, {"solution": str(django.pk), "next": back})
    saved = client.post(ADD, typed(django, next=back), follow=True)

    hidden = '<input type="hidden" name="next" value="/queue/?whose=mine">'
    assert hidden in opened.content.decode()
    assert saved.redirect_chain == [(back, 302)]
    assert "Logged. Django is next reviewed by" in saved.content.decode()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "queue",
        "/" * 9_000,
    ],
)
def test_the_form_leads_to_this_site_only(
    cast: Cast, django: Solution, elsewhere: str
) -> None:
    client = signed_in(cast.bob)

    opened = client.get(ADD, {"solution": str(django.pk), "next": elsewhere})
    saved = client.post(ADD, typed(django, next=elsewhere))

    assert 'name="next"' not in opened.content.decode()
    page = reverse(
        "admin:reviews_evaluation_change", args=[Evaluation.objects.get().pk]
    )
    assert saved["Location"] == page


def test_the_search_for_a_solution_keeps_where_it_leads_to(
    cast: Cast, django: Solution
) -> None:
    page = signed_in(cast.bob).get(ADD, {"next": "/queue/"}).content.decode()

    assert f"{ADD}?solution={django.pk}&amp;next=%2Fqueue%2F" in page
    assert '<input type="hidden" name="next" value="/queue/">' in page


def test_the_page_of_an_evaluation_leads_on(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    address = reverse("admin:reviews_evaluation_change", args=[last.pk])

    page = signed_in(cast.bob).get(address).content.decode()

    assert '<a href="/solutions/django/">All about Django</a>' in page
    assert '<a href="/queue/">queue</a>' in page


def test_a_form_about_one_solution_focuses_nothing(
    cast: Cast, django: Solution
) -> None:
    page = signed_in(cast.bob).get(f"{ADD}?solution={django.pk}").content.decode()

    assert "change_form.js" not in page
    assert "autofocus" not in page
    hidden = f'<input type="hidden" name="solution" value="{django.pk}">'
    assert hidden + '<span class="given"><a href="/solutions/django/">Django' in page


@pytest.mark.parametrize("asked", ["%00", "x" * 5_000, "%", "<script>"])
def test_an_odd_search_finds_nothing(cast: Cast, asked: str) -> None:
    answer = signed_in(cast.bob).get(ADD, {"q": asked})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


# --- What it opens with ---


def test_the_form_asks_the_questions_of_the_kind(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    for user, solution, kind in (
        (cast.bob, django, Kind.PACKAGE),
        (cast.eve, warehouse, Kind.BUILT),
    ):
        answer = signed_in(user).get(f"{ADD}?solution={solution.pk}")

        keys = [row.question for row in form_of(answer).criteria]
        assert keys == list(BUILT_IN[kind])


def test_what_was_never_answered_reads_unknown_unless_it_is_required(
    cast: Cast, django: Solution
) -> None:
    answer = signed_in(cast.bob).get(f"{ADD}?solution={django.pk}")

    assert answers_of(answer) == {
        "still-needed": None,
        "fit": None,
        "better-elsewhere": None,
        "maintained": None,
        "current": "unknown",
        "licence": "unknown",
        "exit": "unknown",
    }
    assert "as last time" not in answer.content.decode()


def test_the_form_opens_with_the_last_evaluation(
    cast: Cast, django: Solution, flask: Solution, last: Evaluation
) -> None:
    answer = signed_in(cast.bob).get(f"{ADD}?solution={django.pk}")

    form = form_of(answer)
    assert answers_of(answer) == {
        "still-needed": "yes",
        "fit": "2",
        "better-elsewhere": "unknown",
        "maintained": "5",
        "current": "unknown",
        "licence": "unknown",
        "exit": "unknown",
    }
    assert form.criteria[1]["note"].value() == "Slow admin."
    assert form["verdict"].value() == "hold"
    assert form["version"].value() == "4.2"
    assert form["evaluated_on"].value() == TODAY
    assert form["replacement"].value() == flask.pk
    picked = [row["solution"].value() for row in form.compared]
    assert picked == [flask.pk, None, None, None]
    assert form["alternatives"].value() == "Litestar"
    assert not form["summary"].value()
    assert not form["rationale"].value()
    rows = [row["condition"].value() for row in form.assumptions]
    assert rows == ["release_reaches", "day", None, None, None]
    assert form.assumptions[0]["note"].value() == "Async ORM."
    page = answer.content.decode()
    assert page.count('as-last-time">as last time') == 4
    assert "what Bob found on 2026-08-24" in page


def test_the_version_is_the_one_in_use(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    Solution.objects.filter(pk=django.pk).update(version="5.2.19")

    answer = signed_in(cast.bob).get(f"{ADD}?solution={django.pk}")

    assert form_of(answer)["version"].value() == "5.2.19"


def test_what_has_come_true_is_not_assumed_again(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    said(django, value="6.0.1")

    answer = signed_in(cast.bob).get(f"{ADD}?solution={django.pk}")

    rows = form_of(answer).assumptions
    assert [row["condition"].value() for row in rows] == ["day", *[None] * 4]


def test_an_answer_of_an_earlier_version_is_found_by_its_key(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    first, second, *_ = BUILT_IN[Kind.PACKAGE]
    save_template(
        kind=Kind.PACKAGE,
        questions=[second, first],
        actor=cast.actor(cast.dora),
        now=NOW,
    )

    answer = signed_in(cast.bob).get(f"{ADD}?solution={django.pk}")

    assert answers_of(answer) == {"fit": "2", "still-needed": "yes"}


def test_the_address_may_say_the_verdict(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    client = signed_in(cast.bob)

    for asked, begun in (("deprecate", "deprecate"), ("love", "hold"), ("", "hold")):
        answer = client.get(f"{ADD}?solution={django.pk}&verdict={asked}")

        assert form_of(answer)["verdict"].value() == begun


def test_a_correction_opens_with_what_it_corrects(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    evaluated(cast, django)

    answer = signed_in(cast.bob).get(f"{ADD}?solution={django.pk}&supersedes={last.pk}")

    form = form_of(answer)
    assert form["summary"].value() == "Wait for 6.0."
    assert form["rationale"].value() == "Because."
    assert form["evaluated_on"].value() == last.evaluated_on
    assert form["supersedes"].value() == str(last.pk)


def test_what_a_source_says_otherwise_by_now_is_marked(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    release = said(django, value="5.2")
    said(django, SignalKind.LICENCE, "BSD-3-Clause")
    rests(last, release)
    replaced(release, "5.3")

    page = signed_in(cast.bob).get(f"{ADD}?solution={django.pk}").content.decode()

    assert page.count("since then</span>") == 2
    assert "since then</span> latest release" in " ".join(page.split())


# --- What it logs ---


def test_a_full_evaluation_is_logged_from_one_page(
    cast: Cast, django: Solution, flask: Solution
) -> None:
    form = typed(
        django,
        verdict="hold",
        version="5.2.19",
        replacement=flask.pk,
        alternatives="Litestar",
    ) | {
        "alternative-2-solution": flask.pk,
        "criterion-fit-note": "With workarounds.",
        "criterion-licence-answer": "yes",
        "criterion-exit-answer": "unknown",
        "assumption-1-condition": "release_reaches",
        "assumption-1-value": "1.0",
        "assumption-1-subject": flask.pk,
        "assumption-1-note": "A successor.",
        "assumption-2-condition": "signal",
        "assumption-2-signal": "repository_archived",
        "attachment-1-title": "Benchmark",
        "attachment-1-url": "https://example.com/benchmark",
        "attachment-1-effective_on": "2026-10-01",
        "attachment-2-title": "Report",
        "attachment-2-file": SimpleUploadedFile("report.html", b"<b>Good</b>"),
        "attachment-2-effective_on": "2026-09-01",
    }

    answer = signed_in(cast.bob).post(f"{ADD}?solution={django.pk}", form, follow=True)

    assert answer.status_code == 200, form_of(answer).errors
    evaluation = Evaluation.objects.get()
    assert evaluation.template == "package 1"
    assert [row["key"] for row in evaluation.answers] == [
        *("still-needed", "fit", "better-elsewhere", "maintained", "licence")
    ]
    assert evaluation.answers[1]["note"] == "With workarounds."
    assert evaluation.replacement == flask
    assert [each.solution for each in evaluation.compared.all()] == [flask]
    assert evaluation.alternatives == ["Litestar"]
    rows = Assumption.objects.order_by("pk")
    assert [(row.condition, row.value, row.subject) for row in rows] == [
        ("release_reaches", "1.0", flask),
        ("signal", "repository_archived", None),
    ]
    link, file = Attachment.objects.order_by("pk")
    assert (link.url, link.effective_on) == (
        "https://example.com/benchmark",
        date(2026, 10, 1),
    )
    assert (file.file_name, bytes(file.content.content)) == (
        "report.html",
        b"<b>Good</b>",
    )
    page = " ".join(answer.content.decode().split())
    for shown in (
        "Does its licence suit how we use it? <strong>yes</strong>",
        "Are we on a version that still gets fixes? <strong>unknown</strong>",
        'href="/solutions/flask/">Flask</a> (unreviewed)',
        "Revisit if a release of Flask reaches 1.0",
        f'href="/attachments/{file.pk}/"',
        "speaks of 2026-09-01, added on 2026-11-22",
    ):
        assert shown in page


@pytest.mark.parametrize("key", ["still-needed", "fit", "maintained"])
def test_what_is_required_has_to_be_answered(
    cast: Cast, django: Solution, key: str
) -> None:
    name = f"criterion-{key}-answer"

    answer = signed_in(cast.bob).post(ADD, typed(django) | {name: ""})

    wrong = {row.question.key: row.errors for row in form_of(answer).criteria}
    assert "unknown is an answer" in str(wrong.pop(key))
    assert not any(wrong.values())
    assert "Something below is missing or wrong" in answer.content.decode()
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"criterion-fit-answer": "6"},
        {"criterion-fit-answer": "yes"},
        {"criterion-fit-note": "x" * 501},
        {"assumption-1-condition": "day", "assumption-1-value": "tomorrow"},
        {"assumption-1-condition": "day", "assumption-1-value": ""},
        {"assumption-1-condition": "day", "assumption-1-value": "2026-11-21"},
        {"assumption-1-condition": "no_release", "assumption-1-value": "61"},
        {"assumption-1-condition": "signal"},
        {"assumption-1-condition": "signal", "assumption-1-signal": "love"},
        {"assumption-1-condition": "love"},
        {"assumption-5-value": "2027-01-01"},
        {"assumption-1-condition": "release_reaches", "assumption-1-value": ""},
        {
            "assumption-1-condition": "release_reaches",
            "assumption-1-value": "1.0",
            "assumption-1-subject": "abc",
        },
        {"attachment-1-title": "Alone"},
        {"attachment-1-url": "https://example.com/"},
        {
            "attachment-1-title": "No day",
            "attachment-1-url": "https://example.com/",
        },
        {
            "attachment-1-title": "To come",
            "attachment-1-url": "https://example.com/",
            "attachment-1-effective_on": "2026-11-23",
        },
        {
            "attachment-1-title": "No link",
            "attachment-1-url": "javascript:alert(1)",
            "attachment-1-effective_on": "2026-11-22",
        },
        {
            "attachment-1-title": "Empty",
            "attachment-1-file": SimpleUploadedFile("empty.txt", b""),
            "attachment-1-effective_on": "2026-11-22",
        },
        {"alternative-1-solution": "abc"},
        {"alternative-4-solution": "9" * 40},
        {"replacement": "abc", "verdict": "hold"},
    ],
    ids=lambda more: " ".join(f"{key}={more[key]!s:.12}" for key in more),
)
def test_what_cannot_be_kept_is_refused_with_all_that_was_typed(
    cast: Cast, django: Solution, more: dict[str, Any]
) -> None:
    form = typed(django, rationale="A long text.") | more

    answer = signed_in(cast.bob).post(ADD, form)

    assert answer.status_code == 200
    assert form_of(answer).errors
    assert not Evaluation.objects.exists()
    page = answer.content.decode()
    assert "A long text." in page
    assert ("Choose empty.txt again" in page) == ("attachment-1-file" in more)
    if "criterion-fit-answer" not in more:
        assert answers_of(answer)["fit"] == "4"


def attached(**more: Any) -> dict[str, Any]:
    file = SimpleUploadedFile("report.html", b"<b>Good</b>")
    row = {"file": file, "effective_on": "2026-09-01"} | more
    return {f"attachment-2-{name}": value for name, value in row.items()}


AWAITED = attached(file="", expected="report.html")


@pytest.mark.parametrize(
    "wrong", [{"summary": ""}, {"replacement": "abc"}, {"supersedes": "1"}]
)
def test_a_file_is_not_lost_when_something_else_was_wrong(
    cast: Cast, django: Solution, wrong: dict[str, str]
) -> None:
    client = signed_in(cast.bob)

    first = client.post(ADD, typed(django) | wrong | attached())
    page = first.content.decode()
    again = client.post(ADD, typed(django) | AWAITED)

    for answer in (first, again):
        assert "Choose report.html again" in str(form_of(answer).attachments[1].errors)
    assert 'name="attachment-2-expected" value="report.html"' in page
    assert "Leave <bdi>report.html</bdi> out" in page
    assert "attachment-1-expected" not in page
    assert not Evaluation.objects.exists()

    client.post(ADD, typed(django) | attached(expected="report.html"))

    assert Attachment.objects.get().file_name == "report.html"


def test_a_file_that_a_service_refused_is_asked_for_again(
    cast: Cast, django: Solution, flask: Solution
) -> None:
    form = typed(django, replacement=flask.pk) | attached()

    answer = signed_in(cast.bob).post(ADD, form)

    assert "replacement" in form_of(answer).errors
    assert "Choose report.html again" in str(form_of(answer).attachments[1].errors)


def test_a_file_is_left_out_on_purpose_only(cast: Cast, django: Solution) -> None:
    client = signed_in(cast.bob)
    link = {"attachment-2-url": "https://example.com/report"}

    instead = client.post(ADD, typed(django) | AWAITED | link)
    assert "Choose report.html again" in str(form_of(instead).attachments[1].errors)
    client.post(ADD, typed(django) | AWAITED | {"attachment-2-left_out": "on"})

    assert Evaluation.objects.count() == 1
    assert not Attachment.objects.exists()


def test_a_file_without_a_title_is_called_by_its_name(
    cast: Cast, django: Solution
) -> None:
    signed_in(cast.bob).post(ADD, typed(django) | attached())

    assert Attachment.objects.get().title == "report.html"


def test_all_that_is_wrong_is_said_at_once(cast: Cast, django: Solution) -> None:
    form = typed(django, evaluated_on="2026-11-23", summary="") | {
        "attachment-1-title": "To come",
        "attachment-1-url": "https://example.com/",
        "attachment-1-effective_on": "2026-11-23",
        "attachment-2-effective_on": "yesterday",
    }

    answer = signed_in(cast.bob).post(ADD, form)

    form = form_of(answer)
    assert "today is 2026-11-22" in str(form.errors["evaluated_on"])
    assert "summary" in form.errors
    assert form.attachments[0].non_field_errors()
    assert set(form.attachments[1].errors) == {"title", "url", "effective_on"}
    assert str(form.attachments[0].non_field_errors()) in answer.content.decode()


def test_a_replacement_goes_with_an_ending_and_the_form_says_so(
    cast: Cast, django: Solution, flask: Solution
) -> None:
    client = signed_in(cast.bob)

    beside_adopt = client.post(ADD, typed(django, replacement=flask.pk))
    evaluated(cast, flask, verdict=Verdict.RETIRE)
    retired = client.post(ADD, typed(django, verdict="hold", replacement=flask.pk))

    assert "nothing is used instead" in str(form_of(beside_adopt).errors["replacement"])
    assert "flask is retired itself" in str(form_of(retired).errors["replacement"])


def test_what_a_condition_does_not_need_is_not_looked_at(
    cast: Cast, django: Solution, flask: Solution
) -> None:
    form = typed(django) | {
        "assumption-1-condition": "licence_changes",
        "assumption-1-value": "left over",
        "assumption-1-subject": flask.pk,
    }

    signed_in(cast.bob).post(ADD, form)

    row = Assumption.objects.get()
    assert (row.condition, row.value, row.subject) == ("licence_changes", "", None)


def test_without_scripts_slugs_are_typed(
    cast: Cast, django: Solution, flask: Solution
) -> None:
    form = typed(django, verdict="hold") | {
        "replacement-slug": "flask",
        "alternative-1-solution-slug": "flask",
    }
    client = signed_in(cast.bob)

    client.post(ADD, form)
    wrong = client.post(ADD, form | {"replacement-slug": "nothing"})

    evaluation = Evaluation.objects.get()
    assert evaluation.replacement == flask
    assert evaluation.compared.get().solution == flask
    assert "replacement" in form_of(wrong).errors


def test_the_search_for_a_solution_finds_those_of_all_teams(
    cast: Cast, django: Solution, warehouse: Solution
) -> None:
    asked = {"app_label": "reviews", "model_name": "evaluation", "term": "ware"}
    client = signed_in(cast.bob)
    address = reverse("admin:autocomplete")

    anything = client.get(address, asked | {"field_name": "replacement"}).json()
    evaluable = client.get(address, asked | {"field_name": "solution"}).json()

    assert [row["text"] for row in anything["results"]] == ["Warehouse"]
    assert evaluable["results"] == []


def test_the_page_of_an_evaluation_shows_its_parts(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    said(django, value="6.0")
    address = reverse("admin:reviews_evaluation_change", args=[last.pk])

    page = " ".join(signed_in(cast.eve).get(address).content.decode().split())

    assert "<p>Template package 1</p>" in page
    assert "came true on" in page
    assert "Litestar" in page
    assert "Flask</a> (unreviewed)" in page


def test_the_form_takes_as_many_queries_for_many_rows_as_for_few(
    cast: Cast, django: Solution, last: Evaluation
) -> None:
    client = signed_in(cast.bob)
    address = f"{ADD}?solution={django.pk}"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(10):
        said(django, SignalKind.VULNERABILITY, "x", subject=f"CVE-{number}")
        evaluated(cast, django, on=date(2026, 1, 1 + number))

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) <= len(few) + 2
