"""What leaves the server packed, and what must not."""

import gzip
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from reviews.rules.access import Scope
from reviews.services.access import actor_of
from reviews.services.tokens import create_token
from tests.conftest import NOW, Cast
from tests.pages.building import registered

PACKED = {"Accept-Encoding": "gzip, br"}


def test_a_page_is_packed_for_who_takes_it(alice: Client) -> None:
    page = alice.get("/", headers=PACKED)

    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    assert b"<!doctype html>" in gzip.decompress(page.content)
    assert "Content-Encoding" not in alice.get("/").headers


def test_the_files_of_a_page_are_packed_as_well(client: Client, db: None) -> None:
    file = finders.find("site.css")
    assert isinstance(file, str)

    served = client.get("/static/site.css", headers=PACKED)

    assert served.headers["Content-Encoding"] == "gzip"
    body = b"".join(served.streaming_content)  # type: ignore[attr-defined]
    assert gzip.decompress(body) == Path(file).read_bytes()
    served.close()


def test_a_part_of_a_file_is_served_as_it_is(client: Client, db: None) -> None:
    headers = PACKED | {"Range": "bytes=0-999"}

    served = client.get("/static/site.css", headers=headers)

    served.close()
    assert served.status_code == 206
    assert "Content-Encoding" not in served.headers


def test_the_api_keeps_the_strong_etags_that_if_match_takes(cast: Cast) -> None:
    solution = registered("Django", team=cast.platform, description="x" * 1_000)
    _, token = create_token(
        user=cast.alice,
        scopes=[Scope.READ],
        days=1,
        actor=actor_of(cast.alice, door="test"),
        now=NOW,
    )

    answer = Client().get(
        f"/api/v1/solutions/{solution.slug}/",
        headers=PACKED | {"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["ETag"].startswith('"')
