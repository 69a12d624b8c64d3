"""Under which name each source knows a solution, and why a source cannot be asked."""

import pytest

from reviews.rules.evidence.matching import (
    ASKED,
    Matching,
    Subject,
    github_name,
    matching,
)
from reviews.rules.matches import Match, MatchedBy
from reviews.rules.purl import canonical
from reviews.rules.signals import Source
from reviews.rules.vocabulary import Kind, Scheme


def package(key: str, **more: object) -> Subject:
    given: dict[str, object] = {
        "kind": Kind.PACKAGE,
        "name": canonical(key).name,
        "key": canonical(key).key,
        "version": "4.2.11",
    }
    return Subject(**(given | more))  # type: ignore[arg-type]


def named(name: str, kind: Kind = Kind.VENDOR, **more: object) -> Subject:
    given: dict[str, object] = {"kind": kind, "name": name, "key": f"{kind}:{name}"}
    return Subject(**(given | more))  # type: ignore[arg-type]


def found(of: Matching, source: Source) -> Match | None:
    return next((match for match in of.matches if match.source is source), None)


def why_not(of: Matching, source: Source) -> str:
    return next(each.why for each in of.unmatched if each.source is source)


DJANGO = package("pkg:pypi/django")


def test_a_package_is_matched_by_its_purl_and_the_product_by_its_alias() -> None:
    assert matching(DJANGO).matches == (
        Match(
            source=Source.PYPI,
            subject="django",
            by=MatchedBy.PURL,
            why="Its purl pkg:pypi/django names it at PyPI.",
            version="4.2.11",
        ),
        Match(
            source=Source.PYPI_STATUS,
            subject="django",
            by=MatchedBy.PURL,
            why="Its purl pkg:pypi/django names it at PyPI.",
            version="4.2.11",
        ),
        Match(
            source=Source.OSV,
            subject="django",
            by=MatchedBy.PURL,
            why="Its purl pkg:pypi/django names it at OSV.",
            ecosystem="pypi",
            version="4.2.11",
        ),
        Match(
            source=Source.DEPS_DEV,
            subject="django",
            by=MatchedBy.PURL,
            why="Its purl pkg:pypi/django names it at deps.dev.",
            ecosystem="pypi",
            version="4.2.11",
        ),
        Match(
            source=Source.ENDOFLIFE,
            subject="django",
            by=MatchedBy.ALIAS,
            why="Its purl pkg:pypi/django is listed as the endoflife.date product "
            "django.",
            version="4.2.11",
        ),
    )


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(DJANGO, id="a package"),
        pytest.param(named("Django"), id="a name alone"),
        pytest.param(named("x", Kind.BUILT, homepage="https://x.example"), id="built"),
        pytest.param(named("x", Kind.MODEL), id="a model"),
        pytest.param(package("pkg:huggingface/owner/model"), id="a published model"),
    ],
)
def test_every_source_is_matched_or_says_why_not(subject: Subject) -> None:
    of = matching(subject)

    sources = [m.source for m in of.matches] + [u.source for u in of.unmatched]
    reasons = [m.why for m in of.matches] + [u.why for u in of.unmatched]
    assert sorted(sources) == sorted(ASKED)
    assert all(why.endswith(".") for why in reasons)


@pytest.mark.parametrize("name", ["django", "Redis", "python", "claude-2.1", "react"])
@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_is_ever_matched_by_its_bare_name(name: str, kind: Kind) -> None:
    assert matching(named(name, kind, version="1.0")).matches == ()


def test_a_source_that_cannot_be_asked_says_so_in_a_sentence() -> None:
    of = matching(named("Acme CRM"))

    said = {each.source: str(each) for each in of.unmatched}
    assert said[Source.DEPS_DEV] == (
        "deps.dev: It has no purl, and is never looked up by its name alone."
    )
    assert said[Source.ENDOFLIFE] == (
        "endoflife.date: It is not known which product it is; "
        "one may be entered as identifier."
    )
    assert said[Source.HUGGING_FACE] == "Hugging Face: It is no model."


