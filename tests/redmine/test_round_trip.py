"""Tickets in the real Redmine, with the product's own adapter."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from reviews.connectors.http import HTTPClient
from reviews.connectors.tickets.redmine.issues import Redmine
from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Draft, Fields
from reviews.rules.ticket_defaults import default_mapping
from reviews.rules.ticketing import System
from reviews.services.tickets.drafting import text_digest
from tests.connectors.conftest import HERE
from tests.connectors.serving import MemoryBudget
from tests.redmine.server import PROJECT, RealRedmine

Make = Callable[..., Redmine]

DEFAULTS = default_mapping(System.REDMINE)
FIELDS = Fields(
    due_on=DEFAULTS.due_on,
    severity=DEFAULTS.severity,
    severities=DEFAULTS.severities,
)
TEXT = (
    "It was never reviewed, said @admin {{include(x)}} „ünïcode“ 🎉.\n\n"
    "- Due: 2026-01-01\n- Decide here: https://tracker.example/queue/left-pad/\n\n"
    "Answer with `/verdict adopt because …`."
)


def draft(marker: str, **given: Any) -> Draft:
    """Return a draft whose due day is past, as a flag's is that is overdue."""
    values: dict[str, Any] = {
        "title": f"Review {marker}",
        "text": TEXT,
        "due_on": date(2026, 1, 1),
        "severity": "high",
    }
    return Draft(marker, **(values | given))


@pytest.fixture
def make(real: RealRedmine) -> Make:
    client = HTTPClient(
        agent="best-before-tests (tests@example.com)",
        network=HERE,
        budget=MemoryBudget(),
    )

    def made(**given: Any) -> Redmine:
        settings: dict[str, Any] = {
            "address": real.address,
            "project": PROJECT,
            "issue_type": "Support",
            "login": "",
            "token": real.robot,
            "fields": FIELDS,
        }
        return Redmine(client, **(settings | given))

    return made


@pytest.fixture
def redmine(make: Make) -> Redmine:
    return make()


