"""
Matching: under which name each source knows a solution, and why a source cannot be asked.

What a person entered comes first, then the solution's purl, then the curated aliases,
then what the package says of itself, which nobody has checked. A solution is never
looked up by its bare name: two things may share one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reviews.rules.answers.source_addresses import repository_address
from reviews.rules.endoflife.aliases import model_product, package_product
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.purl import Purl, PurlError, canonical
from reviews.rules.signals import SOURCE_NAMES, Source
from reviews.rules.vocabulary import Kind, Scheme

ASKED = (
    Source.PYPI,
    Source.PYPI_STATUS,
    Source.NPM,
    Source.OSV,
    Source.DEPS_DEV,
    Source.ENDOFLIFE,
    Source.GITHUB,
    Source.SCORECARD,
    Source.HUGGING_FACE,
)
"""The sources that can be asked about a solution, in the order of a matching."""

_MANY = frozenset({"cargo", "gem", "golang", "maven", "npm", "nuget", "pypi"})

# The types of purls that a source serves.
# Sources: https://google.github.io/osv.dev/data/, https://docs.deps.dev/api/v3/
_TYPES = {
    Source.PYPI: frozenset({"pypi"}),
    Source.PYPI_STATUS: frozenset({"pypi"}),
    Source.NPM: frozenset({"npm"}),
    Source.OSV: _MANY
    | {"composer", "conan", "cran", "hackage", "hex", "julia", "opam", "pub"},
    Source.DEPS_DEV: _MANY,
}
_SEVERAL = frozenset({Source.OSV, Source.DEPS_DEV})

_GITHUB = "https://github.com/"
# Types of purls whose names are the addresses of repositories.
_ADDRESSED = frozenset({"golang", "swift"})

_PRODUCT = re.compile(r"[a-z0-9][a-z0-9.+_-]*")
_MODEL_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Subject:
    """
    What is to be matched.

    `key` is a canonical purl, or "kind:name". `identifiers` are what a person entered,
    in that order; `repositories` are addresses that the package's metadata names.
    """

    kind: Kind
    name: str
    key: str
    version: str = ""
    homepage: str = ""
    identifiers: tuple[tuple[Scheme, str], ...] = ()
    repositories: tuple[str, ...] = ()

    def identified(self, scheme: Scheme) -> list[str]:
        """Return the identifiers of one scheme, in the order in which they came."""
        return [value.strip() for found, value in self.identifiers if found is scheme]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A source that cannot be asked, and one sentence that says why."""

    source: Source
    why: str

    def __str__(self) -> str:
        return f"{SOURCE_NAMES[self.source]}: {self.why}"


@dataclass(frozen=True, slots=True)
class Matching:
    """
    How a solution stands to every source: each is matched or unmatched, and once.

    `notes` say what a person entered that is left out.
    """

    matches: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]
    notes: tuple[str, ...] = ()


def matching(subject: Subject) -> Matching:
    """Return under which name each source is asked about a solution, or why not."""
    packages, notes = _packages(subject)
    matches: list[Match] = []
    unmatched: list[Unmatched] = []
    for source in ASKED:
        candidates = list(_candidates(source, subject, packages))
        if candidates and source is Source.OSV and not subject.version:
            unmatched.append(Unmatched(source, _NO_VERSION))
        elif candidates:
            matches.append(replace(candidates[0], version=subject.version))
            notes += _left_out(candidates)
        else:
            unmatched.append(Unmatched(source, _why_not(source, subject, packages)))
    return Matching(tuple(matches), tuple(unmatched), tuple(dict.fromkeys(notes)))


@dataclass(frozen=True, slots=True)
class _Package:
    """A purl, and whether a person entered it or the solution is known by it."""

    purl: Purl
    by: MatchedBy

    @property
    def said(self) -> str:
        return f"Its purl {self.purl.key}"


def _packages(subject: Subject) -> tuple[list[_Package], list[str]]:
    packages: list[_Package] = []
    notes: list[str] = []
    entered = [(text, MatchedBy.IDENTIFIER) for text in subject.identified(Scheme.PURL)]
    own = [(subject.key, MatchedBy.PURL)] if subject.key.startswith("pkg:") else []
    for text, by in [*entered, *own]:
        try:
            packages.append(_Package(canonical(text), by))
        except PurlError as error:
            notes.append(f"Its identifier is left out: {error}")
    return packages, notes


def _candidates(
    source: Source, subject: Subject, packages: list[_Package]
) -> Iterator[Match]:
    match source:
        case Source.ENDOFLIFE:
            yield from _products(subject, packages)
        case Source.GITHUB | Source.SCORECARD:
            yield from _repositories(source, subject, packages)
        case Source.HUGGING_FACE:
            yield from _models(subject, packages)
        case _:
            yield from _packages_of(source, packages)


def _packages_of(source: Source, packages: list[_Package]) -> Iterator[Match]:
    for package in packages:
        purl = package.purl
        if purl.type in _TYPES.get(source, ()):
            ecosystem = purl.type if source in _SEVERAL else ""
            why = f"{package.said} names it at {SOURCE_NAMES[source]}."
            yield Match(source, purl.name, package.by, why, ecosystem=ecosystem)


