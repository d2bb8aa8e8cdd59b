"""Saved views of the queue, notes for one department only, the index of the overdue board."""

from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_open_work"),
        ("cities", "0002_row_security"),
        ("people", "0005_mailed_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, max_length=400)),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("is_default", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["order", "name", "id"],
            },
        ),
        migrations.AlterField(
            model_name="caseevent",
            name="audience",
            field=models.CharField(
                choices=[("public", "Public"), ("staff", "Staff"), ("department", "Department")],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="caseevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("imported", "Imported"),
                    ("routed", "Sent to a department"),
                    ("moved", "Status changed"),
                    ("closed", "Closed"),
                    ("reopened", "Reopened"),
                    ("note", "Note"),
                    ("resident_comment", "Comment by the resident"),
                    ("partner_update", "Update from a partner system"),
                    ("photo", "Photo added"),
                    ("photo_hidden", "Photo hidden"),
                    ("edited", "Corrected"),
                    ("recategorized", "Service changed"),
                    ("assigned", "Assigned"),
                    ("transfer_offered", "Transfer offered"),
                    ("transfer_accepted", "Transfer accepted"),
                    ("transfer_refused", "Transfer refused"),
                    ("transfer_withdrawn", "Transfer offer taken back"),
                    ("linked", "Linked"),
                    ("unlinked", "Link removed"),
                    ("followed", "Somebody else reported the same"),
                    ("visibility", "Visibility changed"),
                    ("clock", "Service level"),
                    ("priority", "Priority changed"),
                    ("escalated", "Escalated"),
                    ("work", "Work item"),
                    ("inspected", "Inspected"),
                    ("delivery", "Partner system"),
                    ("redress", "Said to be not fixed"),
                    ("quality", "Checked for quality"),
                    ("redacted", "Personal data removed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    models.Q(("state", "closed"), _negated=True),
                    ("due_at__isnull", False),
                    ("is_paused", False),
                ),
                fields=["city", "due_at", "id"],
                include=("department", "team", "service"),
                name="case_overdue",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="city",
            field=models.ForeignKey(
                db_index=False,
                default=lamppost.database.scope.current_city_id,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cities.city",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="created_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.department",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("department__isnull", False), ("owner__isnull", True)),
                    models.Q(("department__isnull", True), ("owner__isnull", False)),
                    _connector="OR",
                ),
                name="savedview_one_holder",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owner__isnull", False)),
                fields=("city", "owner", "name"),
                name="savedview_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("department__isnull", False)),
                fields=("city", "department", "name"),
                name="savedview_department_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True), ("owner__isnull", False)),
                fields=("city", "owner"),
                name="savedview_one_default",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("department__isnull", False), ("is_default", True)),
                fields=("city", "department"),
                name="savedview_department_one_default",
            ),
        ),
        EnableRowSecurity(tables=["cases_savedview"]),
    ]
