"""The page of people, a person's own, and handing over what somebody owns."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews.models import Change, Cover, Solution, User
from reviews.rules.vocabulary import Verdict
from reviews.services.covers import waive_flag
from reviews.services.evaluations import decide_proposal
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import flagged
from tests.pages.building import ADMINISTRATOR, evaluated, registered
from tests.pages.reading import html_of, words

PEOPLE = "/people/"
BOB = "/people/bob/"
HAND_OVER = "/people/bob/hand-over/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def left(user: User) -> User:
    User.objects.filter(pk=user.pk).update(is_active=False)
    return user


def waived(solution: Solution, owner: User) -> Cover:
    flag = flagged(
        solution, cause="review_due", action="review", reason="", severity=""
    )
    return waive_flag(
        flag_id=flag.pk,
        owner_id=owner.pk,
        reason="The vendor fixes it.",
        until=TODAY + timedelta(30),
        actor=ADMINISTRATOR,
        today=TODAY,
        now=NOW,
    )


def figures(client: Client, username: str) -> Any:
    lines = client.get(PEOPLE).context["lines"]
    return next(line for line in lines if line.row.username == username)


# --- Everyone ---


@pytest.mark.parametrize("path", [PEOPLE, BOB])
def test_people_are_for_who_has_signed_in(
    client: Client, cast: Cast, path: str
) -> None:
    assert client.get(path).headers["Location"] == f"/sign-in/?next={path}"


def test_everyone_signed_in_reads_them(charlie: Client) -> None:
    assert "Alice" in words(charlie, "people", PEOPLE)
    assert "Bob" in words(charlie, path=BOB)


def test_a_person_stands_with_teams_and_figures(alice: Client, cast: Cast) -> None:
    late = registered("Late", team=cast.platform, owner=cast.bob)
    evaluated(late, TODAY - timedelta(200))
    soon = registered("Soon", team=cast.platform, owner=cast.bob)
    evaluated(soon, TODAY - timedelta(165))
    fresh = registered("Fresh", team=cast.platform, owner=cast.bob)
    evaluated(fresh, TODAY)
    gone = registered("Gone", team=cast.platform, owner=cast.bob)
    evaluated(gone, TODAY, Verdict.RETIRE)
    waived(fresh, cast.bob)

    line = figures(alice, "bob")

    owned = line.row.owned
    assert (owned.owns, owned.overdue, owned.due_soon, owned.coming) == (3, 1, 1, 2)
    assert line.row.waivers == 1
    assert line.row.roles == (("Platform", "engineer"),)
    assert line.load == "2 due, 20 fit"


def test_more_than_fits_is_said(alice: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(reviews_per_week=0)
    evaluated(
        registered("Late", team=cast.platform, owner=cast.bob), TODAY - timedelta(200)
    )

    line = figures(alice, "bob")

    assert (line.load, line.load_tone) == ("1 due, 0 fit: 1 too many", "bad")


def test_full_reviews_are_told_from_re_affirmations(alice: Client, cast: Cast) -> None:
    solution = registered("Django", team=cast.platform, owner=cast.bob)
    actor = cast.actor(cast.bob)
    evaluated(solution, TODAY - timedelta(2), actor=actor)
    evaluated(solution, TODAY - timedelta(1), actor=actor)

    row = figures(alice, "bob").row

    assert (row.full, row.reaffirmed, row.snoozes) == (2, 0, 0)


def test_who_left_and_still_owns_something_comes_first(
    alice: Client, cast: Cast
) -> None:
    registered("Django", team=cast.platform, owner=left(cast.bob))
    left(cast.frank)

    html = html_of(alice, PEOPLE)

    assert html.index("Left, and still own something") < html.index("Who is here")
    assert "Bob" in words(alice, "left", PEOPLE)
    assert "Frank" not in words(alice, path=PEOPLE)
    assert f"{BOB}#hand-over" in html


def test_who_left_with_a_waiver_alone_is_shown_too(alice: Client, cast: Cast) -> None:
    waived(registered("Django", team=cast.platform, owner=cast.alice), cast.bob)
    left(cast.bob)

    assert "Bob" in words(alice, "left", PEOPLE)


def test_who_leads_nothing_is_offered_no_hand_over(charlie: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform, owner=left(cast.bob))

    assert "#hand-over" not in html_of(charlie, PEOPLE)
    assert "A lead of the owning team" in words(charlie, "left", PEOPLE)


def test_what_nobody_owns_stands_by_team(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform)
    registered("Loose")

    assert "Platform : 1 solution" in words(alice, "unowned", PEOPLE)
    assert "No team : 1 solution" in words(alice, "unowned", PEOPLE)
    assert "owner=~none&amp;team=platform" in html_of(alice, PEOPLE)


def test_with_owners_who_are_here_nothing_is_marked(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform, owner=cast.bob)

    html = html_of(alice, PEOPLE)

    assert "Left, and still" not in html
    assert "Without an owner" not in html


def test_many_people_come_in_pages(alice: Client, cast: Cast) -> None:
    User.objects.bulk_create(User(username=f"user-{n:03}") for n in range(60))

    first = alice.get(PEOPLE)
    second = alice.get(first.context["next_url"])

    usernames = [
        line.row.username
        for answer in (first, second)
        for line in answer.context["lines"]
    ]
    assert len(first.context["lines"]) == 50
    assert usernames == sorted(usernames)
    assert len(usernames) == 66
    assert second.context["next_url"] == ""


@pytest.mark.parametrize("query", ["?page=2", "?after=%00", "?after=" + "x" * 200])
def test_an_odd_address_is_refused(alice: Client, query: str) -> None:
    assert alice.get(PEOPLE + query).status_code == 400


def test_the_page_takes_a_fixed_number_of_queries(alice: Client, cast: Cast) -> None:
    def fill(number: int) -> None:
        person = User.objects.create(username=f"person-{number}")
        gone = User.objects.create(username=f"gone-{number}")
        registered(f"Hers {number}", team=cast.platform, owner=person)
        waived(registered(f"Gone {number}", team=cast.data, owner=gone), gone)
        left(gone)
        registered(f"Loose {number}", team=cast.data)

    fill(0)
    with CaptureQueriesContext(connection) as few:
        alice.get(PEOPLE)
    for number in range(1, 12):
        fill(number)

    with CaptureQueriesContext(connection) as many:
        alice.get(PEOPLE)

    assert len(few) == len(many) <= 12


# --- One person ---


def test_a_persons_page_tells_what_is_theirs(alice: Client, cast: Cast) -> None:
    solution = registered("Django", team=cast.platform, owner=cast.bob)
    evaluated(solution, TODAY, actor=cast.actor(cast.bob), summary="Still the best.")
    waived(solution, cast.bob)

    said = words(alice, path=BOB)

    assert "Still the best." in said
    assert "full review" in said
    assert "ends in 30 days, 2026-12-22" in said
    assert "/solutions/?owner=bob&amp;team=platform" in html_of(alice, BOB)


def test_nobody_has_no_page(alice: Client) -> None:
    assert alice.get("/people/nobody/").status_code == 404
    assert alice.post("/people/nobody/hand-over/").status_code == 404


@pytest.mark.parametrize(
    ("who", "is_offered"),
    [("alice", True), ("dora", True), ("bob", False), ("eve", False)],
)
def test_the_hand_over_is_offered_to_who_may(
    cast: Cast, who: str, is_offered: bool
) -> None:
    registered("Django", team=cast.platform, owner=cast.bob)

    html = html_of(signed_in(getattr(cast, who)), BOB)

    assert (HAND_OVER in html) is is_offered


def test_who_owns_nothing_has_nothing_to_hand_over(alice: Client) -> None:
    assert HAND_OVER not in html_of(alice, BOB)


# --- Handing over ---


def test_first_it_is_shown_and_nothing_changes(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform, owner=cast.bob)
    changes = Change.objects.count()

    answer = alice.post(HAND_OVER, {"to": "charlie"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "1 solution would pass. Nothing has been changed yet." in page
    assert "Charlie" in page
    assert Solution.objects.get().owner == cast.bob
    assert Change.objects.count() == changes


def test_then_it_passes(alice: Client, cast: Cast) -> None:
    cover = waived(registered("Django", team=cast.platform, owner=cast.bob), cast.bob)
    seen = alice.post(HAND_OVER, {"to": "charlie"}).context["seen"]

    answer = alice.post(
        HAND_OVER, {"to": "charlie", "seen": seen, "take": "yes"}, follow=True
    )

    assert answer.redirect_chain == [(BOB, 302)]
    assert "Handed over from Bob: 1 solution and 1 waiver." in answer.content.decode()
    assert Solution.objects.get().owner == cast.charlie
    cover.refresh_from_db()
    assert cover.owner == cast.charlie
    change = Change.objects.get(what="reassigned")
    assert (change.actor, change.door) == ("Alice", "page")


def test_without_a_name_it_goes_to_the_teams_lead(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform, owner=cast.bob)
    seen = alice.post(HAND_OVER, {"to": ""}).context["seen"]

    alice.post(HAND_OVER, {"to": "", "seen": seen, "take": "yes"})

    assert Solution.objects.get().owner == cast.alice


def test_what_changed_meanwhile_is_shown_again(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform, owner=cast.bob)
    seen = alice.post(HAND_OVER, {"to": "charlie"}).context["seen"]
    registered("Flask", team=cast.platform, owner=cast.bob)

    answer = alice.post(HAND_OVER, {"to": "charlie", "seen": seen, "take": "yes"})

    assert "has changed since you looked" in answer.content.decode()
    assert set(Solution.objects.values_list("owner__username", flat=True)) == {"bob"}


def test_what_may_not_pass_is_told_with_its_reason(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform, owner=cast.bob)
    registered("dbt", team=cast.data, owner=cast.bob)
    registered("Airflow", team=cast.data, owner=cast.bob)

    page = alice.post(HAND_OVER, {"to": "charlie"}).content.decode()

    assert "2 solutions: To change who owns a solution here takes the role lead" in page


@pytest.mark.parametrize(
    "to", ["nobody", "bob", "frank", "a\0b", "x" * 400, "bob; DROP", "\u202e"]
)
def test_an_odd_heir_is_refused(alice: Client, cast: Cast, to: str) -> None:
    left(cast.frank)
    registered("Django", team=cast.platform, owner=cast.bob)

    answer = alice.post(HAND_OVER, {"to": to, "take": "yes", "seen": "1-0-0"})

    assert answer.status_code == 400
    assert "Nothing was handed over." in answer.content.decode()
    assert Solution.objects.get().owner == cast.bob


@pytest.mark.parametrize("who", ["bob", "charlie", "eve", "frank"])
def test_who_may_not_hands_over_nothing(cast: Cast, who: str) -> None:
    registered("Django", team=cast.platform, owner=cast.bob)

    answer = signed_in(getattr(cast, who)).post(
        HAND_OVER, {"to": "alice", "take": "yes", "seen": "0-0-1"}
    )

    assert answer.status_code == 302
    assert Solution.objects.get().owner == cast.bob


def test_it_is_not_to_be_followed_as_a_link(alice: Client) -> None:
    assert alice.get(HAND_OVER).status_code == 405


def test_a_form_of_another_site_changes_nothing(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.alice)

    assert strict.post(HAND_OVER, {"to": "charlie"}).status_code == 403


def test_the_pages_have_their_names() -> None:
    assert reverse("people") == PEOPLE
    assert reverse("person", args=["bob"]) == BOB


def test_what_is_due_of_who_left_is_nobodys_to_review(
    alice: Client, cast: Cast
) -> None:
    late = registered("Late", team=cast.platform, owner=cast.bob)
    evaluated(late, TODAY - timedelta(200))
    left(cast.bob)

    assert "1 due, nobody to review it" in words(alice, "left", PEOPLE)


def test_last_reviews_go_by_the_day_of_the_review(alice: Client, cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    for name, days in (("Late", 1), ("Early", 30), ("Middle", 9), ("Twin", 9)):
        evaluated(
            registered(name, on=TODAY - timedelta(90), team=cast.platform),
            TODAY - timedelta(days),
            actor=bob,
        )

    rows = alice.get(BOB).context["reviews"]

    assert [row.name for row, _ in rows] == ["Late", "Twin", "Middle", "Early"]


def test_a_proposal_stands_with_what_became_of_it(alice: Client, cast: Cast) -> None:
    bob, lead = cast.actor(cast.bob), cast.actor(cast.alice)
    proposed = {
        name: evaluated(
            registered(name, team=cast.platform), TODAY, Verdict.DEPRECATE, actor=bob
        )
        for name in ("Waiting", "Declined", "Approved")
    }
    for name, approve in (("Declined", False), ("Approved", True)):
        decide_proposal(
            evaluation_id=proposed[name].pk,
            approve=approve,
            reason="" if approve else "It is in use.",
            actor=lead,
            today=TODAY,
            now=NOW,
        )

    said = words(alice, "reviews", BOB)

    assert (
        "Waiting 2026-11-22 deprecate full review proposal, awaits a decision" in said
    )
    assert "Declined 2026-11-22 deprecate full review proposal, declined" in said
    assert "Approved 2026-11-22 deprecate full review proposal, approved" in said
