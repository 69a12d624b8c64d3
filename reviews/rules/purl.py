"""
Package URLs (ECMA-427): how packages are told apart.

Two texts name the same package when their keys are equal. Whether the package exists,
and what a registry says of it, is no business of this module: even `..%2F..%2Fetc` is
a name, kept percent-encoded in its key.

Source: https://ecma-international.org/publications-and-standards/standards/ecma-427/
"""

import re
from urllib.parse import quote, unquote_to_bytes

import msgspec
from packageurl import PackageURL

from reviews.rules.text import holds_refused, shown

PURL_LIMIT = 500
"""How many characters a purl may have, as written and as kept."""


class PurlError(ValueError):
    """A text that is no usable purl; its message says why, and a user may read it."""


class Purl(msgspec.Struct, frozen=True, gc=False):
    """
    A package, and the version of it that the text named.

    The key is the canonical purl without version, qualifiers and subpath. The version
    is decoded, and empty when the text has none. The name is for display and holds the
    namespace: "django", "@angular/core", "org.apache/commons-io".
    """

    key: str
    version: str
    type: str
    name: str


# The purls that nearly every file consists of. What matches, and has neither of the
# pairs below, is canonical already, so that cutting it up is reading it; a property
# test holds this equal to the library.
_PLAIN = re.compile(
    r"""
    (pkg:
        ( pypi/ (?!-) [a-z0-9-]++ (?<!-)
        | npm/ (?: %40 [a-z0-9] [a-z0-9._-]*+ / )? [a-z0-9] [a-z0-9._-]*+
        | (?:cargo|gem|golang|maven|nuget)/ [A-Za-z0-9] [A-Za-z0-9._/-]*+ (?<!/)
        )
    )
    (?: @ ( [A-Za-z0-9] [A-Za-z0-9.!+_-]*+ ) )?+
    (?: \? [a-z]++ = [A-Za-z0-9._-]++ (?: & [a-z]++ = [A-Za-z0-9._-]++ )*+ )?+
    """,
    re.ASCII | re.VERBOSE,
)
_ESCAPE_CUT_SHORT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_OUTER_SLASHES = re.compile(r"^pkg:/*([^/]*)/+")
_PYPI_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_PYPI_SEPARATORS = re.compile(r"[-_.]+")


def canonical(text: str) -> Purl:
    """
    Return the package that a purl names, in its canonical form.

    The forms are those of the packageurl library, with two additions by which the same
    package has the same key in every file: names on PyPI follow PEP 503, so that
    `zope.interface`, `zope_interface` and `Zope-Interface` are one; and the scope of an
    npm package may be written `%40angular%2Fcore`.

    :raises PurlError: when the text is no purl or has no name, holds a control or
        invisible character, a lone surrogate, or an escape that is not UTF-8, has more
        than 500 characters, or changes when read back from its canonical form.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is None or len(text) > PURL_LIMIT or "//" in text or "--" in text:
        return _through_library(text)
    key, path, version = plain.groups("")
    type_, _, name = path.partition("/")
    return Purl(key, version, type_, f"@{name[3:]}" if name[0] == "%" else name)


def key_and_version(text: str) -> tuple[str, str]:
    """
    Return only the key and the version of the package that a purl names.

    The same as `canonical`, and quicker, for who reads tens of thousands.

    :raises PurlError: as `canonical`.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is None or len(text) > PURL_LIMIT or "//" in text or "--" in text:
        purl = _through_library(text)
        return purl.key, purl.version
    return plain[1], plain[3] or ""


def pypi(name: str, version: str = "") -> Purl:
    """
    Return the package on PyPI that a lock or requirements file names.

    :raises PurlError: for a name that could not be in a purl, or is blank.
    """
    folded = pypi_name(name)
    if not _PYPI_NAME.fullmatch(folded) or len(folded) + 9 > PURL_LIMIT:
        # Rare and odd; asking the library keeps one opinion about it.
        if holds_refused(name):
            raise PurlError(f"{shown(name)} holds what is no character of a name.")
        read = _through_library(f"pkg:pypi/{_quoted(name)}")
        return Purl(read.key, version, read.type, read.name)
    return Purl(f"pkg:pypi/{folded}", version, "pypi", folded)


def pypi_name(name: str) -> str:
    """
    Return a name on PyPI in the form in which it is compared (PEP 503).

    A text that PyPI would not admit as a name comes back as it was.

    Source: https://peps.python.org/pep-0503/#normalized-names
    """
    if not _PYPI_NAME.fullmatch(name):
        return name
    return _PYPI_SEPARATORS.sub("-", name).lower()


def _through_library(text: str) -> Purl:
    _refuse_bad_characters(text)
    purl = _parsed(text)
    if _parsed(purl.key).key != purl.key:
        raise PurlError(f"{shown(text)} has no canonical form; write it another way.")
    return purl


def _refuse_bad_characters(text: str) -> None:
    if len(text) > PURL_LIMIT:
        raise PurlError(
            f"{shown(text)} has {len(text):,} characters; "
            f"a purl may have {PURL_LIMIT} at most."
        )
    if _ESCAPE_CUT_SHORT.search(text):
        raise PurlError(f"{shown(text)} has a % without two hexadecimal digits.")
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeEncodeError as error:
        raise PurlError(f"{shown(text)} holds half a character.") from error
    except UnicodeDecodeError as error:
        raise PurlError(f"{shown(text)} has % escapes that are not UTF-8.") from error
    if holds_refused(decoded):
        raise PurlError(f"{shown(text)} holds a control or an invisible character.")


def _parsed(text: str) -> Purl:
    try:
        # The library takes a second slash for the start of a host.
        read = PackageURL.from_string(_OUTER_SLASHES.sub(r"pkg:\1/", text, count=1))
    except ValueError as error:
        raise PurlError(
            f"{shown(text)} is not a purl; write it as pkg:type/name@version."
        ) from error
    if not read.name:
        # The library may strip a name of escaped slashes and spaces to nothing.
        raise PurlError(f"{shown(text)} has no name; write pkg:type/name@version.")
    namespace, name = _as_identity(read.type, read.namespace or "", read.name)
    segments = [*namespace.split("/"), name] if namespace else [name]
    # The library leaves a slash within a name bare, and would read it as another path.
    key = f"pkg:{read.type}/" + "/".join(map(_quoted, segments))
    if len(key) > PURL_LIMIT:
        raise PurlError(
            f"{shown(text)} has {len(key):,} characters in its canonical form; "
            f"a purl may have {PURL_LIMIT} at most."
        )
    return Purl(key, read.version or "", read.type, "/".join(segments))


def _as_identity(type_: str, namespace: str, name: str) -> tuple[str, str]:
    if type_ == "pypi":
        return namespace, pypi_name(name)
    if type_ == "npm" and not namespace and name.startswith("@"):
        scope, slash, rest = name.partition("/")
        return (scope, rest) if slash and rest else (namespace, name)
    return namespace, name


def _quoted(segment: str) -> str:
    return quote(segment, safe=":")
