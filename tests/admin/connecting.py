"""What the tests of the pages of connections send to them, and read off them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from reviews.models import Connection
from tests.trackers.github import GitHubTracker

LIST = reverse("admin:reviews_connection_changelist")
ADD = reverse("admin:reviews_connection_add")
TOKEN = "ghp_Secret_Token_0815"
SECRET = "a-webhook-secret-4711"
OUTSIDERS = ["alice", "bob", "charlie", "frank"]
STEPS = ["live", "simulate", "on", "off", "check", "again"]
PAYLOAD = "<img src=x onerror=alert(1)>"


def typed(**more: Any) -> dict[str, Any]:
    tracker: GitHubTracker | None = more.pop("tracker", None)
    said = {
        "name": "Shop on GitHub",
        "slug": "shop",
        "system": "github",
        "address": tracker.address if tracker else "https://1.1.1.1",
        "project": tracker.project if tracker else "acme/shop",
        "token": TOKEN,
        "secret": SECRET,
        "position": "10",
        "tickets_per_day": "25",
        "decides": "on",
    }
    return said | more


def again(connection: Connection, **more: Any) -> dict[str, Any]:
    """Return what the form of a connection sends if nothing is changed."""
    return typed(
        name=connection.name,
        address=connection.address,
        project=connection.project,
        token="",
        secret="",
        **more,
    )


def page_of(connection: Connection) -> str:
    return reverse("admin:reviews_connection_change", args=[connection.pk])


def step(connection: Connection, name: str) -> str:
    return reverse("admin:reviews_connection_do", args=[connection.pk, name])


def button(connection: Connection, name: str) -> str:
    return reverse(f"admin:reviews_connection_{name}", args=[connection.pk])


def html(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def made(dora: Client, **more: Any) -> Connection:
    assert dora.post(ADD, typed(**more)).status_code == 302
    return Connection.objects.get()
