"""`manage.py load_demonstration`."""

from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from reviews.management.commands import load_demonstration
from reviews.models import Change, Flag, Solution, Team, User
from reviews.rules.vocabulary import Freshness
from tests.conftest import NOW, TODAY
from tests.services.building import registered, written

pytestmark = pytest.mark.django_db


def loaded() -> str:
    out = StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("load_demonstration", stdout=out)
    return out.getvalue()


def test_it_fills_an_empty_register_and_says_how_many() -> None:
    found = loaded()

    assert found == (
        f"The register holds {Solution.objects.count()} solutions.\n"
        "Its people cannot sign in: manage.py changepassword mira "
        "gives one of them a password.\n"
    )
    assert not User.objects.get(username="mira").has_usable_password()
    assert Team.objects.count() == 3


def test_after_a_scan_there_is_something_of_everything() -> None:
    loaded()

    with time_machine.travel(NOW, tick=False):
        call_command("scan", stdout=StringIO())

    for freshness in Freshness:
        assert Solution.objects.of_freshness(freshness, TODAY).exists(), freshness
    assert Flag.objects.open().filter(action="deprecate").exists()


def test_a_register_that_is_not_empty_is_refused_with_a_remedy() -> None:
    registered()
    before = written()

    with pytest.raises(CommandError, match="TRACKER_DATA_DIR"):
        loaded()

    assert written() == before
    assert not Team.objects.exists()


def test_loading_twice_is_refused() -> None:
    loaded()
    before = written()

    with pytest.raises(CommandError, match="not empty"):
        loaded()

    assert written() == before


def test_what_fails_midway_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spoilt = tmp_path / "demonstration.toml"
    plan = load_demonstration.PLAN.read_text()
    head, by, tail = plan.rpartition('by = "mira"')
    assert by
    spoilt.write_text(f'{head}by = "nobody"{tail}')
    monkeypatch.setattr(load_demonstration, "PLAN", spoilt)

    with pytest.raises(KeyError, match="nobody"):
        loaded()

    for model in (Solution, Team, User, Change):
        assert not model._default_manager.exists()
