"""
JSON read with care rather than speed: what is wrong, where, and every key only once.

The fast reader keeps the last of two equal keys and tells little about a mistake; this
one is asked when the fast one refused, or could not rule out such a pair.
"""

import json
import re
from collections.abc import Set
from typing import Any, NoReturn

from reviews.formats.records import FormatError, refusal
from reviews.rules.text import shown

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)


def document(text: str, *, wanted: Set[str]) -> object:
    """
    Return a JSON document, of whose objects only the wanted keys are kept.

    :raises FormatError: for anything that is no JSON, with its line; and for a key that
        stands twice in one object, anywhere in the document.
    """

    def kept(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) != len(pairs):
            raise _duplicate([key for key, _ in pairs])
        return {key: item for key, item in pairs if key in wanted}

    try:
        return _loads(text, object_pairs_hook=kept, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _not_json(error) from error
    except RecursionError as error:
        raise refusal("The JSON is nested too deeply: nesting over 64.") from error
    except ValueError as error:
        # Python reads integers of 4,300 digits at most.
        raise refusal("The JSON holds a number too large to read.") from error


def _loads(text: str, **hooks: Any) -> object:
    parsed: object = json.loads(text, **hooks)
    return parsed


def _duplicate(keys: list[str]) -> FormatError:
    twice = next(key for key in keys if keys.count(key) > 1)
    return refusal(
        f"The JSON has the duplicate key {shown(twice)} in one object. "
        "Export the file again with a current version of its tool."
    )


def _refuse_constant(name: str) -> NoReturn:
    raise refusal(
        f"The JSON holds {name}, which is no number of JSON. Export it again."
    )


def _not_json(error: json.JSONDecodeError) -> FormatError:
    conflict = _CONFLICT.search(error.doc)
    if conflict is not None:
        line = error.doc.count("\n", 0, conflict.start()) + 1
        return refusal(
            f"There is an unresolved merge conflict at line {line}. Resolve it."
        )
    reason = error.msg.removesuffix(" starting at")
    at_end = error.pos >= len(error.doc.rstrip()) or reason.startswith("Unterminated")
    end = " The file may be cut short." if at_end else ""
    return refusal(
        f"This is not JSON: {reason}, at line {error.lineno}, "
        f"column {error.colno}.{end} Export it again."
    )
