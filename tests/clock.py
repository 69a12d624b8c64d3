"""A clock for the tests of whatever takes time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.conftest import NOW


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def timestamp(self) -> float:
        return self.at.timestamp()

    def advance(self, seconds: float = 0, **more: float) -> None:
        self.at += timedelta(seconds=seconds, **more)
