"""What all tests share: one cast of people, and databases that guard their rows."""

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase

from reviews.migrations import _templates, _triggers
from reviews.models import Criterion, EvaluationTemplate, Membership, Team, User
from reviews.rules.access import Actor, Role
from reviews.services.access import actor_of

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Cast:
    """
    The people of all tests.

    Alice leads the platform team, Bob is its engineer, Charlie only views it; Eve is an
    engineer of the data team; Dora administers the tracker; Frank belongs nowhere.
    """

    platform: Team
    data: Team
    alice: User
    bob: User
    charlie: User
    dora: User
    eve: User
    frank: User

    def actor(self, user: User) -> Actor:
        return actor_of(user, door="test")


@pytest.fixture
def cast(db: None) -> Cast:
    platform = Team.objects.create(name="Platform", slug="platform")
    data = Team.objects.create(name="Data", slug="data")

    def person(name: str, **more: Any) -> User:
        return User.objects.create_user(
            name, f"{name}@example.com", "secret", first_name=name.title(), **more
        )

    def member(user: User, team: Team, role: Role) -> User:
        Membership.objects.create(user=user, team=team, role=role.value)
        return user

    return Cast(
        platform=platform,
        data=data,
        alice=member(person("alice"), platform, Role.LEAD),
        bob=member(person("bob"), platform, Role.ENGINEER),
        charlie=member(person("charlie"), platform, Role.VIEWER),
        dora=person("dora", is_superuser=True, is_staff=True),
        eve=member(person("eve"), data, Role.ENGINEER),
        frank=person("frank"),
    )


@pytest.fixture
def today() -> date:
    return TODAY


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True, scope="session")
def _flush_may_delete() -> Iterator[None]:
    """
    Let the tests' own clean-up empty the tables that nothing else may empty.

    A test with real transactions ends with a flush, which the triggers rightly refuse.
    """
    base: Any = TransactionTestCase
    teardown = base._fixture_teardown

    def without_triggers(self: TransactionTestCase) -> None:
        _run(_triggers.remove_for_reviews(connection.vendor))
        _run(_triggers.remove_for_evidence(connection.vendor))
        _run(_triggers.remove(connection.vendor))
        try:
            teardown(self)
        finally:
            _run(_triggers.install(connection.vendor))
            _run(_triggers.install_for_evidence(connection.vendor))
            _run(_triggers.install_for_reviews(connection.vendor))
            # The flush took these rows of migrations 0002 and 0004 with it.
            _run(["INSERT INTO reviews_lease (name) VALUES ('scan'), ('import')"])
            _templates.add_first_versions(EvaluationTemplate, Criterion)

    base._fixture_teardown = without_triggers
    yield
    base._fixture_teardown = teardown


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out, on PostgreSQL, what brings its own SQLite file: it ran already."""
    if connection.vendor == "sqlite":
        return
    kept = [item for item in items if not item.get_closest_marker("embedded")]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where CI is set, a test that skips for want of a service is a failure."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI does not allow: " + str(
            report.longrepr
        )
    return report
