"""One name for a licence however it is written, and the kind of its terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.licenses import canonicalize_license_expression

from reviews.rules.answers.licence_names import CLASSIFIERS, NAMES, RENAMED, TEXTS
from reviews.rules.answers.licences import (
    LicenceClass,
    class_of,
    clearest,
    from_classifiers,
    is_stricter,
    joined,
    spdx,
)

MIT_TEXT = """The MIT License (MIT)

Copyright (c) 2020 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy [...]
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED [...]
"""
BSD_TEXT = """Copyright (c) Somebody. Redistribution and use in source and binary
forms, with or without modification, are permitted [...]"""


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("The MIT License (MIT)", "MIT"),
        ("MIT License", "MIT"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("apache-2.0", "Apache-2.0"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("LGPL-3.0", "LGPL-3.0-only"),
        ("BSD", "LicenseRef-BSD"),
        ("3-Clause BSD License", "BSD-3-Clause"),
        ("GNU LGPL", "LicenseRef-LGPL"),
        ("Public domain", "LicenseRef-Public-Domain"),
        ("UNLICENSED", "LicenseRef-Proprietary"),
        ("Unlicense", "Unlicense"),
        ("(mit or APACHE-2.0)", "MIT OR Apache-2.0"),
        ("GPL-2.0 WITH Classpath-exception-2.0", None),
        ("LicenseRef-Ours", "LicenseRef-Ours"),
        ("Business Source License 1.1", "BUSL-1.1"),
        pytest.param(MIT_TEXT, "MIT", id="the text of MIT"),
        pytest.param(BSD_TEXT, "BSD-2-Clause", id="the text of BSD"),
        pytest.param(
            BSD_TEXT + " Neither the name [...]", "BSD-3-Clause", id="of three clauses"
        ),
        pytest.param("x " * 100_000, "", id="a long text of something else"),
        ("", ""),
        ("  ", ""),
        ("non-standard", ""),
        ("SEE LICENSE IN LICENSE.md", ""),
        ("Other", ""),
        ("(" * 400, ""),
        ("MIT OR", ""),
    ],
)
def test_a_licence_has_one_name_however_it_is_written(
    written: str, name: str | None
) -> None:
    expected = "GPL-2.0-only WITH Classpath-exception-2.0" if name is None else name

    assert spdx(written) == expected


@given(st.text(max_size=600))
def test_no_text_is_too_odd_to_be_looked_at(text: str) -> None:
    name = spdx(text)

    assert class_of(name) in LicenceClass
    assert spdx(name) == name


@pytest.mark.parametrize(
    "name",
    sorted({*NAMES.values(), *CLASSIFIERS.values(), *(name for _, name in TEXTS)}),
)
def test_every_name_in_the_tables_is_spdx_and_of_a_known_kind(name: str) -> None:
    assert canonicalize_license_expression(name) == name
    assert name not in RENAMED
    assert class_of(name) is not LicenceClass.UNKNOWN


@pytest.mark.parametrize(
    ("classifiers", "name"),
    [
        (["License :: OSI Approved :: MIT License"], "MIT"),
        (["License :: OSI Approved :: BSD License"], "LicenseRef-BSD"),
        (["License :: Public Domain"], "LicenseRef-Public-Domain"),
        (["License :: OSI Approved"], ""),
        (["Programming Language :: Python", "Topic :: MIT License"], ""),
        (
            [
                "License :: OSI Approved :: MIT License",
                "License :: OSI Approved :: Apache Software License",
            ],
            "Apache-2.0 AND MIT",
        ),
        ([], ""),
    ],
)
def test_classifiers_name_a_licence(classifiers: list[str], name: str) -> None:
    assert from_classifiers(classifiers) == name


@pytest.mark.parametrize(
    ("names", "clear"),
    [
        (("", "LicenseRef-BSD", "BSD-3-Clause"), "BSD-3-Clause"),
        (("LicenseRef-BSD", "GPL-3.0-only"), "LicenseRef-BSD"),
        (("LicenseRef-BSD", ""), "LicenseRef-BSD"),
        (("MIT", "Apache-2.0"), "MIT"),
        (("LicenseRef-Proprietary", "MIT"), "LicenseRef-Proprietary"),
        (("", ""), ""),
    ],
)
def test_a_family_gives_way_to_a_name_of_the_same_kind(
    names: tuple[str, ...], clear: str
) -> None:
    assert clearest(*names) == clear


def test_licences_that_hold_together_keep_their_alternatives() -> None:
    assert joined(["MIT OR Apache-2.0", "ISC", "ISC"]) == "ISC AND (MIT OR Apache-2.0)"


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("MIT", LicenceClass.PERMISSIVE),
        ("LicenseRef-BSD", LicenceClass.PERMISSIVE),
        ("MPL-2.0", LicenceClass.WEAK_COPYLEFT),
        ("LGPL-2.1-or-later", LicenceClass.WEAK_COPYLEFT),
        ("GPL-3.0-only", LicenceClass.COPYLEFT),
        ("GPL-2.0+", LicenceClass.COPYLEFT),
        ("AGPL-3.0-or-later", LicenceClass.COPYLEFT),
        ("BUSL-1.1", LicenceClass.SOURCE_AVAILABLE),
        ("SSPL-1.0", LicenceClass.SOURCE_AVAILABLE),
        ("Elastic-2.0", LicenceClass.SOURCE_AVAILABLE),
        ("GPL-2.0-only WITH Classpath-exception-2.0", LicenceClass.WEAK_COPYLEFT),
        ("GPL-2.0-only WITH Bison-exception-2.2", LicenceClass.COPYLEFT),
        ("MIT OR GPL-3.0-only", LicenceClass.PERMISSIVE),
        ("MIT AND GPL-3.0-only", LicenceClass.COPYLEFT),
        ("GPL-3.0-only AND (MIT OR BUSL-1.1)", LicenceClass.COPYLEFT),
        ("LicenseRef-Ours", LicenceClass.UNKNOWN),
        ("MIT AND LicenseRef-Ours", LicenceClass.UNKNOWN),
        ("MIT OR LicenseRef-Ours", LicenceClass.PERMISSIVE),
        ("", LicenceClass.UNKNOWN),
        ("MIT GPL-3.0-only", LicenceClass.UNKNOWN),
        ("(MIT", LicenceClass.UNKNOWN),
        ("MIT AND", LicenceClass.UNKNOWN),
        ("(" * 5_000, LicenceClass.UNKNOWN),
    ],
)
def test_terms_are_of_one_kind(expression: str, kind: LicenceClass) -> None:
    assert class_of(expression) is kind


@pytest.mark.parametrize(
    ("before", "after", "stricter"),
    [
        ("MPL-2.0", "BUSL-1.1", True),
        ("Apache-2.0", "Elastic-2.0 OR SSPL-1.0", True),
        ("BSD-3-Clause", "AGPL-3.0-only", True),
        ("LicenseRef-BSD", "BSD-3-Clause", False),
        ("GPL-3.0-only", "MIT", False),
        ("", "GPL-3.0-only", False),
        ("MIT", "LicenseRef-Ours", False),
        ("MIT", "Apache-2.0", False),
    ],
)
def test_only_terms_that_demand_more_are_stricter(
    before: str, after: str, stricter: bool
) -> None:
    assert is_stricter(after, before) is stricter
