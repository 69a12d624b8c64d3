"""What is known of a solution from outside: now, earlier, and against each other."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.models import Solution
from reviews.queries.evidence import FACTS_LIMIT, Coverage, coverage, evidence_of
from reviews.queries.facts import (
    SignalFilter,
    SignalState,
    flagged_ids,
    followable,
    ground_ids,
    grounds_of,
    host_of,
    read_facts,
    signals_matching,
)
from reviews.queries.home import Filter, TeamName, team_name
from reviews.rules.signals import Severity, SignalKind, Source, SourceState
from reviews.rules.vocabulary import Kind, Verdict
from tests.conftest import NOW, TODAY, Cast
from tests.evidence import checked, ended, flagged, replaced, rests, said
from tests.services.building import evaluated, judged, registered


@pytest.fixture
def django(cast: Cast) -> Solution:
    return registered(team=cast.platform)


def test_what_nobody_asked_about_is_unknown(django: Solution) -> None:
    evidence = evidence_of(django, today=TODAY)

    assert not evidence.is_known
    assert (evidence.sources, evidence.facts, evidence.disagreements) == ((), (), ())


@pytest.mark.parametrize(
    "state", [state for state in SourceState if state is not SourceState.OK]
)
def test_a_source_that_does_not_answer_leaves_it_unknown(
    django: Solution, state: SourceState
) -> None:
    checked(django, state=state)

    evidence = evidence_of(django, today=TODAY)

    assert not evidence.is_known
    [row] = evidence.sources
    assert not row.answers
    assert row.standing.startswith("unknown")


def test_one_source_that_answers_is_enough_to_know(django: Solution) -> None:
    checked(django, Source.PYPI, SourceState.FAILED, error="It timed out.")
    checked(django, Source.OSV)

    evidence = evidence_of(django, today=TODAY)

    assert evidence.is_known
    assert [(row.source, row.answers) for row in evidence.sources] == [
        ("pypi", False),
        ("osv", True),
    ]
    assert evidence.sources[0].reason == "It timed out."


def test_what_cannot_be_asked_says_why(django: Solution) -> None:
    checked(
        django,
        Source.NPM,
        SourceState.UNSUPPORTED,
        why="It is no npm package.",
        note="",
    )

    [row] = evidence_of(django, today=TODAY).sources

    assert row.reason == "It is no npm package."


def test_only_what_still_stands_is_a_fact(django: Solution) -> None:
    old = said(django, value="5.2.18")
    new = replaced(old, "5.2.19")
    ended(said(django, SignalKind.PROJECT_STATUS, "archived"))

    facts = evidence_of(django, today=TODAY).facts

    assert [fact.id for fact in facts] == [new.pk]
    assert facts[0].supersedes == old.pk


def test_flaws_come_last_and_the_worst_of_them_first(django: Solution) -> None:
    for id, severity in [("CVE-1", Severity.LOW), ("CVE-2", Severity.CRITICAL)]:
        said(django, SignalKind.VULNERABILITY, "Bad.", subject=id, severity=severity)
    said(django, SignalKind.VULNERABILITY, "Who knows.", subject="CVE-0")
    said(django, SignalKind.END_OF_LIFE, "2026-04-30", subject="4.2")

    subjects = [fact.subject for fact in evidence_of(django, today=TODAY).facts]

    assert subjects == ["4.2", "CVE-2", "CVE-1", "CVE-0"]


def test_what_is_left_out_is_counted(django: Solution) -> None:
    for number in range(FACTS_LIMIT + 3):
        said(django, SignalKind.VULNERABILITY, "Bad.", subject=f"CVE-{number}")

    evidence = evidence_of(django, today=TODAY)

    assert (len(evidence.facts), evidence.left_out) == (FACTS_LIMIT, 3)


@pytest.mark.parametrize(
    ("one", "other", "disagree"),
    [
        pytest.param("5.2.19", "5.2.18", True, id="two values"),
        pytest.param("5.2.19", "v5.2.19", False, id="a v before it"),
        pytest.param("5.2.19", "5.2.19", False, id="the same"),
    ],
)
def test_sources_that_say_otherwise_disagree(
    django: Solution, one: str, other: str, disagree: bool
) -> None:
    said(django, value=one, source=Source.PYPI)
    said(django, value=other, source=Source.GITHUB)

    told = evidence_of(django, today=TODAY).disagreements

    assert bool(told) is disagree
    assert all(len(each.facts) == 2 for each in told)


def test_sources_do_not_disagree_on_different_versions(django: Solution) -> None:
    said(django, SignalKind.LICENCE, "MIT", subject="5.1", source=Source.PYPI)
    said(django, SignalKind.LICENCE, "BSD-3-Clause", subject="5.2", source=Source.NPM)

    assert evidence_of(django, today=TODAY).disagreements == ()


def test_without_an_evaluation_nothing_has_changed_since_one(django: Solution) -> None:
    said(django)

    evidence = evidence_of(django, today=TODAY)

    assert (evidence.since, evidence.changes) == (None, ())


def test_what_an_evaluation_rested_on_is_no_change(django: Solution) -> None:
    said(django)
    evaluation = evaluated(django)

    evidence = evidence_of(django, today=TODAY)

    assert (evidence.since, evidence.changes) == (evaluation.pk, ())
    assert [fact.value for fact in grounds_of(evaluation.pk)] == ["5.2.19"]


def test_what_is_new_changed_or_gone_since_the_evaluation_is_told(
    django: Solution,
) -> None:
    release = said(django, value="5.2.19", effective_on=date(2026, 9, 1))
    status = said(django, SignalKind.PROJECT_STATUS, "archived")
    said(django, SignalKind.MAINTAINERS, "4")
    evaluated(django)
    replaced(release, "5.2.20", effective_on=date(2026, 10, 1))
    ended(status)
    said(django, SignalKind.END_OF_LIFE, "2028-04-30", subject="5.2")

    changes = evidence_of(django, today=TODAY).changes

    assert [(change.what, change.fact.kind) for change in changes] == [
        ("changed", "latest_release"),
        ("new", "end_of_life"),
        ("no longer said", "project_status"),
    ]
    assert changes[0].differences == (
        ("value", "5.2.19", "5.2.20"),
        ("from", "2026-09-01", "2026-10-01"),
    )
    assert changes[1].differences == changes[2].differences == ()


def test_a_flaw_under_another_of_its_names_is_the_same(django: Solution) -> None:
    flaw = said(
        django, SignalKind.VULNERABILITY, "Bad.", subject="GHSA-1", aliases=("CVE-1",)
    )
    evaluated(django)
    ended(flaw, "superseded")
    said(
        django,
        SignalKind.VULNERABILITY,
        "Bad.",
        subject="CVE-1",
        aliases=("GHSA-1",),
        fixed_in="5.2.20",
        supersedes=flaw,
    )

    [change] = evidence_of(django, today=TODAY).changes

    assert change.differences == (("fixed in", "nothing", "5.2.20"),)


def test_a_proposal_is_not_what_changes_count_from(
    cast: Cast, django: Solution
) -> None:
    first = evaluated(django)
    said(django)
    proposal = evaluated(django, judged(Verdict.DEPRECATE), actor=cast.actor(cast.bob))

    evidence = evidence_of(django, today=TODAY)

    assert evidence.since == first.pk
    assert [change.what for change in evidence.changes] == ["new"]
    assert ground_ids([first.pk, proposal.pk]).keys() == {proposal.pk}


def test_a_solution_costs_as_many_queries_with_many_facts_as_with_one(
    django: Solution,
) -> None:
    said(django)
    checked(django)
    evaluated(django)
    with CaptureQueriesContext(connection) as few:
        evidence_of(django, today=TODAY)
    for number in range(40):
        said(django, SignalKind.VULNERABILITY, "Bad.", subject=f"CVE-{number}")

    with CaptureQueriesContext(connection) as many:
        evidence_of(django, today=TODAY)

    # One of them asks what overrides call wrong.
    assert len(few) == len(many) <= 5


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(SignalFilter(), "4 5 6 archived", id="everything"),
        pytest.param(SignalFilter(state=SignalState.OPEN), "6", id="open"),
        pytest.param(SignalFilter(state=SignalState.SUPERSEDED), "4", id="superseded"),
        pytest.param(
            SignalFilter(state=SignalState.WITHDRAWN), "5 archived", id="withdrawn"
        ),
        pytest.param(SignalFilter(source=Source.NPM), "", id="another source"),
        pytest.param(
            SignalFilter(kind=SignalKind.PROJECT_STATUS), "archived", id="a kind"
        ),
        pytest.param(
            SignalFilter(Source.PYPI, SignalKind.LATEST_RELEASE, SignalState.OPEN),
            "6",
            id="all at once",
        ),
    ],
)
def test_signals_narrow(django: Solution, wanted: SignalFilter, found: str) -> None:
    fifth = replaced(said(django, value="4"), "5")
    ended(fifth, "asked anew")
    said(django, value="6")
    ended(said(django, SignalKind.PROJECT_STATUS, "archived"))
    said(registered("Flask"), value="elsewhere")

    rows = read_facts(signals_matching(django.pk, wanted).order_by("pk"))

    assert " ".join(row.value for row in rows) == found
    if wanted.state is not None:
        assert {row.state for row in rows} == {wanted.state}


def test_flags_and_evaluations_name_what_they_rest_on(django: Solution) -> None:
    evaluation = evaluated(django)
    one, two = said(django), said(django, SignalKind.PROJECT_STATUS, "archived")
    rests(evaluation, two, one)
    flag = flagged(django, two)

    assert ground_ids([evaluation.pk]) == {evaluation.pk: (one.pk, two.pk)}
    assert flagged_ids([flag.pk, 999]) == {flag.pk: (two.pk,)}


def test_coverage_counts_what_at_least_one_source_answers_for(cast: Cast) -> None:
    django = registered("Django", team=cast.platform)
    flask = registered("Flask")
    registered("Shop", kind=Kind.BUILT)
    gone = registered("Nose")
    evaluated(gone, judged(Verdict.RETIRE))
    for solution in (django, gone):
        checked(solution, Source.PYPI)
        checked(solution, Source.OSV)
    for source, state in [
        (Source.PYPI, SourceState.STALE),
        (Source.OSV, SourceState.FAILED),
        (Source.NPM, SourceState.NOT_FOUND),
        (Source.GITHUB, SourceState.UNSUPPORTED),
    ]:
        checked(flask, source, state)

    assert coverage(now=NOW) == (
        Coverage("built", "built component", 0, 1),
        Coverage("package", "open-source package", 1, 2),
    )
    assert coverage(Filter(team=team_name(cast.platform)), now=NOW) == (
        Coverage("package", "open-source package", 1, 1),
    )
    assert [each.covered for each in coverage(Filter(team=TeamName()), now=NOW)] == [
        0,
        0,
    ]


def test_an_empty_register_has_no_coverage(db: None) -> None:
    assert coverage(now=NOW) == ()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "ftp://mirror.example/x",
        "//mirror.example/x",
        "/solutions/",
        "https:",
        "https:///nowhere",
        "http://[broken",
    ],
)
def test_an_address_of_another_kind_is_not_followed(address: str) -> None:
    assert followable(address) == host_of(address) == ""


def test_an_address_of_the_web_is_followed(db: None) -> None:
    assert followable("https://osv.example/CVE-1") == "https://osv.example/CVE-1"
    assert host_of("https://osv.example:8443/CVE-1") == "osv.example"


def test_an_answer_of_long_ago_is_none_any_more(django: Solution) -> None:
    checked(django, answered_at=NOW - timedelta(days=15))

    evidence = evidence_of(django, today=TODAY)

    [row] = evidence.sources
    assert not evidence.is_known
    assert row.standing == "unknown by now: it was not asked lately"
    assert [each.covered for each in coverage(now=NOW)] == [0]


@pytest.mark.parametrize(
    ("sources", "known"),
    [
        pytest.param([Source.PYPI], False, id="PyPI speaks of the latest"),
        pytest.param([Source.PYPI, Source.OSV], True, id="OSV"),
        pytest.param([Source.DEPS_DEV], True, id="deps.dev"),
        pytest.param([Source.GITHUB], False, id="who knows nothing of flaws"),
    ],
)
def test_flaws_that_nobody_was_asked_for_are_unknown(
    django: Solution, sources: list[Source], known: bool
) -> None:
    for source in sources:
        checked(django, source)

    told = [note.text for note in evidence_of(django, today=TODAY).notes]

    assert any("known flaws is unknown" in text for text in told) is not known
