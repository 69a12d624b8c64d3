"""Testing a connection step by step, and saying what was found."""

from collections.abc import Callable, Iterable, Iterator

from reviews.ports.outside import OutsideError
from reviews.ports.tickets import Finding


class WrongError(Exception):
    """What is wrong with a connection, and how to mend it."""


def well(what: str, text: str = "") -> Finding:
    """Return that something is as it must be."""
    return Finding(what=what, is_well=True, text=text)


def wrong(what: str, text: str) -> Finding:
    """Return that something is not, and how to mend it."""
    return Finding(what=what, is_well=False, text=text)


def tested(tests: Iterable[tuple[str, Callable[[], str]]]) -> tuple[Finding, ...]:
    """
    Return what was tested, in order, up to the first thing that is wrong.

    A test has the name of what it looks at, and returns what it saw there, or raises
    `WrongError` or `OutsideError`.
    """
    found: list[Finding] = []
    for what, test in tests:
        try:
            found.append(well(what, test()))
        except (WrongError, OutsideError) as error:
            found.append(wrong(what, str(error)))
            break
    return tuple(found)


def up_to_wrong(findings: Iterator[Finding]) -> tuple[Finding, ...]:
    """
    Return findings up to the first thing that is wrong.

    A question that fails is about the project once anything was found, else the address.
    """
    found: list[Finding] = []
    try:
        for finding in findings:
            found.append(finding)
            if not finding.is_well:
                break
    except OutsideError as error:
        found.append(wrong("project" if found else "address", str(error)))
    return tuple(found)
