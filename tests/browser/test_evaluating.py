"""An engineer logs a full evaluation, on one page."""

from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from reviews.models import Attachment, Evaluation, EvaluationTemplate, Solution
from reviews.rules.assumptions import Assumed
from reviews.rules.vocabulary import Condition, Verdict
from reviews.services.answers import Answer
from reviews.services.evaluations import Judgement, record_evaluation
from tests.browser.conftest import Watch, signed_in
from tests.browser.looking import DESK, OPTIONS, PHONE
from tests.conftest import NOW, Cast
from tests.evidence import replaced, rests, said
from tests.pages.building import ADMINISTRATOR, registered

pytestmark = pytest.mark.slow

QUESTIONS = {
    "Do we still need it?": "yes",
    "How well does it do what we need today?": "4",
    "Would we choose it again?": "unknown",
    "Is it maintained well enough for us?": "5",
}


@pytest.fixture
def jinja(cast: Cast) -> Solution:
    return registered("Jinja2", team=cast.platform, owner=cast.bob, version="3.1")


@pytest.fixture
def mako(cast: Cast) -> Solution:
    return registered("Mako", team=cast.data)


@pytest.fixture
def last(cast: Cast, jinja: Solution, mako: Solution, today: date) -> Evaluation:
    evaluation = record_evaluation(
        solution_id=jinja.pk,
        judgement=Judgement(
            Verdict.HOLD,
            today - timedelta(100),
            "Wait.",
            answers={
                key: Answer(answer, "As measured.")
                for key, answer in (
                    ("still-needed", "yes"),
                    ("fit", "3"),
                    ("better-elsewhere", "no"),
                    ("maintained", "4"),
                )
            },
            alternative_ids=[mako.pk],
            replacement_id=mako.pk,
            assumptions=[Assumed(Condition.NO_RELEASE, "12")],
        ),
        actor=ADMINISTRATOR,
        today=today,
        now=NOW,
    )
    release = said(jinja, value="3.1.4")
    rests(evaluation, release)
    replaced(release, "3.2")
    return evaluation


def barriers(page: Page) -> list[str]:
    # It would load the style sheets anew, and inline, which the policy rightly blocks.
    options = OPTIONS | {"preload": False}
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]


def answer(page: Page, question: str, word: str) -> None:
    page.get_by_role("group", name=question).get_by_role(
        "radio", name=word, exact=True
    ).check()


