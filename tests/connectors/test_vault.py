"""Secrets at rest."""

import pytest

from reviews.connectors.vault import SecretVault
from reviews.ports.vault import SealedError

SECRET = "ghp_abcdefghijklmnop"


def test_a_secret_comes_back_as_it_was() -> None:
    vault = SecretVault(["the key"])

    assert vault.open(vault.seal(SECRET)) == SECRET


def test_a_sealed_secret_does_not_show() -> None:
    vault = SecretVault(["the key"])

    sealed = vault.seal(SECRET)

    assert SECRET not in sealed
    assert sealed != vault.seal(SECRET)


def test_nothing_stays_nothing() -> None:
    vault = SecretVault(["the key"])

    assert vault.seal("") == ""
    assert vault.open("") == ""


def test_a_former_key_still_opens() -> None:
    sealed = SecretVault(["the former key"]).seal(SECRET)

    assert SecretVault(["the key", "the former key"]).open(sealed) == SECRET


@pytest.mark.parametrize("spoilt", ["another key", "a changed text"])
def test_what_cannot_be_opened_names_the_remedy(spoilt: str) -> None:
    sealed = SecretVault(["the key"]).seal(SECRET)
    vault = SecretVault(["another key" if spoilt == "another key" else "the key"])
    if spoilt == "a changed text":
        sealed = sealed[:-6] + "AAAA=="

    with pytest.raises(SealedError, match="Enter it again") as refused:
        vault.open(sealed)

    assert SECRET not in str(refused.value)
