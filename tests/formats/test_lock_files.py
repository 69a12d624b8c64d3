"""uv.lock, pylock.toml, and the TOML that both are written in."""

from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packageurl.contrib.purl2url import get_repo_url

from reviews.formats import (
    cyclonedx,
    detection,
    pylock,
    requirements_txt,
    toml,
    uv_lock,
)
from reviews.formats.records import FormatError

REGISTRY = get_repo_url("pkg:pypi/x")
UV_HEAD = 'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n'
UV = (
    UV_HEAD
    + """
[[package]]
name = "zope-interface"
version = "7.2"
source = { registry = "ADDRESS" }
sdist = { url = "http://169.254.169.254/x.tar.gz", hash = "sha256:aa", size = 1 }

[[package]]
name = "shop"
version = "0.1.0"
source = { virtual = "." }
""".replace("ADDRESS", REGISTRY)
)
PYLOCK_HEAD = 'lock-version = "1.0"\ncreated-by = "test"\n'
PYLOCK = (
    PYLOCK_HEAD
    + """
[[packages]]
name = "zope-interface"
version = "7.2"
[[packages.wheels]]
name = "zope_interface-7.2-py3-none-any.whl"
url = "http://169.254.169.254/zope_interface-7.2-py3-none-any.whl"
hashes = { sha256 = "aa" }

[[packages]]
name = "shop"
directory = { path = "." }
"""
)


def uv_package(source: str, name: str = "a", version: str = "1.0") -> str:
    return (
        f'{UV_HEAD}[[package]]\nname = "{name}"\nversion = "{version}"\n'
        f"source = {source}\n"
    )


def refused(module: ModuleType, text: str) -> FormatError:
    with pytest.raises(FormatError) as raised:
        module.read(text.encode())
    assert len(str(raised.value)) < 1_000
    return raised.value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("a = 1\na = 2", "line 2", id="duplicate key"),
        pytest.param("[a]\n\n[a]", "line 3", id="duplicate table"),
        pytest.param("a = 1\nb = 2020-13-45", "line 2", id="invalid date"),
        pytest.param("a = 'x", "line 1", id="open quote"),
        pytest.param('a = "\\ud800"', "line 1", id="surrogate"),
        pytest.param("a = 1\nb", "line 2", id="cut short"),
        pytest.param("a = 1\n\x00", "line 2", id="NUL"),
        pytest.param("a = 1\n<<<<<<< HEAD\n", "conflict at line 2", id="conflict"),
        pytest.param("a = 1\r\n>>>>>>> x\r\n", "conflict at line 2", id="its end"),
        pytest.param("a = " + "9" * 5_000, "number too large", id="5,000 digits"),
        pytest.param("a = " + "[" * 100_000, "too deeply", id="100,000 lists"),
        pytest.param("a = " + "{b=" * 100_000, "too deeply", id="100,000 tables"),
        pytest.param("a." * 100_000 + "a = 1", "32 parts", id="100,000 parts"),
        pytest.param("x=1\n[" + '"a".' * 50 + "a]", "at line 2", id="50 quoted parts"),
        pytest.param("a" * 1_000_000, "line 1", id="key of 1 MB"),
        pytest.param("#" * 10_000_001, "10 MB at most", id="too large"),
    ],
)
@pytest.mark.parametrize("module", [uv_lock, pylock], ids=["uv.lock", "pylock.toml"])
def test_what_is_no_toml_is_refused_with_its_line(
    module: ModuleType, text: str, reason: str
) -> None:
    assert reason in str(refused(module, text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("requires-python = '>=3'", "no version", id="no version"),
        pytest.param("version = 2", "supported is version 1", id="version 2"),
        pytest.param("version = 1.0", "supported is version 1", id="number"),
        pytest.param("version = true", "supported is version 1", id="boolean"),
        pytest.param("version = '1'", "supported is version 1", id="text"),
        pytest.param("version = 1\npackage = 5", "not a list", id="no list"),
        pytest.param("version = 1\npackage = [5]", "package[0]", id="no table"),
        pytest.param(UV_HEAD + "[[package]]", "`name` is missing", id="no name"),
        pytest.param(UV_HEAD + "[[package]]\nname=1", "`name`", id="name a number"),
        pytest.param(UV_HEAD + "[[package]]\nname='a'", "`source`", id="no source"),
        pytest.param(uv_package("5"), "`source`", id="source a number"),
        pytest.param(
            uv_package("{ virtual = 'x' }").replace('"1.0"', "1.0"), "`version`"
        ),
        pytest.param(uv_package("{ git = 'x' }", "x" * 300), "at most 200", id="name"),
        pytest.param(uv_package("{ registry = 'x' }", "ü" * 180), "500", id="escaped"),
        pytest.param(uv_package("{ git = 'x' }", "\\u0000"), "control", id="NUL"),
        pytest.param(uv_package("{ git = 'x' }", "\\u200b"), "zero-width", id="ZWSP"),
        pytest.param(
            uv_package("{ git = 'x' }", version="1" * 101), "at most 100", id="version"
        ),
    ],
)
def test_what_is_no_uv_lock_is_refused(text: str, reason: str) -> None:
    assert reason in str(refused(uv_lock, text))


