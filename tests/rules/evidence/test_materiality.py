"""Which changes take a full review, kind by kind."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from reviews.rules.evidence import materiality
from reviews.rules.evidence.findings import StandingSignal
from reviews.rules.evidence.materiality import (
    RULES,
    Change,
    changes_between,
    first_material,
    weigh,
)
from reviews.rules.signals import Severity, SignalKind, Source
from tests.rules.evidence.situations import signal

NEAR, FAR = date(2027, 1, 1), date(2027, 6, 1)

BAD_WORDS = [
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
    SignalKind.MODEL_DISABLED,
    SignalKind.MODEL_GATED,
    SignalKind.MODEL_SUCCESSOR,
]
DATED = [
    SignalKind.END_OF_LIFE,
    SignalKind.END_OF_ACTIVE_SUPPORT,
    SignalKind.END_OF_EXTENDED_SUPPORT,
    SignalKind.MODEL_RETIREMENT,
]


def is_material(
    after: StandingSignal,
    before: StandingSignal | None = None,
    others: Sequence[StandingSignal] = (),
) -> bool:
    rested = [before, *others] if before else list(others)
    weighed = weigh(Change(before, after), rested)
    assert weighed.why.endswith((".", "”"))
    return weighed.is_material


def latest(version: str, **more: Any) -> StandingSignal:
    return signal(SignalKind.LATEST_RELEASE, version, **more)


def licence(value: str, **more: Any) -> StandingSignal:
    return signal(SignalKind.LICENCE, value, **more)


def flaw(name: str = "CVE-2026-1", **more: Any) -> StandingSignal:
    return signal(SignalKind.VULNERABILITY, "A flaw", subject=name, **more)


def test_every_kind_has_its_rule_and_its_line_in_the_table() -> None:
    assert set(RULES) == set(SignalKind)
    assert materiality.__doc__
    for kind in SignalKind:
        assert kind.value in materiality.__doc__


@pytest.mark.parametrize("kind", SignalKind)
def test_what_is_no_longer_said_is_not_material(kind: SignalKind) -> None:
    weighed = weigh(Change(signal(kind), None), [])

    assert not weighed.is_material
    assert weighed.why == f"PyPI no longer says “{kind.value.replace('_', ' ')}”."


def test_a_change_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="before or an after"):
        weigh(Change(None, None), [])


@pytest.mark.parametrize(
    ("before", "after", "material"),
    [
        ("5.2.1", "5.2.2", False),
        ("5.2.1", "5.3", False),
        ("5.2.1", "6.0", True),
        ("v5.2.1", "v6.0.0", True),
        ("6.0", "5.2", False),
        ("2025.1.1", "2026.1.1", False),
        ("nightly", "6.0", False),
        ("5.2", "nightly", False),
    ],
)
def test_only_a_new_major_version_is_material(
    before: str, after: str, material: bool
) -> None:
    assert is_material(latest(after), latest(before)) is material


def test_a_source_asked_for_the_first_time_is_held_against_the_others() -> None:
    new = latest("6.0", source=Source.GITHUB)

    assert not is_material(new)
    assert not is_material(new, others=[latest("6.0.1")])
    assert is_material(new, others=[latest("5.2")])


def test_another_version_in_use_is_material() -> None:
    then = signal(SignalKind.ADOPTED_RELEASE, "5.1", effective_on=NEAR)

    assert is_material(signal(SignalKind.ADOPTED_RELEASE, "5.2"), then)
    assert not is_material(signal(SignalKind.ADOPTED_RELEASE, "5.1"), then)
    assert not is_material(signal(SignalKind.ADOPTED_RELEASE, "5.1"))


@pytest.mark.parametrize(
    ("after", "others", "material"),
    [
        (licence("MIT", subject="2.1"), [licence("MIT", subject="2.0")], False),
        (licence("BUSL-1.1", subject="2.1"), [licence("MIT", subject="2.0")], True),
        (licence("Apache-2.0", subject="2.1"), [licence("MIT", subject="2.0")], True),
        (licence("BSD-3-Clause"), [licence("MIT", source=Source.GITHUB)], False),
        (licence("AGPL-3.0-only"), [licence("MIT", source=Source.GITHUB)], True),
        (licence("MIT"), [], False),
        (licence("AGPL-3.0-only"), [], True),
    ],
)
def test_another_licence_is_material(
    after: StandingSignal, others: list[StandingSignal], material: bool
) -> None:
    assert is_material(after, others=others) is material


@pytest.mark.parametrize(
    ("address", "material"),
    [
        ("https://github.com/Django/django2", False),
        ("https://github.com/mallory/django", True),
    ],
)
def test_another_owner_of_the_repository_is_material(
    address: str, material: bool
) -> None:
    then = signal(SignalKind.REPOSITORY, "https://github.com/django/django")

    assert is_material(signal(SignalKind.REPOSITORY, address), then) is material
    assert not is_material(signal(SignalKind.REPOSITORY, address))


def test_a_repository_that_moves_to_another_owner_is_material() -> None:
    def moved(to: str) -> StandingSignal:
        return signal(SignalKind.REPOSITORY_MOVED, to, subject="encode/starlette")

    assert is_material(moved("Kludex/starlette"))
    assert not is_material(moved("encode/starlette-web"))


def test_maintainers_come_and_go() -> None:
    assert not is_material(
        signal(SignalKind.MAINTAINERS, "1"), signal(SignalKind.MAINTAINERS, "9")
    )


@pytest.mark.parametrize("status", ["archived", "deprecated", "quarantined"])
def test_a_status_is_material_unless_it_is_active(status: str) -> None:
    active = signal(SignalKind.PROJECT_STATUS, "active")

    assert is_material(signal(SignalKind.PROJECT_STATUS, status), active)
    assert not is_material(active, signal(SignalKind.PROJECT_STATUS, status))


@pytest.mark.parametrize("kind", BAD_WORDS)
def test_a_bad_word_is_material_when_it_is_new_or_another(kind: SignalKind) -> None:
    assert is_material(signal(kind, "use another"))
    assert is_material(signal(kind, "use another"), signal(kind, "use it with care"))


def test_a_new_flaw_is_material() -> None:
    assert is_material(flaw())
    assert is_material(flaw("CVE-2026-2"), others=[flaw()])


def test_a_known_flaw_under_another_name_is_not() -> None:
    again = flaw("GHSA-1", aliases=("CVE-2026-1",), source=Source.OSV)

    assert not is_material(again, others=[flaw()])


def test_a_known_flaw_is_material_when_it_is_rated_worse_or_fixed() -> None:
    rated = flaw(severity=Severity.MEDIUM)

    assert is_material(flaw(severity=Severity.HIGH), rated)
    assert is_material(flaw(severity=Severity.MEDIUM, fixed_in="5.2.9"), rated)
    assert not is_material(flaw(severity=Severity.LOW), rated)
    assert not is_material(flaw(), rated)
    assert not is_material(flaw(severity=Severity.MEDIUM), flaw())


@pytest.mark.parametrize(
    ("before", "after", "material"),
    [("9", "7", False), ("9", "6", True), ("3", "9", False), ("-1", "0", False)],
)
def test_a_rating_has_to_fall_by_three(before: str, after: str, material: bool) -> None:
    kind = SignalKind.SCORECARD_MAINTAINED

    assert is_material(signal(kind, after), signal(kind, before)) is material
    assert not is_material(signal(kind, after))


@pytest.mark.parametrize("kind", DATED)
def test_an_end_is_material_when_it_is_new_or_moved(kind: SignalKind) -> None:
    def listed(day: date, **more: Any) -> StandingSignal:
        return signal(kind, str(day), subject="5.2", effective_on=day, **more)

    assert is_material(listed(NEAR))
    assert is_material(listed(NEAR), listed(FAR))
    assert is_material(listed(FAR), listed(NEAR))
    assert is_material(listed(NEAR, replacement="6.0"), listed(NEAR))
    assert not is_material(listed(NEAR), listed(NEAR, replacement="6.0"))


def test_an_end_without_a_day_is_material_once_it_has_come() -> None:
    def listed(value: str) -> StandingSignal:
        return signal(SignalKind.END_OF_LIFE, value, subject="5.2")

    assert not is_material(listed("not ended"))
    assert is_material(listed("ended"))
    assert is_material(listed("ended"), listed("not ended"))


def test_a_forecast_may_move_by_a_few_days() -> None:
    def foretold(day: date | None) -> StandingSignal:
        return signal(SignalKind.PREDICTED_END, "Soon", subject="5.2", effective_on=day)

    assert is_material(foretold(NEAR))
    assert not is_material(foretold(date(2027, 1, 31)), foretold(NEAR))
    assert is_material(foretold(date(2027, 2, 1)), foretold(NEAR))
    assert is_material(foretold(None), foretold(NEAR))


def test_a_floor_is_material_when_it_is_new_or_earlier() -> None:
    def floor(day: date | None) -> StandingSignal:
        return signal(SignalKind.MODEL_FLOOR, "", subject="m-1", effective_on=day)

    assert is_material(floor(FAR))
    assert is_material(floor(NEAR), floor(FAR))
    assert not is_material(floor(FAR), floor(NEAR))


def test_changes_are_told_source_by_source() -> None:
    same, gone = latest("5.2"), signal(SignalKind.NOTICE_TEXT, subject="summary")
    before, after = licence("MIT"), licence("BUSL-1.1")

    assert changes_between([same, gone, before], [same, after]) == (
        Change(before, after),
        Change(gone, None),
    )


def test_the_first_material_change_is_named() -> None:
    rested = [latest("5.2"), licence("MIT")]

    assert first_material(rested, [latest("5.3"), licence("MIT")]) is None
    found = first_material(rested, [latest("6.0"), licence("BUSL-1.1")])
    assert found is not None
    assert found.why == (
        "PyPI lists 6.0 as the latest release: a new major version after 5.2."
    )
