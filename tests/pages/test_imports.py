"""The import page, with real files."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reviews.models import Change, Dependency, Solution
from reviews.pages import imports
from reviews.rules.vocabulary import Kind
from tests.conftest import Cast
from tests.pages.building import registered
from tests.pages.reading import html_of

LINES = b"django==5.2.19\ncelery==5.7.0\n"
LOCK = Path(__file__).parents[2] / "requirements.lock"
BILL = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "components": [
            {
                "type": "library",
                "name": "left-pad",
                "version": "1.3.0",
                "purl": "pkg:npm/left-pad@1.3.0",
            }
        ],
    }
).encode()
SHEET = b"name,kind,criticality\nPaging service,vendor,high\nBroken,gadget,high\n"


def sent(
    client: Client, content: bytes | None = LINES, *, to: str = "", **fields: str
) -> Any:
    more: dict[str, Any] = {"team": "platform"} | fields
    if content is not None:
        more["file"] = SimpleUploadedFile(to or "requirements.txt", content)
    return client.post("/import/", more)


def written() -> tuple[int, int, int]:
    return tuple(m.objects.count() for m in (Solution, Dependency, Change))  # type: ignore[return-value]


def test_the_form_names_what_is_read_and_how_large_it_may_be(
    alice: Client, cast: Cast
) -> None:
    registered("Shop", kind=Kind.BUILT, team=cast.platform)
    registered("Lake", kind=Kind.BUILT, team=cast.data)

    html = html_of(alice, "/import/")

    assert "CycloneDX JSON 1.4, 1.5 and 1.6" in html
    assert "up to 50 MB" in html
    assert '<option value="shop">Shop</option>' in html
    assert "lake" not in html
    assert '<option value="platform" selected>Platform</option>' in html
    assert "Data</option>" not in html


def test_a_file_is_looked_at_first_and_nothing_of_it_is_kept(alice: Client) -> None:
    before = written()

    page = sent(alice)

    html = page.content.decode()
    assert page.status_code == 200
    assert "What would happen" in html
    assert "2 added, 0 changed, 0 unchanged." in " ".join(html.split())
    assert "line 1" in html
    assert "Import it" in html
    assert written() == before


def test_what_was_looked_at_is_imported_without_choosing_it_again(
    alice: Client, cast: Cast
) -> None:
    registered("Shop", kind=Kind.BUILT, team=cast.platform)
    digest = sent(alice, component="shop").context["digest"]

    page = sent(alice, None, do="import", kept=digest, component="shop")

    html = page.content.decode()
    assert "What happened" in html
    assert '<a href="/solutions/django/">django</a>' in html
    assert set(Solution.objects.values_list("name", "team__slug")) == {
        ("Shop", "platform"),
        ("django", "platform"),
        ("celery", "platform"),
    }
    assert Dependency.objects.filter(component__slug="shop").count() == 2
    told = Change.objects.get(object_kind="inventory")
    assert (told.actor, told.door) == ("Alice", "page")


def test_what_is_added_stands_with_its_kind_and_version(alice: Client) -> None:
    page = sent(alice)

    details = [row.details for row in page.context["told"].rows]
    assert details == ["package, version 5.2.19", "package, version 5.7.0"]
    assert 'class="why">package, version 5.2.19</td>' in page.content.decode()


def test_after_an_import_it_is_said_what_nobody_looks_after(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.dora)
    assert "give them" not in sent(client, team="").content.decode()

    html = sent(client, team="", do="import").content.decode()

    assert "2 with no team and 2 with no owner: give them a team and owners." in html
    assert 'href="/queue/?show=orphans&amp;whose=all"' in html
    assert 'href="/admin/reviews/solution/?ownership=orphaned"' in html
    assert client.get("/admin/reviews/solution/?ownership=orphaned").status_code == 200


def test_with_a_team_only_the_owners_are_missing(alice: Client) -> None:
    html = sent(alice, do="import").content.decode()

    assert "Added were 2 with no owner: give them owners." in html


def test_nothing_is_missing_where_the_file_says_who(alice: Client) -> None:
    sheet = b"name,kind,team,owner\nPager,vendor,Platform,bob\n"

    html = sent(alice, sheet, to="list.csv", do="import").content.decode()

    assert "What happened" in html
    assert "give them" not in html


def test_a_file_may_be_imported_at_once_and_again_changes_nothing(
    alice: Client,
) -> None:
    sent(alice, LOCK.read_bytes(), to="requirements.lock", do="import")
    before = written()
    assert before[0] > 20

    page = sent(alice, LOCK.read_bytes(), to="requirements.lock")

    html = page.content.decode()
    assert f"0 added, 0 changed, {before[0]} unchanged." in " ".join(html.split())
    assert "there is nothing to import" in html
    assert "Import it" not in html
    assert written() == before


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [(BILL, "bom.json", "CycloneDX"), (LINES, "requirements.txt", "requirements.txt")],
)
def test_formats_are_told_apart(
    alice: Client, content: bytes, name: str, kind: str
) -> None:
    assert sent(alice, content, to=name).context["told"].format.startswith(kind)


def test_a_long_report_is_cut_and_counted(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ROWS_SHOWN", 3)
    lines = "\n".join(f"package-{n}==1.0" for n in range(10)).encode()

    page = sent(alice, lines)

    assert len(page.context["told"].rows) == 3
    html = page.content.decode()
    assert "10 added" in html
    assert "and 7 more, which the figures above count." in html


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (SHEET, "list.csv", ["list.csv", "line 3", "gadget"]),
        (b"", "empty.csv", ["empty.csv", "The file is empty", "Export it again"]),
        (b"%PDF-1.7", "bom.pdf", ["This looks like PDF", "Supported: CycloneDX"]),
        (b'{"bomFormat": "Cyc', "bom.json", ["bom.json", "JSON"]),
        (b"django==5.2\n\xff\n", "requirements.txt", ["line 2", "Save it as UTF-8"]),
        (
            b"name,kind,team\nPager,vendor,Nowhere\n",
            "list.csv",
            ["line 2", "There is no team"],
        ),
    ],
    ids=["a row", "nothing", "another format", "cut short", "encoding", "a team"],
)
@pytest.mark.parametrize("do", ["look", "import"])
def test_a_file_with_a_fault_is_refused_whole_and_by_its_place(
    alice: Client, content: bytes, name: str, words: list[str], do: str
) -> None:
    before = written()

    page = sent(alice, content, to=name, do=do)

    html = page.content.decode()
    assert page.status_code == 400
    for word in words:
        assert word in html
    assert "nothing of it was imported" in html
    assert written() == before


def test_what_contradicts_the_register_is_refused(alice: Client, cast: Cast) -> None:
    registered("Django", team=cast.platform)

    for component, words in {
        "nothing": "There is no solution &#x27;nothing&#x27;",
        "django": "django is no built component",
    }.items():
        page = sent(alice, component=component)
        assert page.status_code == 400
        assert words in page.content.decode()


def test_a_file_for_a_team_of_others_is_refused(alice: Client, cast: Cast) -> None:
    registered("Lake", kind=Kind.BUILT, team=cast.data)
    before = written()

    others: list[dict[str, Any]] = [
        {"team": "data"},
        {"team": "", "component": "lake"},
        {"team": ""},
    ]
    for fields in others:
        page = sent(alice, do="import", **fields)
        assert page.status_code == 400, fields
        assert 'role="alert"' in page.content.decode()
    assert written() == before


def test_a_row_may_name_no_team_of_others(alice: Client, cast: Cast) -> None:
    page = sent(
        alice,
        b"name,kind,team\nPager,vendor,Data\n",
        to="list.csv",
        do="import",
    )

    assert page.status_code == 400
    assert "takes the role engineer or lead" in page.content.decode()
    assert not Solution.objects.exists()


def test_no_file_is_a_refusal(alice: Client) -> None:
    page = sent(alice, None)

    assert page.status_code == 400
    assert "Choose the file to import." in page.content.decode()


@pytest.mark.parametrize("kept", ["0" * 64, "rubbish", "\x00"])
def test_what_is_not_kept_has_to_be_chosen_again(alice: Client, kept: str) -> None:
    sent(alice)

    page = sent(alice, None, do="import", kept=kept)

    assert page.status_code == 400
    assert not Solution.objects.exists()


def test_of_two_files_looked_at_the_later_is_never_taken_for_the_first(
    alice: Client,
) -> None:
    first = sent(alice).context["digest"]
    sent(alice, BILL, to="bom.json")

    page = sent(alice, None, do="import", kept=first)

    assert "Choose it again." in page.content.decode()
    assert not Solution.objects.exists()


def test_what_is_kept_is_kept_once_and_not_for_long(alice: Client) -> None:
    before = Session.objects.count()

    sent(alice)
    digest = sent(alice, BILL, to="bom.json").context["digest"]
    assert Session.objects.count() == before + 1

    sent(alice, None, do="import", kept=digest)
    assert Session.objects.count() == before


def test_nobody_imports_what_somebody_else_looked_at(alice: Client, cast: Cast) -> None:
    digest = sent(alice).context["digest"]
    bob = Client()
    bob.force_login(cast.bob)

    assert sent(bob, None, do="import", kept=digest).status_code == 400
    assert not Solution.objects.exists()


def test_a_file_beyond_the_limit_is_refused_without_being_kept(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CONTENT_LIMIT", 1_000_000)

    page = sent(alice, b"a==1\n" * 300_000)

    assert page.status_code == 413
    assert "The file has more than 50 MB" in page.content.decode()
    assert not Solution.objects.exists()
    assert sent(alice, LINES).status_code == 200


def test_a_forged_form_imports_nothing(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.alice)

    assert sent(browser, do="import").status_code == 403
    assert not Solution.objects.exists()


def test_only_who_may_import_somewhere_sees_the_page(
    charlie: Client, client: Client
) -> None:
    assert charlie.get("/import/").status_code == 403
    assert sent(charlie).status_code == 403
    client.logout()
    assert client.get("/import/").headers["Location"].startswith("/sign-in/")
    assert sent(client).status_code == 302
    assert not Solution.objects.exists()
