"""
What a Python package index says of a project in its JSON document.

Its status is the business of `pypi_status`: the document does not hold it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviews.connectors import fields
from reviews.connectors.answers import fact, not_found, told, unchanged
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, segment
from reviews.connectors.registry_pages import package_page
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.answers import licences
from reviews.rules.answers.advisories import (
    FLAW_LIMIT,
    Flaw,
    first_fix,
    first_line,
    joined,
)
from reviews.rules.answers.instants import utc_day
from reviews.rules.answers.quoting import quoted
from reviews.rules.answers.releases import Release, find, is_same_version, latest
from reviews.rules.answers.source_addresses import labelled_repository
from reviews.rules.matches import Match
from reviews.rules.notices.description import DESCRIPTION_LIMIT, read_description
from reviews.rules.notices.reading import Says, read_notice
from reviews.rules.notices.text import tidied
from reviews.rules.purl import pypi_name
from reviews.rules.signals import Confidence, Fact, SignalKind, Source
from reviews.rules.text import shown

CEILING = 12_000_000
"""How many bytes are read: projects with many files for every release have nine million."""

INACTIVE = "Development Status :: 7 - Inactive"

_VERSION_LIMIT = 100

_SENTENCE_ENDS = (". ", "! ", "? ")
_SENTENCE_END = re.compile(r"[.!?](?= |$)")


class PyPI:
    """
    Releases, licence, notices, owners and flaws of a project on a Python package index.

    Source: the index's own description of its JSON API (pypi/warehouse,
    docs/user/api/json.md). The key `releases` is declared deprecated there: without it,
    only the version that the document speaks of is known.
    """

    name = Source.PYPI

    def __init__(self, client: HTTPClient, base: str) -> None:
        self._client = client
        self._base = base.rstrip("/")

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return what the index says of the project and of the version in use.

        :raises OutsideError: if the index cannot be asked or its answer not be used.
        """
        name = pypi_name(match.subject)
        address = f"{self._base}/pypi/{segment(name)}/json"
        response = self._client.get(address, known=known, ceiling=CEILING)
        if response.status == 404:
            return not_found(address)
        if response.status == 304:
            return unchanged(response, address, known)
        project = _read(fields.document(response.json()), match.version)
        facts = [
            found
            for found_by in (
                _release_facts,
                _withdrawals,
                _licence,
                _repository,
                _maintainers,
                _notices,
                _flaws,
            )
            for found in found_by(project, _Pages(name, address))
        ]
        return told(response, address, facts, _notes(project, name))


@dataclass(frozen=True, slots=True)
class _Project:
    """
    The document, and its releases.

    `speaks_of` is the version whose metadata it holds; `all_listed` says whether the
    releases are all there are.
    """

    document: Fields
    name: str
    speaks_of: str
    releases: tuple[Release, ...]
    all_listed: bool
    adopted: str


@dataclass(frozen=True, slots=True)
class _Pages:
    """Where a person can read it."""

    name: str
    document: str

    def project(self) -> str:
        return package_page("pypi", self.name, otherwise=self.document)

    def version(self, version: str) -> str:
        return package_page("pypi", self.name, version, otherwise=self.document)


def _read(document: Fields, adopted: str) -> _Project:
    speaks_of = fields.required_text(document, "info", "version")
    listed = fields.holds(document, "releases")
    if listed:
        releases = tuple(
            _release(version, fields.mappings(document, "releases", version))
            for version in fields.mapping(document, "releases")
        )
        if not releases:
            raise OutsideError(
                f"unusable answer: it speaks of {shown(speaks_of)} and lists no release"
            )
    elif fields.holds(document, "urls"):
        releases = (_release(speaks_of, fields.mappings(document, "urls")),)
    else:
        releases = ()
    return _Project(
        document=document,
        name=fields.required_text(document, "info", "name"),
        speaks_of=speaks_of,
        releases=releases,
        all_listed=listed,
        adopted=adopted,
    )


def _release(version: str, files: list[Fields]) -> Release:
    days = [utc_day(fields.text(file, "upload_time_iso_8601")) for file in files]
    reasons = [fields.text(file, "yanked_reason").strip() for file in files]
    return Release(
        version=version,
        files=len(files),
        released_on=min((day for day in days if day is not None), default=None),
        yanked=bool(files) and all(fields.is_set(file, "yanked") for file in files),
        reason=next(filter(None, reasons), ""),
    )


def _release_facts(project: _Project, pages: _Pages) -> Iterator[Fact]:
    newest = latest(project.releases)
    # Without the list, the one version known is the latest only if it is a final one
    # that is offered, which is what `latest` asks of it; older ones cannot beat it.
    if newest is not None:
        yield fact(
            SignalKind.LATEST_RELEASE,
            newest.version,
            on=newest.released_on,
            address=pages.version(newest.version),
        )
    adopted = find(project.releases, project.adopted) if project.adopted else None
    if adopted is None:
        return
    page = pages.version(project.adopted)
    yield fact(
        SignalKind.ADOPTED_RELEASE,
        project.adopted,
        on=adopted.released_on,
        address=page,
    )
    if adopted.yanked:
        yield fact(
            SignalKind.VERSION_YANKED,
            adopted.reason or "yanked",
            subject=project.adopted,
            quote=adopted.reason,
            address=page,
        )


