"""Every staff page, for everybody: it opens or it refuses, and runs nothing inline."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from reviews.admin.site import PAGES
from reviews.models import (
    APIToken,
    Change,
    Connection,
    Cover,
    Delivery,
    Endpoint,
    Evaluation,
    Flag,
    Membership,
    ReviewPolicy,
    Scan,
    Solution,
    Team,
    User,
)
from reviews.rules.signals import SignalKind
from reviews.services.tokens import create_token
from tests.admin.conftest import evaluated, signed_in
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import checked, flagged, said
from tests.ticketing import connected, refused

PAYLOAD = "<img src=x onerror=alert(1)>"


class Inline(HTMLParser):
    """Finds what a strict content security policy would not run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(tag)
        self.found += [
            name for name in given if name == "style" or name.startswith("on")
        ]
        if (given.get("href") or "").startswith("javascript"):
            self.found.append("href")


READERS = ["alice", "bob", "eve"]
ADD = {
    "engineer": {Solution, Evaluation, APIToken},
    "administrator": {
        *(Solution, Evaluation, APIToken, Team, Membership, User, ReviewPolicy),
        *(Connection, Endpoint),
    },
}


@pytest.fixture
def full(cast: Cast, django: Solution) -> dict[type[Model], Model]:
    """A row of everything, with a payload wherever a text may be."""
    Solution.objects.filter(pk=django.pk).update(
        name=PAYLOAD, description=PAYLOAD, version=PAYLOAD, pulled_by=PAYLOAD
    )
    Team.objects.filter(pk=cast.platform.pk).update(name=PAYLOAD)
    User.objects.filter(pk=cast.bob.pk).update(first_name=PAYLOAD)
    signal = said(
        django,
        SignalKind.NOTICE_TEXT,
        PAYLOAD,
        subject=PAYLOAD,
        quote=PAYLOAD,
        replacement=PAYLOAD,
        address=PAYLOAD,
    )
    checked(django, why=PAYLOAD, error=PAYLOAD, subject=PAYLOAD, address=PAYLOAD)
    flagged(django, signal, reason=PAYLOAD, source_url=PAYLOAD)
    evaluated(cast, django, summary=PAYLOAD, rationale=PAYLOAD, version=PAYLOAD)
    flag = Flag.objects.create(
        solution=django,
        cause="review_due",
        action="review",
        due_on=TODAY,
        pulled_by=PAYLOAD,
        covered_by="waiver",
        covered_until=TODAY + timedelta(days=9),
        opened_at=NOW,
    )
    Cover.objects.create(
        kind="waiver",
        flag=flag,
        reason=PAYLOAD,
        until=flag.covered_until,
        owner_name=PAYLOAD,
        approver_name=PAYLOAD,
        made_by_name=PAYLOAD,
        made_at=NOW,
        action="review",
    ).signals.add(signal)
    ReviewPolicy.objects.create(months=3, kind="model")
    refused(flag, connected(name=PAYLOAD, project=PAYLOAD, problem=PAYLOAD))
    create_token(
        user=cast.bob,
        scopes=[],
        days=3,
        name=PAYLOAD,
        actor=cast.actor(cast.bob),
        now=NOW,
    )
    endpoint = Endpoint.objects.create(
        url=PAYLOAD,
        description=PAYLOAD,
        sealed_secret="sealed",
        is_on=False,
        off_because=PAYLOAD,
        created_at=NOW,
        updated_at=NOW,
    )
    Delivery.objects.create(
        endpoint=endpoint,
        notice_key="test:1",
        event="test",
        content={PAYLOAD: PAYLOAD},
        answer=PAYLOAD,
        problem=PAYLOAD,
        next_at=NOW,
        created_at=NOW,
    )
    Scan.objects.create(
        on=TODAY,
        through=TODAY,
        started_at=NOW,
        finished_at=NOW,
        opened=1,
        closed=0,
        problems=[PAYLOAD],
    )
    rows = {model: model._default_manager.first() for model in PAGES}
    return {model: row for model, row in rows.items() if row is not None}


def addresses(row: Model) -> dict[str, str]:
    base = f"admin:reviews_{row._meta.model_name}"
    return {
        "changelist": reverse(f"{base}_changelist"),
        "add": reverse(f"{base}_add"),
        "change": reverse(f"{base}_change", args=[row.pk]),
        "history": reverse(f"{base}_history", args=[row.pk]),
        "delete": reverse(f"{base}_delete", args=[row.pk]),
    }


def test_an_administrator_opens_every_page(
    cast: Cast, full: dict[type[Model], Model]
) -> None:
    client = signed_in(cast.dora)
    assert set(full) == set(PAGES) == set(admin.site._registry)
    for model, row in full.items():
        for page, address in addresses(row).items():
            answer = client.get(address)

            wanted = 200
            if page == "add" and model not in ADD["administrator"]:
                wanted = 403
            if page == "delete" and model not in {
                Solution,
                User,
                Membership,
                ReviewPolicy,
                Connection,
                Endpoint,
            }:
                wanted = 403
            assert answer.status_code == wanted, address
            html = answer.content.decode()
            assert PAYLOAD not in html, address
            assert not Inline(html).found, address


@pytest.mark.parametrize("name", READERS)
def test_engineers_and_leads_open_what_is_theirs_to_read(
    cast: Cast, full: dict[type[Model], Model], name: str
) -> None:
    client = signed_in(getattr(cast, name))
    for model, row in full.items():
        pages = addresses(row)
        read = 403 if model in {Change, Connection, Endpoint, Delivery} else 200

        assert client.get(pages["changelist"]).status_code == read
        if model is not APIToken:
            assert client.get(pages["change"]).status_code == read
        assert client.get(pages["add"]).status_code == (
            200 if model in ADD["engineer"] else 403
        )


@pytest.mark.parametrize("name", ["charlie", "frank"])
def test_viewers_open_none(
    cast: Cast, full: dict[type[Model], Model], name: str
) -> None:
    client = signed_in(getattr(cast, name))
    for row in full.values():
        for address in addresses(row).values():
            assert client.get(address).status_code == 403
            assert client.post(address, {"post": "yes"}).status_code == 403


def test_strangers_open_none(cast: Cast, full: dict[type[Model], Model]) -> None:
    for row in full.values():
        for address in addresses(row).values():
            assert Client().get(address).status_code == 302


@pytest.mark.parametrize("query", ["_to_field=password", "_to_field=digest"])
def test_no_page_answers_by_a_field_of_the_askers_choice(
    cast: Cast, full: dict[type[Model], Model], query: str
) -> None:
    client = signed_in(cast.dora)
    for row in full.values():
        pages = addresses(row)
        for page in ("changelist", "change"):
            assert client.get(f"{pages[page]}?{query}").status_code == 400


def test_a_popup_opens(cast: Cast, full: dict[type[Model], Model]) -> None:
    client = signed_in(cast.dora)
    for row in full.values():
        address = addresses(row)["changelist"]

        assert client.get(f"{address}?_popup=1").status_code == 200


def test_the_index_leads_to_what_needs_somebody(cast: Cast) -> None:
    page = signed_in(cast.bob).get("/admin/").content.decode()

    assert "Open flags" in page
    assert not Inline(page).found
    for link in re.findall(r'href="(/admin/reviews/[^"]+)"', page):
        assert signed_in(cast.bob).get(link).status_code == 200
