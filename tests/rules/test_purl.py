"""Package URLs: one key for one package, and none for what is no purl."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packageurl import PackageURL

from reviews.rules import purl as purls
from reviews.rules.purl import Purl, PurlError, canonical, key_and_version, pypi

TYPES = ["pypi", "npm", "cargo", "gem", "golang", "maven", "nuget", "deb", "composer"]
PLAIN_CHARACTERS = st.text("abzAZ019-._/", min_size=1, max_size=12)
HOSTILE_CHARACTERS = st.text("aZ0-._/@%:?#&=+~ !é2f", min_size=0, max_size=20)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("   ", id="blank"),
        pytest.param("pkg:", id="scheme only"),
        pytest.param("pkg:npm", id="type only"),
        pytest.param("pkg:npm/", id="no name"),
        pytest.param("pkg:npm/@1.0", id="version without a name"),
        pytest.param("pkg:npm/%20", id="blank name"),
        pytest.param("pkg:npm/%2F", id="slash for a name"),
        pytest.param("pkg:npm/%2F%20%2F", id="nothing but slashes and spaces"),
        pytest.param("pkg:npm/%2F%20AA/A", id="another purl when read again"),
        pytest.param("npm/x", id="no scheme"),
        pytest.param("https://registry.example/project/django", id="address"),
        pytest.param("pkg:9npm/x", id="type starts with a digit"),
        pytest.param("pkg:n%70m/x", id="escape in the type"),
        pytest.param("pkg:npm/x?=1&y", id="broken qualifiers"),
        pytest.param("pkg:npm/a\x00b", id="NUL"),
        pytest.param("pkg:npm/a\nb", id="line feed"),
        pytest.param("pkg:npm/a%00b", id="escaped NUL"),
        pytest.param("pkg:npm/a%0bb", id="escaped vertical tab"),
        pytest.param("pkg:npm/a@1%7f", id="escaped DEL in the version"),
        pytest.param("pkg:npm/a?x=%01", id="escaped control in a qualifier"),
        pytest.param("pkg:npm/a%E2%80%AEb", id="escaped change of direction"),
        pytest.param("pkg:npm/a%E2%80%8Bb", id="escaped zero-width space"),
        pytest.param("pkg:npm/%ff", id="escape that is not UTF-8"),
        pytest.param("pkg:npm/%C3x", id="escape cut within a character"),
        pytest.param("pkg:npm/%ED%A0%80", id="escaped surrogate"),
        pytest.param("pkg:npm/\ud800", id="lone surrogate"),
        pytest.param("pkg:npm/100%", id="per cent sign"),
        pytest.param("pkg:npm/x%4", id="escape cut short"),
        pytest.param("pkg:npm/" + "x" * 493, id="501 characters"),
        pytest.param("pkg:npm/" + "é" * 200, id="501 characters when escaped"),
    ],
)
def test_what_is_no_usable_purl_is_refused(text: str) -> None:
    with pytest.raises(PurlError) as raised:
        canonical(text)

    assert len(str(raised.value)) < 1_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "pkg:pypi/django@5.2",
            Purl("pkg:pypi/django", "5.2", "pypi", "django"),
            id="pypi",
        ),
        pytest.param(
            "pkg:npm/%40angular/core@17.0.0-rc.1",
            Purl("pkg:npm/%40angular/core", "17.0.0-rc.1", "npm", "@angular/core"),
            id="npm with a scope",
        ),
        pytest.param(
            "pkg:npm/@angular/core@17",
            Purl("pkg:npm/%40angular/core", "17", "npm", "@angular/core"),
            id="npm with a bare @",
        ),
        pytest.param(
            "pkg:npm/%40angular%2Fcore@17",
            Purl("pkg:npm/%40angular/core", "17", "npm", "@angular/core"),
            id="npm with an escaped slash",
        ),
        pytest.param(
            "pkg:maven/org.apache/commons-io@2.1?type=jar",
            Purl(
                "pkg:maven/org.apache/commons-io",
                "2.1",
                "maven",
                "org.apache/commons-io",
            ),
            id="maven with a qualifier",
        ),
        pytest.param(
            "pkg:golang/github.com/a/b@v1.2.3+incompatible#sub/dir",
            Purl(
                "pkg:golang/github.com/a/b",
                "v1.2.3+incompatible",
                "golang",
                "github.com/a/b",
            ),
            id="golang with a subpath",
        ),
        pytest.param(
            "pkg:deb/debian/curl@7.50.3-1?arch=x&distro=jessie#a",
            Purl("pkg:deb/debian/curl", "7.50.3-1", "deb", "debian/curl"),
            id="qualifiers and subpath",
        ),
        pytest.param(
            "pkg:pypi/x@1%212%2Bcu",
            Purl("pkg:pypi/x", "1!2+cu", "pypi", "x"),
            id="escaped version",
        ),
        pytest.param(
            "pkg:pypi/..%2f..%2fetc@1",
            Purl("pkg:pypi/..%2F..%2Fetc", "1", "pypi", "../../etc"),
            id="path traversal",
        ),
        pytest.param(
            "pkg:npm/__proto__", Purl("pkg:npm/__proto__", "", "npm", "__proto__")
        ),
        pytest.param(
            "pkg://PyPI//Django/", Purl("pkg:pypi/django", "", "pypi", "django")
        ),
        pytest.param(
            "pkg:generic/caf%C3%A9",
            Purl("pkg:generic/caf%C3%A9", "", "generic", "café"),
            id="escaped letter",
        ),
    ],
)
def test_a_purl_is_read_in_its_canonical_form(text: str, expected: Purl) -> None:
    assert canonical(text) == expected
    assert key_and_version(text) == (expected.key, expected.version)


@pytest.mark.parametrize(
    "name",
    ["zope.interface", "zope_interface", "Zope-Interface", "zope-._interface"],
)
def test_one_package_on_pypi_has_one_key(name: str) -> None:
    assert canonical(f"pkg:pypi/{name}@1").key == "pkg:pypi/zope-interface"
    assert pypi(name, "1") == Purl(
        "pkg:pypi/zope-interface", "1", "pypi", "zope-interface"
    )


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "\ud800", "x" * 500, "\u202e"])
def test_a_name_that_fits_no_purl_is_refused(name: str) -> None:
    with pytest.raises(PurlError):
        pypi(name)


@pytest.mark.parametrize("name", ["../../etc", "_x", "é", "a b", "%ff", "a?b#c", "[x"])
def test_an_odd_name_has_the_same_key_by_either_way(name: str) -> None:
    read = pypi(name)

    assert canonical(read.key) == read


@given(
    st.sampled_from(TYPES),
    PLAIN_CHARACTERS,
    st.text("abZ019.!+_-", max_size=8),
    st.sampled_from(["", "?type=jar", "?a=b&c=d", "?A=1", "?a="]),
)
@example("golang", "a//b", "1", "")
@example("pypi", "a--b", "1", "")
@example("npm", "%40a/b", "1", "")
@settings(max_examples=400, deadline=None)
def test_the_short_way_reads_what_the_library_reads(
    type_: str, path: str, version: str, qualifiers: str
) -> None:
    text = f"pkg:{type_}/{path}" + (f"@{version}" if version else "") + qualifiers
    if purls._PLAIN.fullmatch(text) is None:
        return
    library = PackageURL.from_string(text.replace("//", "/"))

    read = canonical(text)

    assert read == purls._through_library(text)
    assert read.version == (library.version or "")
    if type_ != "pypi":
        assert read.key == str(
            PackageURL(library.type, library.namespace, library.name)
        )


@given(st.sampled_from([*TYPES, "mlflow", "oci", "x"]), HOSTILE_CHARACTERS)
@settings(max_examples=400, deadline=None)
def test_a_key_is_its_own_canonical_form(type_: str, rest: str) -> None:
    try:
        read = canonical(f"pkg:{type_}/{rest}")
    except PurlError:
        return

    assert canonical(read.key).key == read.key
    assert key_and_version(f"pkg:{type_}/{rest}") == (read.key, read.version)


@given(st.text(st.characters(), max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    for hostile in (text, f"pkg:{text}", f"pkg:npm/{text}"):
        try:
            canonical(hostile)
        except PurlError:
            continue
