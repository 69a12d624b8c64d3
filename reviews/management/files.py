"""Files that commands read and write: a clear word on what is wrong, and no half file."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.core.management.base import CommandError

from reviews.formats.records import FormatError

T = TypeVar("T")


def read(path: Path, reader: Callable[[bytes], T]) -> T:
    """
    Return what a reader makes of a file.

    :raises CommandError: if it cannot be read, with every problem and its line.
    """
    try:
        return reader(path.read_bytes())
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror}. Check the path."
        ) from error
    except FormatError as error:
        lines = "\n".join(f"{path}: {line}" for line in str(error).splitlines())
        raise CommandError(f"{lines}\nNothing was written.") from error


def refuse_overwriting(target: Path, *sources: Path) -> None:
    """:raises CommandError: if a file is to be written that is read as well."""
    for source in sources:
        if target.exists() and source.exists() and target.samefile(source):
            raise CommandError(f"{target} is a file that is read; name another one.")


def write_whole(target: Path, content: str) -> None:
    """
    Write a file by putting a finished one in its place.

    :raises CommandError: if it cannot be written; what was there before stays.
    """
    try:
        if target.exists() and not target.is_file():
            # A pipe or a terminal has no place to put a file in.
            target.write_text(content, encoding="utf-8")
            return
        handle, unfinished = tempfile.mkstemp(dir=target.parent, prefix=".unfinished-")
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
        # A temporary file is closed to others; the finished one is as any new file.
        mask = os.umask(0)
        os.umask(mask)
        Path(unfinished).chmod(0o666 & ~mask)
        Path(unfinished).replace(target)
    except OSError as error:
        Path(unfinished).unlink(missing_ok=True)
        raise _unwritable(target, error) from error


def _unwritable(target: Path, error: OSError) -> CommandError:
    return CommandError(
        f"{target} cannot be written: {error.strerror}. Name a file in a directory that "
        "exists and may be written to."
    )
