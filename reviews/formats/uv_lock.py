"""
The lock files of uv (uv.lock, version 1).

Source: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile
"""

from typing import Any
from urllib.parse import urlsplit

from packageurl.contrib.purl2url import get_repo_url

from reviews.formats import toml
from reviews.formats.lockfile import add_package
from reviews.formats.records import Gathering, Inventory, refusal
from reviews.rules.text import shown

FORMAT = "uv.lock"
SUPPORTED_VERSIONS = (1,)

# Where a package comes from, and how a note says so.
_ELSEWHERE = {
    "git": "git",
    "url": "a direct address",
    "path": "a local path",
    "directory": "a local path",
    "editable": "a local path",
    "virtual": "a local path",
}
# As the purl library knows it: the project itself names no registry's host.
_USUAL_REGISTRY = urlsplit(get_repo_url("pkg:pypi/x") or "").hostname or ""


def read(content: bytes) -> Inventory:
    """
    Return the packages that a uv.lock names.

    The project that the file belongs to is left out, and so noted. The addresses within
    are never asked; of a registry other than PyPI only the host is noted.

    :raises FormatError: for anything that is no uv.lock of version 1.
    """
    document = toml.document(content)
    _require_version(document.get("version"))
    packages = document.get("package", [])
    if not isinstance(packages, list):
        raise refusal("`package` is not a list of tables. Run `uv lock` again.")
    gathering = Gathering(FORMAT)
    hosts: set[str] = set()
    for index, package in enumerate(packages):
        place = f"package[{index}]"
        if isinstance(package, dict):
            hosts.add(_gather(gathering, place, package))
        else:
            gathering.problem(place, "It is not a table. Run `uv lock` again.")
    for host in sorted(hosts - {"", _USUAL_REGISTRY}):
        gathering.note("", f"Packages come from {shown(host)}, taken to be as on PyPI.")
    return gathering.inventory()


def _require_version(version: object) -> None:
    if version in SUPPORTED_VERSIONS and not isinstance(version, bool | float):
        return
    given = "no version" if version is None else f"version {shown(str(version))}"
    raise refusal(
        f"The uv.lock has {given}; supported is version 1. "
        "Write it again with a uv that does."
    )


def _gather(gathering: Gathering, place: str, package: dict[str, Any]) -> str:
    """Return the host of the registry that the package is from, or nothing."""
    name, version, source = (
        package.get("name"),
        package.get("version", ""),
        package.get("source"),
    )
    if not isinstance(name, str) or not name:
        gathering.problem(place, "`name` is missing or no text. Run `uv lock` again.")
        return ""
    if not isinstance(version, str) or not isinstance(source, dict):
        gathering.problem(
            place,
            f"{shown(name)} has a `version` that is no text, or no `source` table. "
            "Run `uv lock` again.",
        )
        return ""
    if "." in (source.get("editable"), source.get("virtual")):
        gathering.note(place, f"{shown(name)} is the project itself; left out.")
        return ""
    registry = source.get("registry")
    elsewhere = "" if registry is not None else _elsewhere(source)
    add_package(gathering, place, name=name, version=version, elsewhere=elsewhere)
    return _host(registry)


def _elsewhere(source: dict[str, Any]) -> str:
    return next((_ELSEWHERE[key] for key in source if key in _ELSEWHERE), "unknown")


def _host(registry: object) -> str:
    if not isinstance(registry, str):
        return ""
    try:
        return urlsplit(registry).hostname or ""
    except ValueError:
        # An address that is none; it is never asked, so it does no harm.
        return ""