def test_a_registry_says_that_a_package_is_of_another_type() -> None:
    of = matching(package("pkg:npm/%40angular/core"))

    assert why_not(of, Source.PYPI) == "It knows no packages of the type npm."
    npm = found(of, Source.NPM)
    assert npm is not None
    assert npm.subject == "@angular/core"


@pytest.mark.parametrize(
    ("key", "sources"),
    [
        ("pkg:cargo/serde", {Source.OSV, Source.DEPS_DEV}),
        ("pkg:hex/phoenix", {Source.OSV, Source.ENDOFLIFE}),
        ("pkg:golang/github.com/owner/name/v2", {Source.OSV, Source.DEPS_DEV}),
        ("pkg:docker/library/python", {Source.ENDOFLIFE}),
        ("pkg:generic/django", set()),
        ("pkg:oci/nginx", set()),
        ("pkg:deb/debian/nginx", set()),
    ],
)
def test_a_source_is_asked_only_about_types_that_it_knows(
    key: str, sources: set[Source]
) -> None:
    asked = {match.source for match in matching(package(key)).matches}

    assert asked - {Source.GITHUB, Source.SCORECARD} == sources


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        pytest.param(
            named("Django"),
            "It has no purl, and is never looked up by its name alone.",
            id="a name alone",
        ),
        pytest.param(
            package("pkg:docker/library/redis", version=""),
            "It knows no packages of the type docker.",
            id="of another type",
        ),
    ],
)
def test_what_osv_cannot_know_lacks_no_version(subject: Subject, why: str) -> None:
    assert not subject.version

    assert why_not(matching(subject), Source.OSV) == why


def test_without_a_version_in_use_flaws_are_not_asked_for() -> None:
    of = matching(package("pkg:pypi/django", version=""))

    assert found(of, Source.OSV) is None
    assert why_not(of, Source.OSV) == (
        "No version in use is recorded, and without one it lists every flaw there "
        "ever was."
    )
    assert found(of, Source.DEPS_DEV) is not None


# endoflife.date


def test_what_a_person_named_comes_before_the_alias() -> None:
    subject = package(
        "pkg:pypi/django", identifiers=((Scheme.ENDOFLIFE, "wagtail/7.4"),)
    )

    assert found(matching(subject), Source.ENDOFLIFE) == Match(
        source=Source.ENDOFLIFE,
        subject="wagtail",
        by=MatchedBy.IDENTIFIER,
        why="Its identifier says that it is the endoflife.date product wagtail, "
        "cycle 7.4.",
        version="4.2.11",
        cycle="7.4",
    )


def test_of_two_products_the_first_decides_and_the_other_is_noted() -> None:
    entered = ((Scheme.ENDOFLIFE, "redis"), (Scheme.ENDOFLIFE, "valkey/9"))

    of = matching(named("Cache", identifiers=entered))

    match = found(of, Source.ENDOFLIFE)
    assert match is not None
    assert match.subject == "redis"
    assert of.notes == (
        "endoflife.date is asked about redis; valkey/9, which is entered too, is left "
        "out.",
    )


@pytest.mark.parametrize(
    "value",
    ["https://endoflife.date/django", "../django", "Django 4", "django?x", "", "/4.2"],
)
def test_what_is_no_name_of_a_product_is_not_asked_for(value: str) -> None:
    of = matching(named("Django", identifiers=((Scheme.ENDOFLIFE, value),)))

    assert found(of, Source.ENDOFLIFE) is None
    assert "is no name of a product there" in why_not(of, Source.ENDOFLIFE)


def test_a_hosted_model_is_the_cycle_of_its_makers_product() -> None:
    id = "claude-opus-4-1-20250805"
    subject = named("Claude", Kind.MODEL, identifiers=((Scheme.MODEL, id),))

    assert matching(subject).matches == (
        Match(
            source=Source.ENDOFLIFE,
            subject="claude",
            by=MatchedBy.ALIAS,
            why=f"Models like {id} are listed as the endoflife.date product claude.",
            cycle=id,
        ),
    )


