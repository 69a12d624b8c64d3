"""A solution's own page."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reviews.models import Attachment, Dependency
from reviews.queries.solution_page import LONGEST
from reviews.rules.assumptions import Assumed
from reviews.rules.vocabulary import Condition, Kind, Scheme, Verdict
from reviews.services.answers import Answer
from reviews.services.attachments import Attached
from reviews.services.evaluations import Judgement, decide_proposal, record_evaluation
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.pages.building import ADMINISTRATOR, evaluated, registered, scanned
from tests.pages.reading import words as said_on


def page(client: Client, slug: str) -> str:
    response = client.get(f"/solutions/{slug}/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_solution_says_how_it_stands_and_what_is_known(
    alice: Client, cast: Cast
) -> None:
    vendor = registered(
        "Paging service",
        kind=Kind.VENDOR,
        team=cast.platform,
        owner=cast.bob,
        version="2026-10",
        description="Calls whoever is on duty.",
        contract_ends_on=date(2027, 1, 5),
        identifiers=[(Scheme.NAME, "vendor:paging")],
    )
    evaluated(vendor, date(2026, 5, 10))
    scanned()

    html = page(alice, "paging-service")

    for words in [
        "vendor service",
        "Platform",
        "Bob",
        "2026-10",
        "Calls whoever is on duty.",
        "vendor:paging",
        "Evaluated on 2026-05-10.",
        "The next review was due by 2026-11-10: overdue by 12 days.",
        "2027-01-05, notice is due by 2027-01-05 (no notice period is known)",
        "Nobody has evaluated it since 2026-05-10; the next review was due by",
        f"/admin/reviews/evaluation/add/?solution={vendor.pk}",
    ]:
        assert words in html


def test_the_log_shows_rationales_newest_first_as_safe_markup(
    alice: Client, cast: Cast
) -> None:
    solution = registered("Django", team=cast.platform)
    evaluated(solution, date(2026, 1, 1), summary="The first", rationale="*old*")
    evaluated(
        solution,
        date(2026, 11, 1),
        Verdict.TRIAL,
        summary="The second",
        rationale="**bold** <script>alert(1)</script> [bad](javascript:alert(1))",
    )

    html = page(alice, "django")

    assert html.index("The second") < html.index("The first")
    assert "<strong>bold</strong>" in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "in effect" in html


def test_a_proposal_awaits_a_lead_and_then_shows_the_decision(
    alice: Client, cast: Cast
) -> None:
    solution = registered("Django", team=cast.platform)
    proposal = record_evaluation(
        solution_id=solution.pk,
        judgement=Judgement(Verdict.DEPRECATE, TODAY, "Too old by far"),
        actor=cast.actor(cast.bob),
        today=TODAY,
        now=NOW,
    )

    html = page(alice, "django")
    assert "Proposal: deprecate" in html
    assert "awaiting a lead&#x27;s decision" in html

    decide_proposal(
        evaluation_id=proposal.pk,
        approve=False,
        reason="Not before the migration",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )

    html = page(alice, "django")
    assert "Proposal: deprecate" not in html
    assert "Declined by Alice on 2026-11-22: Not before the migration" in html
    assert "Never reviewed" not in html
    assert "The first review is due by" in html


def test_a_correction_shows_what_it_supersedes(alice: Client, cast: Cast) -> None:
    solution = registered("Django", team=cast.platform)
    wrong = evaluated(solution, TODAY, Verdict.RETIRE)
    record_evaluation(
        solution_id=solution.pk,
        judgement=Judgement(
            Verdict.ADOPT, TODAY, "That was another one", supersedes_id=wrong.pk
        ),
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )

    html = page(alice, "django")

    assert f"supersedes number {wrong.pk}" in html
    assert "superseded by number" in html


def test_dependencies_show_on_both_ends(alice: Client, cast: Cast) -> None:
    shop = registered("Shop", kind=Kind.BUILT, team=cast.platform)
    django = registered("Django", team=cast.platform)
    Dependency.objects.create(
        component=shop,
        solution=django,
        version="5.2.19",
        first_seen_on=TODAY,
        last_seen_on=TODAY,
    )

    link = '<a href="/solutions/{0}/">{1}</a> 5.2.19'
    assert link.format("django", "Django") in page(alice, "shop")
    assert link.format("shop", "Shop") in page(alice, "django")


def test_many_dependencies_are_cut_short_in_words(alice: Client, cast: Cast) -> None:
    shop = registered("Shop", kind=Kind.BUILT, team=cast.platform)
    django = registered("Django", team=cast.platform)
    Dependency.objects.bulk_create(
        Dependency(
            component=shop,
            solution=django,
            version=f"5.{n}",
            first_seen_on=TODAY,
            last_seen_on=TODAY,
        )
        for n in range(LONGEST + 1)
    )

    assert "These are the first by name" in page(alice, "shop")


def test_the_history_tells_who_did_what(alice: Client, cast: Cast) -> None:
    solution = registered("Django", team=cast.platform, owner=cast.bob, version="5.2")
    evaluated(solution, TODAY, actor=cast.actor(cast.bob))

    html = page(alice, "django")

    assert "registered" in html
    assert "<b>version</b> 5.2" in html
    assert "<b>team</b> Platform" in html
    assert "<b>owner</b> Bob" in html
    assert '<td data-label="Who">Bob</td>' in html


def test_the_history_leaves_out_what_is_empty(alice: Client, cast: Cast) -> None:
    solution = registered("Django", team=cast.platform)
    proposal = evaluated(solution, TODAY, Verdict.DEPRECATE, actor=cast.actor(cast.bob))
    decide_proposal(
        evaluation_id=proposal.pk,
        approve=True,
        reason="",
        actor=cast.actor(cast.alice),
        today=TODAY,
        now=NOW,
    )

    html = page(alice, "django")

    assert "<b>evaluation</b>" in html
    assert "<b>reason</b>" not in html


def test_who_may_not_evaluate_is_not_led_to_the_form(
    charlie: Client, cast: Cast
) -> None:
    registered("Django", team=cast.platform)

    assert "/admin/" not in page(charlie, "django")


@pytest.mark.parametrize("slug", ["no-such-thing", "%00", "a.b", "ä", "..%2f"])
def test_what_is_not_registered_is_not_found(alice: Client, slug: str) -> None:
    assert alice.get(f"/solutions/{slug}/").status_code == 404


def test_a_page_needs_a_fixed_number_of_queries(
    alice: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    solution = registered("Django", team=cast.platform, owner=cast.bob)
    for n in range(20):
        evaluated(solution, date(2026, 1, 1 + n))

    # Five of them look for what stands in the way of "still true", one for overrides.
    with django_assert_max_num_queries(30):
        alice.get("/solutions/django/")


def test_a_solution_is_for_people_who_have_signed_in(client: Client, db: None) -> None:
    response = client.get("/solutions/django/")

    assert response.headers["Location"] == "/sign-in/?next=/solutions/django/"


def test_what_to_use_instead_stands_at_the_top(alice: Client, cast: Cast) -> None:
    old = registered("Old", team=cast.platform)
    new = registered("New", team=cast.platform)
    judgement = Judgement(
        Verdict.HOLD,
        TODAY,
        "Move on.",
        answers={
            "still-needed": Answer("yes"),
            "fit": Answer("2", "<b>Slow</b>"),
            "better-elsewhere": Answer("no"),
            "maintained": Answer("1"),
        },
        replacement_id=new.pk,
        alternative_ids=[new.pk],
        assumptions=[Assumed(Condition.RELEASE_REACHES, "2.0", note="A rewrite.")],
        attachments=[
            Attached("Report", TODAY, file_name="r.html", content=b"<b>"),
            Attached("Link", TODAY, url="https://example.com/report"),
        ],
    )
    record_evaluation(
        solution_id=old.pk,
        judgement=judgement,
        actor=ADMINISTRATOR,
        today=TODAY,
        now=NOW,
    )

    html = page(alice, "old")

    link = '<a href="/solutions/new/">New</a>'
    assert f"<strong>Use {link} instead</strong>" in html
    assert f"Compared with: {link} (unreviewed)" in html
    assert "Does its licence suit how we use it?</dt> <dd>unknown</dd>" in html
    assert "&lt;b&gt;Slow&lt;/b&gt;" in html
    assert "Revisit if a release of Old reaches 2.0 (A rewrite.)." in html
    assert f'href="/attachments/{Attachment.objects.earliest("pk").pk}/"' in html
    assert "speaks of 2026-11-22" in html

    evaluated(old, TODAY)

    assert f"Use {link} instead" not in page(alice, "old")


def test_an_open_flag_says_who_is_asked_and_when_it_climbs(
    alice: Client, cast: Cast
) -> None:
    solution = registered("Django", team=cast.platform, owner=cast.bob)
    flagged(solution)

    said = said_on(alice, "flags")

    assert "Asked since 2026-11-22: Bob (the owner)." in said
    assert "Climbs to the team's lead on 2026-11-29." in said
