"""Files behind an evaluation are saved, and never shown as a page of ours."""

from typing import Any

import pytest
from django.test import Client

from reviews.models import Attachment
from reviews.services.attachments import Attached
from tests.conftest import TODAY, Cast
from tests.services.building import evaluated, judged, registered

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def attached(cast: Cast, **more: Any) -> str:
    document = Attached(title="It", effective_on=TODAY, **more)
    evaluated(registered(team=cast.platform), judged(attachments=[document]))
    return f"/attachments/{Attachment.objects.get().pk}/"


def client_of(cast: Cast, name: str = "charlie") -> Client:
    client = Client()
    client.force_login(getattr(cast, name))
    return client


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("report.pdf", 'attachment; filename="report.pdf"'),
        ("page.html", 'attachment; filename="page.html"'),
        ("image.svg", 'attachment; filename="image.svg"'),
        ('a"; filename="evil.exe', 'attachment; filename="a_; filename=_evil.exe"'),
        ("a\r\nSet-Cookie: x=1.txt", 'attachment; filename="a Set-Cookie_ x=1.txt"'),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
        ("invoice\u202efdp.exe", 'attachment; filename="invoicefdp.exe"'),
        ("b\u00e4r.txt", "attachment; filename*=utf-8''b%C3%A4r.txt"),
    ],
)
def test_a_file_is_only_ever_saved(cast: Cast, name: str, said: str) -> None:
    address = attached(cast, file_name=name, content=SCRIPT)

    answer = client_of(cast).get(address)

    assert answer.status_code == 200
    assert answer.content == SCRIPT
    assert answer["Content-Disposition"] == said
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_a_stranger_is_asked_to_sign_in(cast: Cast) -> None:
    address = attached(cast, file_name="report.pdf", content=b"secret")

    answer = Client().get(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_a_link_is_not_served_here(cast: Cast) -> None:
    address = attached(cast, url="https://vendor.example/soc2")

    assert client_of(cast).get(address).status_code == 404


@pytest.mark.parametrize("number", ["0", "99999", "9" * 30, "-1", "x"])
def test_what_there_is_not_is_not_found(cast: Cast, number: str) -> None:
    assert client_of(cast).get(f"/attachments/{number}/").status_code == 404


def test_nothing_is_posted_there(cast: Cast) -> None:
    address = attached(cast, file_name="report.pdf", content=b"x")

    assert client_of(cast).post(address).status_code == 405
    assert client_of(cast).head(address).status_code == 200