def _products(subject: Subject, packages: list[_Package]) -> Iterator[Match]:
    yield from _named_products(subject)
    source, by = Source.ENDOFLIFE, MatchedBy.ALIAS
    for id in subject.identified(Scheme.MODEL):
        product = model_product(id)
        if product:
            why = (
                f"Models like {id} are listed as the endoflife.date product {product}."
            )
            yield Match(source, product, by, why, cycle=id)
    for package in packages:
        product = package_product(package.purl.key)
        if product:
            why = f"{package.said} is listed as the endoflife.date product {product}."
            yield Match(source, product, by, why)
    # A package's repository may hold much besides it: only what has no purl is taken
    # for the whole of its repository.
    names = [] if packages else subject.identified(Scheme.REPOSITORY)
    for name in _github_names(names):
        product = package_product(f"pkg:github/{name}")
        if product:
            why = f"Its repository {name} is that of the endoflife.date product {product}."
            yield Match(source, product, by, why)


def _named_products(subject: Subject) -> Iterator[Match]:
    models = filter(model_product, subject.identified(Scheme.MODEL))
    model = next(models, "")
    for value in subject.identified(Scheme.ENDOFLIFE):
        product, _, cycle = value.partition("/")
        if _PRODUCT.fullmatch(product):
            named = f"{product}, cycle {cycle}" if cycle else product
            why = f"Its identifier says that it is the endoflife.date product {named}."
            yield Match(
                Source.ENDOFLIFE,
                product,
                MatchedBy.IDENTIFIER,
                why,
                cycle=cycle or (model if product == model_product(model) else ""),
            )


def _repositories(
    source: Source, subject: Subject, packages: list[_Package]
) -> Iterator[Match]:
    for name in _github_names(subject.identified(Scheme.REPOSITORY)):
        why = f"Its identifier names the repository {name}."
        yield Match(source, name, MatchedBy.IDENTIFIER, why)
    for package in packages:
        name = _repository_of(package.purl)
        if name:
            why = f"{package.said} names the repository {name}."
            yield Match(source, name, package.by, why)
    for name in _github_names(subject.repositories):
        why = f"The package's own metadata links to {name}, which nobody has checked."
        yield Match(source, name, MatchedBy.METADATA, why)
    for name in _github_names([subject.homepage]):
        why = f"Its home page is the repository {name}, which nobody has checked."
        yield Match(source, name, MatchedBy.METADATA, why)


def github_name(address: str) -> str:
    """
    Return the "owner/name" of the repository on GitHub that an address is, or nothing.

    A bare "owner/name" names no host, and is nothing.
    """
    address = address.strip()
    if address.lower().startswith(("github.com/", "www.github.com/")):
        address = f"https://{address}"
    found = repository_address(address) if ":" in address else ""
    return found.removeprefix(_GITHUB) if found.startswith(_GITHUB) else ""


def _github_names(addresses: Iterable[str]) -> Iterator[str]:
    return filter(None, map(github_name, addresses))


def _repository_of(purl: Purl) -> str:
    if purl.type == "github":
        return purl.name
    return github_name(purl.name) if purl.type in _ADDRESSED else ""


def _models(subject: Subject, packages: list[_Package]) -> Iterator[Match]:
    for id in subject.identified(Scheme.MODEL):
        # Who serves a model writes its id in the same way as who publishes one.
        if _MODEL_ID.fullmatch(id) and not model_product(id):
            why = f"Its model id {id} is a name at Hugging Face."
            yield Match(Source.HUGGING_FACE, id, MatchedBy.IDENTIFIER, why)
    for package in packages:
        if package.purl.type == "huggingface":
            why = f"{package.said} names it at Hugging Face."
            yield Match(Source.HUGGING_FACE, package.purl.name, package.by, why)


def _left_out(candidates: list[Match]) -> list[str]:
    """Return what a person entered, besides the identifier that decided."""
    first = candidates[0]
    return [
        f"{SOURCE_NAMES[first.source]} is asked about {_named(first)}; "
        f"{_named(other)}, which is entered too, is left out."
        for other in candidates[1:]
        if other.by is MatchedBy.IDENTIFIER and _named(other) != _named(first)
    ]


def _named(match: Match) -> str:
    return f"{match.subject}/{match.cycle}" if match.cycle else match.subject


_NO_VERSION = (
    "No version in use is recorded, and without one it lists every flaw there ever was."
)


def _why_not(source: Source, subject: Subject, packages: list[_Package]) -> str:
    match source:
        case Source.ENDOFLIFE:
            return _why_no_product(subject, packages)
        case Source.GITHUB | Source.SCORECARD:
            for value in subject.identified(Scheme.REPOSITORY):
                return f"The address {value} is none of a repository on GitHub."
            return "No repository on GitHub is known; one may be entered as identifier."
        case Source.HUGGING_FACE:
            if subject.kind is Kind.MODEL:
                return "No model id of the form owner/name is entered."
            return "It is no model."
        case _:
            if not packages:
                return "It has no purl, and is never looked up by its name alone."
            types = " or ".join(sorted({package.purl.type for package in packages}))
            return f"It knows no packages of the type {types}."


def _why_no_product(subject: Subject, packages: list[_Package]) -> str:
    refused = subject.identified(Scheme.ENDOFLIFE)
    if refused:
        return f"The identifier {refused[0]} is no name of a product there."
    if packages:
        return (
            f"{packages[0].said} is not known to be a product there; "
            "one may be entered as identifier."
        )
    return "It is not known which product it is; one may be entered as identifier."
