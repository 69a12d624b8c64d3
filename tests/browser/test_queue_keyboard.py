"""The queue worked without a mouse, without a script, and on a telephone."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from reviews.models import Cover, Evaluation, Flag, Solution
from reviews.rules.signals import SignalKind
from reviews.rules.vocabulary import Verdict
from reviews.services.evidence.judging import judge_solutions
from reviews.services.weighing import weigh_register
from tests.browser.conftest import Watch, signed_in
from tests.conftest import Cast
from tests.evidence import said
from tests.pages.building import evaluated, registered, scanned

pytestmark = pytest.mark.slow

MOST_TABS = 40
NAMES = ["One", "Two", "Three", "Four", "Five", "Six", "Seven"]


def late(name: str, days: int, cast: Cast, today: date) -> Solution:
    """Return what nobody vouched for so many days: the more, the earlier in the queue."""
    then = today - timedelta(days)
    solution = registered(name, on=then, team=cast.platform, owner=cast.bob)
    evaluated(solution, then, today=today)
    return solution


def inactive(name: str, cast: Cast, today: date) -> Solution:
    """Return what was reviewed lately, and of which a source now says that it is still."""
    solution = registered(name, on=today, team=cast.platform, owner=cast.bob)
    evaluated(solution, today, today=today)
    said(solution, SignalKind.INACTIVE_CLASSIFIER, "Development Status :: 7 - Inactive")
    judge_solutions(solution_ids=[solution.pk], today=today, now=timezone.now())
    return solution


@pytest.fixture
def waiting(cast: Cast, today: date) -> None:
    """Seven entries, One to Seven in the order of the queue."""
    for number, name in enumerate(NAMES[:-1]):
        late(name, 300 - 5 * number, cast, today)
    inactive(NAMES[-1], cast, today)
    scanned(today, timezone.now())
    weigh_register(today=today)


def entries(page: Page) -> list[str]:
    return page.locator("[data-entry] [data-open]").all_inner_texts()


def current(page: Page) -> Locator:
    return page.locator("[data-entry].current [data-open]")


def told(page: Page, words: str) -> None:
    expect(page.locator("main .messages")).to_contain_text(words)
    # Before its script has run, a page knows no shortcut.
    page.wait_for_load_state()


def heard(page: Page, words: str) -> None:
    expect(page.locator("body > [role=status]")).to_contain_text(words)


def at(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.wait_for_load_state()


def tab_to(page: Page, id: str) -> None:
    for _ in range(MOST_TABS):
        if page.evaluate("document.activeElement.id") == id:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {id}")


def written(page: Page, id: str, text: str) -> None:
    """Fill a field in by keyboard, and send its form."""
    tab_to(page, id)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_the_whole_queue_is_worked_by_keyboard_alone(
    page: Page, cast: Cast, waiting: None
) -> None:
    signed_in(page, "alice")
    page.goto("/queue/")

    _work_through_the_list(page)
    _work_one_at_a_time(page)

    # The last one leads back to the list, where one is left.
    expect(page).to_have_url(re.compile(r"/queue/\?"))
    assert entries(page) == ["Four"]
    page.keyboard.press("j")
    page.keyboard.press("r")
    told(page, "Four is still true")
    expect(page.get_by_text("Nothing is due.")).to_be_visible()
    assert entries(page) == []
    kinds = dict(Cover.objects.values_list("flag__solution__name", "kind"))
    assert kinds == {"Two": "snooze", "Three": "waiver", "Seven": "override"}
    assert Solution.objects.get(name="Four").owner == cast.alice
    assert Solution.objects.get(name="Five").state == Verdict.DEPRECATE.value
    again = Evaluation.objects.filter(reaffirms__isnull=False)
    assert set(again.values_list("solution__name", flat=True)) == {"One", "Four", "Six"}


def _work_through_the_list(page: Page) -> None:
    """Go down and up, and say of the first entry that it is still true."""
    assert entries(page) == NAMES
    page.keyboard.press("j")
    expect(current(page)).to_be_focused()
    heard(page, "Entry 1 of 7: One")
    page.keyboard.press("j")
    heard(page, "Entry 2 of 7: Two")
    page.keyboard.press("ArrowUp")
    expect(current(page)).to_have_text("One")
    page.keyboard.press("r")
    told(page, "One is still true")
    assert entries(page) == NAMES[1:]
    expect(current(page)).to_be_focused()


def _work_one_at_a_time(page: Page) -> None:
    """Begin at the second entry, and decide on each but the fourth."""
    press = page.keyboard.press
    press("Enter")
    at(page, "Two")
    heard(page, "Entry 1 of 6: Two")
    press("s")
    expect(page.locator("#snooze-until")).to_be_focused()
    written(page, "snooze-reason", "After the release")
    at(page, "Three")
    told(page, "Two is snoozed until")
    press("w")
    expect(page.locator("#waive-owner")).to_have_value("bob")
    written(page, "waive-reason", "Accepted until the move")
    at(page, "Four")
    press("n")
    at(page, "Five")
    press("p")
    at(page, "Four")
    press("a")
    written(page, "reassign-owner", "alice")
    told(page, "Four now belongs to Alice")
    at(page, "Five")
    press("d")
    written(page, "deprecate-summary", "Nobody uses it any more")
    told(page, "Five is deprecated from now on")
    at(page, "Six")
    press("r")
    told(page, "Six is still true")
    at(page, "Seven")
    press("o")
    written(page, "override-reason", "The classifier is years old")
    told(page, "Seven is overridden")


def test_what_is_unchanged_is_reaffirmed_in_two_actions_without_typing(
    page: Page, cast: Cast, waiting: None
) -> None:
    signed_in(page, "bob")
    page.goto("/queue/")
    actions = []

    for key in ("j", "r"):
        page.keyboard.press(key)
        actions.append(key)
    told(page, "One is still true")

    assert len(actions) <= 2
    _still_true(page, "two").click()
    told(page, "Two is still true")
    again = Evaluation.objects.filter(reaffirms__isnull=False, author=cast.bob)
    assert again.count() == 2


def _still_true(page: Page, slug: str) -> Locator:
    return page.locator(f"#entry-{slug}").get_by_role("button", name="Still true")


def test_an_engineer_proposes_by_keyboard_and_hears_what_takes_a_lead(
    page: Page, cast: Cast, waiting: None
) -> None:
    signed_in(page, "bob")
    page.goto("/queue/one/?whose=all")

    page.keyboard.press("w")
    heard(page, "This cannot be done here.")
    page.keyboard.press("d")
    written(page, "deprecate-summary", "Too old by far")

    told(page, "Proposed: deprecate One. A lead decides on it.")
    assert Evaluation.objects.get(is_proposal=True).author == cast.bob
    page.get_by_role("link", name="Back to One").press("Enter")
    at(page, "One")
    expect(page.get_by_text("Proposal: deprecate")).to_be_visible()


def test_a_decision_that_was_refused_comes_back_with_what_was_typed(
    page: Page, cast: Cast, waiting: None
) -> None:
    signed_in(page, "alice")
    page.goto("/queue/one/?whose=all")

    page.keyboard.press("w")
    page.keyboard.press("Control+a")
    page.keyboard.type("nobody-like-that")
    written(page, "waive-reason", "Accepted until the move")

    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    expect(page.locator("#waive-owner")).to_be_focused()
    expect(page.locator("#waive-owner")).to_have_value("nobody-like-that")
    expect(page.locator("#waive-reason")).to_have_value("Accepted until the move")
    written(page, "waive-owner", "bob")
    told(page, "One is waived until")


def test_no_shortcut_fires_while_somebody_types_or_calls_the_browser(
    page: Page, cast: Cast, waiting: None
) -> None:
    signed_in(page, "alice")
    page.goto("/queue/two/?whose=all")

    page.keyboard.press("s")
    tab_to(page, "snooze-reason")
    page.keyboard.type("never suspend our jobs, we are back")
    expect(page.locator("#snooze-reason")).to_have_value(
        "never suspend our jobs, we are back"
    )
    page.keyboard.press("Escape")
    expect(page.locator("#snooze")).not_to_have_attribute("open", "")
    expect(page.locator("#snooze > summary")).to_be_focused()
    page.keyboard.press("Alt+n")
    page.keyboard.press("Control+j")
    page.keyboard.press("Shift+N")
    at(page, "Two")
    page.keyboard.press("u")
    page.wait_for_url("**/queue/?*")
    assert len(entries(page)) == 7


def test_the_shortcuts_are_explained_and_can_be_switched_off_for_good(
    page: Page, cast: Cast, waiting: None
) -> None:
    signed_in(page, "alice")
    page.goto("/queue/")
    selected = page.locator("[data-select]").first

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(selected).to_be_checked()
    page.keyboard.press("?")
    explained = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(explained).to_be_visible()
    page.keyboard.press("j")
    explained.get_by_label("Shortcuts are on").press("Space")
    page.keyboard.press("Escape")
    expect(explained).not_to_be_visible()

    page.goto("/queue/one/?whose=all")
    onward = page.get_by_role("link", name="Next", exact=True)
    expect(onward).not_to_have_attribute("aria-keyshortcuts", "n j")
    page.keyboard.press("n")
    page.keyboard.press("?")
    at(page, "One")
    expect(explained).not_to_be_visible()

    page.get_by_role("button", name="Keyboard").press("Enter")
    explained.get_by_label("Shortcuts are on").press("Space")
    explained.get_by_role("button", name="Close").press("Enter")
    expect(onward).to_have_attribute("aria-keyshortcuts", "n j")
    page.keyboard.press("n")
    at(page, "Two")


def test_what_cannot_be_reaffirmed_says_why_when_it_is_tried(
    page: Page, cast: Cast, today: date
) -> None:
    registered("New", on=today - timedelta(300), team=cast.platform)
    scanned(today, timezone.now())
    signed_in(page, "alice")
    page.goto("/queue/?whose=all")

    page.keyboard.press("j")
    page.keyboard.press("r")

    heard(page, "It was never evaluated")
    assert not Evaluation.objects.exists()
    page.keyboard.press("o")
    at(page, "New")
    page.keyboard.press("r")
    heard(page, "It was never evaluated")


@pytest.fixture
def plain(browser: Browser, live_server: LiveServer, watch: Watch) -> Iterator[Page]:
    """A browser that runs no script at all."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    watch.over(page)
    yield page
    context.close()