def test_all_packages_that_cannot_be_kept_are_told_at_once() -> None:
    error = refused(uv_lock, UV_HEAD + "[[package]]\n" * 3)

    assert [each.place for each in error.problems] == [
        "package[0]",
        "package[1]",
        "package[2]",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("created-by = 'x'", "no lock-version", id="no version"),
        pytest.param("lock-version = '2.0'", "1.x", id="version 2.0"),
        pytest.param("lock-version = 1.0", "1.x", id="version a number"),
        pytest.param("lock-version = '1'", "1.x", id="version 1"),
        pytest.param("lock-version = '1.0'", "created-by", id="no creator"),
        pytest.param(PYLOCK_HEAD, "packages", id="no packages"),
        pytest.param(PYLOCK_HEAD + "packages = 5", "packages", id="no list"),
        pytest.param(PYLOCK_HEAD + "[[packages]]", "name", id="no name"),
        pytest.param(PYLOCK_HEAD + "[[packages]]\nname='A b'", "'A b'", id="name"),
        pytest.param(PYLOCK_HEAD + "[[packages]]\nname='a'", "not", id="no source"),
        pytest.param(PYLOCK.replace('"7.2"', '"x y"'), "version", id="version"),
        pytest.param(PYLOCK.replace('"7.2"', '"8"'), "Version in", id="other version"),
    ],
)
def test_what_is_no_pylock_is_refused(text: str, reason: str) -> None:
    assert reason in str(refused(pylock, text))


def test_a_package_of_a_registry_has_a_key() -> None:
    inventory = uv_lock.read(UV.encode())

    component = inventory.components[0]
    assert (component.name, component.version) == ("zope-interface", "7.2")
    assert (component.place, component.key) == (
        "package[0]",
        "pkg:pypi/zope-interface",
    )


@pytest.mark.parametrize(
    ("module", "text"), [(uv_lock, UV), (pylock, PYLOCK)], ids=["uv", "pylock"]
)
def test_the_project_itself_is_left_out_and_noted(
    module: ModuleType, text: str
) -> None:
    inventory = module.read(text.encode())

    assert [each.name for each in inventory.components] == ["zope-interface"]
    assert "'shop' is the project itself" in inventory.notes[0].message