def test_an_issue_is_made_and_read_as_it_was_sent(
    redmine: Redmine, real: RealRedmine
) -> None:
    sent = draft("bb-made")

    made = redmine.create(sent)
    read = redmine.read(made.id)

    assert read == made
    assert text_digest(read.text) == text_digest(sent.text)
    assert (read.title, read.due_on, read.severity) == (
        sent.title,
        sent.due_on,
        "high",
    )
    assert (read.is_closed, read.status) == (False, "New")
    assert read.url == f"{real.address}/issues/{read.id}"
    assert abs(read.updated_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_an_issue_is_found_by_its_marker_alone(redmine: Redmine) -> None:
    since = datetime.now(UTC)
    made = redmine.create(draft("bb-found"))
    redmine.create(draft("bb-found-too"))
    redmine.close(made.id)

    found = redmine.find("bb-found", since=since)

    assert found is not None
    assert found.id == made.id
    assert redmine.find("bb-foun", since=since) is None


def test_what_the_tracker_owns_is_updated(redmine: Redmine, real: RealRedmine) -> None:
    made = redmine.create(draft("bb-updated"))
    newer = draft("bb-updated", title="Newer", text="Newer.", severity="low")

    redmine.update(made.id, newer, with_text=False)
    kept = redmine.read(made.id)
    redmine.update(made.id, draft("bb-updated", due_on=None), with_text=True)
    real.change(made.id, subject="Somebody's own")
    read = redmine.read(made.id)

    assert kept is not None
    assert read is not None
    assert (kept.title, kept.severity) == ("Newer", "low")
    assert text_digest(kept.text) == text_digest(TEXT)
    assert (read.title, read.due_on) == ("Somebody's own", None)


def test_comments_are_written_and_read_in_their_order(
    redmine: Redmine, real: RealRedmine
) -> None:
    made = redmine.create(draft("bb-comments"))

    redmine.comment(made.id, "It was **adopted** by @admin.", marker="bb-step")
    real.change(made.id, notes="/waive because\nof that")
    real.change(made.id, subject="No comment")

    assert [(one.author, one.text) for one in redmine.comments(made.id)] == [
        ("The Robot", "It was **adopted** by @admin.\n\nbest-before: bb-step"),
        ("Redmine Admin", "/waive because\nof that"),
    ]


def test_an_issue_is_closed_and_opened_again(redmine: Redmine) -> None:
    made = redmine.create(draft("bb-closed"))

    redmine.close(made.id)
    redmine.close(made.id)
    closed = redmine.read(made.id)
    redmine.reopen(made.id)
    opened = redmine.read(made.id)

    assert closed is not None
    assert opened is not None
    assert (closed.is_closed, closed.resolution) == (True, "Closed")
    assert not opened.is_closed


def test_the_status_that_is_named_is_set(make: Make) -> None:
    redmine = make(fields=Fields(closing="Rejected", reopening="Feedback"))
    made = redmine.create(draft("bb-named"))

    redmine.close(made.id)
    closed = redmine.read(made.id)
    redmine.reopen(made.id)
    opened = redmine.read(made.id)

    assert closed is not None
    assert opened is not None
    assert (closed.status, opened.status) == ("Rejected", "Feedback")


def test_a_workflow_that_lets_nobody_close_is_told(make: Make) -> None:
    redmine = make(issue_type="Feature")
    made = redmine.create(draft("bb-feature"))

    with pytest.raises(OutsideError, match="no closed status") as raised:
        redmine.close(made.id)

    assert raised.value.permanent


def test_a_change_that_redmine_leaves_out_in_silence_is_told(
    make: Make, redmine: Redmine, real: RealRedmine
) -> None:
    made = redmine.create(draft("bb-silent"))

    with pytest.raises(OutsideError) as raised:
        make(token=real.mute).close(made.id)

    assert raised.value.permanent


def test_only_what_changed_since_is_told(redmine: Redmine, real: RealRedmine) -> None:
    made = [redmine.create(draft(f"bb-changed-{index}")).id for index in range(3)]
    real.delete(made[2])
    later = datetime.now(UTC) + timedelta(minutes=1)

    all_of_them = redmine.changed(since=later - timedelta(hours=1), ids=made)

    assert {one.id for one in all_of_them} == set(made[:2])
    assert redmine.changed(since=later, ids=made) == ()


def test_a_deleted_issue_is_gone(redmine: Redmine, real: RealRedmine) -> None:
    made = redmine.create(draft("bb-deleted"))
    real.delete(made.id)

    assert redmine.read(made.id) is None
    with pytest.raises(OutsideError) as raised:
        redmine.comment(made.id, "Is anybody there?", marker="bb-nobody")
    assert (raised.value.permanent, raised.value.status) == (True, 404)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"token": "0" * 40}, 401),
        ({"project": "nope"}, 404),
        ({"project": "operations"}, 403),
        ({"fields": Fields(extra={"estimated_hours": "many"})}, 422),
    ],
    ids=["wrong key", "missing project", "another's project", "unfit field"],
)
def test_a_refusal_is_for_good(make: Make, given: dict[str, Any], status: int) -> None:
    with pytest.raises(OutsideError) as raised:
        make(**given).create(draft("bb-refused"))

    assert (raised.value.permanent, raised.value.status) == (True, status)
    assert not raised.value.unknown


def test_a_field_that_does_not_fit_is_named(make: Make) -> None:
    redmine = make(fields=Fields(extra={"estimated_hours": "many"}))

    with pytest.raises(OutsideError, match="Estimated time is invalid"):
        redmine.create(draft("bb-unfit"))


def test_a_connection_that_is_well_passes_all_tests(make: Make) -> None:
    found = make().check()

    assert [one.text for one in found if not one.is_well] == []
    assert len(found) == 5


@pytest.mark.parametrize(
    ("given", "what", "text"),
    [
        ({"token": "0" * 40}, "credentials", "does not take this API key"),
        ({"project": "nope"}, "project", "There is no project nope"),
        ({"issue_type": "Epic"}, "type", "no tracker Epic here. It has: Bug, Feature"),
        ({"fields": Fields(closing="Archived")}, "fields", "no status Archived here"),
    ],
)
def test_what_is_wrong_is_said_exactly(
    make: Make, given: dict[str, Any], what: str, text: str
) -> None:
    found = make(**given).check()[-1]

    assert (found.what, found.is_well) == (what, False)
    assert text in found.text


def test_rights_that_lack_are_named(make: Make, real: RealRedmine) -> None:
    found = make(token=real.mute).check()[-1]

    assert (found.what, found.is_well) == ("rights", False)
    assert "lacks the permission Edit issues, Add notes" in found.text