def test_without_a_script_the_same_is_done_by_clicks(
    plain: Page, cast: Cast, waiting: None
) -> None:
    page = plain
    signed_in(page, "alice")
    page.goto("/queue/")
    expect(page.get_by_role("button", name="Keyboard")).not_to_be_visible()

    _still_true(page, "one").click()
    told(page, "One is still true")
    page.get_by_role("link", name="Two", exact=True).click()
    _decide(page, "Snooze", {"Reason": "After the release"}, "Snooze it")
    at(page, "Three")
    _decide(page, "Waive", {"Reason": "Accepted until the move"}, "Waive it")
    at(page, "Four")
    _decide(page, "Reassign", {"New owner": "alice"}, "Reassign it")
    at(page, "Five")
    _decide(page, "Deprecate", {"Why, in a sentence": "Unused"}, "Deprecate it")
    at(page, "Six")
    page.get_by_role("button", name="Still true").click()
    at(page, "Seven")
    _decide(page, "Override", {"What is wrong with it": "Old"}, "Override it")

    told(page, "Seven is overridden")
    assert entries(page) == ["Four"]
    page.get_by_role("link", name="Back to Seven").click()
    _decide(page, "End the override", {"Reason": "A mistake"}, "End the override")
    told(page, "The override of Seven has ended")
    assert (
        Flag.objects.asked_on(timezone.localdate())
        .filter(solution__name="Seven")
        .exists()
    )