def _withdrawals(project: _Project, pages: _Pages) -> Iterator[Fact]:
    if not project.all_listed:
        return
    count = len(project.releases)
    with_files = [release for release in project.releases if release.files]
    if not with_files:
        yield fact(
            SignalKind.NO_FILES,
            f"{count:,} {_plural(count)}, and no file of any",
            address=pages.project(),
        )
    elif all(release.yanked for release in with_files):
        reasons = [release.reason for release in reversed(with_files)]
        yield fact(
            SignalKind.ALL_RELEASES_YANKED,
            f"no release is left: {len(with_files):,} of {count:,} "
            f"{_plural(count)} have files, and all are yanked",
            quote=next(filter(None, reasons), ""),
            address=pages.project(),
        )


def _plural(count: int) -> str:
    return "release" if count == 1 else "releases"


def _licence(project: _Project, pages: _Pages) -> Iterator[Fact]:
    info = fields.mapping(project.document, "info")
    stated = licences.spdx(fields.text(info, "license_expression"))
    found = licences.clearest(
        stated,
        licences.from_classifiers(fields.texts(info, "classifiers")),
        licences.spdx(fields.text(info, "license")),
    )
    if found:
        yield fact(
            SignalKind.LICENCE,
            found,
            subject=project.speaks_of,
            confidence=Confidence.STATED if stated else Confidence.DERIVED,
            address=pages.version(project.speaks_of),
        )


def _repository(project: _Project, pages: _Pages) -> Iterator[Fact]:
    info = fields.mapping(project.document, "info")
    labelled = [
        (label, address)
        for label, address in fields.mapping(info, "project_urls").items()
        if isinstance(address, str)
    ]
    labelled.append(("Homepage", fields.text(info, "home_page")))
    found = labelled_repository(labelled)
    if found:
        yield fact(
            SignalKind.REPOSITORY,
            found,
            confidence=Confidence.DERIVED,
            address=pages.project(),
        )


def _maintainers(project: _Project, pages: _Pages) -> Iterator[Fact]:
    # An organisation's projects list no roles, and a mirror may list no owners at all.
    people = {
        fields.text(role, "user")
        for role in fields.mappings(project.document, "ownership", "roles")
    } - {""}
    organisation = fields.text(project.document, "ownership", "organization")
    value = "organisation" if organisation else str(len(people) or "")
    if value:
        yield fact(
            SignalKind.MAINTAINERS, value, quote=organisation, address=pages.project()
        )


def _notices(project: _Project, pages: _Pages) -> Iterator[Fact]:
    info = fields.mapping(project.document, "info")
    summary = fields.text(info, "summary")
    description = fields.text(info, "description")
    for subject, text, notice in (
        ("summary", summary, read_notice(summary, name=project.name)),
        ("description", description, read_description(description, name=project.name)),
    ):
        if notice.what is Says.DYING:
            yield fact(
                SignalKind.NOTICE_TEXT,
                notice.phrase,
                subject=subject,
                quote=_sentence_around(notice.phrase, text),
                replacement=notice.replacement,
                address=pages.project(),
            )
    if INACTIVE in fields.texts(info, "classifiers"):
        yield fact(SignalKind.INACTIVE_CLASSIFIER, INACTIVE, address=pages.project())


def _sentence_around(phrase: str, text: str) -> str:
    """Return the sentence of a text that a phrase stands in, or the phrase itself."""
    shown_text = tidied(text, limit=DESCRIPTION_LIMIT).shown
    at = shown_text.find(phrase)
    if at < 0:
        return phrase
    start = max(shown_text.rfind(end, 0, at) for end in _SENTENCE_ENDS) + 1
    end = _SENTENCE_END.search(shown_text, at + len(phrase))
    return shown_text[start : end.end() if end else len(shown_text)]


def _flaws(project: _Project, pages: _Pages) -> Iterator[Fact]:
    """
    Yield the flaws of the version in use, if it is the one the document speaks of.

    Flaws are listed for that version alone, so there is nothing to say of another one.
    """
    if not is_same_version(project.speaks_of, project.adopted):
        return
    listed = (
        Flaw(
            id=fields.required_text(record, "id"),
            aliases=tuple(fields.texts(record, "aliases")),
            summary=fields.text(record, "summary")
            or first_line(fields.text(record, "details")),
            fixed=tuple(fields.texts(record, "fixed_in")),
        )
        for record in fields.mappings(project.document, "vulnerabilities")
        if not fields.text(record, "withdrawn")
    )
    for flaw in joined(listed)[:FLAW_LIMIT]:
        yield fact(
            SignalKind.VULNERABILITY,
            flaw.summary or flaw.id,
            subject=flaw.id,
            aliases=flaw.aliases,
            fixed_in=first_fix(flaw.fixed, project.adopted),
            address=pages.version(project.adopted),
        )


def _notes(project: _Project, name: str) -> Iterator[str]:
    if pypi_name(project.name) != name:
        yield f"The index calls it {shown(project.name)}."
    if not project.all_listed:
        yield "The index lists no releases but the one it speaks of."
    elif project.adopted and find(project.releases, project.adopted) is None:
        yield f"The index lists no version {shown(project.adopted)}."
    if project.adopted and not is_same_version(project.speaks_of, project.adopted):
        yield (
            f"It tells the known flaws of {quoted(project.speaks_of, _VERSION_LIMIT)} "
            f"only, not of {quoted(project.adopted, _VERSION_LIMIT)}, which is in use."
        )