@pytest.mark.parametrize(
    "source",
    [
        "{ git = 'https://user:secret@host/x?rev=1#abc' }",
        "{ url = 'https://user:secret@host/x.whl' }",
        "{ path = '../x.whl' }",
        "{ directory = '../x' }",
        "{ editable = 'packages/x' }",
        "{ virtual = 'packages/x' }",
        "{ brand-new = 'x' }",
    ],
)
def test_a_package_of_no_registry_is_kept_without_a_key(source: str) -> None:
    inventory = uv_lock.read(uv_package(source).encode())

    assert (inventory.components[0].name, inventory.components[0].key) == ("a", "")
    assert "not from a registry" in inventory.notes[0].message
    assert "secret" not in repr(inventory)


@pytest.mark.parametrize(
    "source",
    [
        "vcs = { type = 'git', url = 'https://user:secret@h/x', commit-id = 'abc' }",
        "archive = { url = 'https://user:secret@h/x.zip', hashes = { sha256 = 'a' } }",
        "directory = { path = '../x' }",
    ],
)
def test_a_pylock_package_of_no_registry_is_kept_without_a_key(source: str) -> None:
    text = f"{PYLOCK_HEAD}[[packages]]\nname = 'a'\n{source}\n"

    inventory = pylock.read(text.encode())

    assert [each.key for each in inventory.components] == [""]
    assert "not from a registry" in inventory.notes[0].message
    assert "secret" not in repr(inventory)


def test_another_registry_is_noted_by_its_host_only() -> None:
    source = "{ registry = 'https://user:secret@pypi.example/simple' }"

    inventory = uv_lock.read(uv_package(source).encode())

    assert inventory.components[0].key == "pkg:pypi/a"
    assert "'pypi.example'" in inventory.notes[0].message
    assert "secret" not in repr(inventory)


def test_a_registry_with_a_broken_address_does_no_harm() -> None:
    source = "{ registry = 'http://[' }"

    assert uv_lock.read(uv_package(source).encode()).components


@pytest.mark.parametrize("name", ["__proto__", "constructor", "Zope.Interface"])
def test_odd_names_are_kept_as_they_are(name: str) -> None:
    source = f"{{ registry = '{REGISTRY}' }}"

    inventory = uv_lock.read(uv_package(source, name).encode())

    assert inventory.components[0].name == name


def test_a_package_in_forty_versions_is_kept_in_each() -> None:
    packages = [
        f'[[package]]\nname="a"\nversion="{n}"\nsource={{registry="x"}}\n'
        for n in range(40)
    ]

    inventory = uv_lock.read((UV_HEAD + "".join(packages)).encode())

    assert len(inventory.components) == 40


def test_the_same_package_has_the_same_key_in_every_format() -> None:
    bill = (
        b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name":'
        b' "zope.interface", "purl": "pkg:pypi/zope.interface@7.2"}]}'
    )
    inventories = [
        uv_lock.read(UV.encode()),
        pylock.read(PYLOCK.encode()),
        requirements_txt.read(b"Zope_Interface==7.2"),
        cyclonedx.read(bill),
        detection.read(b"name,purl\nx,pkg:pypi/Zope.interface@7.2", filename="x.csv"),
    ]

    found = {
        (each.components[0].key, each.components[0].version) for each in inventories
    }

    assert found == {("pkg:pypi/zope-interface", "7.2")}


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_mutated_lock_file_is_read_or_refused(data: st.DataObject) -> None:
    module, text = data.draw(st.sampled_from([(uv_lock, UV), (pylock, PYLOCK)]))
    content = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.sampled_from(b"\x00\xff\"'[]{}.=\n a1")
        )

    try:
        module.read(bytes(content))
    except FormatError:
        pass


@pytest.mark.parametrize(
    ("module", "text"), [(uv_lock, UV), (pylock, PYLOCK)], ids=["uv", "pylock"]
)
def test_a_lock_file_cut_anywhere_is_read_or_refused(
    module: ModuleType, text: str
) -> None:
    content = text.encode()

    for cut in range(len(content)):
        try:
            module.read(content[:cut])
        except FormatError:
            continue


def test_a_key_of_32_parts_is_read() -> None:
    assert toml.document(b".".join([b"a"] * 32) + b" = 1")
