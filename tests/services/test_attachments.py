"""Documents behind an evaluation: what is kept, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest

from reviews.models import AttachedFile, Attachment, Evaluation, Solution
from reviews.services import attachments
from reviews.services.attachments import Attached, plain_name
from reviews.services.errors import InvalidError
from tests.conftest import NOW, TODAY
from tests.services.building import evaluated, judged

SPOKEN_OF = date(2026, 3, 31)
LINK = Attached("SOC 2 report", SPOKEN_OF, url="https://vendor.example/soc2")
FILE = Attached("SOC 2 report", SPOKEN_OF, file_name="soc2.pdf", content=b"%PDF-1.7")


def test_a_link_is_kept_with_its_own_day(django: Solution) -> None:
    evaluation = evaluated(django, judged(attachments=[LINK]))

    row = Attachment.objects.get()
    assert row.evaluation == evaluation
    assert (row.title, row.url) == ("SOC 2 report", "https://vendor.example/soc2")
    assert (row.effective_on, row.added_at) == (SPOKEN_OF, NOW)
    assert (row.file_name, row.size, row.sha256) == ("", 0, "")
    assert not AttachedFile.objects.exists()


def test_a_file_is_kept_with_what_it_holds(django: Solution) -> None:
    evaluated(django, judged(attachments=[FILE]))

    row = Attachment.objects.get()
    assert (row.file_name, row.size, row.url) == ("soc2.pdf", 8, "")
    assert row.sha256 == sha256(b"%PDF-1.7").hexdigest()
    assert bytes(row.content.content) == b"%PDF-1.7"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        pytest.param(replace(LINK, title=" "), "blank", id="no title"),
        pytest.param(replace(LINK, title="x" * 201), "at most 200", id="title"),
        pytest.param(replace(LINK, url=""), "a link or a file", id="neither"),
        pytest.param(replace(FILE, url=LINK.url), "a link or a file", id="both"),
        pytest.param(replace(LINK, url="javascript:alert(1)"), "no web", id="script"),
        pytest.param(replace(LINK, url="ftp://a.example/x"), "no web", id="ftp"),
        pytest.param(replace(LINK, url="//a.example/x"), "no web", id="no scheme"),
        pytest.param(
            replace(LINK, url="https://a.example/" + "x" * 1000), "1,000", id="long"
        ),
        pytest.param(replace(FILE, content=b""), "nothing in it", id="empty"),
        pytest.param(
            replace(LINK, effective_on=TODAY + timedelta(1)), "not come", id="future"
        ),
        pytest.param(
            replace(LINK, effective_on=date(1969, 12, 31)), "1970", id="before"
        ),
    ],
)
def test_a_wrong_document_is_refused_with_the_evaluation(
    django: Solution, wrong: Attached, why: str
) -> None:
    with pytest.raises(InvalidError, match=why) as refused:
        evaluated(django, judged(attachments=[FILE, wrong]))

    assert refused.value.field == "attachments"
    assert not Evaluation.objects.exists()
    assert not Attachment.objects.exists()


def test_a_file_has_a_largest_size(
    django: Solution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "LARGEST_FILE_BYTES", 8)
    evaluated(django, judged(attachments=[FILE]))

    with pytest.raises(InvalidError, match="has 9 bytes; at most 8"):
        evaluated(
            django, judged(attachments=[replace(FILE, content=FILE.content + b"!")])
        )


def test_there_are_at_most_ten(django: Solution) -> None:
    with pytest.raises(InvalidError, match="At most 10"):
        evaluated(django, judged(attachments=[LINK] * 11))

    evaluated(django, judged(attachments=[LINK] * 10))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\bob\\report.pdf", "report.pdf"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "ab Set-Cookie_ x.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("half\ud800.txt", "half.txt"),
        ('say "hi".txt', "say _hi_.txt"),
        (".htaccess", "htaccess"),
        ("name. . ", "name"),
        ("", "file"),
        ("...", "file"),
        ("folder/", "file"),
        ("\u202e", "file"),
        ("re\u0301sume\u0301.pdf", "r\u00e9sum\u00e9.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("x." + "y" * 300, "x." + "y" * 198),
    ],
)
def test_a_file_s_name_is_plain(given: str, kept: str) -> None:
    assert plain_name(given) == kept
