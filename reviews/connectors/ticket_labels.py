"""Severity as a label, for the systems whose issues have no field for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from reviews.ports.tickets import Fields

SEVERITIES = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What is to be done to an issue's labels; `add` is empty where nothing is."""

    add: str
    remove: tuple[str, ...]


def label_of(severity: str, fields: Fields) -> str:
    """
    Return the label for a severity, empty where none is sent.

    Unless the fields name it, it is "severity: high" for high.
    """
    if not (fields.severity and severity):
        return ""
    return fields.severities.get(severity, f"severity: {severity}")


def severity_of(labels: Iterable[str], fields: Fields) -> str | None:
    """Return the severity that labels say; None where they say none, or several."""
    present = {label.casefold() for label in labels}
    said = [
        severity
        for severity in SEVERITIES
        if label_of(severity, fields).casefold() in present
    ]
    return said[0] if len(said) == 1 else None


def labels_to_change(
    labels: Iterable[str], severity: str, fields: Fields
) -> LabelChange:
    """Return what makes an issue's labels say a severity and no other."""
    wanted = label_of(severity, fields)
    ours = {label_of(each, fields).casefold() for each in SEVERITIES} - {""}
    present = tuple(labels)
    has_it = wanted.casefold() in {label.casefold() for label in present}
    return LabelChange(
        add="" if has_it else wanted,
        remove=tuple(
            label
            for label in present
            if label.casefold() in ours and label.casefold() != wanted.casefold()
        ),
    )
