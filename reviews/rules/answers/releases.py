"""
Releases of a package: which is the latest, which one is in use, what is withdrawn.

By the rules of PEP 440 where versions follow it. How a registry lists its releases is
the business of its connector.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from packaging.version import InvalidVersion, Version

from reviews.rules.versions import newest


@dataclass(frozen=True, slots=True)
class Release:
    """
    One version as a registry lists it.

    `released_on` is the day of its earliest file, None where that is unknown. It is
    yanked when it has files and every one is; `reason` is then the first one given.
    """

    version: str
    files: int
    released_on: date | None = None
    yanked: bool = False
    reason: str = ""


def latest(releases: Iterable[Release]) -> Release | None:
    """
    Return the newest release that one would be given, None where there is none.

    One with files that is not yanked; a final one before any pre-release, and one with
    a proper version before any without.
    """
    offered = [release for release in releases if release.files and not release.yanked]
    best = max(map(_standing, offered), default=0)
    chosen = {
        release.version: release for release in offered if _standing(release) == best
    }
    return chosen[newest(chosen)] if chosen else None


def find(releases: Iterable[Release], version: str) -> Release | None:
    """Return the release of a version, however it is written: 1.0 is also 1.0.0."""
    wanted = _comparable(version)
    return next(
        (release for release in releases if _comparable(release.version) == wanted),
        None,
    )


def is_same_version(one: str, other: str) -> bool:
    """Return whether two texts name the same version."""
    return _comparable(one) == _comparable(other)


def _standing(release: Release) -> int:
    try:
        version = Version(release.version)
    except InvalidVersion:
        return 1
    return 2 if version.is_prerelease else 3


def _comparable(version: str) -> Version | str:
    try:
        return Version(version)
    except InvalidVersion:
        return version.strip()
