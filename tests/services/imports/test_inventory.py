"""Importing an inventory: an upsert by identifier, all or nothing."""

import json
import threading
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from reviews.formats.records import FormatError
from reviews.models import (
    Change,
    Dependency,
    Flag,
    Identifier,
    Notice,
    Recheck,
    Solution,
    Tag,
)
from reviews.queries.history import history_of
from reviews.rules.access import Actor, NotAllowedError, operator
from reviews.rules.vocabulary import Kind, Scheme
from reviews.services.drafts import Draft
from reviews.services.errors import InvalidError
from reviews.services.imports import ImportRefusedError, ImportReport, import_inventory
from reviews.services.solutions import register_solution
from tests.conftest import NOW, TODAY, Cast

OPERATOR = operator("test")
HEADER = (
    "name,kind,purl,version,team,owner,criticality,tags,contract_ends_on,"
    "notice_period_days,homepage,description\n"
)


def imported(
    content: str | bytes, filename: str = "requirements.txt", **more: Any
) -> ImportReport:
    given: dict[str, Any] = {"actor": OPERATOR, "today": TODAY, "now": NOW} | more
    return import_inventory(
        content=content.encode() if isinstance(content, str) else content,
        filename=filename,
        **given,
    )


def sheet(*rows: str, **more: Any) -> ImportReport:
    return imported(HEADER + "\n".join(rows) + "\n", "inventory.csv", **more)


def bom(*components: dict[str, Any]) -> bytes:
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    return json.dumps(document | {"components": components}).encode()


def everything() -> dict[str, list[Any]]:
    """Return every row that an import could write."""
    models = (Solution, Identifier, Tag, Change, Dependency, Flag, Notice, Recheck)
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in models
    }


def registered(name: str, kind: Kind = Kind.BUILT, **more: Any) -> Solution:
    draft = Draft(name=name, kind=kind, **more)
    return register_solution(draft=draft, actor=OPERATOR, today=TODAY, now=NOW)


