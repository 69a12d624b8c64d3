"""What an evaluation asks, what covers a flag, and what the queue goes by."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reviews.migrations import _templates, _triggers


def take_triggers_away(apps, schema_editor):
    _run(schema_editor, _triggers.remove_for_evidence)
    _run(schema_editor, _triggers.remove)


def put_triggers_back(apps, schema_editor):
    _run(schema_editor, _triggers.install)
    _run(schema_editor, _triggers.install_for_evidence)


def install(apps, schema_editor):
    put_triggers_back(apps, schema_editor)
    _run(schema_editor, _triggers.install_for_reviews)


def remove(apps, schema_editor):
    _run(schema_editor, _triggers.remove_for_reviews)
    take_triggers_away(apps, schema_editor)


def add_templates(apps, schema_editor):
    _templates.add_first_versions(
        apps.get_model("reviews", "EvaluationTemplate"),
        apps.get_model("reviews", "Criterion"),
    )


def weigh(apps, schema_editor):
    """Put what is registered in its class, as far as its criticality tells."""
    solutions = apps.get_model("reviews", "Solution").objects
    for risk_class, criticality in enumerate(("low", "medium", "high", "critical")):
        solutions.filter(criticality=criticality).update(risk_class=risk_class)


def _run(schema_editor, statements):
    with schema_editor.connection.cursor() as cursor:
        for statement in statements(schema_editor.connection.vendor):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0003_the_evidence"),
    ]

    operations = [
        # SQLite makes a table anew to add a column, and its triggers are lost with it.
        migrations.RunPython(take_triggers_away, put_triggers_back),
        migrations.CreateModel(
            name="Alternative",
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
            name="Assumption",
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
                    "condition",
                    models.CharField(
                        choices=[
                            ("day", "a day comes"),
                            ("no_release", "no release for some months"),
                            ("release_reaches", "a release reaches a version"),
                            ("licence_changes", "the licence changes"),
                            ("signal", "a source says something of a kind"),
                        ],
                        max_length=20,
                    ),
                ),
                ("value", models.CharField(blank=True, default="", max_length=100)),
                ("note", models.CharField(blank=True, default="", max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="Attachment",
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
                ("title", models.CharField(max_length=200)),
                ("url", models.CharField(blank=True, default="", max_length=1000)),
                ("file_name", models.CharField(blank=True, default="", max_length=200)),
                ("size", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("effective_on", models.DateField()),
                ("added_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Cover",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("snooze", "snooze"),
                            ("waiver", "waiver"),
                            ("override", "override"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("until", models.DateField(null=True)),
                (
                    "owner_name",
                    models.CharField(blank=True, default="", max_length=200),
                ),
                (
                    "approver_name",
                    models.CharField(blank=True, default="", max_length=200),
                ),
                ("made_by_name", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                (
                    "action",
                    models.CharField(
                        choices=[("review", "review"), ("deprecate", "deprecate")],
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
                        default="",
                        max_length=10,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("expired", "its day came"),
                            ("answered", "the flag was answered"),
                            ("changed", "the facts changed"),
                            ("revoked", "somebody took it back"),
                            ("replaced", "another took its place"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "ended_by_name",
                    models.CharField(blank=True, default="", max_length=200),
                ),
            ],
            options={
                "verbose_name": "snooze, waiver or override",
                "verbose_name_plural": "snoozes, waivers, overrides",
            },
        ),
        migrations.CreateModel(
            name="Criterion",
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
                ("position", models.PositiveSmallIntegerField()),
                ("key", models.SlugField()),
                ("question", models.CharField(max_length=200)),
                ("guidance", models.CharField(blank=True, default="", max_length=500)),
                (
                    "scale",
                    models.CharField(
                        choices=[
                            ("yes_no", "yes or no"),
                            ("rating", "1 (poor) to 5 (excellent)"),
                            ("text", "in words"),
                        ],
                        max_length=10,
                    ),
                ),
                ("required", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name_plural": "criteria",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="EvaluationTemplate",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("built", "built component"),
                            ("package", "open-source package"),
                            ("vendor", "vendor service"),
                            ("model", "hosted model"),
                        ],
                        max_length=10,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("made_by_name", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="evaluation",
            name="answers",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="evaluation",
            name="reaffirms",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reaffirmed_by",
                to="reviews.evaluation",
            ),
        ),
        migrations.AddField(
            model_name="evaluation",
            name="replacement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="reviews.solution",
                verbose_name="use instead",
            ),
        ),
        migrations.AddField(
            model_name="evaluation",
            name="template",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=40
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="covered_by",
            field=models.CharField(
                blank=True,
                choices=[
                    ("snooze", "snooze"),
                    ("waiver", "waiver"),
                    ("override", "override"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="flag",
            name="covered_until",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="head_after_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(365)],
                verbose_name="days until it climbs to the leads' lead",
            ),
        ),
        migrations.AddField(
            model_name="reviewpolicy",
            name="lead_after_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(365)],
                verbose_name="days until it climbs to the team's lead",
            ),
        ),
        migrations.AddField(
            model_name="solution",
            name="assumption_due_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="solution",
            name="assumption_reason",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200
            ),
        ),
        migrations.AddField(
            model_name="solution",
            name="planned_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="solution",
            name="quiet_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="solution",
            name="risk_class",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="team",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="children",
                to="reviews.team",
                verbose_name="part of",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="reviews_per_week",
            field=models.PositiveSmallIntegerField(
                db_default=5,
                default=5,
                validators=[django.core.validators.MaxValueValidator(100)],
            ),
        ),
        migrations.AlterField(
            model_name="solution",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="solutions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="solution",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="solutions",
                to="reviews.team",
            ),
        ),
        migrations.AddIndex(
            model_name="evaluation",
            index=models.Index(
                condition=models.Q(("is_proposal", True)),
                fields=["id"],
                name="evaluation_proposed",
            ),
        ),
        migrations.AddIndex(
            model_name="evaluation",
            index=models.Index(
                fields=["recorded_on", "author"], name="evaluation_recorded"
            ),
        ),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=models.Q(("covered_until__isnull", False)),
                fields=["covered_until"],
                name="flag_covered",
            ),
        ),
        migrations.AddIndex(
            model_name="solution",
            index=models.Index(
                fields=["risk_class", "next_review_on", "id"], name="solution_queue"
            ),
        ),
        migrations.AddIndex(
            model_name="solution",
            index=models.Index(
                fields=["team", "risk_class", "next_review_on", "id"],
                name="solution_queue_of_team",
            ),
        ),
        migrations.AddIndex(
            model_name="solution",
            index=models.Index(
                fields=["owner", "risk_class", "next_review_on", "id"],
                name="solution_queue_of_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="solution",
            index=models.Index(
                condition=models.Q(("pulled_by", ""), _negated=True),
                fields=["risk_class", "next_review_on", "id"],
                name="solution_queue_pulled",
            ),
        ),
        migrations.AddIndex(
            model_name="solution",
            index=models.Index(
                condition=models.Q(("quiet_until__isnull", False)),
                fields=["quiet_until"],
                name="solution_quiet",
            ),
        ),
        migrations.AddIndex(
            model_name="solution",
            index=models.Index(
                condition=models.Q(("state", "unreviewed")),
                fields=["next_review_on", "id"],
                name="solution_never_reviewed",
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("covered_by", ""), ("covered_until", None)),
                    models.Q(
                        ("covered_by__in", ["snooze", "waiver", "override"]),
                        ("closed_at", None),
                        ("covered_until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="flag_covered_until_a_day",
            ),
        ),
        migrations.AddField(
            model_name="alternative",
            name="evaluation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="compared",
                to="reviews.evaluation",
            ),
        ),
        migrations.AddField(
            model_name="alternative",
            name="solution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="compared_with",
                to="reviews.solution",
            ),
        ),
        migrations.AddField(
            model_name="assumption",
            name="evaluation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assumptions",
                to="reviews.evaluation",
            ),
        ),
        migrations.AddField(
            model_name="assumption",
            name="subject",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assumed_of",
                to="reviews.solution",
            ),
        ),
        migrations.CreateModel(
            name="AttachedFile",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="reviews.attachment",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="attachment",
            name="evaluation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attachments",
                to="reviews.evaluation",
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="approver",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="approved_waivers",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="flag",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="covers",
                to="reviews.flag",
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="made_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="covers",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="owned_waivers",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="signals",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="reviews.signal"
            ),
        ),
        migrations.AddConstraint(
            model_name="evaluationtemplate",
            constraint=models.UniqueConstraint(
                fields=("kind", "version"), name="template_once_a_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="evaluationtemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["built", "package", "vendor", "model"])
                ),
                name="template_kind",
            ),
        ),
        migrations.AddField(
            model_name="criterion",
            name="template",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="criteria",
                to="reviews.evaluationtemplate",
            ),
        ),
        migrations.AddConstraint(
            model_name="alternative",
            constraint=models.UniqueConstraint(
                fields=("evaluation", "solution"), name="alternative_named_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="assumption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "condition__in",
                        [
                            "day",
                            "no_release",
                            "release_reaches",
                            "licence_changes",
                            "signal",
                        ],
                    )
                ),
                name="assumption_condition",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("url", ""), _negated=True), ("file_name", "")),
                    models.Q(("url", ""), models.Q(("file_name", ""), _negated=True)),
                    _connector="OR",
                ),
                name="attachment_is_a_link_or_a_file",
            ),
        ),
        migrations.AddIndex(
            model_name="cover",
            index=models.Index(
                condition=models.Q(("ended_at", None)),
                fields=["until", "id"],
                name="cover_ends_next",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("flag",),
                name="cover_once_a_flag",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["snooze", "waiver", "override"])),
                name="cover_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="cover_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "override"), ("until", None)),
                    models.Q(
                        models.Q(("kind", "override"), _negated=True),
                        ("until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="cover_ends_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "waiver"), _negated=True),
                    models.Q(
                        models.Q(("owner_name", ""), _negated=True),
                        models.Q(("approver_name", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="waiver_has_an_owner_and_an_approver",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_because", "")),
                    models.Q(
                        models.Q(("ended_at", None), _negated=True),
                        (
                            "ended_because__in",
                            ["expired", "answered", "changed", "revoked", "replaced"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="cover_ended_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.UniqueConstraint(
                fields=("template", "key"), name="criterion_once_a_template"
            ),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.CheckConstraint(
                condition=models.Q(("scale__in", ["yes_no", "rating", "text"])),
                name="criterion_scale",
            ),
        ),
        migrations.RunPython(weigh, migrations.RunPython.noop),
        migrations.RunPython(install, remove),
        migrations.RunPython(add_templates, migrations.RunPython.noop),
    ]
