from __future__ import annotations

from django.db import migrations

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        EnableRowSecurity(
            tables=[
                "people_department",
                "people_membership",
                "people_contact",
                "people_apikey",
                "people_ratewindow",
                "people_denial",
            ]
        ),
    ]
