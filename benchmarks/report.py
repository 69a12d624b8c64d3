"""What was measured, against what it must reach."""

import gc
import statistics
import time
from collections.abc import Callable

_missed: list[str] = []


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action took, with the collector out of the way."""
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    action()
    taken = time.perf_counter() - began
    gc.enable()
    return taken


def milliseconds(samples: list[float]) -> str:
    """Return the median of some samples, and their range, as text."""
    low, high = min(samples), max(samples)
    middle = statistics.median(samples)
    return f"{middle * 1e3:.2f} ms ({low * 1e3:.2f} to {high * 1e3:.2f})"


def ratio(
    what: str, samples: list[float], limits: list[float], *, at_most: float
) -> None:
    """Print the ratio of two medians and whether it stays within its target."""
    found = statistics.median(samples) / statistics.median(limits)
    _say(what, f"{found:.2f} x", found <= at_most, f"at most {at_most}")
    print(f"    {milliseconds(samples)} against {milliseconds(limits)}")


def share(what: str, found: float, *, at_least: float) -> None:
    """Print a share and whether it reaches its target."""
    _say(what, f"{found:.2f} x", found >= at_least, f"at least {at_least}")


def count(what: str, found: int, *, at_most: int) -> None:
    """Print a count and whether it stays within its target."""
    _say(what, str(found), found <= at_most, f"at most {at_most}")


def finish() -> int:
    """Print what was missed and return the exit status."""
    for what in _missed:
        print(f"MISSED: {what}")
    return 1 if _missed else 0


def _say(what: str, found: str, reached: bool, target: str) -> None:
    word = "ok" if reached else "MISSED"
    print(f"{word:7}{what}: {found} ({target})", flush=True)
    if not reached:
        _missed.append(what)
