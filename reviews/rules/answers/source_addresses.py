"""
The repository that a package says it is made from, as one https address.

Only hosts of source code count, and only what a package says of itself is read: whether
the repository exists, or really holds the package, is found out elsewhere.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_ADDRESS_LIMIT = 500
# How many names a repository has behind its host; a group may hold groups on GitLab.
_HOSTS = {
    "github.com": 2,
    "gitlab.com": 20,
    "bitbucket.org": 2,
    "codeberg.org": 2,
    "gitee.com": 2,
    "git.sr.ht": 2,
}
_SHORTHANDS = {
    "github": "github.com",
    "gitlab": "gitlab.com",
    "bitbucket": "bitbucket.org",
}
# What stands where an owner would, and is none.
_NO_OWNERS = frozenset(
    {"sponsors", "orgs", "topics", "apps", "marketplace", "features", "about", "users"}
)
# Where the path of a page within a repository starts.
_PAGES = frozenset(
    {"-", "tree", "blob", "issues", "wikis", "merge_requests", "tags", "releases"}
)
_NAME = re.compile(r"~?[A-Za-z0-9_.-]{1,100}", re.ASCII)
_SHORTHAND = re.compile(r"(?:(github|gitlab|bitbucket):)?([\w-]+/[\w.-]+)", re.ASCII)
_SCP = re.compile(r"[\w.-]+@([\w.-]+):(?!//)(.+)", re.ASCII)

_NOT_LETTERS = re.compile(r"[^a-z]+")
_SOURCE_LABELS = frozenset(
    {"source", "sources", "sourcecode", "repository", "repo", "code", "github"}
    | {"gitlab", "git", "gitrepository", "sourcerepository", "coderepository", "vcs"}
)
_HOME_LABELS = frozenset({"homepage", "home", "website", "projecthomepage"})


def repository_address(text: str) -> str:
    """
    Return the https address of the repository that a text points to, or nothing.

    Known are addresses of all the schemes git is used with, `git@host:owner/name`,
    and npm's shorthand (`owner/name`, `gitlab:owner/name`). Sign-in names, ports, the
    page within the repository and ".git" go.
    """
    text = text.strip()
    if len(text) > _ADDRESS_LIMIT or not text.isprintable():
        return ""
    short = _SHORTHAND.fullmatch(text)
    if short is not None:
        return _address(_SHORTHANDS[short[1] or "github"], short[2])
    behind_at = _SCP.fullmatch(text)
    if behind_at is not None:
        return _address(behind_at[1].lower(), behind_at[2])
    try:
        parts = urlsplit(text.removeprefix("scm:").removeprefix("git+"))
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in {"https", "http", "git", "ssh"}:
        return ""
    return _address(host.removeprefix("www."), parts.path)


def labelled_repository(addresses: Iterable[tuple[str, str]]) -> str:
    """
    Return the repository among labelled addresses of a package, or nothing.

    One labelled as the source counts first, then the home page, then whatever all the
    others agree on: a tracker's address may lie in the repository.
    """
    ranked: list[list[str]] = [[], [], []]
    for label, text in addresses:
        found = repository_address(text) if "://" in text else ""
        if found:
            ranked[_rank(label)].append(found)
    source, home, other = ranked
    if source or home:
        return (source or home)[0]
    return other[0] if len({address.lower() for address in other}) == 1 else ""


def _rank(label: str) -> int:
    plain = _NOT_LETTERS.sub("", label.lower())
    if plain in _SOURCE_LABELS:
        return 0
    return 1 if plain in _HOME_LABELS else 2


def _address(host: str, path: str) -> str:
    most = _HOSTS.get(host)
    names = [name for name in path.partition("#")[0].split("/") if name]
    if most is None or len(names) < 2 or names[0].lower() in _NO_OWNERS:
        return ""
    ends = [at for at, name in enumerate(names) if at >= 2 and name in _PAGES]
    kept = names[: min([most, *ends])]
    kept[-1] = kept[-1].removesuffix(".git")
    if not all(_NAME.fullmatch(name) and name.strip(".") for name in kept):
        return ""
    return f"https://{host}/{'/'.join(kept)}"
