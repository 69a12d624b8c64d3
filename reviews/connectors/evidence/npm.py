"""
What an npm registry says of a package in its document of all versions.

The README that the document may hold is not read: it is cut off, and of one version.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reviews.connectors import fields
from reviews.connectors.answers import fact, not_found, told, unchanged
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, Response, TooLargeError, segment
from reviews.connectors.registry_pages import package_page
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.answers import licences
from reviews.rules.answers.instants import utc_day
from reviews.rules.answers.source_addresses import repository_address
from reviews.rules.matches import Match
from reviews.rules.notices.reading import Says, read_notice
from reviews.rules.signals import Confidence, Fact, SignalKind, Source
from reviews.rules.text import shown

ABBREVIATED = "application/vnd.npm.install-v1+json"

# What npm's security staff puts in the place of a package that they took down.
_PLACEHOLDER = "0.0.1-security"


class Npm:
    """
    Releases, deprecations, licences, notices and maintainers of an npm package.

    Source: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md.
    Not in there, but long the registry's custom: a version's `deprecated` is a message,
    empty or false once it is taken back; `time.unpublished` is what is left of a package
    that is gone; 0.0.1-security stands for one that the registry took down.
    """

    name = Source.NPM

    def __init__(self, client: HTTPClient, base: str) -> None:
        self._client = client
        self._base = base.rstrip("/")

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return what the registry says of the package and of the version in use.

        A document that is too large is asked for in its abbreviated form, which holds
        neither days nor people.

        :raises OutsideError: if the registry cannot be asked or its answer not be used.
        """
        address = f"{self._base}/{segment(match.subject)}"
        response, abbreviated = self._get(address, known)
        if response.status == 404:
            return not_found(address)
        if response.status == 304:
            return unchanged(response, address, known)
        page = package_page("npm", match.subject, otherwise=address)
        package = _read(fields.document(response.json()), match, page)
        notes = list(_notes(package, match.subject))
        if abbreviated:
            notes.append("The document is too large: only its short form was read.")
        return told(response, address, _facts(package), notes)

    def _get(self, address: str, known: Validators) -> tuple[Response, bool]:
        try:
            return self._client.get(address, known=known), False
        except TooLargeError:
            return self._client.get(address, accept=ABBREVIATED, known=known), True


@dataclass(frozen=True, slots=True)
class _Package:
    """The document, the versions in it that matter, and where a person can read it."""

    document: Fields
    name: str
    latest: str
    adopted: str
    page: str

    @property
    def versions(self) -> Fields:
        return fields.mapping(self.document, "versions")

    def version(self, version: str) -> Fields:
        return fields.mapping(self.document, "versions", version)

    def page_of(self, version: str) -> str:
        return package_page("npm", self.name, version, otherwise=self.page)


def _read(document: Fields, match: Match, page: str) -> _Package:
    package = _Package(
        document=document,
        name=fields.required_text(document, "name"),
        latest=fields.text(document, "dist-tags", "latest"),
        adopted=match.version,
        page=page,
    )
    if not package.versions and not _unpublished(package):
        raise OutsideError("unusable answer: it lists no version")
    if package.versions and package.latest not in package.versions:
        raise OutsideError("unusable answer: the latest version is not listed")
    return package


def _facts(package: _Package) -> Iterator[Fact]:
    if not package.versions:
        yield from _gone(package)
    elif package.latest.startswith(_PLACEHOLDER):
        yield fact(
            SignalKind.UNPUBLISHED,
            "the registry took it down; a security placeholder stands in its place",
            on=_day(package, package.latest),
            quote=fields.loose_text(package.document, "description"),
            address=package.page,
        )
    else:
        yield from _release_facts(package)
        yield from _deprecations(package)
        yield from _licences(package)
        yield from _metadata(package)


def _unpublished(package: _Package) -> Fields:
    return fields.mapping(package.document, "time", "unpublished")


def _gone(package: _Package) -> Iterator[Fact]:
    yield fact(
        SignalKind.UNPUBLISHED,
        "the package was unpublished; no version of it is left",
        on=utc_day(fields.text(_unpublished(package), "time")),
        address=package.page,
    )


def _release_facts(package: _Package) -> Iterator[Fact]:
    for kind, version in (
        (SignalKind.LATEST_RELEASE, package.latest),
        (SignalKind.ADOPTED_RELEASE, package.adopted),
    ):
        if version in package.versions:
            yield fact(
                kind,
                version,
                on=_day(package, version),
                address=package.page_of(version),
            )


def _day(package: _Package, version: str) -> date | None:
    return utc_day(fields.text(package.document, "time", version))


def _deprecations(package: _Package) -> Iterator[Fact]:
    """Yield that the package is deprecated, if its latest version is; else the other."""
    for kind, version in (
        (SignalKind.REGISTRY_DEPRECATED, package.latest),
        (SignalKind.VERSION_DEPRECATED, package.adopted),
    ):
        message = _deprecation(package.version(version))
        if message:
            yield fact(
                kind,
                message,
                subject=version,
                quote=message,
                replacement=read_notice(message, name=package.name).replacement,
                address=package.page_of(version),
            )
            return


def _deprecation(version: Fields) -> str:
    said = version.get("deprecated")
    if isinstance(said, str):
        return said.strip()
    return "deprecated" if said is True else ""


def _licences(package: _Package) -> Iterator[Fact]:
    for version in dict.fromkeys((package.latest, package.adopted)):
        found = _licence(package.version(version))
        if found:
            yield fact(
                SignalKind.LICENCE,
                found,
                subject=version,
                address=package.page_of(version),
            )


def _licence(version: Fields) -> str:
    """Return a licence, also as packages wrote it before 2015: as objects, or several."""
    said = version.get("license") or version.get("licenses")
    listed = said if isinstance(said, list) else [said]
    names = [
        fields.loose_text(entry, "type") if isinstance(entry, dict) else entry
        for entry in listed
    ]
    found = [licences.spdx(name) if isinstance(name, str) else "" for name in names]
    # Of several, the user was to choose one.
    return " OR ".join(dict.fromkeys(found)) if all(found) else ""


def _metadata(package: _Package) -> Iterator[Fact]:
    document = package.document
    said = document.get("repository")
    address = repository_address(
        fields.loose_text(said, "url")
        if isinstance(said, dict)
        else fields.loose_text(document, "repository")
    )
    if address:
        yield fact(
            SignalKind.REPOSITORY,
            address,
            confidence=Confidence.DERIVED,
            address=package.page,
        )
    people = document.get("maintainers")
    if isinstance(people, list) and people:
        # By the registry's own word the list is a cache.
        yield fact(
            SignalKind.MAINTAINERS,
            str(len(people)),
            confidence=Confidence.DERIVED,
            address=package.page,
        )
    description = fields.loose_text(document, "description")
    notice = read_notice(description, name=package.name)
    if notice.what is Says.DYING:
        yield fact(
            SignalKind.NOTICE_TEXT,
            notice.phrase,
            subject="summary",
            quote=description,
            replacement=notice.replacement,
            address=package.page,
        )


def _notes(package: _Package, subject: str) -> Iterator[str]:
    if package.name != subject:
        yield f"The registry calls it {shown(package.name)}."
    if package.versions and package.adopted and package.adopted not in package.versions:
        yield f"The registry lists no version {shown(package.adopted)}."