def test_a_full_evaluation_is_logged_from_a_cold_start_on_one_page(
    page: Page, cast: Cast, jinja: Solution, mako: Solution
) -> None:
    signed_in(page, "bob")
    page.goto("/admin/reviews/evaluation/add/")
    page.get_by_role("link", name="Jinja2").click()

    for question, word in QUESTIONS.items():
        answer(page, question, word)
    page.get_by_label("Verdict:").select_option("hold")
    page.get_by_label("Summary:").fill("Two slow releases, look again soon")
    page.get_by_role("combobox", name="Alternative 1").click()
    page.locator(".select2-search__field").fill("mak")
    page.locator(".select2-results__option", has_text="Mako").click()
    page.get_by_label("Revisit if (assumption 1)").select_option("release_reaches")
    page.get_by_label("Day, months or version (assumption 1)").fill("4.0")
    page.get_by_label("Title (attachment 1)").fill("Benchmark")
    page.get_by_label("Or a file (attachment 1)").set_input_files(
        {"name": "run.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    )
    page.get_by_label("The day it speaks of (attachment 1)").fill("2026-01-15")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist").wait_for()

    evaluation = Evaluation.objects.get()
    assert [row["answer"] for row in evaluation.answers] == [*QUESTIONS.values()]
    assert evaluation.compared.get().solution == mako
    assert evaluation.assumptions.get().value == "4.0"
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Benchmark").click()
    assert downloading.value.suggested_filename == "run.svg"
    assert barriers(page) == []


def test_an_unchanged_judgement_takes_no_more_than_a_summary(
    page: Page, cast: Cast, jinja: Solution, last: Evaluation
) -> None:
    signed_in(page, "bob")
    page.goto(f"/admin/reviews/evaluation/add/?solution={jinja.pk}")

    expect(page.get_by_text("new since then")).to_be_visible()
    expect(page.get_by_text("as last time", exact=True)).to_have_count(4)
    page.get_by_label("Summary:").fill("As it was.")
    page.keyboard.press("Enter")
    page.locator(".messagelist").wait_for()

    again = Evaluation.objects.latest("pk")
    assert again.answers == last.answers
    assert again.replacement == last.replacement
    assert again.assumptions.get().value == "12"


def test_the_mark_goes_when_another_answer_is_chosen(
    page: Page, cast: Cast, jinja: Solution, last: Evaluation
) -> None:
    signed_in(page, "bob")
    page.goto(f"/admin/reviews/evaluation/add/?solution={jinja.pk}")
    group = page.get_by_role("group", name="How well does it do")
    mark = group.get_by_text("as last time", exact=True)

    expect(mark).to_be_visible()
    group.get_by_role("radio", name="5", exact=True).check()
    expect(mark).to_be_hidden()
    group.get_by_role("radio", name="3 last time").check()
    expect(mark).to_be_visible()


def test_only_what_a_condition_needs_is_asked(
    page: Page, cast: Cast, jinja: Solution
) -> None:
    signed_in(page, "bob")
    page.goto(f"/admin/reviews/evaluation/add/?solution={jinja.pk}")
    row = page.locator(".assumption").first
    asked = {
        "day": ["value", "note"],
        "release_reaches": ["value", "subject", "note"],
        "licence_changes": ["note"],
        "signal": ["signal", "note"],
        "": [],
    }

    for condition, fields in asked.items():
        row.get_by_label("Revisit if").select_option(condition)
        for name in ("value", "signal", "subject", "note"):
            expect(row.locator(f".of-{name}")).to_be_visible(visible=name in fields)
        expect(page.locator(".assumption").nth(1)).to_be_visible(
            visible=condition != ""
        )


def test_the_keyboard_alone_logs_an_evaluation(
    page: Page, cast: Cast, jinja: Solution, last: Evaluation
) -> None:
    signed_in(page, "bob")
    page.goto("/admin/reviews/evaluation/add/?q=jinja")
    page.get_by_role("link", name="Jinja2").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**solution=*")

    page.get_by_role("radio", name="3 last time").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Summary:").focus()
    page.keyboard.type("A little better.")
    page.keyboard.press("Enter")
    page.locator(".messagelist").wait_for()

    rows = {
        row["key"]: row["answer"] for row in Evaluation.objects.latest("pk").answers
    }
    assert rows["fit"] == "4"


def test_it_all_works_without_scripts(
    browser: Browser,
    live_server: LiveServer,
    cast: Cast,
    jinja: Solution,
    mako: Solution,
) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    signed_in(page, "bob")
    page.goto("/admin/reviews/evaluation/add/?q=jinja")
    page.get_by_role("link", name="Jinja2").click()

    for question, word in QUESTIONS.items():
        answer(page, question, word)
    page.get_by_label("Verdict:").select_option("hold")
    page.get_by_label("Summary:").fill("Wait.")
    page.locator("input[name=replacement-slug]").fill("mako")
    page.get_by_label("Revisit if (assumption 2)").select_option("signal")
    page.get_by_label("What a source says (assumption 2)").select_option(
        "repository_archived"
    )
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator(".messagelist")).to_contain_text("Logged.")
    context.close()
    evaluation = Evaluation.objects.get()
    assert evaluation.replacement == mako
    assert evaluation.assumptions.get().value == "repository_archived"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_form_has_no_barrier(
    browser: Browser,
    live_server: LiveServer,
    watch: Watch,
    cast: Cast,
    jinja: Solution,
    last: Evaluation,
    scheme: str,
    size: object,
) -> None:
    context = browser.new_context(
        base_url=live_server.url,
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    watch.over(page)
    signed_in(page, "dora")
    found = []
    template = EvaluationTemplate.objects.get(kind="package")
    for path in (
        "/admin/reviews/evaluation/add/",
        f"/admin/reviews/evaluationtemplate/{template.pk}/change/",
        f"/admin/reviews/evaluation/add/?solution={jinja.pk}",
        f"/admin/reviews/evaluation/{last.pk}/change/",
    ):
        page.goto(path)
        found += barriers(page)
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > page.evaluate("window.innerWidth"):
            found.append(f"{path} scrolls sideways: {needed}")
    page.goto(f"/admin/reviews/evaluation/add/?solution={jinja.pk}")
    page.get_by_label("Revisit if (assumption 1)").select_option("release_reaches")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".errornote").wait_for()
    found += barriers(page)
    context.close()

    assert found == []
    assert not Attachment.objects.exists()
