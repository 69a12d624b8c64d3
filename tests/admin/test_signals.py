"""Evidence on the staff pages: to be read, and before anybody judges."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews.models import Signal, Solution, SourceCheck
from reviews.rules.signals import Severity, SignalKind, Source, SourceState
from tests.admin.conftest import evaluated, signed_in
from tests.conftest import Cast
from tests.evidence import checked, ended, flagged, replaced, said

SIGNALS = reverse("admin:reviews_signal_changelist")
CHECKS = reverse("admin:reviews_sourcecheck_changelist")
LOG = reverse("admin:reviews_evaluation_add")
HOSTILE = "<img src=x onerror=alert(1)>\u202e" + "x" * 400


def shown(cast: Cast, query: str = "", address: str = SIGNALS) -> list[str]:
    answer = signed_in(cast.bob).get(f"{address}?{query}")
    assert answer.status_code == 200
    return [str(row) for row in answer.context["cl"].result_list]


def page(cast: Cast, address: str, name: str = "bob") -> str:
    answer = signed_in(getattr(cast, name)).get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_list_narrows(cast: Cast, django: Solution, warehouse: Solution) -> None:
    replaced(said(django, value="5.2.18"), "5.2.19")
    ended(said(django, SignalKind.PROJECT_STATUS, "archived"))
    said(warehouse, SignalKind.REPOSITORY_ARCHIVED, "archived", source=Source.GITHUB)
    old, new = "latest release: 5.2.18", "latest release: 5.2.19"
    status, gone = "project status: archived", "repository archived: archived"

    assert shown(cast) == [gone, status, new, old]
    assert shown(cast, "state=open") == [gone, new]
    assert shown(cast, "state=superseded") == [old]
    assert shown(cast, "state=withdrawn") == [status]
    assert shown(cast, "source=github") == [gone]
    assert shown(cast, "kind=project_status") == [status]
    assert shown(cast, f"solution={warehouse.pk}") == [gone]
    assert shown(cast, "q=ware") == [gone]
    assert shown(cast, "q=5.2.19") == [new]


def test_the_sources_list_narrows(cast: Cast, django: Solution) -> None:
    checked(django, Source.PYPI)
    checked(django, Source.OSV, SourceState.FAILED, error="It timed out.")

    assert shown(cast, "state=failed", CHECKS) == ["OSV on Django: failed"]
    assert shown(cast, "source=pypi", CHECKS) == ["PyPI on Django: ok"]
    assert "It timed out." in page(cast, CHECKS)


@pytest.mark.parametrize("address", [SIGNALS, CHECKS])
@pytest.mark.parametrize(
    "query", ["state=gone", "source=x", "kind=x", "value__regex=(a%2B)%2B$"]
)
def test_what_no_filter_offers_is_a_bad_request(
    cast: Cast, address: str, query: str
) -> None:
    assert signed_in(cast.bob).get(f"{address}?{query}").status_code == 400


@pytest.mark.parametrize("name", ["bob", "alice", "dora"])
def test_nobody_adds_changes_or_deletes_evidence(
    cast: Cast, django: Solution, name: str
) -> None:
    rows = {"signal": said(django), "sourcecheck": checked(django)}
    client = signed_in(getattr(cast, name))
    for model, row in rows.items():
        change = reverse(f"admin:reviews_{model}_change", args=[row.pk])
        assert client.get(change).status_code == 200

        answers = [
            client.post(change, {"value": "6"}).status_code,
            client.post(reverse(f"admin:reviews_{model}_add"), {}).status_code,
            client.post(
                reverse(f"admin:reviews_{model}_delete", args=[row.pk]), {"post": "y"}
            ).status_code,
        ]

        assert answers == [403, 403, 403]
    assert Signal.objects.get().value == "5.2.19"
    assert SourceCheck.objects.exists()


def test_words_of_strangers_are_text(cast: Cast, django: Solution) -> None:
    signal = said(
        django,
        SignalKind.NOTICE_TEXT,
        HOSTILE,
        subject=HOSTILE[:200],
        quote=HOSTILE,
        replacement=HOSTILE[:200],
        fixed_in=HOSTILE[:200],
        aliases=(HOSTILE,),
        address="javascript:alert(1)",
    )
    checked(django, why=HOSTILE, error=HOSTILE, address="javascript:alert(2)")
    flag = flagged(django, signal, reason=HOSTILE, source_url="javascript:alert(3)")
    logged = evaluated(cast, django)

    for address in [
        SIGNALS,
        CHECKS,
        reverse("admin:reviews_signal_change", args=[signal.pk]),
        reverse(
            "admin:reviews_sourcecheck_change", args=[SourceCheck.objects.get().pk]
        ),
        reverse("admin:reviews_flag_change", args=[flag.pk]),
        reverse("admin:reviews_evaluation_change", args=[logged.pk]),
        reverse("admin:reviews_solution_change", args=[django.pk]),
        f"{LOG}?solution={django.pk}",
    ]:
        html = page(cast, address)

        assert "<img src=x" not in html, address
        assert 'href="javascript' not in html, address
        assert "&lt;img src=x onerror=alert(1)&gt;" in html, address


def test_a_signal_leads_to_its_source_and_to_what_was_said_before(
    cast: Cast, django: Solution
) -> None:
    former = said(django, value="5.2.18")
    signal = replaced(former, "5.2.19", address="https://pypi.example/django")

    html = page(cast, reverse("admin:reviews_signal_change", args=[signal.pk]))

    assert '<a href="https://pypi.example/django" rel="noopener noreferrer">' in html
    assert reverse("admin:reviews_signal_change", args=[former.pk]) in html


def test_a_flag_shows_its_evidence(cast: Cast, django: Solution) -> None:
    end = said(
        django,
        SignalKind.END_OF_LIFE,
        "2026-04-30",
        source=Source.ENDOFLIFE,
        subject="4.2",
        address="https://endoflife.example/django",
    )
    flag = flagged(django, end)

    html = page(cast, reverse("admin:reviews_flag_change", args=[flag.pk]))

    for told in [
        "high",
        "endoflife.date says that 4.2 has ended.",
        'href="https://endoflife.example/django" rel="noopener noreferrer"',
        "2026-04-30",
        "fetched 2026-11-22 09:30 UTC",
    ]:
        assert told in html


def test_the_solution_page_shows_what_is_known(cast: Cast, django: Solution) -> None:
    said(django, value="5.2.19", source=Source.PYPI)
    said(django, value="5.3", source=Source.GITHUB)
    checked(django, Source.PYPI)
    checked(django, Source.OSV, SourceState.FAILED, error="It timed out.")

    html = page(cast, reverse("admin:reviews_solution_change", args=[django.pk]))

    for told in [
        "Sources disagree",
        "OSV: unknown: it could not be asked",
        "It timed out.",
        "PyPI: answers",
        f"{SIGNALS}?solution={django.pk}",
        "It was never evaluated",
    ]:
        assert told in html
    assert "No source answers for it" not in html


def test_a_solution_that_nobody_asked_about_is_unknown(
    cast: Cast, django: Solution
) -> None:
    html = page(cast, reverse("admin:reviews_solution_change", args=[django.pk]))

    assert "No source answers for it: nobody has asked yet." in html


def test_who_judges_sees_first_what_has_changed(cast: Cast, django: Solution) -> None:
    release = said(django, value="5.2.18")
    evaluated(cast, django, on=date(2026, 11, 20))
    replaced(release, "5.2.19")
    said(
        django, SignalKind.VULNERABILITY, "Bad.", subject="CVE-1", severity=Severity.LOW
    )

    html = page(cast, f"{LOG}?solution={django.pk}")

    assert "Compared with what the evaluation of 2026-11-20 rested on:" in html
    assert '5.2.18</bdi> → <bdi class="said">5.2.19' in html
    assert "CVE-1" in html
    assert html.index("What has changed") < html.index("id_verdict")


def test_who_judges_sees_the_open_flags_before_all_else(
    cast: Cast, django: Solution
) -> None:
    flagged(django, said(django, SignalKind.END_OF_LIFE, "2026-04-30", subject="4.2"))
    flagged(
        django,
        cause="vulnerability",
        action="review",
        severity="low",
        reason="OSV says that 4.2 has a flaw.",
        source_url="javascript:alert(1)",
    )
    form = f"{LOG}?solution={django.pk}"

    for address in [form, reverse("admin:reviews_solution_change", args=[django.pk])]:
        html = page(cast, address)

        for told in [
            "<strong>Deprecate</strong>",
            "severity high: "
            '<bdi class="said">endoflife.date says that 4.2 has ended.</bdi> '
            '<a href="https://endoflife.example/django" rel="noopener noreferrer">'
            "Read it at endoflife.example</a>",
            "<strong>Review</strong>",
            "severity low",
        ]:
            assert told in html, address
        assert "javascript:" not in html
        assert html.index("Open flags</h2>") < html.index("What has changed")


def test_facts_tell_what_to_use_instead_and_no_day_twice(
    cast: Cast, django: Solution
) -> None:
    end = said(
        django,
        SignalKind.END_OF_LIFE,
        "2026-04-30",
        source=Source.ENDOFLIFE,
        subject="4.2",
        effective_on=date(2026, 4, 30),
        replacement="5.2",
    )
    flaw = said(
        django,
        SignalKind.VULNERABILITY,
        "Bad.",
        subject="CVE-1",
        effective_on=date(2026, 3, 1),
        severity=Severity.LOW,
        fixed_in="4.2.26",
    )
    flag = flagged(django, end, flaw)

    for address in [
        f"{LOG}?solution={django.pk}",
        reverse("admin:reviews_flag_change", args=[flag.pk]),
    ]:
        html = re.sub(r"<[^>]+>", "", page(cast, address))

        assert "4.2: 2026-04-30, instead 5.2 (" in html
        assert "CVE-1: Bad., from 2026-03-01, severity low, fixed in 4.2.26 (" in html


def test_an_evaluation_that_rested_on_nothing_is_compared_with_nothing(
    cast: Cast, django: Solution
) -> None:
    evaluated(cast, django, on=date(2026, 11, 20))
    said(django)

    html = page(cast, f"{LOG}?solution={django.pk}")

    assert (
        "No evidence stood when it was logged, so there is nothing to compare with."
    ) in html
    assert "<strong>New</strong>" not in html


def test_sources_that_could_not_know_it_are_folded_under_one_line(
    cast: Cast, django: Solution
) -> None:
    checked(django)
    unasked = {"subject": "", "matched_by": "", "why": "It is no npm package."}
    checked(django, Source.NPM, SourceState.UNSUPPORTED, **unasked)

    html = page(cast, f"{LOG}?solution={django.pk}")

    shown, _, folded = html.partition("<summary>Not for this kind (1)</summary>")
    assert "It is no npm package." in folded
    assert "npm" not in shown.partition("How the sources stand")[2]


def test_a_form_that_comes_again_still_shows_the_evidence(
    cast: Cast, django: Solution
) -> None:
    said(django, value="5.2.18")

    answer = signed_in(cast.bob).post(LOG, {"solution": django.pk, "verdict": "adopt"})

    assert answer.status_code == 200
    assert "Evidence on <bdi>Django</bdi>" in answer.content.decode()


@pytest.mark.parametrize("asked", ["", "abc", "0", "999999", "9" * 40, "-1"])
def test_a_form_about_no_solution_shows_no_evidence(
    cast: Cast, django: Solution, asked: str
) -> None:
    html = page(cast, f"{LOG}?solution={asked}")

    assert "What has changed since" not in html
    assert "of which solution?" in html


def test_the_form_shows_nothing_of_what_one_may_not_evaluate(
    cast: Cast, django: Solution
) -> None:
    said(django, value="5.2.18")

    html = page(cast, f"{LOG}?solution={django.pk}", "eve")

    assert "5.2.18" not in html


def test_an_evaluation_shows_what_it_rested_on(cast: Cast, django: Solution) -> None:
    release = said(django, value="5.2.18")
    logged = evaluated(cast, django)
    replaced(release, "5.2.19")

    html = page(cast, reverse("admin:reviews_evaluation_change", args=[logged.pk]))

    assert "Rested on" in html
    assert "5.2.18" in html
    assert "5.2.19" not in html


@pytest.mark.parametrize("address", [SIGNALS, CHECKS])
def test_a_list_takes_as_many_queries_for_many_as_for_one(
    cast: Cast, django: Solution, warehouse: Solution, address: str
) -> None:
    client = signed_in(cast.bob)
    said(django)
    checked(django)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for source in (Source.OSV, Source.GITHUB, Source.NPM):
        for solution in (django, warehouse):
            said(solution, source=source)
            checked(solution, source)

    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(few) == len(many) <= 10