@pytest.mark.parametrize(
    ("product", "cycle"),
    [("claude", "claude-2.1"), ("claude/claude-2.0", "claude-2.0"), ("django", "")],
)
def test_a_model_id_names_the_cycle_of_a_product_that_lists_it(
    product: str, cycle: str
) -> None:
    entered = ((Scheme.ENDOFLIFE, product), (Scheme.MODEL, "claude-2.1"))

    match = found(
        matching(named("Claude", Kind.MODEL, identifiers=entered)), Source.ENDOFLIFE
    )

    assert match is not None
    assert (match.cycle, match.by) == (cycle, MatchedBy.IDENTIFIER)


def test_a_repository_is_a_product_only_for_what_has_no_package() -> None:
    repository = ((Scheme.REPOSITORY, "https://github.com/kubernetes/kubernetes"),)

    cluster = matching(named("Our cluster", identifiers=repository))
    client = matching(package("pkg:pypi/kubernetes", identifiers=repository))

    product = found(cluster, Source.ENDOFLIFE)
    assert product is not None
    assert product.subject == "kubernetes"
    assert found(client, Source.ENDOFLIFE) is None


def test_a_link_in_a_packages_metadata_never_makes_it_a_product() -> None:
    subject = package(
        "pkg:pypi/django-lookalike",
        repositories=("https://github.com/django/django",),
        homepage="https://github.com/django/django",
    )

    assert found(matching(subject), Source.ENDOFLIFE) is None


# Repositories


def test_a_repository_that_a_person_named_comes_before_all_others() -> None:
    subject = package(
        "pkg:github/purl/name",
        identifiers=((Scheme.REPOSITORY, "git@github.com:person/named.git"),),
        repositories=("https://github.com/metadata/linked",),
        homepage="https://github.com/home/page",
    )

    of = matching(subject)

    for source in (Source.GITHUB, Source.SCORECARD):
        match = found(of, source)
        assert match is not None
        assert (match.subject, match.by) == ("person/named", MatchedBy.IDENTIFIER)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("pkg:github/django/django", "django/django"),
        ("pkg:golang/github.com/gorilla/mux", "gorilla/mux"),
        ("pkg:golang/github.com/caddyserver/caddy/v2", "caddyserver/caddy"),
        ("pkg:swift/github.com/apple/swift-nio", "apple/swift-nio"),
    ],
)
def test_a_purl_may_name_a_repository(key: str, name: str) -> None:
    match = found(matching(package(key)), Source.GITHUB)

    assert match is not None
    assert (match.subject, match.by) == (name, MatchedBy.PURL)


@pytest.mark.parametrize(
    "more",
    [
        {"repositories": ("https://gitlab.com/a/b", "https://github.com/owner/name")},
        {"homepage": "https://github.com/owner/name/"},
    ],
    ids=["metadata", "home page"],
)
def test_a_link_that_nobody_checked_is_not_verified(more: dict[str, object]) -> None:
    match = found(matching(package("pkg:pypi/something", **more)), Source.GITHUB)

    assert match is not None
    assert match.subject == "owner/name"
    assert not match.verified
    assert "nobody has checked" in match.why


def test_of_two_repositories_the_first_decides_and_the_other_is_noted() -> None:
    entered = (
        (Scheme.REPOSITORY, "https://github.com/first/one"),
        (Scheme.REPOSITORY, "https://github.com/second/one"),
    )

    of = matching(named("Thing", identifiers=entered))

    match = found(of, Source.GITHUB)
    assert match is not None
    assert match.subject == "first/one"
    assert of.notes == (
        "GitHub is asked about first/one; second/one, which is entered too, is left "
        "out.",
        "OpenSSF Scorecard is asked about first/one; second/one, which is entered too, "
        "is left out.",
    )


