"""
Requirements files of pip, as written by hand and by pip-compile, uv and Poetry.

Source: https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

import re
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from reviews.formats.encoding import shown_reason, text_of
from reviews.formats.lockfile import add_package
from reviews.formats.records import Gathering, Inventory, refusal, require_size
from reviews.formats.toml import TOML_LIMIT
from reviews.rules.text import shown

FORMAT = "requirements.txt"

_LINES_LIMIT = 500_000
_LINE_LIMIT = 100_000
_REQUIREMENT_LIMIT = 2_000

_CONFLICT = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?: .*)?")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
# What pip reads after a requirement: hashes, and options of the build.
_TRAILING_OPTIONS = re.compile(r"\s--[a-z-]+[ =].*", re.DOTALL)
_INCLUDE = re.compile(r"(?:-r|-c|--requirement\b|--constraint\b)[ =]*(?P<file>.*)")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|file:)", re.IGNORECASE)
_ADDRESS_OR_AT = re.compile(r"@|[A-Za-z0-9+.-]*:/|file:")
_EGG = re.compile(r"[#&]egg=(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)")
_LOCAL = re.compile(
    r"(?:\.{0,2}[/\\]|\.{1,2}$|~|[A-Za-z]:[/\\])|\S+(?:\.whl|\.zip|\.tar\.\w+)$"
)


def read(content: bytes) -> Inventory:
    """
    Return the packages that a requirements file names.

    The version is the one pinned with `==` or `===`; otherwise it is empty, and so
    noted. Included files are not followed, local paths and editables are left out; both
    are noted. Addresses are neither asked nor repeated: they may hold passwords.

    :raises FormatError: with all lines that are no requirement.
    """
    require_size(content, limit=TOML_LIMIT)
    if content.count(b"\n") + content.count(b"\r") > _LINES_LIMIT:
        raise refusal(f"The file has more than {_LINES_LIMIT:,} lines. Split it.")
    gathering = Gathering(FORMAT)
    for number, line in _logical_lines(text_of(content)):
        place = f"line {number}"
        if _CONFLICT.fullmatch(line):
            raise refusal(
                f"There is an unresolved merge conflict at {place}. Resolve it."
            )
        if line.startswith("-"):
            _note_option(gathering, place, line)
        elif _ADDRESS.match(line):
            _gather_address(gathering, place, line)
        elif _LOCAL.match(line.partition(" ")[0]):
            gathering.note(place, "A local path; left out.")
        else:
            _gather(gathering, place, line)
    return gathering.inventory()


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that says something, continued ones joined, with its number."""
    parts: list[str] = []
    start = 1
    # Not splitlines(): line ends are those of files, and not all of Unicode's.
    for number, physical in enumerate(re.split(r"\r\n?|\n", text), start=1):
        if not parts:
            start = number
        # As in pip: a comment line ends a continuation, and continues none.
        is_comment = _COMMENT.match(physical.lstrip()) is not None
        if physical.endswith("\\") and not is_comment:
            parts.append(physical[:-1])
            continue
        parts.append(f" {physical}" if is_comment else physical)
        line = "".join(parts).strip()
        parts = []
        if len(line) > _LINE_LIMIT:
            raise refusal(
                f"Line {start} has {len(line):,} characters; at most {_LINE_LIMIT:,} "
                "are read. This may be another kind of file."
            )
        line = _COMMENT.sub("", line).strip()
        if line:
            yield start, line
    rest = _COMMENT.sub("", "".join(parts)).strip()[:_LINE_LIMIT]
    if rest:
        yield start, rest


def _note_option(gathering: Gathering, place: str, line: str) -> None:
    include = _INCLUDE.match(line)
    if include is not None:
        named = _without_address(include["file"].strip())
        gathering.note(place, f"{named} is not followed; upload it as well.")
    elif line.startswith(("-e", "--editable")):
        gathering.note(place, "An editable installation; left out.")


def _gather_address(gathering: Gathering, place: str, line: str) -> None:
    egg = _EGG.search(line)
    if egg is None:
        gathering.note(place, "An address without a name, `name @ address`; left out.")
        return
    add_package(
        gathering, place, name=egg["name"], version="", elsewhere="a direct address"
    )


def _gather(gathering: Gathering, place: str, line: str) -> None:
    text = _TRAILING_OPTIONS.sub("", line).strip()
    if len(text) > _REQUIREMENT_LIMIT:
        gathering.problem(
            place,
            f"A requirement of {len(text):,} characters, {shown(text)}; "
            f"at most {_REQUIREMENT_LIMIT:,} are read. Shorten it.",
        )
        return
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        gathering.problem(
            place,
            f"{_without_address(text)} is not a requirement: "
            f"{shown_reason(str(error))}. Write it as `name==version`.",
        )
        return
    if not all(specifier.version for specifier in requirement.specifier):
        gathering.problem(
            place,
            f"{shown(text)} has no version after its ===. Add it, or remove both.",
        )
        return
    version = _pinned_version(requirement)
    elsewhere = "a direct address" if requirement.url else ""
    if not version and not elsewhere:
        gathering.note(place, f"{shown(requirement.name)} is not pinned to a version.")
    add_package(
        gathering, place, name=requirement.name, version=version, elsewhere=elsewhere
    )


def _without_address(text: str) -> str:
    """Return the start of a text for a message, without what may hold a password."""
    before, *address = _ADDRESS_OR_AT.split(text, maxsplit=1)
    return f"{shown(before)}…" if address else shown(text)


def _pinned_version(requirement: Requirement) -> str:
    pins = {
        specifier.version
        for specifier in requirement.specifier
        if specifier.operator in {"==", "==="} and not specifier.version.endswith(".*")
    }
    return pins.pop() if len(pins) == 1 else ""
