"""
Which connector is asked for which source, at which address: settings in, connectors out.

The only module that knows both the settings and the connectors.
"""

import ipaddress
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import assert_never
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from reviews.connectors.addresses import Destination
from reviews.connectors.dialling import check_reachable
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
from reviews.connectors.notices.email import Email, MailServer
from reviews.connectors.notices.slack import SlackBot, SlackWebhook
from reviews.connectors.notices.teams import Teams
from reviews.connectors.tickets.github.issues import GitHubIssues
from reviews.connectors.tickets.gitlab.issues import GitLabIssues
from reviews.connectors.tickets.jira.issues import Jira
from reviews.connectors.tickets.redmine.issues import Redmine
from reviews.connectors.vault import SecretVault
from reviews.models import Connection
from reviews.ports.evidence import EvidenceSource
from reviews.ports.notices import Messenger
from reviews.ports.tickets import Fields, TicketSystem
from reviews.ports.vault import SealedError, Vault
from reviews.rules.signals import Source
from reviews.rules.telling import Channel
from reviews.rules.ticketing import WRITES_PER_MINUTE, System
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


_SYSTEMS: Mapping[System, Callable[..., TicketSystem]] = {
    System.JIRA: Jira,
    System.GITHUB: GitHubIssues,
    System.GITLAB: GitLabIssues,
    System.REDMINE: Redmine,
}

TYPED_REMEDY = (
    "If it is a host of your own, name it in the setting OUTBOUND_ALLOWED_HOSTS."
)


def ticket_system(connection: Connection) -> TicketSystem:
    """
    Return what speaks to a connection's project.

    :raises SealedError: if its token cannot be opened any more.
    """
    system = System(connection.system)
    per_minute = connection.writes_per_minute or WRITES_PER_MINUTE[system]
    return _SYSTEMS[system](
        outside_client(per_second=per_minute / 60),
        address=connection.address,
        project=connection.project,
        issue_type=connection.issue_type,
        login=connection.login,
        token=token_of(connection),
        fields=Fields(**connection.fields),
    )


def token_of(connection: Connection) -> str:
    """
    Return a connection's token: the environment's, or the one that was entered.

    :raises SealedError: if that cannot be opened any more, or the environment gives its
        own to another host alone.
    """
    given, host = _given(connection, "TOKEN"), _given(connection, "HOST")
    if given and host and Destination.of(connection.address).name != host.lower():
        raise SealedError(
            f"The environment's token for this connection is for {host} alone, and its "
            "address leads elsewhere: change the address back, or have whoever runs the "
            "tracker change TICKETS_…_HOST."
        )
    return given or vault().open(connection.sealed_token)


def given_secret_of(connection: Connection) -> str:
    """Return the secret of a connection's webhook that the environment has, if any."""
    return _given(connection, "SECRET")


def _given(connection: Connection, kind: str) -> str:
    name = connection.slug.upper().replace("-", "_")
    return str(settings.TICKETS_SECRETS.get(f"{name}_{kind}", ""))


def open_channels() -> frozenset[Channel]:
    """Return the channels that this installation is set up for."""
    closed = set() if settings.EMAIL else {Channel.EMAIL}
    if not (settings.SLACK_BOT_TOKEN and settings.SLACK_API_URL):
        closed.add(Channel.SLACK_BOT)
    return frozenset(Channel) - closed


def messenger(channel: Channel) -> Messenger:
    """Return what hands messages over on a channel that is set up here."""
    match channel:
        case Channel.EMAIL:
            return Email(
                MailServer(**settings.EMAIL),
                sender=settings.EMAIL_FROM,
                name=urlsplit(settings.SITE_URL).hostname or "localhost",
                clock=timezone.now,
            )
        case Channel.SLACK_WEBHOOK:
            return SlackWebhook(outside_client())
        case Channel.SLACK_BOT:
            # The operator's word: where Slack's API is may be private.
            address = frozenset({settings.SLACK_API_URL})
            return SlackBot(
                http_client(address, settings.OUTBOUND_TIMEOUT_SECONDS),
                base=settings.SLACK_API_URL,
                token=settings.SLACK_BOT_TOKEN,
            )
        case Channel.TEAMS:
            return Teams(outside_client())
        case _:
            assert_never(channel)


def vault() -> Vault:
    """Return what seals and opens the secrets in the database."""
    return _vault((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@cache
def _vault(keys: tuple[str, ...]) -> SecretVault:
    return SecretVault(keys)


def check_outside(url: str) -> None:
    """
    Return if an address that somebody typed may be asked, as far as can be told now.

    :raises AddressError: if not; a refusal for a private address names the setting.
    """
    destination = Destination.of(url)
    check_reachable(destination, outside_network())


def outside_network() -> Network:
    """Return what may be dialled of what people type in: nothing private, but by name."""
    origins = set()
    for host in settings.OUTBOUND_ALLOWED_HOSTS:
        has_port = host.rpartition(":")[2].isdigit() and not host.endswith("]")
        origins |= {host} if has_port else {f"{host}:80", f"{host}:443"}
    return Network(origins=frozenset(origins), remedy=TYPED_REMEDY)


def outside_client(*, per_second: float = 10) -> HTTPClient:
    """Return what requests to addresses that people typed go through."""
    return _client(
        contact=settings.EVIDENCE_CONTACT,
        network=outside_network(),
        per_second=per_second,
        seconds=settings.OUTBOUND_TIMEOUT_SECONDS,
        patience=PATIENCE,
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