def test_a_repository_elsewhere_is_named_as_such() -> None:
    entered = ((Scheme.REPOSITORY, "https://gitlab.com/group/name"),)

    of = matching(named("Thing", identifiers=entered))

    assert why_not(of, Source.GITHUB) == (
        "The address https://gitlab.com/group/name is none of a repository on GitHub."
    )


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://github.com/owner/name", "owner/name"),
        ("http://www.github.com/owner/name/", "owner/name"),
        ("HTTPS://GitHub.com/Owner/Name.git", "Owner/Name"),
        ("git+https://github.com/owner/name.git", "owner/name"),
        ("git+ssh://git@github.com/owner/name.git", "owner/name"),
        ("git@github.com:owner/name.git", "owner/name"),
        ("github:owner/name", "owner/name"),
        ("github.com/owner/name", "owner/name"),
        ("https://github.com/owner/name/tree/main/packages/x", "owner/name"),
        ("https://github.com/owner/name#readme", "owner/name"),
        (" https://github.com/owner/.github ", "owner/.github"),
    ],
)
def test_an_address_of_a_repository_is_read_in_every_usual_form(
    address: str, name: str
) -> None:
    assert github_name(address) == name


@pytest.mark.parametrize(
    "address",
    [
        "",
        "owner/name",
        "https://github.com/owner",
        "https://github.com/sponsors/owner",
        "https://github.com/orgs/owner/repositories",
        "https://github.com@evil.example/owner/name",
        "https://evil.example/github.com/owner/name",
        "https://github.com.evil.example/owner/name",
        "https://gist.github.com/owner/name",
        "https://gitlab.com/owner/name",
        "https://github.com/owner/..",
        "javascript:github.com/owner/name",
        "https://github.com/ow ner/name",
        "https://github.com/owner/na%2Fme",
    ],
)
def test_what_is_no_repository_on_github_is_none(address: str) -> None:
    assert github_name(address) == ""


# Models


@pytest.mark.parametrize(
    ("subject", "by"),
    [
        pytest.param(
            package("pkg:huggingface/Owner/Model-7B"), MatchedBy.PURL, id="its purl"
        ),
        pytest.param(
            named(
                "A model", Kind.MODEL, identifiers=((Scheme.MODEL, "Owner/Model-7B"),)
            ),
            MatchedBy.IDENTIFIER,
            id="its model id",
        ),
    ],
)
def test_a_published_model_is_matched(subject: Subject, by: MatchedBy) -> None:
    match = found(matching(subject), Source.HUGGING_FACE)

    assert match is not None
    assert (match.subject, match.by) == ("Owner/Model-7B", by)


@pytest.mark.parametrize(
    "id", ["gpt-4", "anthropic/claude-2.1", "a/b/c", "../x", "owner/", "owner/na me"]
)
def test_a_hosted_model_is_not_looked_up_among_the_published(id: str) -> None:
    subject = named("A model", Kind.MODEL, identifiers=((Scheme.MODEL, id),))

    of = matching(subject)

    assert found(of, Source.HUGGING_FACE) is None
    assert why_not(of, Source.HUGGING_FACE) == (
        "No model id of the form owner/name is entered."
    )


# Purls that a person entered


def test_a_purl_that_a_person_entered_matches_what_has_none_of_its_own() -> None:
    subject = named("Django", identifiers=((Scheme.PURL, "pkg:pypi/django"),))

    match = found(matching(subject), Source.PYPI)

    assert match is not None
    assert (match.subject, match.by) == ("django", MatchedBy.IDENTIFIER)


def test_a_purl_that_cannot_be_read_is_left_out_and_noted() -> None:
    subject = named("Django", identifiers=((Scheme.PURL, "pkg:"),))

    of = matching(subject)

    assert found(of, Source.PYPI) is None
    assert of.notes[0].startswith("Its identifier is left out: 'pkg:'")
