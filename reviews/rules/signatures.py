"""
Whether a delivery of a ticket system's webhook was signed by who knows its secret.

Each system has a scheme of its own. A secret that begins with `whsec_` is Standard
Webhooks' for the two systems that send it, and then nothing less is accepted.

Sources: GitHub, "Validating webhook deliveries"; Atlassian, "Webhooks: secure admin
webhooks" (WebSub's `X-Hub-Signature: method=signature`); GitLab, "Webhooks: delivery
headers" and merge request 230944 (signing token); Redmine 7, `app/models/webhook.rb`;
Standard Webhooks 1.0, "Verifying webhook authenticity".
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reviews.rules.ticketing import System

TOLERANCE = timedelta(minutes=5)
"""How far a delivery's instant may lie from now, either way (Standard Webhooks)."""

STANDARD_PREFIX = "whsec_"

_HEX_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)
_STANDARD_SIGNATURES = re.compile(
    r"v[0-9a-z]+,[!-~]+(?: v[0-9a-z]+,[!-~]+){0,9}", re.ASCII
)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)

_SIGNATURE_HEADERS = {
    System.GITHUB: "x-hub-signature-256",
    System.JIRA: "x-hub-signature",
    System.REDMINE: "x-redmine-signature-256",
}
_STANDARD = frozenset({System.GITLAB, System.REDMINE})

# The event's own id comes last: GitLab repeats it for what its hooks have caused.
_ID_HEADERS = {
    System.GITHUB: ("x-github-delivery",),
    System.JIRA: ("x-atlassian-webhook-identifier",),
    System.GITLAB: ("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
    System.REDMINE: ("webhook-id",),
}
_WITHOUT_IDS = frozenset({System.JIRA, System.REDMINE})


class SignatureError(ValueError):
    """A delivery that is not believed; the text is for the log, not for its sender."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A delivery as it came: headers by their names in lower case, and its raw bytes."""

    headers: Mapping[str, str]
    raw: bytes


def verify(
    system: System, signed: Signed, *, secrets: Sequence[str], now: datetime
) -> None:
    """
    Return if a delivery was signed with one of some secrets.

    Several are known while a secret is changed for another. A plain token, which older
    GitLabs send, proves who sent a delivery, and not that it came unaltered.

    :raises SignatureError: if it was signed with none of them, more than five minutes
        ago or ahead where the scheme tells the time, or if there is no secret.
    """
    problem = "No secret is known."
    for secret in filter(None, secrets):
        try:
            _verify(system, signed, secret, now)
        except SignatureError as error:
            problem = str(error)
        else:
            return
    raise SignatureError(problem)


def delivery_id(system: System, signed: Signed) -> str:
    """
    Return what its sender calls a delivery, the same for each repetition.

    Empty where the sender has to name it and did not. Redmine names none, and a Jira of
    one's own may not: then it is the SHA-256 of the body, which holds its instant.
    """
    for header in _ID_HEADERS[system]:
        if header in signed.headers:
            return signed.headers[header]
    if system in _WITHOUT_IDS:
        return f"sha256:{hashlib.sha256(signed.raw).hexdigest()}"
    return ""


def _verify(system: System, signed: Signed, secret: str, now: datetime) -> None:
    if system in _STANDARD and secret.startswith(STANDARD_PREFIX):
        _verify_standard(signed, secret, now)
    elif system is System.GITLAB:
        _verify_token(signed, secret)
    else:
        _verify_hex(signed, _SIGNATURE_HEADERS[system], secret)


def _verify_hex(signed: Signed, header: str, secret: str) -> None:
    """Hold the one signature in a header against the HMAC-SHA256 of the raw bytes."""
    # Servers join a header that came twice with a comma, which no signature holds.
    found = _HEX_SIGNATURE.fullmatch(_header(signed, header))
    if found is None:
        raise SignatureError(f"{header} is not one signature of the form sha256=….")
    wanted = hmac.new(secret.encode(), signed.raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), found[1].encode()):
        raise SignatureError(f"{header} does not fit the body.")


def _verify_token(signed: Signed, secret: str) -> None:
    # A web server hands the bytes of a header over as Latin-1.
    given = _header(signed, "x-gitlab-token").encode("latin-1", "replace")
    if not hmac.compare_digest(secret.encode(), given):
        raise SignatureError("x-gitlab-token is another one.")


def _verify_standard(signed: Signed, secret: str, now: datetime) -> None:
    """Hold the signatures of Standard Webhooks against id, instant and body."""
    id, instant = _header(signed, "webhook-id"), _header(signed, "webhook-timestamp")
    if not _SECONDS.fullmatch(instant):
        raise SignatureError("webhook-timestamp is not a number of seconds.")
    if abs(now.timestamp() - int(instant)) > TOLERANCE.total_seconds():
        raise SignatureError("webhook-timestamp is more than five minutes away.")
    content = b".".join([id.encode(), instant.encode(), signed.raw])
    digest = hmac.new(_key(secret), content, hashlib.sha256).digest()
    wanted = b"v1," + base64.b64encode(digest)
    given = _header(signed, "webhook-signature")
    if not _STANDARD_SIGNATURES.fullmatch(given):
        raise SignatureError("webhook-signature is no list of signatures.")
    # All are compared, so that the time it takes does not tell which of them fits.
    fitting = [hmac.compare_digest(wanted, each.encode()) for each in given.split(" ")]
    if not any(fitting):
        raise SignatureError("webhook-signature does not fit the delivery.")


def _key(secret: str) -> bytes:
    encoded = secret.removeprefix(STANDARD_PREFIX)
    try:
        # Senders leave the padding out or do not.
        key = base64.b64decode(
            encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4), validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise SignatureError("The secret behind whsec_ is not Base64.") from error
    if not key:
        raise SignatureError("There is no secret behind whsec_.")
    return key


def _header(signed: Signed, name: str) -> str:
    value = signed.headers.get(name, "")
    if not value:
        raise SignatureError(f"There is no {name}.")
    return value
