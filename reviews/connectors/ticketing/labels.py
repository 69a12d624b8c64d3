"""
Severity as the systems have it: a value of a field, or a label where there is none.

The labels that an issue is made with are put together here too.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reviews.ports.tickets import Draft, Fields

SEVERITIES = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What is to be done to an issue's labels; `add` is empty where nothing is."""

    add: str
    remove: tuple[str, ...]


def word_of(value: str, fields: Fields) -> str | None:
    """Return this product's word for a system's value, None where there is none."""
    for word, name in fields.severities.items():
        if value and name.casefold() == value.casefold():
            return word
    return None


def labels_of(draft: Draft, fields: Fields) -> tuple[str, ...]:
    """Return the labels of a new issue, each once: its own, the fields', its severity."""
    severity = label_of(draft.severity, fields)
    return tuple(
        dict.fromkeys((*draft.labels, *fields.labels, *filter(None, [severity])))
    )


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
