"""
What deps.dev knows of a package: versions and their days, licences, advisories.

It is second-hand: its word counts beside the registry's own, for packages of registries
that are not asked themselves. Scores of repositories are not asked for here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from reviews.connectors import fields
from reviews.connectors.answers import fact, not_found, unsupported
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, segment
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.answers import licences
from reviews.rules.answers.advisories import FLAW_LIMIT
from reviews.rules.answers.instants import utc_day
from reviews.rules.answers.source_addresses import repository_address
from reviews.rules.matches import Match
from reviews.rules.notices.reading import read_notice
from reviews.rules.purl import pypi_name
from reviews.rules.signals import Confidence, Fact, SignalKind, Source, SourceState
from reviews.rules.text import shown

# By the type in a purl.
SYSTEMS = {
    "cargo": "cargo",
    "gem": "rubygems",
    "golang": "go",
    "maven": "maven",
    "npm": "npm",
    "nuget": "nuget",
    "pypi": "pypi",
}

_UNVERIFIED = "UNVERIFIED_METADATA"


class DepsDev:
    """
    Packages and their versions as the deps.dev API, version 3, describes them.

    Source: https://docs.deps.dev/api/v3/ (google/deps.dev, api/v3/api.proto). Licences
    are SPDX expressions, "non-standard" for what has none, and of several the relation
    is not said. Advisories are those of the version itself, without its dependencies'.
    `isDeprecated` and `deprecatedReason` came late: without them nothing is known.
    """

    name = Source.DEPS_DEV

    def __init__(self, client: HTTPClient, base: str) -> None:
        self._client = client
        self._base = base.rstrip("/")

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return what is known of the package, its default version and the one in use.

        That takes two or three requests, so there is no one mark to ask again with.

        :raises OutsideError: if it cannot be asked or an answer cannot be used.
        """
        system = SYSTEMS.get(match.ecosystem, "")
        if not system:
            return unsupported(
                f"{self._base}/v3/",
                f"deps.dev knows no packages of the type {match.ecosystem!r}.",
            )
        name = _name_in(system, match.subject)
        address = f"{self._base}/v3/systems/{system}/packages/{segment(name)}"
        package = self._document(address)
        if package is None:
            return not_found(address)
        latest = _default(package)
        versions = {}
        for version in filter(None, dict.fromkeys((latest, match.version))):
            found = self._document(f"{address}/versions/{segment(version)}")
            if found is not None:
                versions[version] = found
        known_of = _Known(package, latest, match.version, versions)
        note = ""
        if match.version and match.version not in versions:
            note = f"deps.dev lists no version {shown(match.version)}."
        digests = [document.digest for document in (package, *versions.values())]
        return SourceAnswer(
            state=SourceState.OK,
            address=address,
            facts=tuple(_facts(known_of, self._base)),
            digest=sha256("".join(digests).encode()).hexdigest(),
            note=note,
        )

    def _document(self, address: str) -> "_Document | None":
        """Return a document, None where there is none of that name."""
        response = self._client.get(address, expect=frozenset({200, 404}))
        if response.status == 404:
            return None
        return _Document(address, fields.document(response.json()), response.digest)


@dataclass(frozen=True, slots=True)
class _Document:
    address: str
    fields: Fields
    digest: str


@dataclass(frozen=True, slots=True)
class _Known:
    """The package, and the documents of those of the two versions that are listed."""

    package: _Document
    latest: str
    adopted: str
    versions: dict[str, _Document]


def _name_in(system: str, subject: str) -> str:
    match system:
        case "pypi":
            return pypi_name(subject)
        case "maven":
            group, _, artifact = subject.rpartition("/")
            return f"{group}:{artifact}" if group else artifact
        case _:
            return subject


def _default(package: _Document) -> str:
    """Return the version that is installed when none is named, empty if none is marked."""
    if not fields.holds(package.fields, "packageKey"):
        raise OutsideError("unusable answer: packageKey is missing")
    for listed in fields.mappings(package.fields, "versions"):
        if fields.is_set(listed, "isDefault"):
            return fields.required_text(listed, "versionKey", "version")
    return ""


def _facts(known: _Known, base: str) -> Iterator[Fact]:
    for kind, version in (
        (SignalKind.LATEST_RELEASE, known.latest),
        (SignalKind.ADOPTED_RELEASE, known.adopted),
    ):
        document = known.versions.get(version)
        if document is not None:
            yield fact(
                kind,
                version,
                on=utc_day(fields.text(document.fields, "publishedAt")),
                address=document.address,
            )
    for version, document in known.versions.items():
        yield from _licence(version, document)
    yield from _repository(known)
    yield from _deprecations(known)
    yield from _flaws(known, base)


def _licence(version: str, document: _Document) -> Iterator[Fact]:
    listed = fields.texts(document.fields, "licenses")
    named = [licences.spdx(name) for name in listed if name != "non-standard"]
    # One that has no name may be anything, so with it nothing is known of the whole.
    if listed and len(named) == len(listed) and all(named):
        yield fact(
            SignalKind.LICENCE,
            licences.joined(named),
            subject=version,
            confidence=Confidence.DERIVED if len(named) > 1 else Confidence.STATED,
            address=document.address,
        )


def _repository(known: _Known) -> Iterator[Fact]:
    """Yield the repository of one version, one that an attestation names if any does."""
    document = known.versions.get(known.latest) or known.versions.get(known.adopted)
    if document is None:
        return
    sources = [
        related
        for related in fields.mappings(document.fields, "relatedProjects")
        if fields.text(related, "relationType") == "SOURCE_REPO"
    ]
    for related in sorted(sources, key=_is_unverified):
        id = fields.text(related, "projectKey", "id")
        found = repository_address(f"https://{id}")
        if found:
            yield fact(
                SignalKind.REPOSITORY,
                found,
                confidence=Confidence.DERIVED
                if _is_unverified(related)
                else Confidence.STATED,
                address=document.address,
            )
            return


def _is_unverified(related: Fields) -> bool:
    said = fields.text(related, "relationProvenance")
    return said in ("", _UNVERIFIED) or said.startswith("UNKNOWN")


def _deprecations(known: _Known) -> Iterator[Fact]:
    """Yield that the package is deprecated, if its default version is; else the other."""
    for kind, version in (
        (SignalKind.REGISTRY_DEPRECATED, known.latest),
        (SignalKind.VERSION_DEPRECATED, known.adopted),
    ):
        document = known.versions.get(version)
        if document is None or not fields.is_set(document.fields, "isDeprecated"):
            continue
        reason = fields.text(document.fields, "deprecatedReason").strip()
        yield fact(
            kind,
            reason or "deprecated",
            subject=version,
            quote=reason,
            replacement=read_notice(reason).replacement,
            address=document.address,
        )
        return


def _flaws(known: _Known, base: str) -> Iterator[Fact]:
    document = known.versions.get(known.adopted)
    if document is None:
        return
    keys = fields.mappings(document.fields, "advisoryKeys")
    ids = {fields.required_text(key, "id") for key in keys}
    for id in sorted(ids)[:FLAW_LIMIT]:
        yield fact(
            SignalKind.VULNERABILITY,
            id,
            subject=id,
            address=f"{base}/v3/advisories/{segment(id)}",
        )
