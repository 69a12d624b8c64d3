"""
The page of a package that a person can open, and facts that point to it.

The purl library knows the registries' own pages, so that no address of one stands in
the project. A mirror has no such pages: the registry's own is shown all the same.
"""

import re

from packageurl import PackageURL
from packageurl.contrib.purl2url import get_repo_url

# What may stand in an address as it is; anything odder is shown as it was asked for.
_PLAIN = re.compile(
    r"(?:@?[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*[A-Za-z0-9_~-][\w.~+!-]*", re.ASCII
)


def package_page(type_: str, name: str, version: str = "", *, otherwise: str) -> str:
    """
    Return the address of a package's page, or of one version's.

    `otherwise` is returned where the library knows no page, or where the name or the
    version has characters that would have to be escaped.
    """
    if not _PLAIN.fullmatch(name) or (version and not _PLAIN.fullmatch(version)):
        return otherwise
    namespace, _, last = name.rpartition("/")
    try:
        purl = PackageURL(type_, namespace or None, last, version or None)
        found = get_repo_url(purl.to_string())
    except ValueError:
        return otherwise
    return str(found) if found else otherwise
