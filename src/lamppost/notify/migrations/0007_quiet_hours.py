from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import lamppost.database.scope
from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("cities", "0003_closing_settings"),
        ("notify", "0006_troubled"),
    ]

    operations = [
        migrations.CreateModel(
            name="QuietHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        db_index=False,
                        default=lamppost.database.scope.current_city_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cities.city",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("push", "Push message")],
                        max_length=10,
                    ),
                ),
                ("quiet_from", models.TimeField()),
                ("quiet_to", models.TimeField()),
            ],
            options={
                "verbose_name_plural": "quiet hours",
                "constraints": [
                    models.UniqueConstraint(fields=("city", "channel"), name="quiethours_channel")
                ],
            },
        ),
        EnableRowSecurity(["notify_quiethours"]),
    ]
