"""Names of households and addresses of accounts are looked up by an index, whatever their case."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import Lower, Upper


class Migration(migrations.Migration):
    dependencies = [("people", "0011_contact_letters")]

    operations = [
        migrations.AddField(
            model_name="household",
            name="any_case",
            field=models.GeneratedField(
                db_persist=True,
                expression=Lower("name"),
                output_field=models.CharField(max_length=200),
            ),
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(fields=["city", "any_case"], name="household_any_case"),
        ),
        migrations.RemoveIndex(model_name="household", name="household_name"),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(Upper("email"), name="user_email_any_case"),
        ),
        migrations.RemoveConstraint(model_name="user", name="user_email"),
    ]
