"""What it takes to read a page: the sizes that people have, and what axe finds."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Sizes of targets are not among axe's defaults, but WCAG 2.2 AA asks for them.
OPTIONS = {
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    # It would load the style sheets anew, and inline, which the policy rightly blocks.
    "preload": False,
}
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
ENDLESS = "Supercalifragilistic" * 9


def faults(page: Page) -> list[str]:
    """Return what keeps somebody from reading a page, each with its place."""
    violations = Axe().run(page, options=OPTIONS).response["violations"]
    found = [
        f"{page.url}: {violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]
    width = page.viewport_size["width"] if page.viewport_size else 0
    needed = page.evaluate("document.documentElement.scrollWidth")
    if needed > width:
        found.append(f"{page.url}: scrolls sideways, {needed} of {width} pixels")
    return found
