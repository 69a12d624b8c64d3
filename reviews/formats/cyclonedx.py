"""
Bills of materials in CycloneDX JSON, versions 1.4 to 1.6.

Source: https://cyclonedx.org/docs/1.6/json/
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from reviews.formats import careful_json
from reviews.formats.encoding import shown_reason, text_of, without_mark
from reviews.formats.records import (
    COMPONENT_LIMIT,
    NAME_LIMIT,
    VERSION_LIMIT,
    Component,
    Gathering,
    Inventory,
    refusal,
    require_size,
)
from reviews.rules.purl import PurlError, key_and_version
from reviews.rules.text import TextError, clean_line, shown
from reviews.rules.vocabulary import Kind

FORMAT = "CycloneDX JSON"
SUPPORTED_VERSIONS = ("1.4", "1.5", "1.6")
DEPTH_LIMIT = 64

_MODEL = "machine-learning-model"


class _Component(msgspec.Struct, gc=False):
    name: str
    version: str | None = None
    group: str | None = None
    purl: str | None = None
    type: str | None = None
    bom_ref: str | None = msgspec.field(name="bom-ref", default=None)
    components: "list[_Component] | None" = None


class _Document(msgspec.Struct):
    bom_format: str = msgspec.field(name="bomFormat", default="")
    spec_version: str = msgspec.field(name="specVersion", default="")
    version: msgspec.Raw = msgspec.Raw(b"")
    metadata: msgspec.Raw = msgspec.Raw(b"")
    components: list[_Component] | None = None


_DECODER = msgspec.json.Decoder(_Document)

# A component, with its place in the file: "components[3].components[0]".
_Placed = tuple[str, _Component]

_COMPONENT_KEYS = frozenset(
    ("name", "version", "group", "purl", "type", "bom-ref", "components")
)
_READ_KEYS = _COMPONENT_KEYS | {"bomFormat", "specVersion"}
# How large a document may be to be read carefully in any case, in bytes.
_SMALL = 250_000
# From which size on the values of a document are counted before they are read: tiny
# ones take thirty times their size in memory.
_LARGE = 10_000_000
_MOST_COUNTED = {b",": 3_000_000, b'"name"': 500_000}
# A letter or hyphen of a key written as an escape.
_ESCAPED_LETTER = re.compile(rb"\\u00(?:2[dD]|[4-7])")


def read(content: bytes) -> Inventory:
    """
    Return the components of a CycloneDX document, nested ones after what holds them.

    What the document is about (`metadata.component`) is none of them. A component whose
    purl is missing or invalid is kept without a key, and so noted.

    :raises FormatError: for anything else than CycloneDX JSON 1.4, 1.5 or 1.6; for a
        key that stands twice in an object (in documents over 250 kB: for `components`
        and for what identifies a component); and with all components that cannot be
        kept.
    """
    require_size(content)
    text = "" if content.isascii() and content[:1] != b"\0" else text_of(content)
    body = without_mark(content)
    if len(body) > _LARGE:
        _require_few_values(body)
    if len(body) > _SMALL:
        try:
            document = _DECODER.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # The careful reader tells what is wrong, and where.
            return _read_carefully(text or text_of(content))
        if not _may_hold_duplicates(body, document):
            return _read_decoded(document)
    return _read_carefully(text or text_of(content))


def _require_few_values(body: bytes) -> None:
    if any(body.count(each) > most for each, most in _MOST_COUNTED.items()):
        raise refusal(
            f"The file holds too many values; at most {COMPONENT_LIMIT:,} components "
            "are read from one. Split it."
        )


def _read_decoded(document: _Document) -> Inventory:
    _require_version(document.bom_format, document.spec_version)
    gathering = Gathering(FORMAT)
    _gather(gathering, _walk(document.components or []))
    return gathering.inventory()


def _may_hold_duplicates(body: bytes, document: _Document) -> bool:
    """
    Return whether a key that identifies components might stand twice in an object.

    Every value that was decoded had its key in the file. When the file holds a key no
    more often than that, it stands twice nowhere. When it does (a tool has a version,
    too), only a careful reading can tell.
    """
    if b"\\" in body and _ESCAPED_LETTER.search(body):
        return True
    lists, items = _flattened(document)
    purls = sum([item.purl is not None for item in items])
    decoded = {b'"components"': lists, b'"purl"': purls}
    if purls < len(items):
        # Without a purl it is the name and the version that identify. With one, a
        # version that is not the purl's is noted in any case.
        decoded[b'"version"'] = sum([item.version is not None for item in items])
        decoded[b'"version"'] += bool(bytes(document.version))
        decoded[b'"name"'] = len(items)
        decoded[b'"group"'] = sum([item.group is not None for item in items])
    metadata = bytes(document.metadata)
    return any(
        body.count(key) - metadata.count(key) != times for key, times in decoded.items()
    )


def _flattened(document: _Document) -> tuple[int, list[_Component]]:
    """Return how many lists of components there are, and all components."""
    if document.components is None:
        return 0, []
    lists, items = 1, list(document.components)
    for item in items:
        if item.components is not None:
            lists += 1
            items.extend(item.components)
    return lists, items


def _require_version(bom_format: object, version: object) -> None:
    supported = f"Supported is CycloneDX JSON {', '.join(SUPPORTED_VERSIONS)}."
    if bom_format != "CycloneDX":
        raise refusal(f"The file has no bomFormat of CycloneDX. {supported}")
    if not isinstance(version, str):
        raise refusal(f"The specVersion is not a text. {supported}")
    if version not in SUPPORTED_VERSIONS:
        given = f"is {shown(version)}" if version else "is missing"
        raise refusal(f"The specVersion {given}. {supported}")


def _walk(components: list[_Component]) -> Iterator[_Placed]:
    """Yield every component with its place, what holds others first."""
    stack = [("", enumerate(components))]
    while stack:
        prefix, remaining = stack[-1]
        for index, item in remaining:
            place = f"{prefix}components[{index}]"
            yield place, item
            if item.components:
                _require_depth(len(stack))
                stack.append((f"{place}.", enumerate(item.components)))
                break
        else:
            stack.pop()


def _require_depth(depth: int) -> None:
    if depth >= DEPTH_LIMIT:
        raise refusal(
            f"The components are nested too deeply: nesting over {DEPTH_LIMIT}. "
            "Export the file without nesting."
        )


def _gather(gathering: Gathering, found: Iterable[_Placed]) -> None:
    references: list[str | None] = []
    components: list[Component] = []
    # One too many is enough to be refused.
    for place, item in islice(found, COMPONENT_LIMIT + 1):
        references.append(item.bom_ref)
        version = item.version or ""
        key = ""
        if item.purl:
            try:
                key, of_purl = key_and_version(item.purl)
            except PurlError as error:
                gathering.note(place, f"No valid purl: {error}")
            else:
                if of_purl != version:
                    version = _version(gathering, place, version, of_purl)
        else:
            gathering.note(place, f"No purl: {shown(item.name)} has no identifier.")
        name = f"{item.group}/{item.name}" if item.group else item.name
        try:
            name = clean_line(name, limit=NAME_LIMIT)
            version = clean_line(version, limit=VERSION_LIMIT) if version else ""
        except TextError as error:
            gathering.problem(place, f"Name or version: {error}")
            continue
        if item.type == _MODEL:
            component = Component(
                place=place, name=name, version=version, key=key, kind=Kind.MODEL
            )
        else:
            # The kind is left to its default: an enumeration's member is slow to ask.
            component = Component(place=place, name=name, version=version, key=key)
        components.append(component)
    gathering.extend(components)
    _note_repeated(gathering, [each for each in references if each is not None])


def _note_repeated(gathering: Gathering, references: list[str]) -> None:
    if len(set(references)) == len(references):
        return
    repeated = [each for each, times in Counter(references).items() if times > 1]
    some = ", ".join(map(shown, repeated[:5])) + (", …" if repeated[5:] else "")
    gathering.note("", f"The same bom-ref stands for several components: {some}.")


def _version(gathering: Gathering, place: str, own: str, of_purl: str) -> str:
    if not own:
        return of_purl
    if of_purl:
        gathering.note(
            place,
            f"Its version is {shown(own)} but that of its purl {shown(of_purl)}; "
            "the former is kept.",
        )
    return own


def _read_carefully(text: str) -> Inventory:
    document = careful_json.document(text, wanted=_READ_KEYS)
    if not isinstance(document, dict):
        raise refusal(
            "The file is JSON, but no CycloneDX document: it does not start with {. "
            f"Supported is CycloneDX JSON {', '.join(SUPPORTED_VERSIONS)}."
        )
    _require_version(document.get("bomFormat"), document.get("specVersion", ""))
    gathering = Gathering(FORMAT)
    _gather(gathering, _walk_plain(gathering, document.get("components")))
    return gathering.inventory()


def _walk_plain(gathering: Gathering, components: object) -> Iterator[_Placed]:
    """Yield as `_walk` what was read carefully, and gather what is no component."""
    stack = [("", _numbered(gathering, "", components))]
    while stack:
        prefix, remaining = stack[-1]
        for index, plain in remaining:
            place = f"{prefix}components[{index}]"
            item = _component(gathering, place, plain)
            if item is None or not isinstance(plain, dict):
                continue
            yield place, item
            if plain.get("components"):
                _require_depth(len(stack))
                nested = _numbered(gathering, place, plain["components"])
                stack.append((f"{place}.", nested))
                break
        else:
            stack.pop()


def _numbered(
    gathering: Gathering, place: str, components: object
) -> Iterator[tuple[int, object]]:
    if isinstance(components, list):
        return iter(enumerate(components))
    if components is not None:
        gathering.problem(place, "`components` is not a list. Export the file again.")
    return iter(())


def _component(gathering: Gathering, place: str, plain: object) -> _Component | None:
    """Return the component that was read carefully, or nothing after a problem."""
    own = plain
    if isinstance(plain, dict):
        own = {key: item for key, item in plain.items() if key != "components"}
    try:
        return msgspec.convert(own, _Component)
    except msgspec.ValidationError as error:
        gathering.problem(
            place, f"{shown_reason(str(error))}. Correct it or export the file again."
        )
        return None