@pytest.mark.django_db
class TestAdding:
    def test_what_a_file_lists_is_registered_by_its_purl(self) -> None:
        report = imported("Django==5.2.19\ncelery==5.7.0\n")

        rows = Solution.objects.order_by("key").values_list("key", "slug", "version")
        assert list(rows) == [
            ("pkg:pypi/celery", "celery", "5.7.0"),
            ("pkg:pypi/django", "django", "5.2.19"),
        ]
        assert report.counts() == {"added": 2, "changed": 0, "unchanged": 0}
        assert [row.place for row in report.rows] == ["line 1", "line 2"]

    def test_first_reviews_are_spread_and_none_is_forgotten(self) -> None:
        imported("".join(f"package-{n}==1.0\n" for n in range(260)))

        days = Solution.objects.values_list("next_review_on", flat=True)
        weeks = Counter((day - TODAY).days // 7 for day in days if day)
        assert sum(weeks.values()) == 260
        assert max(weeks.values()) <= 11
        assert max(day for day in days if day) <= date(2027, 5, 22)

    def test_the_riskiest_are_reviewed_first(self) -> None:
        sheet("A,built,,,,,low,,,,,", "B,built,,,,,critical,,,,,", "C,built,,,,,,,,,,")

        found = Solution.objects.order_by("next_review_on").values_list(
            "name", flat=True
        )
        assert list(found) == ["B", "C", "A"]

    def test_a_sheet_says_all_that_a_person_could(self, cast: Cast) -> None:
        sheet(
            "Paging,vendor,,v2,platform,Bob,high,on-call;paid,2027-08-09,60,"
            "https://paging.example/,Wakes us up"
        )

        solution = Solution.objects.get()
        assert solution.kind == "vendor"
        assert solution.version == "v2"
        assert solution.team == cast.platform
        assert solution.owner == cast.bob
        assert solution.criticality == "high"
        assert set(solution.tags.values_list("name", flat=True)) == {"on-call", "paid"}
        assert solution.contract_ends_on == date(2027, 8, 9)
        assert solution.notice_period_days == 60
        assert solution.homepage == "https://paging.example/"
        assert solution.description == "Wakes us up"

    def test_a_contract_whose_notice_is_due_is_flagged_at_once(self) -> None:
        sheet("Paging,vendor,,,,,,,2026-12-01,60,,")

        flag = Flag.objects.get()
        assert flag.due_on == date(2026, 9, 2)
        assert "2026-12-01" in flag.pulled_by
        assert Notice.objects.get().key == f"flag:{flag.pk}:open"

    def test_one_line_of_history_tells_of_the_whole_file(self) -> None:
        imported("django==5.2\ncelery==5.7\n", "requirements.lock")

        [change] = Change.objects.all()
        assert change.details == {"file": "requirements.lock", "solutions": 2}
        for solution in Solution.objects.all():
            assert [line.pk for line in history_of(solution.pk)] == [change.pk]

    def test_a_hosted_model_in_an_sbom_is_a_model(self) -> None:
        imported(
            bom({"type": "machine-learning-model", "name": "larch", "version": "2"}),
            "bom.json",
        )

        assert Solution.objects.get().kind == "model"

    def test_two_packages_of_one_name_have_two_slugs(self) -> None:
        report = imported(
            bom(
                {"type": "library", "name": "requests", "purl": "pkg:pypi/requests@2"},
                {"type": "library", "name": "requests", "purl": "pkg:npm/requests@1"},
            ),
            "bom.json",
        )

        slugs = set(Solution.objects.values_list("slug", flat=True))
        assert slugs == {"requests", "requests-2"}
        assert [note.place for note in report.notes] == ["components[1]"]
        assert "is now requests-2" in report.notes[0].message

    def test_one_package_in_two_versions_is_one_solution_of_the_newest(self) -> None:
        report = imported(
            bom(
                {
                    "type": "library",
                    "name": "a",
                    "version": "1.9",
                    "purl": "pkg:npm/a@1.9",
                },
                {
                    "type": "library",
                    "name": "a",
                    "version": "1.10",
                    "purl": "pkg:npm/a@1.10",
                },
            ),
            "bom.json",
        )

        assert Solution.objects.get().version == "1.10"
        assert any("2 versions" in note.message for note in report.notes)


@pytest.mark.django_db
class TestRepeating:
    def test_the_same_file_again_writes_no_row(self) -> None:
        imported("django==5.2\ncelery==5.7\n")
        before = everything()

        report = imported("django==5.2\ncelery==5.7\n", now=NOW + timedelta(hours=1))

        assert report.counts() == {"added": 0, "changed": 0, "unchanged": 2}
        assert everything() == before

    def test_the_same_sheet_again_writes_no_row(self, cast: Cast) -> None:
        row = "Paging,vendor,,v2,platform,Bob,high,on-call;paid,2028-08-09,60,,Wakes us"
        sheet(row)
        before = everything()

        report = sheet(row, now=NOW + timedelta(hours=1))

        assert report.counts()["unchanged"] == 1
        assert everything() == before

    def test_another_version_is_a_change_with_its_history(self) -> None:
        imported("django==5.2.18\n")

        report = imported("django==5.2.19\n", now=NOW + timedelta(hours=1))

        assert report.counts() == {"added": 0, "changed": 1, "unchanged": 0}
        assert report.rows[0].details == "version 5.2.18 -> 5.2.19"
        assert Solution.objects.get().version == "5.2.19"
        assert Change.objects.latest("pk").details["version"] == ["5.2.18", "5.2.19"]

    def test_what_a_file_does_not_say_stays(self, cast: Cast) -> None:
        sheet("Paging,vendor,,v2,platform,bob,high,on-call,2028-08-09,60,,")

        sheet("paging,vendor,,v3,,,,,,,,")

        solution = Solution.objects.get()
        assert (solution.name, solution.version) == ("Paging", "v3")
        assert (solution.team, solution.owner) == (cast.platform, cast.bob)
        assert solution.notice_period_days == 60

    def test_what_was_registered_by_hand_is_found_by_any_of_its_purls(self) -> None:
        registered(
            "Django",
            Kind.PACKAGE,
            identifiers=[
                (Scheme.PURL, "pkg:pypi/django"),
                (Scheme.PURL, "pkg:deb/python3-django"),
            ],
        )

        imported(
            bom({"type": "library", "name": "d", "purl": "pkg:pypi/django@5.2"}),
            "b.json",
        )

        assert Solution.objects.get().version == "5.2"

    def test_a_contract_that_moves_winds_the_clock(self) -> None:
        sheet("Paging,vendor,,,,,,,2026-12-01,60,,")

        sheet("Paging,vendor,,,,,,,2029-12-01,60,,")

        assert Flag.objects.get().closed_because == "rescheduled"
        assert Solution.objects.get().pulled_by == ""

    def test_a_dry_run_reports_the_same_and_keeps_nothing(self) -> None:
        imported("django==5.2\n")
        before = everything()

        report = imported("django==5.3\ncelery==5.7\n", dry_run=True)

        assert report.counts() == {"added": 1, "changed": 1, "unchanged": 0}
        assert report.dry_run
        assert everything() == before


@pytest.mark.django_db
class TestUse:
    def test_the_component_uses_what_the_file_lists_in_its_versions(
        self, cast: Cast
    ) -> None:
        shop = registered("Shop", team_id=cast.platform.pk)

        imported("django==5.2\ncelery==5.7\n", component="shop")

        uses = shop.uses.values_list("solution__slug", "version", "first_seen_on")
        assert set(uses) == {("django", "5.2", TODAY), ("celery", "5.7", TODAY)}
        assert set(Solution.objects.values_list("team", flat=True)) == {
            cast.platform.pk
        }

    def test_another_day_moves_the_day_last_seen_and_the_same_day_writes_nothing(
        self,
    ) -> None:
        registered("Shop")
        imported("django==5.2\n", component="shop")
        before = everything()
        imported("django==5.2\n", component="shop")
        assert everything() == before

        imported("django==5.2\n", component="shop", today=TODAY + timedelta(days=1))

        use = Dependency.objects.get()
        assert use.first_seen_on == TODAY
        assert use.last_seen_on == TODAY + timedelta(days=1)


@pytest.mark.django_db
class TestRefusing:
    @pytest.mark.parametrize(
        ("content", "filename"),
        [
            pytest.param("django==5.2\nbad===\n", "requirements.txt", id="a bad line"),
            pytest.param("{", "bom.json", id="truncated"),
            pytest.param("", "requirements.txt", id="empty"),
            pytest.param(
                HEADER + "A,built,,,,,,,31/12/2026,,,\n", "a.csv", id="a bad day"
            ),
        ],
    )
    def test_a_file_that_cannot_be_read_changes_nothing(
        self, content: str, filename: str
    ) -> None:
        imported("celery==5.7\n")
        before = everything()

        with pytest.raises(FormatError):
            imported(content, filename)

        assert everything() == before

    def test_unknown_people_and_teams_are_named_with_their_rows(
        self, cast: Cast
    ) -> None:
        with pytest.raises(ImportRefusedError) as refusal:
            sheet(
                "A,built,,,Platfrom,,,,,,,", "B,built,,,,zoe,,,,,,", "C,built,,,,,,,,,,"
            )

        assert [problem.place for problem in refusal.value.problems] == [
            "line 2",
            "line 3",
        ]
        assert "did you mean platform?" in refusal.value.problems[0].message
        assert not Solution.objects.exists()

    def test_tags_and_notice_periods_keep_to_the_registers_rules(self) -> None:
        with pytest.raises(ImportRefusedError) as refusal:
            sheet("A,built,,,,,,<b>,,,,", "B,vendor,,,,,,,,60,,", "C,built,,,,,,Ok,,,,")

        places = [problem.place for problem in refusal.value.problems]
        assert places == ["line 2", "line 3"]
        assert not Solution.objects.exists()

    @pytest.mark.parametrize(
        ("options", "field"),
        [
            ({"team": "nowhere"}, "team"),
            ({"component": "nothing"}, "component"),
            ({"component": "paging"}, "component"),
        ],
        ids=["no such team", "no such component", "not a built component"],
    )
    def test_unknown_options_are_refused(
        self, options: dict[str, str], field: str
    ) -> None:
        registered("Paging", Kind.VENDOR)

        with pytest.raises(InvalidError) as refusal:
            imported("django==5.2\n", **options)

        assert refusal.value.field == field
        assert Solution.objects.count() == 1

    def test_a_row_that_the_database_refuses_takes_the_file_with_it(self) -> None:
        before = everything()

        with pytest.raises(Exception, match=r"(?i)constraint|check"):
            # Written by hand past every reader: the last of three is no such kind.
            _import_with_a_bad_row()

        assert everything() == before

    @pytest.mark.parametrize("who", ["charlie", "eve", "frank"])
    def test_nobody_imports_for_a_team_without_the_right(
        self, cast: Cast, who: str
    ) -> None:
        actor: Actor = cast.actor(getattr(cast, who))

        with pytest.raises(NotAllowedError):
            imported("django==5.2\n", team="platform", actor=actor)

        assert not Solution.objects.exists()

    def test_one_row_of_another_team_refuses_the_whole_file(self, cast: Cast) -> None:
        imported("django==5.2\n", team="data")
        before = everything()

        with pytest.raises(NotAllowedError):
            imported(
                "celery==5.7\ndjango==5.3\n",
                team="platform",
                actor=cast.actor(cast.alice),
            )

        assert everything() == before


def _import_with_a_bad_row() -> None:
    statements = {
        "sqlite": "CREATE TRIGGER bad BEFORE INSERT ON reviews_solution WHEN NEW.name = "
        "'c' BEGIN SELECT RAISE(ABORT, 'constraint'); END",
        "postgresql": "ALTER TABLE reviews_solution ADD CONSTRAINT bad CHECK (name <> 'c')",
    }
    with connection.cursor() as cursor:
        cursor.execute(statements[connection.vendor])
    imported("a==1\nb==1\nc==1\n")


@pytest.mark.django_db(transaction=True)
def test_imports_that_run_at_once_are_one_after_the_other() -> None:
    errors: list[Exception] = []

    def one(version: int) -> None:
        try:
            imported("".join(f"package-{n}==1.{version}\n" for n in range(200)))
        except Exception as error:  # noqa: BLE001 - reported below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=[version]) for version in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert Solution.objects.count() == 200
    assert len(set(Solution.objects.values_list("version", flat=True))) == 1
