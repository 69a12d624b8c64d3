"""
A clock that all processes of a test share, and that can be put forward.

It goes like the real one, and is ahead of it by what a test says: a search lag of a
minute and a claim of three cost nobody that long. Workers that are spawned read it from
a file, in the place of `django.utils.timezone.now`; a fake ticket system takes it as its
clock. The real clock stays what time limits of sockets go by.
"""

import mmap
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

_AHEAD = struct.Struct("d")


class SharedClock:
    """A clock whose lead over the real one is in a file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_AHEAD.pack(0.0))
        self.path = path
        with path.open("r+b") as file:
            self._ahead = mmap.mmap(file.fileno(), _AHEAD.size)

    def seconds(self) -> float:
        """Return the seconds since 1970."""
        (ahead,) = _AHEAD.unpack(self._ahead[:])
        return time.time() + float(ahead)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)

    def put_forward_to(self, instant: datetime) -> None:
        """Go on from an instant, if it is still to come."""
        ahead = instant.timestamp() - time.time() + 0.001
        if ahead > _AHEAD.unpack(self._ahead[:])[0]:
            self._ahead[:] = _AHEAD.pack(ahead)
