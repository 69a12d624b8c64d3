"""What is read from CycloneDX documents, and that nothing else ever happens."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as PeerComponent
from cyclonedx.model.component import ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from hypothesis import given, settings
from hypothesis import strategies as st
from packageurl import PackageURL

from reviews.formats import cyclonedx
from reviews.formats.records import FormatError, Inventory
from reviews.rules.vocabulary import Kind
from tests.formats.bills import encoded, large, library, nested


@pytest.mark.parametrize("build", [encoded, large], ids=["small", "large"])
def test_components_are_read_with_their_places(build: Any) -> None:
    before = len(json.loads(build())["components"])

    inventory = cyclonedx.read(
        build(
            library("Zope.Interface", components=[library("inner", "2.0")]),
            {
                "name": "core",
                "group": "@angular",
                "purl": "pkg:npm/%40angular/core@17.0.0",
            },
            {"type": "machine-learning-model", "name": "llama", "version": "3"},
        )
    )

    outer, inner, core, llama = inventory.components[before:]
    assert outer.place == f"components[{before}]"
    assert (outer.name, outer.key) == ("Zope.Interface", "pkg:pypi/zope-interface")
    assert inner.place == f"components[{before}].components[0]"
    assert (inner.name, inner.version) == ("inner", "2.0")
    assert (core.name, core.version) == ("@angular/core", "17.0.0")
    assert core.kind is Kind.PACKAGE
    assert (llama.key, llama.kind) == ("", Kind.MODEL)
    assert inventory.format == "CycloneDX JSON"


def test_the_subject_of_the_document_is_none_of_its_components() -> None:
    subject = {"component": {"type": "application", "name": "shop", "version": "1"}}

    inventory = cyclonedx.read(encoded(library("a"), metadata=subject))

    assert [component.name for component in inventory.components] == ["a"]


@pytest.mark.parametrize(
    "purl",
    ["pkg:", "pkg:npm/", "npm/x", "pkg:npm/%ff", "pkg:npm/%00", "pkg:npm/\ud800"],
)
def test_an_invalid_purl_leaves_the_component_without_a_key(purl: str) -> None:
    inventory = cyclonedx.read(encoded({"name": "x", "purl": purl}))

    assert inventory.components[0].key == ""
    assert inventory.notes[0].place == "components[0]"
    assert "No valid purl" in inventory.notes[0].message


@pytest.mark.parametrize("absent", [{}, {"purl": ""}, {"purl": None}])
def test_a_missing_purl_is_noted(absent: dict[str, object]) -> None:
    inventory = cyclonedx.read(encoded({"name": "x", "version": None, **absent}))

    assert "No purl" in inventory.notes[0].message


def test_one_package_in_several_versions_is_kept_in_each() -> None:
    versions = [f"{number}.0" for number in range(40)]

    inventory = cyclonedx.read(encoded(*[library("a", each) for each in versions]))

    assert [each.version for each in inventory.components] == versions


def test_a_repeated_component_is_counted_once_and_noted() -> None:
    inventory = cyclonedx.read(encoded(library("a"), library("b"), library("A")))

    assert [each.name for each in inventory.components] == ["a", "b"]
    assert "The same as components[0]" in inventory.notes[-1].message


def test_a_repeated_bom_ref_is_noted() -> None:
    both = {"bom-ref": "same"}

    inventory = cyclonedx.read(encoded(library("a", **both), library("b", **both)))

    assert len(inventory.components) == 2
    assert "bom-ref" in inventory.notes[0].message


def test_a_hundred_notes_are_kept_and_the_others_counted() -> None:
    inventory = cyclonedx.read(encoded(*[{"name": str(n)} for n in range(150)]))

    assert len(inventory.components) == 150
    assert len(inventory.notes) == 101
    assert inventory.notes[-1].message == "And 50 more notes."


def test_a_version_that_differs_from_that_of_the_purl_is_noted() -> None:
    inventory = cyclonedx.read(encoded(library("a", purl="pkg:pypi/a@2.0")))

    assert inventory.components[0].version == "1.0"
    assert "2.0" in inventory.notes[0].message


def test_a_cycle_among_dependencies_does_not_matter() -> None:
    cycle = [
        {"ref": "a@1.0", "dependsOn": ["b@1.0", "gone"]},
        {"ref": "b@1.0", "dependsOn": ["a@1.0", "b@1.0"]},
    ]

    inventory = cyclonedx.read(encoded(library("a"), library("b"), dependencies=cycle))

    assert len(inventory.components) == 2


def test_a_byte_order_mark_of_utf_8_is_accepted() -> None:
    content = b"\xef\xbb\xbf" + encoded(library("e"))

    assert len(cyclonedx.read(content).components) == 1


def test_64_levels_are_read() -> None:
    assert len(cyclonedx.read(encoded(nested(64))).components) == 64


@pytest.mark.parametrize("version", ["1.4", "1.5", "1.6"])
def test_a_document_of_another_program_is_read(version: str) -> None:
    purl = PackageURL("npm", "@angular", "core", "17.0.0")
    component = PeerComponent(
        name="core",
        group="@angular",
        version="17.0.0",
        purl=purl,
        type=ComponentType.LIBRARY,
    )
    schema = SchemaVersion.from_version(version)
    output = make_outputter(Bom(components=[component]), OutputFormat.JSON, schema)

    inventory = cyclonedx.read(output.output_as_string().encode())

    assert [(each.name, each.version, each.key) for each in inventory.components] == [
        ("@angular/core", "17.0.0", "pkg:npm/%40angular/core")
    ]


NAMES = st.sampled_from(["a", "b", "Ünï", "x y", ""])
PURLS = st.none() | st.sampled_from(["pkg:npm/a@1", "pkg:npm/", "pkg:pypi/b", ""])
LEAVES = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "version": st.none() | st.sampled_from(["1", "2.0"]),
        "purl": PURLS,
        "group": st.none() | st.sampled_from(["g", ""]),
        "bom-ref": st.sampled_from(["r", "s"]),
        "type": st.sampled_from(["library", "machine-learning-model"]),
    },
)
COMPONENTS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda leaf, more: {**leaf, "components": more},
        LEAVES,
        st.none() | st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)


@given(st.lists(COMPONENTS, max_size=4))
@settings(max_examples=150, deadline=None)
def test_both_ways_of_reading_agree(components: list[dict[str, object]]) -> None:
    content = encoded(*components)
    decoded = cyclonedx._DECODER.decode(content)

    def result(read: Callable[[], Inventory]) -> object:
        try:
            return read()
        except FormatError as error:
            return error.problems

    quick = result(partial(cyclonedx._read_decoded, decoded))
    careful = result(partial(cyclonedx._read_carefully, content.decode()))

    assert quick == careful


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_mutated_document_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(encoded(library("a"), nested(3), {"name": "é"}))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))

    for small in (0, 250_000):
        with patch.object(cyclonedx, "_SMALL", small):
            try:
                inventory = cyclonedx.read(bytes(content))
            except FormatError:
                continue
            msgspec.json.encode(inventory)
