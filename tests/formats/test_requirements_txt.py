"""Requirements files, line by line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.formats import requirements_txt
from reviews.formats.records import FormatError, Inventory


def read(*lines: str) -> Inventory:
    return requirements_txt.read("\n".join(lines).encode())


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("bad===", id="=== without a version"),
        pytest.param("bad==", id="== without a version"),
        pytest.param("bad=1.0", id="single equals sign"),
        pytest.param("bad 1.0", id="no operator"),
        pytest.param("bad==1.0 2.0", id="two versions"),
        pytest.param("!!", id="no name"),
        pytest.param("bad[x==1.0", id="open bracket"),
        pytest.param("bad==1.0; python_version <", id="half a marker"),
        pytest.param("bad==1.0; nonsense == 'x'", id="unknown marker"),
        pytest.param("bad\x00==1.0", id="NUL"),
        pytest.param("bäd==1.0", id="other letters"),
        pytest.param("<html>", id="markup"),
        pytest.param('{"a": 1}', id="JSON"),
        pytest.param("b" * 201 + "==1.0", id="201 characters of name"),
        pytest.param("bad===" + "1" * 101, id="101 characters of version"),
        pytest.param("bad==1.0; " + "x" * 3_000, id="3,000 characters"),
        pytest.param(
            "bad==1; " + "(" * 900 + "os_name=='x'" + ")" * 900, id="deep marker"
        ),
    ],
)
def test_a_line_that_is_no_requirement_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(FormatError) as raised:
        read("# packages", "good==1.0", line)

    assert raised.value.problems[0].place == "line 3"
    assert len(str(raised.value)) < 1_000


def test_all_lines_that_are_no_requirements_are_told_at_once() -> None:
    with pytest.raises(FormatError) as raised:
        read("bad==", "good==1", "worse==")

    assert [each.place for each in raised.value.problems] == ["line 1", "line 3"]


@pytest.mark.parametrize(
    "line",
    [
        "bad @ https://user:secret@host/x.whl bad",
        "bad https://user:secret@host/x.whl",
        "-r https://user:secret@host/r.txt",
        "git+https://user:secret@host/x#egg=good",
        "https://user:secret@host/x.whl",
        "-e git+https://user:secret@host/x",
        "--index-url https://user:secret@host/",
    ],
)
def test_a_password_in_an_address_is_never_repeated(line: str) -> None:
    try:
        said = repr(read(line))
    except FormatError as error:
        said = str(error)

    assert "secret" not in said
    assert "user" not in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"a==1\nb==\xe9", "byte 0xE9 at line 2", id="Latin-1"),
        pytest.param("a==1".encode("utf-16"), "UTF-16", id="UTF-16"),
        pytest.param(b"a==1\n<<<<<<< HEAD\nb==2", "conflict at line 2", id="conflict"),
        pytest.param(b"a==1\n=======\nb==2", "conflict at line 2", id="half of one"),
        pytest.param(b"a" * 100_001, "100,001 characters", id="one endless line"),
        pytest.param(b"\n#" * 500_001, "500,000 lines", id="too many lines"),
        pytest.param(b"#" * 10_000_001, "10 MB at most", id="too large"),
        pytest.param(
            b"\n".join(b"a==%d" % n for n in range(50_001)),
            "at most 50,000 components",
            id="50,001 packages",
        ),
    ],
)
def test_a_file_that_is_no_requirements_file_is_refused(
    content: bytes, reason: str
) -> None:
    with pytest.raises(FormatError, match=reason):
        requirements_txt.read(content)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        pytest.param("Django==5.2", "5.2", id="pin"),
        pytest.param("Django == 5.2 # why", "5.2", id="comment"),
        pytest.param("Django===5.2-custom", "5.2-custom", id="arbitrary equality"),
        pytest.param("django[argon2,bcrypt]==5.2", "5.2", id="extras"),
        pytest.param("django==5.2; python_version>'3'", "5.2", id="marker"),
        pytest.param("django==5.2,>=5", "5.2", id="pin beside a range"),
        pytest.param("django==5.2 --hash=sha256:aa --hash=sha256:bb", "5.2", id="hash"),
        pytest.param("django==5.2 \\\r\n    --hash=sha256:aa", "5.2", id="continued"),
        pytest.param("django==5.2 \\", "5.2", id="continued into the end"),
        pytest.param("django==1!5.2+local.1", "1!5.2+local.1", id="epoch and local"),
        pytest.param("django", "", id="no version"),
        pytest.param("django>=5,<6", "", id="range"),
        pytest.param("django==5.*", "", id="wildcard"),
        pytest.param("django==5,==6", "", id="two pins"),
        pytest.param("django~=5.2", "", id="compatible release"),
    ],
)
def test_the_version_is_the_one_pinned(line: str, version: str) -> None:
    inventory = read(line)

    assert [each.version for each in inventory.components] == [version]
    assert inventory.components[0].key == "pkg:pypi/django"
    assert bool(inventory.notes) is not bool(version)


@pytest.mark.parametrize(
    "line",
    ["name @ https://host/x.whl", "git+https://host/x#egg=name", "name @ file:///x"],
)
def test_a_package_from_an_address_has_no_key(line: str) -> None:
    inventory = read(line)

    assert (inventory.components[0].name, inventory.components[0].key) == ("name", "")
    assert "not from a registry" in inventory.notes[0].message


@pytest.mark.parametrize(
    "line",
    ["-e .", "--editable=../x", "./x", "../x", "/x/y", "x/y.whl", "C:\\x", ".", "-r x",
     "-c x", "--requirement=x", "https://host/x.whl"],
)  # fmt: skip
def test_what_names_no_package_is_left_out_and_noted(line: str) -> None:
    inventory = read(line)

    assert not inventory.components
    assert [note.place for note in inventory.notes] == ["line 1"]


def test_options_and_comments_are_passed_over() -> None:
    inventory = read("# x \\", "--index-url https://host/", "", "a==1", "  # y")

    assert [each.place for each in inventory.components] == ["line 4"]
    assert not inventory.notes


def test_a_requirement_stands_where_its_first_line_stands() -> None:
    inventory = read("a==1 \\", "  --hash=sha256:aa \\", "  --hash=sha256:bb", "b==2")

    assert [each.place for each in inventory.components] == ["line 1", "line 4"]


def test_one_package_in_two_versions_is_kept_in_both() -> None:
    inventory = read("a==1; os_name=='nt'", "a==2; os_name!='nt'", "A==2")

    assert [each.version for each in inventory.components] == ["1", "2"]
    assert inventory.notes[0].place == "line 3"


@given(st.text(st.characters(codec="utf-8"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        read("a==1", line)
    except FormatError:
        pass
