"""
What a form may be filled with before anything is registered: what was typed, and facts.

A proposal that a person reads before saving; nothing here is believed without one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reviews.rules.evidence.matching import Subject
from reviews.rules.recognising import Form, Recognised
from reviews.rules.signals import Fact, SignalKind, Source
from reviews.rules.vocabulary import Kind, Scheme

ACTIVE = "active"

_FIGURES = (SignalKind.LATEST_RELEASE, SignalKind.LICENCE)
_GRAVE = (
    SignalKind.PROJECT_STATUS,
    SignalKind.REGISTRY_DEPRECATED,
    SignalKind.VERSION_DEPRECATED,
    SignalKind.NOTICE_TEXT,
    SignalKind.INACTIVE_CLASSIFIER,
    SignalKind.ALL_RELEASES_YANKED,
    SignalKind.UNPUBLISHED,
    SignalKind.NO_FILES,
    SignalKind.VERSION_YANKED,
    SignalKind.REPOSITORY_ARCHIVED,
    SignalKind.REPOSITORY_GONE,
    SignalKind.REPOSITORY_DISABLED,
    SignalKind.REPOSITORY_MOVED,
    SignalKind.END_OF_LIFE,
    SignalKind.MODEL_RETIREMENT,
    SignalKind.MODEL_DISABLED,
    SignalKind.MODEL_SUCCESSOR,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A fact and who says it."""

    source: Source
    fact: Fact


@dataclass(frozen=True, slots=True)
class Filling:
    """
    What the form opens with; `kind` is None where a person has to say it.

    `figures` are the latest release and the licence, `warnings` what speaks against it:
    both with who says so.
    """

    name: str
    kind: Kind | None
    version: str
    homepage: str
    identifiers: tuple[tuple[Scheme, str], ...]
    figures: tuple[Told, ...]
    warnings: tuple[Told, ...]

    def tells(self, kind: SignalKind) -> bool:
        """Return whether anybody says anything of this kind."""
        return any(told.fact.kind is kind for told in self.figures)


def subject_of(asked: Recognised, repositories: Sequence[str] = ()) -> Subject:
    """Return what was typed as the sources are asked about it."""
    key = (
        asked.value if asked.form is Form.PURL else asked.keys[0] if asked.keys else ""
    )
    return Subject(
        kind=_kind(asked) or Kind.VENDOR,
        name=asked.name,
        key=key,
        version=asked.version,
        identifiers=_identifiers(asked),
        repositories=tuple(repositories),
    )


def repositories_in(told: Sequence[Told]) -> tuple[str, ...]:
    """Return the repositories that a package's own metadata names."""
    return tuple(
        dict.fromkeys(
            each.fact.value for each in told if each.fact.kind is SignalKind.REPOSITORY
        )
    )


def filling(asked: Recognised, told: Sequence[Told]) -> Filling:
    """Return what the form opens with, of all that the sources say."""
    typed = _identifiers(asked)
    more = [
        (Scheme.REPOSITORY, address)
        for address in repositories_in(told)
        if (Scheme.REPOSITORY, address) not in typed
    ]
    return Filling(
        name=asked.name,
        kind=_kind(asked),
        version=asked.version,
        homepage=asked.value if _is_site(asked) else "",
        # A second one is for a person to add: which of them it is, nobody has checked.
        identifiers=(*typed, *more[:1]),
        figures=_of(told, _FIGURES),
        warnings=tuple(
            each
            for each in _of(told, _GRAVE)
            if not (
                each.fact.kind is SignalKind.PROJECT_STATUS
                and each.fact.value == ACTIVE
            )
        ),
    )


def _of(told: Sequence[Told], kinds: Sequence[SignalKind]) -> tuple[Told, ...]:
    found = [each for each in told if each.fact.kind in kinds]
    return tuple(sorted(found, key=lambda each: kinds.index(each.fact.kind)))


def _kind(asked: Recognised) -> Kind | None:
    match asked.form:
        case Form.PURL:
            is_model = asked.value.startswith("pkg:huggingface/")
            return Kind.MODEL if is_model else Kind.PACKAGE
        case Form.REPOSITORY:
            return Kind.PACKAGE
        case Form.MODEL:
            return Kind.MODEL
        case Form.NAME:
            return Kind.VENDOR if _is_site(asked) else None


def _is_site(asked: Recognised) -> bool:
    return asked.form is Form.NAME and asked.value.lower().startswith(
        ("http://", "https://")
    )


def _identifiers(asked: Recognised) -> tuple[tuple[Scheme, str], ...]:
    match asked.form:
        case Form.PURL:
            return ((Scheme.PURL, asked.value),)
        case Form.REPOSITORY:
            return ((Scheme.REPOSITORY, asked.value),)
        case Form.MODEL:
            return ((Scheme.MODEL, asked.value),)
        case Form.NAME:
            return ()
