"""A running Redmine for the tests; they are collected only where REDMINE is set."""

import os
from collections.abc import Iterator

import pytest

from tests.redmine.server import RealRedmine, running

collect_ignore_glob = [] if os.environ.get("REDMINE") else ["test_*.py"]


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRedmine]:
    """Return Debian's Redmine with a project, a robot's account and an administrator's."""
    with running(tmp_path_factory.mktemp("redmine")) as redmine:
        yield redmine
