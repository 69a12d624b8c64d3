"""
What the lock formats of Python share: how an entry becomes a component.
"""

from reviews.formats.records import (
    NAME_LIMIT,
    VERSION_LIMIT,
    Component,
    Gathering,
)
from reviews.rules.purl import PurlError, pypi

NOT_FROM_A_REGISTRY = (
    "{name} is not from a registry ({source}); it is kept without an identifier."
)


def add_package(
    gathering: Gathering, place: str, *, name: str, version: str, elsewhere: str = ""
) -> None:
    """
    Gather one package of a Python lock or requirements file.

    `elsewhere` says where a package comes from that is from no registry ("git"). It has
    no key: what PyPI knows under its name might be another package altogether.
    """
    name = gathering.line(place, "Name", name, limit=NAME_LIMIT)
    version = gathering.line(place, "Version", version, limit=VERSION_LIMIT)
    if not name:
        return
    key = ""
    if elsewhere:
        gathering.note(place, NOT_FROM_A_REGISTRY.format(name=name, source=elsewhere))
    else:
        try:
            key = pypi(name).key
        except PurlError as error:
            gathering.problem(place, f"Name: {error}")
    gathering.add(Component(place=place, name=name, version=version, key=key))