def _decide(page: Page, title: str, fields: dict[str, str], button: str) -> None:
    choice = page.locator("details.choice").filter(
        has=page.locator("summary", has_text=title)
    )
    choice.locator("summary").click()
    for label, text in fields.items():
        choice.get_by_label(label).fill(text)
    choice.get_by_role("button", name=button).click()


def test_a_lead_decides_on_proposals_by_keyboard_one_after_the_other(
    page: Page, cast: Cast, waiting: None, today: date
) -> None:
    for name in ("One", "Two"):
        evaluated(
            Solution.objects.get(name=name),
            today,
            Verdict.DEPRECATE,
            actor=cast.actor(cast.bob),
            today=today,
        )
    signed_in(page, "alice")
    page.goto("/queue/?show=proposals&whose=all")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    at(page, "One")
    page.keyboard.press("y")
    page.keyboard.press("Enter")
    told(page, "Approved: deprecate One")
    at(page, "Two")
    page.keyboard.press("x")
    page.keyboard.type("Not before spring")
    page.keyboard.press("Enter")

    told(page, "Declined: deprecate Two")
    states = dict(Solution.objects.values_list("name", "state"))
    assert (states["One"], states["Two"]) == ("deprecate", "adopt")


def test_what_is_ticked_is_counted_with_a_way_down_to_the_form(
    page: Page, cast: Cast, waiting: None
) -> None:
    signed_in(page, "alice")
    page.goto("/queue/")
    bar = page.locator("[data-chosen]")
    expect(bar).to_be_hidden()

    for key in "jxjx":
        page.keyboard.press(key)
    expect(bar).to_be_in_viewport()
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("link").click()
    expect(page.locator("#bulk-title")).to_be_in_viewport()

    for number in range(2):
        page.locator("[data-select]").nth(number).uncheck()
    expect(bar).to_be_hidden()


def test_the_buttons_of_an_entry_are_one_width_and_do_not_touch(
    page: Page, cast: Cast, waiting: None
) -> None:
    signed_in(page, "alice")
    page.goto("/queue/")
    entry = page.locator("#entry-one")

    again = entry.get_by_role("button").bounding_box()
    evaluate = entry.get_by_role("link", name="Evaluate").bounding_box()
    tick = entry.locator("[data-select]").bounding_box()

    assert again is not None
    assert evaluate is not None
    assert tick is not None
    assert again["width"] == evaluate["width"]
    assert again["y"] + again["height"] + 4 <= evaluate["y"]
    assert min(tick["width"], tick["height"]) >= 24
