"""
What somebody means who types a purl, an address, a model id or a name into one field.

A text alone decides; whether anything of the kind is registered, or exists at all, is
found out elsewhere.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from reviews.rules import purl
from reviews.rules.answers.source_addresses import repository_address
from reviews.rules.endoflife.aliases import model_product
from reviews.rules.evidence.matching import github_name
from reviews.rules.naming import misfit, name_key, slug_stem
from reviews.rules.text import clean_line
from reviews.rules.vocabulary import Kind, Scheme

TEXT_LIMIT = 500


class Form(StrEnum):
    """What sort of a name a text is."""

    PURL = "purl"
    REPOSITORY = "repository"
    MODEL = "model"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Recognised:
    """
    A text, and under what names what it means may be registered.

    `value` is the text in the form in which it would be registered, `name` what a person
    would call it, `version` the one that it names, or empty. `keys` are the main
    identifiers that a solution of it may have, `identifiers` the further ones, and
    `stem` is how its slug would begin.
    """

    text: str
    form: Form
    value: str
    name: str
    keys: tuple[str, ...]
    identifiers: tuple[str, ...]
    version: str = ""

    @property
    def stem(self) -> str:
        return slug_stem(self.name)


# What a person copies from the address bar, and the package that it shows.
_PAGES = (
    (re.compile(r"(?:www\.)?pypi\.org/(?:project|simple)/([^/]+)"), "pkg:pypi/{}"),
    (re.compile(r"(?:www\.)?npmjs\.com/package/((?:@[^/]+/)?[^/]+)"), "pkg:npm/{}"),
    (re.compile(r"crates\.io/crates/([^/]+)"), "pkg:cargo/{}"),
    (re.compile(r"rubygems\.org/gems/([^/]+)"), "pkg:gem/{}"),
    (re.compile(r"(?:www\.)?nuget\.org/packages/([^/]+)"), "pkg:nuget/{}"),
    (re.compile(r"pkg\.go\.dev/([^@]+)"), "pkg:golang/{}"),
)
_SCOPED = re.compile(r"@[a-z0-9][\w.-]*/[a-z0-9][\w.-]*", re.IGNORECASE | re.ASCII)
_MODEL_PAGE = re.compile(
    r"huggingface\.co/(?!datasets/|spaces/|docs/|papers/)([\w.-]+/[\w.-]+)", re.ASCII
)
_HOSTED = re.compile(r"(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+/\S+", re.IGNORECASE)


def recognised(text: str) -> Recognised:
    """
    Return what a text means.

    :raises PurlError: for what starts as a purl and is none.
    :raises TextError: for what is blank, too long, or holds what no line may hold.
    """
    text = clean_line(text, limit=TEXT_LIMIT)
    if text.startswith("pkg:"):
        return _package(text, text)
    if _SCOPED.fullmatch(text):
        return _package(text, f"pkg:npm/{text}")
    elsewhere = _registry_page(text) or _repository(text) or _site(text)
    if elsewhere:
        return elsewhere
    if " " not in text and ("/" in text or model_product(text)):
        return _model(text, text)
    return Recognised(
        text=text,
        form=Form.NAME,
        value=text,
        name=text,
        keys=_name_keys(text),
        identifiers=(text, text.lower()),
    )


def _registry_page(text: str) -> Recognised | None:
    """Return what a registry's page about one package or one model means."""
    address = text.partition("://")[2] or text
    for page, pattern in _PAGES:
        found = page.match(address.partition("?")[0].partition("#")[0])
        if found:
            return _package(text, pattern.format(unquote(found[1])))
    model = _MODEL_PAGE.match(address)
    return _model(text, model[1]) if model else None


def _package(text: str, written: str) -> Recognised:
    package = purl.canonical(written)
    repository = _github(package.name) if package.type == "github" else ()
    return Recognised(
        text=text,
        form=Form.PURL,
        value=package.key,
        name=package.name.rpartition("/")[2]
        if package.type == "github"
        else package.name,
        keys=(package.key,),
        identifiers=(package.key, *repository),
        version=package.version,
    )


def _repository(text: str) -> Recognised | None:
    if ":" not in text and not _HOSTED.fullmatch(text):
        return None
    written = text if ":" in text else f"https://{text}"
    address = repository_address(written)
    if not address:
        if not _fits(written):
            return None
        address = written.rstrip("/")
    name = github_name(address)
    spelt = dict.fromkeys(
        each
        for one in (address, address.lower(), text)
        for each in (one, f"{one}/", f"{one}.git")
    )
    return Recognised(
        text=text,
        form=Form.REPOSITORY,
        value=address,
        name=urlsplit(address).path.rstrip("/").rpartition("/")[2],
        keys=(f"pkg:github/{name.lower()}",) if name else (),
        identifiers=(*spelt, *((f"pkg:github/{name.lower()}",) if name else ())),
    )


def _site(text: str) -> Recognised | None:
    """Return what a web address stands for that is no repository: its host, by name."""
    if not text.lower().startswith(("http://", "https://")):
        return None
    try:
        host = urlsplit(text).hostname
    except ValueError:
        host = None
    name = (host or "").removeprefix("www.") or text
    return Recognised(
        text=text,
        form=Form.NAME,
        value=text,
        name=name,
        keys=_name_keys(name),
        identifiers=(text, name),
    )


def _fits(address: str) -> bool:
    return address.startswith("http") and not misfit(Scheme.REPOSITORY, address)


def _github(name: str) -> tuple[str, ...]:
    address = f"https://github.com/{name}"
    return (address, f"{address}/", f"{address}.git")


def _model(text: str, id: str) -> Recognised:
    key = f"pkg:huggingface/{id}"
    try:
        keys = (purl.canonical(key).key,) if id.count("/") == 1 else ()
    except purl.PurlError:
        keys = ()
    return Recognised(
        text=text,
        form=Form.MODEL,
        value=id,
        name=id.rpartition("/")[2],
        keys=(*_name_keys(id), *keys),
        identifiers=tuple(dict.fromkeys((id, id.lower(), *keys))),
    )


def _name_keys(name: str) -> tuple[str, ...]:
    return tuple(name_key(kind, name) for kind in Kind)
