"""
The standard lock files of Python (pylock.toml, PEP 751).

Source: https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

import re

from packaging.pylock import Package, Pylock, PylockValidationError

from reviews.formats import toml
from reviews.formats.encoding import shown_reason
from reviews.formats.lockfile import add_package
from reviews.formats.records import Gathering, Inventory, refusal
from reviews.rules.text import shown

FORMAT = "pylock.toml"

_SUPPORTED_VERSION = re.compile(r"1\.[0-9]+", re.ASCII)


def read(content: bytes) -> Inventory:
    """
    Return the packages that a pylock.toml names.

    The project that the file belongs to is left out, and so noted. The addresses within
    are never asked.

    :raises FormatError: for anything that is no pylock.toml of version 1.
    """
    document = toml.document(content)
    version = document.get("lock-version")
    if not isinstance(version, str) or not _SUPPORTED_VERSION.fullmatch(version):
        given = "no lock-version" if version is None else shown(str(version))
        raise refusal(
            f"The pylock.toml has {given}; supported is lock-version 1.x. "
            "Write it again with a tool that does."
        )
    try:
        lock = Pylock.from_dict(document)
    except (PylockValidationError, ValueError, RecursionError) as error:
        # The library lets what it meets in addresses and markers pass through.
        raise refusal(
            f"This is not a valid pylock.toml: {shown_reason(str(error))}. "
            "Write it again with its tool."
        ) from error
    gathering = Gathering(FORMAT)
    for index, package in enumerate(lock.packages):
        _gather(gathering, f"packages[{index}]", package)
    return gathering.inventory()


def _gather(gathering: Gathering, place: str, package: Package) -> None:
    directory = package.directory
    if directory is not None and directory.path in {".", "./"}:
        gathering.note(place, f"{shown(package.name)} is the project itself; left out.")
        return
    version = "" if package.version is None else str(package.version)
    elsewhere = _elsewhere(package)
    add_package(
        gathering, place, name=package.name, version=version, elsewhere=elsewhere
    )


def _elsewhere(package: Package) -> str:
    if package.vcs is not None:
        # The kind is any text of the file's; only what is known is repeated.
        return "git" if package.vcs.type == "git" else "version control"
    if package.directory is not None:
        return "a local path"
    return "a direct address" if package.archive is not None else ""
