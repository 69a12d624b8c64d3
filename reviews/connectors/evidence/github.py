"""
GitHub: whether a repository is archived, moved or gone, its licence and latest release.

Not how lively it is: `pushed_at` moves with every robot's branch and `updated_at` with
every star.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from reviews.connectors import fields
from reviews.connectors.answers import fact, told
from reviews.connectors.fields import Fields
from reviews.connectors.http import HTTPClient, Response, segment
from reviews.connectors.registry_pages import package_page
from reviews.ports.evidence import SourceAnswer
from reviews.ports.outside import OutsideError, Validators
from reviews.rules.answers.instants import utc_day
from reviews.rules.answers.licences import spdx
from reviews.rules.matches import Match
from reviews.rules.signals import Confidence, Fact, SignalKind, Source, SourceState
from reviews.rules.text import shown

_ACCEPT = "application/vnd.github+json"
# 451: taken down for legal reasons.
_GONE = frozenset({404, 410, 451})
_REFUSED = 403
_UNKNOWN_LICENCE = "NOASSERTION"

# "Otherwise, wait for at least one minute before retrying."
_LEAST_WAIT = timedelta(minutes=1)


class GitHub:
    """
    A repository, by two calls: the repository, and its latest release.

    Without a token sixty calls an hour are allowed, with one 5,000; an answer "not
    modified" costs nothing then. What a token may not see looks gone.

    Source: https://docs.github.com/rest/repos/repos#get-a-repository,
    .../rest/releases/releases#get-the-latest-release (without drafts and pre-releases;
    404 if there is none) and .../rest/using-the-rest-api/rate-limits-for-the-rest-api
    """

    name = Source.GITHUB

    def __init__(self, client: HTTPClient, base: str, token: str = "") -> None:
        self._client = client
        self._base = base.rstrip("/")
        self._token = token

    def ask(self, match: Match, known: Validators) -> SourceAnswer:
        """
        Return what GitHub says of the repository "owner/name".

        :raises OutsideError: if it cannot be asked or its answer cannot be used.
        """
        owner, _, name = match.subject.partition("/")
        address = f"{self._base}/repos/{segment(owner)}/{segment(name)}"
        marks = _Marks.of(known)
        repository = self._get(address, marks.repository)
        if repository.status == 304:
            if self._has_same_release(address, marks):
                return SourceAnswer(
                    SourceState.OK, address, validators=known, unchanged=True
                )
            repository = self._get(address, "")
        if repository.status in _GONE:
            return _gone(repository, address, match.subject, bool(self._token))
        release = self._get(f"{address}/releases/latest", "")
        return _read(repository, release, address, match.subject)

    def _has_same_release(self, address: str, marks: "_Marks") -> bool:
        release = self._get(f"{address}/releases/latest", marks.release)
        if release.status == 304:
            return True
        return release.status in _GONE and not marks.release

    def _get(self, address: str, mark: str) -> Response:
        """:raises OutsideError: also where the quota is used up, as temporary."""
        response = self._client.get(
            address,
            accept=_ACCEPT,
            known=Validators(etag=mark),
            token=self._token,
            expect=frozenset({200, 304, _REFUSED}) | _GONE,
        )
        if response.status == _REFUSED:
            raise _refusal(response)
        return response


@dataclass(frozen=True, slots=True)
class _Marks:
    """
    The ETags of the two answers, kept as one text: an ETag has no spaces.

    Without a second there was no release.
    """

    repository: str
    release: str

    @classmethod
    def of(cls, known: Validators) -> "_Marks":
        repository, _, release = known.etag.partition(" ")
        return cls(repository, release)

    def kept(self) -> Validators:
        return Validators(etag=f"{self.repository} {self.release}".strip())


def _marks(repository: Response, release: Response) -> Validators:
    marks = _Marks(repository.validators.etag, release.validators.etag)
    if release.status in _GONE:
        marks = _Marks(marks.repository, "")
    elif not marks.release:
        # A release that cannot be asked for again by its mark would pass for none.
        return Validators()
    return marks.kept() if marks.repository else Validators()


def _refusal(response: Response) -> OutsideError:
    """
    Return why GitHub refuses: it is asked too often, or will not answer at all.

    With the headers that say so the client knows of itself; a limit on bursts may come
    without any.
    """
    said = fields.loose_text(fields.document(response.json()), "message")
    if "rate limit" in said.casefold():
        return OutsideError("GitHub is asked too often.", retry_after=_LEAST_WAIT)
    return OutsideError(f"GitHub refuses to answer: {shown(said)}", permanent=True)


def _gone(
    response: Response, address: str, asked: str, with_token: bool
) -> SourceAnswer:
    note = "It is gone, or private and not to be seen"
    seen = "with this token" if with_token else "without a token"
    found = fact(
        SignalKind.REPOSITORY_GONE,
        "not found" if response.status == 404 else "taken down",
        address=package_page("github", asked, otherwise=address),
        subject=asked,
        confidence=Confidence.DERIVED,
    )
    answer = told(response, address, [found], [f"{note} {seen}."])
    return replace(answer, validators=Validators())


def _read(
    repository: Response, release: Response, address: str, asked: str
) -> SourceAnswer:
    said = fields.document(repository.json())
    name = fields.required_text(said, "full_name")
    page = _page(said, name, address)
    facts = [*_standing(said, asked, name, page), *_licence(said, page)]
    if release.status == 200:
        facts.append(_release(fields.document(release.json()), page))
    notes = []
    if not fields.holds(said, "archived"):
        notes.append("It is not said whether the repository is archived.")
    return replace(
        told(repository, address, facts, notes),
        digest=sha256(f"{repository.digest}{release.digest}".encode()).hexdigest(),
        validators=_marks(repository, release),
    )


def _page(said: Fields, name: str, otherwise: str) -> str:
    """Return the repository's page: the given one, if it is one by its look."""
    page = fields.loose_text(said, "html_url")
    is_page = page.startswith("https://") and page.endswith(f"/{name}")
    return page if is_page else package_page("github", name, otherwise=otherwise)


def _standing(said: Fields, asked: str, name: str, page: str) -> Iterator[Fact]:
    if fields.is_set(said, "archived"):
        yield fact(
            SignalKind.REPOSITORY_ARCHIVED, "archived", address=page, subject=asked
        )
    if fields.is_set(said, "disabled"):
        yield fact(
            SignalKind.REPOSITORY_DISABLED, "disabled", address=page, subject=asked
        )
    if name.casefold() != asked.casefold():
        yield fact(
            SignalKind.REPOSITORY_MOVED,
            name,
            address=page,
            subject=asked,
            replacement=name,
        )


def _licence(said: Fields, page: str) -> Iterator[Fact]:
    id = fields.text(said, "license", "spdx_id").strip()
    if id and id != _UNKNOWN_LICENCE:
        licence = spdx(id) or id
        yield fact(SignalKind.LICENCE, licence, address=page, subject="repository")


def _release(said: Fields, page: str) -> Fact:
    return fact(
        SignalKind.LATEST_RELEASE,
        fields.required_text(said, "tag_name"),
        address=f"{page}/releases" if page.startswith("https://") else page,
        on=utc_day(fields.text(said, "published_at")),
    )
