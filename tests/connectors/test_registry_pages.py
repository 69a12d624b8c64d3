"""Which page a person is sent to."""

import pytest
from packageurl.contrib.purl2url import get_repo_url

from reviews.connectors.registry_pages import package_page

ASKED = "https://registry.example/asked"


@pytest.mark.parametrize(
    ("type_", "name", "version", "purl"),
    [
        ("pypi", "django", "", "pkg:pypi/django"),
        ("pypi", "django", "5.2.19", "pkg:pypi/django@5.2.19"),
        ("npm", "@angular/core", "1.0.0-a+b", "pkg:npm/%40angular/core@1.0.0-a%2Bb"),
    ],
)
def test_a_package_has_the_page_that_its_registry_gives_it(
    type_: str, name: str, version: str, purl: str
) -> None:
    found = package_page(type_, name, version, otherwise=ASKED)

    assert found == get_repo_url(purl)
    assert found.startswith("https://")


@pytest.mark.parametrize(
    ("type_", "name", "version"),
    [
        ("generic", "thing", ""),
        ("pypi", "x?y", ""),
        ("pypi", "x#y", ""),
        ("pypi", "../../x", ""),
        ("pypi", "..", ""),
        ("npm", "@a/../b", ""),
        ("pypi", "x", "1/../../y"),
        ("pypi", "x", "1?y"),
        ("pypi", "", ""),
    ],
)
def test_what_is_odd_is_shown_where_it_was_asked_for(
    type_: str, name: str, version: str
) -> None:
    assert package_page(type_, name, version, otherwise=ASKED) == ASKED
