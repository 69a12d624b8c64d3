"""A solution's own page leads into the work: still true, the queue, its people."""

import re
from datetime import date

import pytest
from django.test import Client

from reviews.models import Evaluation, Flag
from reviews.rules.signals import SignalKind
from tests.conftest import Cast
from tests.evidence import flagged, said
from tests.pages.building import evaluated, registered, scanned
from tests.pages.reading import html_of
from tests.services.covering import overdue, questioned, snoozed

DJANGO = "/solutions/django/"


def test_still_true_is_said_there_and_leads_back(alice: Client, cast: Cast) -> None:
    overdue(cast)
    html = html_of(alice, DJANGO)
    form = re.search(r'action="(/queue/django/reaffirm/[^"]*)"', html)
    assert form

    response = alice.post(form[1], {"next": DJANGO})

    assert response.headers["Location"] == DJANGO
    assert Evaluation.objects.filter(reaffirms__isnull=False).count() == 1


def test_what_stands_in_the_way_is_told_in_a_line(alice: Client, cast: Cast) -> None:
    solution = registered("Django", team=cast.platform)
    evaluated(solution, date(2026, 11, 1))
    said(solution, SignalKind.VULNERABILITY, "Bad.", subject="CVE-1")

    html = html_of(alice, DJANGO)

    assert "It cannot be re-affirmed. Since the evaluation" in html
    assert "which is a new flaw." in html
    assert "/reaffirm/" not in html


def test_who_may_not_evaluate_is_offered_nothing(cast: Cast) -> None:
    overdue(cast)
    client = Client()
    client.force_login(cast.charlie)

    html = html_of(client, DJANGO)

    assert "/reaffirm/" not in html
    assert "It cannot be re-affirmed" not in html


@pytest.mark.parametrize("is_asked", [True, False])
def test_what_waits_links_to_its_place_in_the_queue(
    is_asked: bool, alice: Client, cast: Cast
) -> None:
    solution = registered("Django", team=cast.platform)
    evaluated(solution, date(2026, 11, 20))
    scanned()
    if is_asked:
        flagged(solution)

    html = html_of(alice, DJANGO)

    assert ("/queue/django/?show=due&amp;whose=all" in html) is is_asked
    assert Flag.objects.filter(solution=solution).exists() is is_asked


def test_a_lead_is_led_to_where_a_cover_is_ended_and_others_are_not(
    alice: Client, cast: Cast
) -> None:
    cover = snoozed(questioned(cast))
    bob = Client()
    bob.force_login(cast.bob)

    field = f"revoke-{cover.pk}-reason"
    assert f'#{field}">End it now</a>' in html_of(alice, DJANGO)
    assert f'id="{field}"' in html_of(alice, "/queue/django/?show=due&whose=all")
    assert "End it now" not in html_of(bob, DJANGO)


def test_the_owner_and_the_team_are_links(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform, owner=cast.bob)
    registered("Stray")

    html = html_of(alice, DJANGO)

    assert '<a href="/people/bob/">Bob</a>' in html
    assert '<a href="/solutions/?team=platform">Platform</a>' in html
    assert alice.get("/people/bob/").status_code == 200
    assert alice.get("/solutions/?team=platform").status_code == 200
    assert "<dd>no owner</dd>" in html_of(alice, "/solutions/stray/")


def test_an_evaluation_logged_from_there_leads_back(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform)

    assert "next=%2Fsolutions%2Fdjango%2F" in html_of(alice, DJANGO)
