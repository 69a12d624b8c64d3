"""
Known flaws of the version in use, from a database in the Open Source Vulnerability format.

Flaws of other versions are not asked for, and those of dependencies are not known here.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from packageurl.contrib.purl2url import get_repo_url

from reviews.connectors import fields
from reviews.connectors.answers import fact, unsupported
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, segment
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.answers.advisories import (
    FLAW_LIMIT,
    Flaw,
    first_fix,
    first_line,
    joined,
)
from reviews.rules.answers.cvss import VectorError, severity_of
from reviews.rules.matches import Match
from reviews.rules.purl import pypi_name
from reviews.rules.signals import Fact, Severity, SignalKind, Source, SourceState

PAGE_LIMIT = 10
"""How many pages of an answer are read; one holds up to 1,000 flaws."""

# By the type in a purl. Source: https://ossf.github.io/osv-schema/#defined-ecosystems
ECOSYSTEMS = {
    "bitnami": "Bitnami",
    # Named after its registry's host, which the purl library knows.
    "cargo": urlsplit(get_repo_url("pkg:cargo/name") or "").netloc,
    "composer": "Packagist",
    "conan": "ConanCenter",
    "cran": "CRAN",
    "gem": "RubyGems",
    "githubactions": "GitHub Actions",
    "golang": "Go",
    "hackage": "Hackage",
    "hex": "Hex",
    "julia": "Julia",
    "maven": "Maven",
    "npm": "npm",
    "nuget": "NuGet",
    "opam": "opam",
    "pub": "Pub",
    "pypi": "PyPI",
}

_WORDS = {
    "negligible": Severity.LOW,
    "low": Severity.LOW,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}
# The later version of the scale is the one its authors want read.
_SCALES = ("CVSS_V4", "CVSS_V3", "Ubuntu")


class OSV:
    """
    Vulnerabilities of a version of a package.

    Source: https://google.github.io/osv.dev/post-v1-query/ and
    https://ossf.github.io/osv-schema/. It is a POST, so there is nothing to ask "has it
    changed?" with; an answer without any flaw is an empty object.
    """

    name = Source.OSV

    def __init__(self, client: HTTPClient, base: str) -> None:
        self._client = client
        self._base = base.rstrip("/")

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return the flaws of the version in use, each once.

        :raises OutsideError: if the database cannot be asked or its answer not be used.
        """
        address = f"{self._base}/v1/query"
        ecosystem = ECOSYSTEMS.get(match.ecosystem, "")
        if not ecosystem:
            return unsupported(
                address, f"OSV lists no packages of the type {match.ecosystem!r}."
            )
        if not match.version:
            return unsupported(
                address,
                "OSV is not asked without the version in use: it would name every flaw "
                "that the package ever had.",
            )
        # Go's versions begin with a v everywhere but here.
        version = (
            match.version.removeprefix("v") if ecosystem == "Go" else match.version
        )
        return self._flaws(
            address, ecosystem, _name_in(ecosystem, match.subject), version
        )

    def _flaws(
        self, address: str, ecosystem: str, name: str, version: str
    ) -> SourceAnswer:
        query = {"package": {"ecosystem": ecosystem, "name": name}, "version": version}
        pages = list(self._pages(address, query))
        flaws = joined(
            _flaw(record, ecosystem, name)
            for page, _ in pages
            for record in fields.mappings(page, "vulns")
            if not fields.text(record, "withdrawn")
        )
        notes = []
        if fields.text(pages[-1][0], "next_page_token"):
            notes.append(f"OSV has more than the {len(pages)} pages that were read.")
        if len(flaws) > FLAW_LIMIT:
            notes.append(f"Of {len(flaws):,} flaws the {FLAW_LIMIT} worst are kept.")
        digests = [digest for _, digest in pages]
        return SourceAnswer(
            state=SourceState.OK,
            address=address,
            facts=tuple(self._fact(flaw, version) for flaw in flaws[:FLAW_LIMIT]),
            digest=digests[0]
            if len(digests) == 1
            else sha256("".join(digests).encode()).hexdigest(),
            note=" ".join(notes),
        )

    def _pages(
        self, address: str, query: Mapping[str, object]
    ) -> Iterator[tuple[Fields, str]]:
        token, seen = "", set[str]()
        for _ in range(PAGE_LIMIT):
            more = {"page_token": token} if token else {}
            response = self._client.post(address, payload={**query, **more})
            page = fields.document(response.json())
            if page and not page.keys() & {"vulns", "next_page_token"}:
                # Anything but an empty object would pass for "no flaws known".
                raise OutsideError(
                    f"unusable answer: {address} sent an object without vulnerabilities"
                )
            yield page, response.digest
            token = fields.text(page, "next_page_token")
            if not token or token in seen:
                return
            seen.add(token)

    def _fact(self, flaw: Flaw, version: str) -> Fact:
        return fact(
            SignalKind.VULNERABILITY,
            flaw.summary or flaw.id,
            subject=flaw.id,
            address=f"{self._base}/v1/vulns/{segment(flaw.listed_as)}",
            severity=flaw.severity,
            aliases=flaw.aliases,
            fixed_in=first_fix(flaw.fixed, version),
        )


def _name_in(ecosystem: str, subject: str) -> str:
    match ecosystem:
        case "PyPI":
            return pypi_name(subject)
        case "Maven":
            group, _, artifact = subject.rpartition("/")
            return f"{group}:{artifact}" if group else artifact
        case _:
            return subject


def _flaw(record: Fields, ecosystem: str, name: str) -> Flaw:
    affected = [
        entry
        for entry in fields.mappings(record, "affected")
        if _is_of(entry, ecosystem, name)
    ]
    return Flaw(
        id=fields.required_text(record, "id"),
        aliases=tuple(fields.texts(record, "aliases")),
        summary=fields.text(record, "summary")
        or first_line(fields.text(record, "details")),
        fixed=tuple(fix for entry in affected for fix in _fixes(entry)),
        severity=_severity([record, *affected]),
    )


def _is_of(entry: Fields, ecosystem: str, name: str) -> bool:
    # An ecosystem may be followed by a release or a repository: "Maven:https://...".
    listed_in = fields.text(entry, "package", "ecosystem").partition(":")[0]
    listed_as = fields.text(entry, "package", "name")
    if ecosystem == "PyPI":
        listed_as = pypi_name(listed_as)
    return listed_in == ecosystem and listed_as.lower() == name.lower()


def _fixes(entry: Fields) -> Iterator[str]:
    for listed in fields.mappings(entry, "ranges"):
        # A range of the type GIT is bounded by commits.
        if fields.text(listed, "type") != "GIT":
            for event in fields.mappings(listed, "events"):
                if fixed := fields.text(event, "fixed"):
                    yield fixed


def _severity(places: list[Fields]) -> Severity | None:
    """Return the rating that a record carries, None where it carries none to be read."""
    scores = {
        fields.text(rating, "type"): fields.text(rating, "score")
        for place in reversed(places)
        for rating in fields.mappings(place, "severity")
    }
    for scale in _SCALES:
        rated = _rated(scores.get(scale, ""))
        if rated is not None:
            return rated
    words = (
        fields.loose_text(place, block, "severity")
        for place in places
        for block in ("database_specific", "ecosystem_specific")
    )
    return next(
        (_WORDS[word.lower()] for word in words if word.lower() in _WORDS), None
    )


def _rated(score: str) -> Severity | None:
    if score.lower() in _WORDS:
        return _WORDS[score.lower()]
    try:
        return severity_of(score)
    except VectorError:
        return None
