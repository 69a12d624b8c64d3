"""Deciding on several entries of the queue: the preview, and what is done then."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from reviews.models import Change, Cover, Solution, User
from reviews.pages.bulk import MOST_AT_ONCE, MOST_TOLD
from tests.conftest import TODAY, Cast
from tests.evidence import flagged
from tests.pages.building import evaluated, registered, scanned

BACK = "/queue/?show=overdue&whose=all"
LATE = date(2026, 5, 10)
RECENT = date(2026, 10, 1)


def away(days: int) -> date:
    return TODAY + timedelta(days=days)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent(client: Client, chosen: list[Solution], **said: str) -> Any:
    numbers = [str(solution.pk) for solution in chosen]
    return client.post("/bulk/", {"next": BACK, "chosen": numbers, **said})


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def fates(response: Any) -> dict[str, tuple[str, str, str]]:
    assert response.status_code == 200
    return {
        fate.row.name: (fate.now, fate.then, fate.refusal)
        for fate in response.context["fates"]
    }


@pytest.fixture
def ours(cast: Cast) -> Solution:
    solution = registered("Django", on=LATE, team=cast.platform, owner=cast.bob)
    evaluated(solution, LATE)
    scanned()
    return solution


@pytest.fixture
def theirs(cast: Cast) -> Solution:
    solution = registered("Pandas", on=LATE, team=cast.data, owner=cast.eve)
    evaluated(solution, LATE)
    scanned()
    return solution


@pytest.fixture
def fresh(cast: Cast) -> Solution:
    solution = registered("Flask", on=LATE, team=cast.platform)
    evaluated(solution, RECENT)
    return solution


REASSIGN = {"step": "reassign", "owner": "alice"}
SNOOZE = {"step": "snooze", "until": str(away(7)), "reason": "The release is near."}
PLAN = {"step": "plan", "week": "2026-W50"}


def test_it_is_for_people_who_have_signed_in(client: Client, ours: Solution) -> None:
    response = sent(client, [ours], **REASSIGN, take="yes")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")
    ours.refresh_from_db()
    assert ours.owner is not None
    assert ours.owner.username == "bob"


def test_its_address_alone_leads_to_the_queue(alice: Client) -> None:
    assert alice.get("/bulk/").headers["Location"] == "/queue/"


def test_the_preview_tells_now_and_then_and_changes_nothing(
    alice: Client, ours: Solution, fresh: Solution
) -> None:
    before = Change.objects.count()

    reassigned = fates(sent(alice, [ours, fresh], **REASSIGN))
    snoozed = fates(sent(alice, [ours, fresh], **SNOOZE))
    planned = fates(sent(alice, [ours, fresh], **PLAN))

    assert reassigned == {
        "Django": ("owner: Bob", "owner: Alice", ""),
        "Flask": ("owner: no owner", "owner: Alice", ""),
    }
    assert snoozed["Django"] == (
        "asked: review due",
        f"asked again on {away(7)}",
        "",
    )
    assert snoozed["Flask"][2].startswith("There is nothing to snooze")
    assert planned["Flask"] == ("due by 2027-04-01", "due by 2026-12-11", "")
    assert "overdue since 2026-11-10" in planned["Django"][2]
    assert Change.objects.count() == before
    assert not Cover.objects.exists()


@pytest.mark.parametrize("said", [REASSIGN, SNOOZE, PLAN])
def test_another_teams_lead_is_refused_solution_by_solution(
    alice: Client, cast: Cast, fresh: Solution, said: dict[str, str]
) -> None:
    flagged(fresh)
    other = registered("Pandas", on=LATE, team=cast.data)
    evaluated(other, RECENT)
    flagged(other)

    shown = fates(sent(alice, [fresh, other], **said))
    response = sent(alice, [fresh, other], **said, take="yes")

    assert shown["Flask"][2] == ""
    assert "takes the role lead in the owning team" in shown["Pandas"][2]
    assert response.headers["Location"] == BACK
    done, refused = told(response)
    assert done.endswith(": 1 solution.")
    assert refused.startswith("Pandas: ")
    other.refresh_from_db()
    assert (other.owner_id, other.planned_on) == (None, None)
    assert not Cover.objects.filter(flag__solution=other).exists()


@pytest.mark.parametrize("who", ["bob", "charlie", "eve", "frank"])
@pytest.mark.parametrize("said", [REASSIGN, SNOOZE, PLAN])
def test_who_leads_no_team_is_refused_everything(
    cast: Cast, ours: Solution, fresh: Solution, who: str, said: dict[str, str]
) -> None:
    before = Change.objects.count()

    response = sent(browser(getattr(cast, who)), [ours, fresh], **said, take="yes")

    assert len(told(response)) == 2
    assert Change.objects.count() == before


def test_reassigning_is_done_for_each(
    alice: Client, cast: Cast, ours: Solution, fresh: Solution
) -> None:
    response = sent(alice, [ours, fresh], **REASSIGN, take="yes")

    assert told(response) == ["Reassigned to Alice: 2 solutions."]
    owners = Solution.objects.values_list("owner", flat=True)
    assert set(owners) == {cast.alice.pk}


def test_snoozing_covers_every_flag_that_is_asked(
    alice: Client, ours: Solution
) -> None:
    flagged(ours)

    response = sent(alice, [ours], **SNOOZE, take="yes")

    assert told(response) == [f"Snoozed until {away(7)}: 1 solution."]
    covers = Cover.objects.filter(flag__solution=ours)
    assert {cover.until for cover in covers} == {away(7)}
    assert covers.count() == 2
    ours.refresh_from_db()
    assert ours.quiet_until == away(7)
    assert fates(sent(alice, [ours], **SNOOZE))["Django"][2] == (
        "There is nothing to snooze: what is open is covered already."
    )


def test_a_planned_week_is_the_day_on_which_the_review_is_owed(
    alice: Client, fresh: Solution
) -> None:
    response = sent(alice, [fresh], **PLAN, take="yes")

    assert told(response) == [
        "Planned for week 50 of 2026 (2026-12-07 to 2026-12-11): 1 solution."
    ]
    fresh.refresh_from_db()
    assert fresh.next_review_on == date(2026, 12, 11)


def test_no_week_is_beyond_the_six_months(
    alice: Client, cast: Cast, fresh: Solution
) -> None:
    week = {"step": "plan", "week": "2027-W15"}

    [(_, _, refusal)] = fates(sent(alice, [fresh], **week)).values()

    assert refusal.startswith(
        "2027-04-16 is too late: the review is owed by 2027-04-01"
    )


def test_the_last_week_is_planned_for_the_day_on_which_it_is_owed(
    alice: Client, cast: Cast
) -> None:
    solution = registered("Flask", on=LATE, team=cast.platform)
    evaluated(solution, date(2026, 10, 14))
    sent(alice, [solution], step="plan", week="2026-W50", take="yes")

    # Owed by 2027-04-14, a Wednesday.
    sent(alice, [solution], step="plan", week="2027-W15", take="yes")

    solution.refresh_from_db()
    assert solution.next_review_on == date(2027, 4, 14)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "step"),
        ({"step": "delete"}, "step"),
        ({"step": "reassign"}, "owner"),
        ({"step": "reassign", "owner": "nobody-here"}, "owner"),
        ({"step": "reassign", "owner": "al\x00ice"}, "owner"),
        (SNOOZE | {"until": ""}, "until"),
        (SNOOZE | {"until": "tomorrow"}, "until"),
        (SNOOZE | {"until": str(TODAY)}, "until"),
        (SNOOZE | {"until": str(away(31))}, "until"),
        (SNOOZE | {"reason": "  "}, "reason"),
        (SNOOZE | {"reason": "x" * 501}, "reason"),
        ({"step": "plan"}, "week"),
        ({"step": "plan", "week": "2026-W47"}, "week"),
        ({"step": "plan", "week": "2027-W22"}, "week"),
        ({"step": "plan", "week": "2026-W99"}, "week"),
    ],
)
def test_what_is_incomplete_is_asked_for_again_at_its_field(
    alice: Client, ours: Solution, said: dict[str, str], field: str
) -> None:
    before = Change.objects.count()

    response = sent(alice, [ours], **said, take="yes")

    assert response.status_code == 400
    assert response.context["bulk"].wrong == field
    html = response.content.decode()
    assert f'name="chosen" value="{ours.pk}"' in html
    assert 'id="wrong"' in html
    assert Change.objects.count() == before


def test_who_left_does_not_become_an_owner(
    alice: Client, cast: Cast, ours: Solution
) -> None:
    cast.eve.is_active = False
    cast.eve.save()

    response = sent(alice, [ours], step="reassign", owner="eve")

    assert response.context["bulk"].wrong == "owner"


@pytest.mark.parametrize("chosen", [[], ["x"], ["-1"], ["9" * 30], ["²"]])
def test_nothing_chosen_is_said(alice: Client, chosen: list[str]) -> None:
    response = alice.post("/bulk/", {"next": BACK, "chosen": chosen, **REASSIGN})

    assert response.headers["Location"] == BACK
    assert told(response)[0].startswith("Nothing was chosen")


def test_there_is_a_limit_to_how_many(alice: Client, ours: Solution) -> None:
    numbers = [str(ours.pk + number) for number in range(MOST_AT_ONCE + 1)]

    response = alice.post("/bulk/", {"chosen": numbers, **REASSIGN, "take": "yes"})

    assert told(response)[0].startswith(f"At most {MOST_AT_ONCE} at once")
    ours.refresh_from_db()
    assert ours.owner is not None
    assert ours.owner.username == "bob"


def test_all_on_the_page_needs_no_script(
    alice: Client, ours: Solution, fresh: Solution
) -> None:
    listed = [str(ours.pk), str(fresh.pk)]

    response = alice.post("/bulk/", {"all": "page", "listed": listed, **REASSIGN})

    assert set(fates(response)) == {"Django", "Flask"}


def test_what_was_deleted_meanwhile_is_left_out(alice: Client, ours: Solution) -> None:
    gone = registered("Gone")
    gone_id = gone.pk
    Solution.objects.filter(pk=gone_id).delete()

    response = alice.post(
        "/bulk/", {"chosen": [str(ours.pk), str(gone_id)], **REASSIGN}
    )

    assert set(fates(response)) == {"Django"}


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "", "queue"],
)
def test_it_leads_to_no_other_host(alice: Client, ours: Solution, address: str) -> None:
    response = alice.post(
        "/bulk/",
        {"next": address, "chosen": [str(ours.pk)], **REASSIGN, "take": "yes"},
    )

    assert response.headers["Location"] == "/queue/"


def test_many_refusals_are_summed_up(cast: Cast) -> None:
    rows = [registered(f"Library {n}", team=cast.data) for n in range(MOST_TOLD + 5)]

    response = sent(browser(cast.alice), rows, **REASSIGN, take="yes")

    assert len(told(response)) == MOST_TOLD + 1
    assert told(response)[-1] == "And 5 more refused."


def test_the_reason_comes_back_as_it_was_typed_and_is_text(
    alice: Client, ours: Solution
) -> None:
    said = SNOOZE | {"reason": '"><script>x</script>'}

    html = sent(alice, [ours], **said).content.decode()

    assert "<script>x" not in html
    assert "&quot;&gt;&lt;script&gt;x&lt;/script&gt;" in html
