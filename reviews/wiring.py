"""
Which connector is asked for which source, at which address: settings in, connectors out.

The only module that knows both the settings and the connectors.
"""

import ipaddress
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.utils import timezone

from reviews.connectors.addresses import Destination
from reviews.connectors.evidence.deps_dev import DepsDev
from reviews.connectors.evidence.endoflife import EndOfLife
from reviews.connectors.evidence.github import GitHub
from reviews.connectors.evidence.hugging_face import HuggingFace
from reviews.connectors.evidence.npm import Npm
from reviews.connectors.evidence.osv import OSV
from reviews.connectors.evidence.pypi import PyPI
from reviews.connectors.evidence.pypi_status import PyPIStatus
from reviews.connectors.evidence.scorecard import Scorecard
from reviews.connectors.http import HTTPClient, Network
from reviews.ports.evidence import EvidenceSource
from reviews.rules.signals import Source
from reviews.services.evidence.budget import StoredBudget

PATIENCE = timedelta(seconds=5)
"""How long a worker waits for its turn at a host before it turns to something else."""

HURRIED_CALL_SECONDS = 1.0
SHORT_PATIENCE = timedelta(seconds=0.4)
HURRIED_SECONDS = 2 * (HURRIED_CALL_SECONDS + SHORT_PATIENCE.total_seconds())
"""How long a source takes at most for somebody who waits: two calls and their turns."""

Maker = Callable[[HTTPClient, str], EvidenceSource]

# A source is one line here: the setting that has its address, and what is made of it.
_SOURCES: Mapping[Source, tuple[str, Maker]] = {
    Source.PYPI: ("EVIDENCE_PYPI_URL", PyPI),
    Source.PYPI_STATUS: ("EVIDENCE_PYPI_URL", PyPIStatus),
    Source.NPM: ("EVIDENCE_NPM_URL", Npm),
    Source.ENDOFLIFE: ("EVIDENCE_ENDOFLIFE_URL", EndOfLife),
    Source.OSV: ("EVIDENCE_OSV_URL", OSV),
    Source.DEPS_DEV: ("EVIDENCE_DEPS_DEV_URL", DepsDev),
    Source.GITHUB: (
        "EVIDENCE_GITHUB_URL",
        lambda client, base: GitHub(client, base, settings.EVIDENCE_GITHUB_TOKEN),
    ),
    Source.SCORECARD: ("EVIDENCE_SCORECARD_URL", Scorecard),
    Source.HUGGING_FACE: (
        "EVIDENCE_HUGGING_FACE_URL",
        lambda client, base: HuggingFace(
            client, base, settings.EVIDENCE_HUGGING_FACE_TOKEN
        ),
    ),
}


def evidence_sources() -> Mapping[Source, EvidenceSource]:
    """Return the sources by name; one whose address is empty is left out."""
    return _sources(settings.EVIDENCE_TIMEOUT_SECONDS, PATIENCE)


def hurried_sources() -> Mapping[Source, EvidenceSource]:
    """Return the sources for somebody who waits: HURRIED_SECONDS each at most."""
    return _sources(
        min(HURRIED_CALL_SECONDS, settings.EVIDENCE_TIMEOUT_SECONDS), SHORT_PATIENCE
    )


def _sources(seconds: float, patience: timedelta) -> Mapping[Source, EvidenceSource]:
    addresses = {
        source: getattr(settings, setting) for source, (setting, _) in _SOURCES.items()
    }
    client = http_client(frozenset(filter(None, addresses.values())), seconds, patience)
    return {
        source: make(client, addresses[source])
        for source, (_, make) in _SOURCES.items()
        if addresses[source]
    }


def setting_of(source: Source) -> str:
    """Return the name of the setting that has a source's address."""
    return _SOURCES[source][0]


def http_client(
    addresses: frozenset[str],
    seconds: float | None = None,
    patience: timedelta = PATIENCE,
) -> HTTPClient:
    """
    Return what all requests to the outside go through.

    The addresses are the operator's word: what they name may be private.
    """
    return _client(
        contact=settings.EVIDENCE_CONTACT,
        network=Network(
            allowed=tuple(
                ipaddress.ip_network(text)
                for text in settings.EVIDENCE_ALLOWED_NETWORKS
            ),
            origins=frozenset(
                Destination.of(address).authority for address in addresses
            ),
        ),
        per_second=settings.EVIDENCE_REQUESTS_PER_SECOND,
        seconds=settings.EVIDENCE_TIMEOUT_SECONDS if seconds is None else seconds,
        patience=patience,
    )


# One for a process: to gather whom to trust takes a tenth of a second.
@cache
def _client(
    *,
    contact: str,
    network: Network,
    per_second: float,
    seconds: float,
    patience: timedelta,
) -> HTTPClient:
    return HTTPClient(
        agent=f"best-before/0.1 (technology review tracker; +{contact})",
        network=network,
        budget=StoredBudget(
            per_second=per_second, patience=patience, clock=timezone.now
        ),
        deadline=timedelta(seconds=seconds),
    )
