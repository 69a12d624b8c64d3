"""OpenSSF Scorecard: whether a repository on GitHub looks maintained, and nothing else."""

from reviews.connectors import fields
from reviews.connectors.answers import fact, not_found, told, unchanged
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, Response, segment
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.answers.instants import utc_day
from reviews.rules.matches import Match
from reviews.rules.signals import Fact, SignalKind, Source

_CHECK = "Maintained"
_INCONCLUSIVE = -1
_HIGHEST = 10


class Scorecard:
    """
    The check "Maintained" of the last weekly scan, from 0 to 10.

    0 also for any repository younger than ninety days, and for finished small libraries.
    -1 is inconclusive.

    Source: https://api.scorecard.dev and
    https://github.com/ossf/scorecard/blob/main/docs/checks.md#maintained
    """

    name = Source.SCORECARD

    def __init__(self, client: HTTPClient, base: str) -> None:
        self._client = client
        self._base = base.rstrip("/")

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return the score of the repository "owner/name", or that none is kept.

        :raises OutsideError: if it cannot be asked or its answer cannot be used.
        """
        owner, _, name = match.subject.partition("/")
        address = f"{self._base}/projects/github.com/{segment(owner)}/{segment(name)}"
        response = self._client.get(address, known=known)
        match response.status:
            case 404:
                return not_found(address)
            case 304:
                return unchanged(response, address, known)
        return _read(response, address, match.subject)


def _read(response: Response, address: str, repository: str) -> SourceAnswer:
    said = fields.document(response.json())
    if not fields.holds(said, "checks"):
        raise OutsideError("unusable answer: checks is missing")
    checks = fields.mappings(said, "checks")
    scanned = utc_day(fields.text(said, "date"))
    notes = [f"Scanned on {scanned}."] if scanned else []
    facts = [
        _maintained(check, address, repository)
        for check in checks
        if fields.text(check, "name") == _CHECK
    ]
    if not facts:
        notes.append("The scan did not look whether it is maintained.")
    return told(response, address, facts[:1], notes)


def _maintained(check: Fields, address: str, repository: str) -> Fact:
    score = check.get("score")
    if (
        not isinstance(score, int)
        or isinstance(score, bool)
        or not _INCONCLUSIVE <= score <= _HIGHEST
    ):
        raise OutsideError("unusable answer: the score is none from -1 to 10")
    return fact(
        SignalKind.SCORECARD_MAINTAINED,
        str(score),
        address=address,
        subject=repository,
        quote=fields.text(check, "reason"),
    )
