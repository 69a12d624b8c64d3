"""
The status that a Python index gives a project: archived, quarantined, deprecated.

Nothing else of the index's page is read. Releases are the business of `pypi`.
"""

import re

from reviews.connectors import fields
from reviews.connectors.answers import fact, not_found, told, unchanged, unsupported
from reviews.connectors.http import HTTPClient, Response, segment
from reviews.connectors.registry_pages import package_page
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import Validators
from reviews.rules.matches import Match
from reviews.rules.purl import pypi_name
from reviews.rules.signals import SignalKind, Source
from reviews.rules.text import shown

ACCEPT = "application/vnd.pypi.simple.v1+json"

_STATUSES = frozenset({"active", "archived", "quarantined", "deprecated"})
_FIRST_WITH_STATUS = (1, 4)
_API_VERSION = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")
# What every page of an index in HTML has, and no sign-in page.
_INDEX_PAGE = re.compile(
    rb"pypi:repository-version|<title>[^<]{0,300}\blinks for\b", re.IGNORECASE
)
_PAGE_START = 10_000

_HTML_NOTE = "This index answers in HTML only, without the status of projects."


class PyPIStatus:
    """
    Project status markers of a Python package index.

    Source: https://packaging.python.org/en/latest/specifications/project-status-markers/
    and /simple-repository-api/ (PEP 691 and 792): a status is optional, and its absence
    means "active" from version 1.4 of the API on. Before that, or behind a mirror that
    names no version, its absence means nothing.
    """

    name = Source.PYPI_STATUS

    def __init__(self, client: HTTPClient, base: str) -> None:
        self._client = client
        self._base = base.rstrip("/")

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return the project's status, or that this index serves none.

        :raises OutsideError: if the index cannot be asked or its answer not be used.
        """
        name = pypi_name(match.subject)
        address = f"{self._base}/simple/{segment(name)}/"
        response = self._client.get(
            address,
            accept=ACCEPT,
            known=known,
            expect=frozenset({200, 304, 404, 406}),
        )
        match response.status:
            case 404:
                return not_found(address)
            case 304:
                return unchanged(response, address, known)
            case 406:
                return unsupported(address, _HTML_NOTE)
        if _is_index_page(response.content):
            return unsupported(address, _HTML_NOTE)
        return _read(response, address, name)


def _is_index_page(content: bytes) -> bool:
    start = content[:_PAGE_START].lstrip()
    return start.startswith(b"<") and _INDEX_PAGE.search(start) is not None


def _read(response: Response, address: str, name: str) -> SourceAnswer:
    page = fields.document(response.json())
    called = fields.required_text(page, "name")
    version = fields.text(page, "meta", "api-version")
    said = fields.text(page, "project-status", "status").strip().lower()
    reason = fields.text(page, "project-status", "reason")
    if not said and not _tells_status(version):
        spoken = f"version {shown(version)}" if version else "no version it names"
        return unsupported(
            address,
            f"The index speaks {spoken} of its interface and gives no status, whose "
            "absence means something from 1.4 on only.",
        )
    notes = []
    if pypi_name(called) != name:
        notes.append(f"The index calls it {shown(called)}.")
    if said and said not in _STATUSES:
        notes.append(
            f"The index gives the status {shown(said)}, which counts as active."
        )
    status = fact(
        SignalKind.PROJECT_STATUS,
        said if said in _STATUSES else "active",
        address=package_page("pypi", name, otherwise=address),
        quote=reason,
    )
    return told(response, address, [status], notes)


def _tells_status(version: str) -> bool:
    read = _API_VERSION.fullmatch(version)
    # Another major version may mean anything by a field that is missing.
    return read is not None and (
        int(read[1]) == _FIRST_WITH_STATUS[0] and int(read[2]) >= _FIRST_WITH_STATUS[1]
    )
