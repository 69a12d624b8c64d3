"""
Which packages and models are which endoflife.date products: the curated aliases.

A package stands here only if the product's release cycles are its own: its versions are
the product's versions, and support for the one ends with support for the other. So

- a client of a server is not the server (`pkg:pypi/redis` is a client),
- a plug-in, a set of types or a binding is not what it is for,
- a distribution's package (deb, rpm, apk) is not the project's release: the distribution
  supports it for as long as it likes,
- an image or package that several unlike things share a name with (`oci`) is nobody's.

endoflife.date lists the purls of some products itself, and those of distributions with
them; it lists a language's package for few. A missing alias only leaves a solution
without dates, and a person may name the product; a wrong one makes false flags.

Source: https://endoflife.date/docs/api/v1/ (a product's name there is the address of
its page, not the name of its file).
"""

from collections.abc import Iterator, Mapping

from reviews.rules.endoflife.images import IMAGES, INSTALLATIONS, LIBRARY_IMAGES
from reviews.rules.endoflife.packages import (
    JAVA_PACKAGES,
    JAVASCRIPT_PACKAGES,
    OTHER_PACKAGES,
    PHP_PACKAGES,
    PYTHON_PACKAGES,
)
from reviews.rules.endoflife.repositories import REPOSITORIES

_DOCKER = "pkg:docker/"
_LIBRARY = "library/"

# How the ids of a maker's hosted models begin, once who offers them is left out.
_MODELS = {"claude-": "claude"}


def package_product(key: str) -> str:
    """
    Return the endoflife.date product that a package is, or nothing.

    The key is a canonical purl without version. Case is of no account: registries that
    tell names apart by it hold none of these twice.
    """
    folded = key.casefold()
    image = folded.removeprefix(_DOCKER)
    if image != folded and "/" not in image:
        folded = f"{_DOCKER}{_LIBRARY}{image}"
    return _PRODUCTS.get(folded, "")


def model_product(id: str) -> str:
    """
    Return the endoflife.date product that lists a hosted model, or nothing.

    The id may say who offers it: "anthropic/claude-…", "us.anthropic.claude-…".
    """
    named = id.strip().casefold().rpartition("/")[2]
    for beginning, product in _MODELS.items():
        before, found, _ = named.partition(beginning)
        if found and (not before or before.endswith(".")):
            return product
    return ""


def aliases() -> Mapping[str, str]:
    """Return every alias: the product by the package's key, in lower case."""
    return _PRODUCTS


def _pairs() -> Iterator[tuple[str, str]]:
    tables = (
        PYTHON_PACKAGES,
        JAVASCRIPT_PACKAGES,
        JAVA_PACKAGES,
        PHP_PACKAGES,
        OTHER_PACKAGES,
        IMAGES,
        INSTALLATIONS,
    )
    for table in tables:
        for product, purls in table.items():
            yield from ((f"pkg:{purl}", product) for purl in purls.split())
    for product, image in LIBRARY_IMAGES.items():
        yield f"{_DOCKER}{_LIBRARY}{image}", product
    for product, repositories in REPOSITORIES.items():
        yield from ((f"pkg:github/{name}", product) for name in repositories.split())


_PRODUCTS = {key.casefold(): product for key, product in _pairs()}
