"""Signals, how sources stand, and what they ask for."""

import django.db.models.deletion
from django.db import migrations, models

from reviews.migrations import _triggers


def take_triggers_away(apps, schema_editor):
    _run(schema_editor, _triggers.remove_recheck)


def put_former_triggers_back(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    _execute(schema_editor, _triggers.install_recheck(vendor, _FORMER_DATES))


def install(apps, schema_editor):
    _run(schema_editor, _triggers.install_recheck)
    _run(schema_editor, _triggers.install_for_evidence)


def remove(apps, schema_editor):
    _run(schema_editor, _triggers.remove_for_evidence)
    _run(schema_editor, _triggers.remove_recheck)


_FORMER_DATES = ("next_review_on", "trust_ends_on")


def _run(schema_editor, statements):
    _execute(schema_editor, statements(schema_editor.connection.vendor))


def _execute(schema_editor, statements):
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0002_what_the_database_holds_to"),
    ]

    operations = [
        # SQLite makes a table anew to add a column, and its triggers are lost with it.
        migrations.RunPython(take_triggers_away, put_former_triggers_back),
        migrations.CreateModel(
            name="Allowance",
            fields=[
                (
                    "host",
                    models.CharField(max_length=300, primary_key=True, serialize=False),
                ),
                ("next_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Ground",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListedProduct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True)),
                ("category", models.CharField(blank=True, max_length=50)),
                ("cycles", models.JSONField(default=list)),
                ("raw_hash", models.CharField(max_length=64)),
                ("fetched_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("pypi", "PyPI"),
                            ("pypi-status", "PyPI project status"),
                            ("npm", "npm"),
                            ("endoflife", "endoflife.date"),
                            ("osv", "OSV"),
                            ("deps.dev", "deps.dev"),
                            ("github", "GitHub"),
                            ("scorecard", "OpenSSF Scorecard"),
                            ("huggingface", "Hugging Face"),
                            ("forecast", "The forecast"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("latest_release", "latest release"),
                            ("adopted_release", "adopted release"),
                            ("licence", "licence"),
                            ("repository", "repository"),
                            ("maintainers", "maintainers"),
                            ("project_status", "project status"),
                            ("registry_deprecated", "registry deprecated"),
                            ("version_deprecated", "version deprecated"),
                            ("notice_text", "notice text"),
                            ("inactive_classifier", "inactive classifier"),
                            ("all_releases_yanked", "all releases yanked"),
                            ("unpublished", "unpublished"),
                            ("no_files", "no files"),
                            ("version_yanked", "version yanked"),
                            ("vulnerability", "vulnerability"),
                            ("repository_archived", "repository archived"),
                            ("repository_gone", "repository gone"),
                            ("repository_disabled", "repository disabled"),
                            ("repository_moved", "repository moved"),
                            ("scorecard_maintained", "scorecard maintained"),
                            ("end_of_life", "end of life"),
                            ("end_of_active_support", "end of active support"),
                            ("end_of_extended_support", "end of extended support"),
                            ("predicted_end", "predicted end"),
                            ("model_retirement", "model retirement"),
                            ("model_floor", "model floor"),
                            ("model_disabled", "model disabled"),
                            ("model_gated", "model gated"),
                            ("model_successor", "model successor"),
                        ],
                        max_length=30,
                    ),
                ),
                ("key", models.CharField(max_length=300)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("value", models.CharField(blank=True, max_length=500)),
                ("effective_on", models.DateField(blank=True, null=True)),
                ("published_on", models.DateField(verbose_name="first seen on")),
                (
                    "confidence",
                    models.CharField(
                        choices=[
                            ("stated", "stated"),
                            ("derived", "derived"),
                            ("predicted", "predicted"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("info", "info"),
                            ("low", "low"),
                            ("medium", "medium"),
                            ("high", "high"),
                            ("critical", "critical"),
                        ],
                        max_length=10,
                    ),
                ),
                ("replacement", models.CharField(blank=True, max_length=200)),
                ("aliases", models.JSONField(blank=True, default=list)),
                ("fixed_in", models.CharField(blank=True, max_length=200)),
                ("quote", models.CharField(blank=True, max_length=2000)),
                ("source_url", models.CharField(blank=True, max_length=1000)),
                ("verified", models.BooleanField()),
                ("fetched_at", models.DateTimeField()),
                ("raw_hash", models.CharField(blank=True, max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("superseded", "superseded"),
                            ("withdrawn", "withdrawn"),
                            ("asked anew", "the question was another one"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SourceCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("pypi", "PyPI"),
                            ("pypi-status", "PyPI project status"),
                            ("npm", "npm"),
                            ("endoflife", "endoflife.date"),
                            ("osv", "OSV"),
                            ("deps.dev", "deps.dev"),
                            ("github", "GitHub"),
                            ("scorecard", "OpenSSF Scorecard"),
                            ("huggingface", "Hugging Face"),
                            ("forecast", "The forecast"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ok", "ok"),
                            ("not_found", "not found"),
                            ("failed", "failed"),
                            ("unsupported", "unsupported"),
                            ("stale", "stale: the last answer still stands"),
                        ],
                        max_length=12,
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=500)),
                ("version", models.CharField(blank=True, max_length=100)),
                (
                    "matched_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("identifier", "an identifier that a person entered"),
                            ("purl", "the package URL"),
                            ("alias", "the list of known names"),
                            ("metadata", "what the package says of itself, unverified"),
                        ],
                        max_length=10,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=500)),
                ("address", models.CharField(blank=True, max_length=1000)),
                ("etag", models.CharField(blank=True, max_length=500)),
                ("last_modified", models.CharField(blank=True, max_length=100)),
                ("raw_hash", models.CharField(blank=True, max_length=64)),
                ("asked_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("error", models.CharField(blank=True, max_length=500)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("retry_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "solution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="watch",
                        serialize=False,
                        to="reviews.solution",
                    ),
                ),
                ("ask_at", models.DateTimeField()),
                ("taken_until", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("judged_on", models.DateField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="flag",
            name="flag_cause",
        ),
        migrations.RemoveConstraint(
            model_name="flag",
            name="flag_closed_for_a_reason",
        ),
        migrations.AddField(
            model_name="flag",
            name="reason",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=500
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="severity",
            field=models.CharField(
                blank=True,
                choices=[
                    ("info", "info"),
                    ("low", "low"),
                    ("medium", "medium"),
                    ("high", "high"),
                    ("critical", "critical"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="source_url",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=1000
            ),
        ),
        migrations.AddField(
            model_name="solution",
            name="evidence_due_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="solution",
            name="evidence_reason",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200
            ),
        ),
        migrations.AddField(
            model_name="solution",
            name="unpulled_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="flag",
            name="cause",
            field=models.CharField(
                choices=[
                    ("review_due", "review due"),
                    ("trust_decayed", "a year without a review"),
                    ("end_of_life", "end of life"),
                    ("model_retirement", "model retirement"),
                    ("withdrawn", "withdrawn upstream"),
                    ("unmaintained", "no longer maintained"),
                    ("version_withdrawn", "version withdrawn"),
                    ("vulnerability", "known vulnerability"),
                    ("licence_changed", "licence changed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="flag",
            name="closed_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("evaluated", "evaluated"),
                    ("retired", "retired"),
                    ("rescheduled", "the date moved"),
                    ("withdrawn", "its cause is gone"),
                ],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="solution",
            index=models.Index(
                condition=models.Q(("unpulled_on__isnull", False)),
                fields=["unpulled_on"],
                name="solution_unpulled",
            ),
        ),
        migrations.AddField(
            model_name="ground",
            name="evaluation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grounds",
                to="reviews.evaluation",
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="solution",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="signals",
                to="reviews.solution",
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="supersedes",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="superseded_by",
                to="reviews.signal",
            ),
        ),
        migrations.AddField(
            model_name="ground",
            name="signal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grounds",
                to="reviews.signal",
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="signals",
            field=models.ManyToManyField(
                blank=True, related_name="flags", to="reviews.signal"
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cause__in",
                        [
                            "review_due",
                            "trust_decayed",
                            "end_of_life",
                            "model_retirement",
                            "withdrawn",
                            "unmaintained",
                            "version_withdrawn",
                            "vulnerability",
                            "licence_changed",
                        ],
                    )
                ),
                name="flag_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("closed_because", "")),
                    models.Q(
                        models.Q(("closed_at", None), _negated=True),
                        (
                            "closed_because__in",
                            ["evaluated", "retired", "rescheduled", "withdrawn"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="flag_closed_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cause__in", ["review_due", "trust_decayed"]),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="flag_of_evidence_says_why",
            ),
        ),
        migrations.AddField(
            model_name="sourcecheck",
            name="solution",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="source_checks",
                to="reviews.solution",
            ),
        ),
        migrations.AddIndex(
            model_name="watch",
            index=models.Index(fields=["ask_at"], name="watch_ask_at"),
        ),
        migrations.AddIndex(
            model_name="watch",
            index=models.Index(
                fields=["judged_on", "solution"], name="watch_judged_on"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["solution", "id"], name="signal_of_solution"),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(
                condition=models.Q(("ended_at", None), _negated=True),
                fields=["ended_at"],
                name="signal_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("solution", "source", "key"),
                name="signal_stands_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_because", "")),
                    models.Q(
                        models.Q(("ended_at", None), _negated=True),
                        (
                            "ended_because__in",
                            ["superseded", "withdrawn", "asked anew"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="signal_ended_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "latest_release",
                            "adopted_release",
                            "licence",
                            "repository",
                            "maintainers",
                            "project_status",
                            "registry_deprecated",
                            "version_deprecated",
                            "notice_text",
                            "inactive_classifier",
                            "all_releases_yanked",
                            "unpublished",
                            "no_files",
                            "version_yanked",
                            "vulnerability",
                            "repository_archived",
                            "repository_gone",
                            "repository_disabled",
                            "repository_moved",
                            "scorecard_maintained",
                            "end_of_life",
                            "end_of_active_support",
                            "end_of_extended_support",
                            "predicted_end",
                            "model_retirement",
                            "model_floor",
                            "model_disabled",
                            "model_gated",
                            "model_successor",
                        ],
                    )
                ),
                name="signal_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "source__in",
                        [
                            "pypi",
                            "pypi-status",
                            "npm",
                            "endoflife",
                            "osv",
                            "deps.dev",
                            "github",
                            "scorecard",
                            "huggingface",
                            "forecast",
                        ],
                    )
                ),
                name="signal_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="ground",
            constraint=models.UniqueConstraint(
                fields=("evaluation", "signal"), name="ground_named_once"
            ),
        ),
        migrations.AddIndex(
            model_name="sourcecheck",
            index=models.Index(
                condition=models.Q(("state", "ok")),
                fields=["solution"],
                name="source_check_answering",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcecheck",
            constraint=models.UniqueConstraint(
                fields=("solution", "source"), name="source_checked_once_a_solution"
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcecheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["ok", "not_found", "failed", "unsupported", "stale"])
                ),
                name="source_check_state",
            ),
        ),
        migrations.RunPython(install, remove),
    ]
