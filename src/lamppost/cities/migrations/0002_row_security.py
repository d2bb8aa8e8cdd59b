from __future__ import annotations

from django.db import migrations

from lamppost.database.rls import EnableRowSecurity, GrantApp


class Migration(migrations.Migration):
    dependencies = [("cities", "0001_initial")]

    operations = [
        GrantApp(),
        EnableRowSecurity(
            tables=[
                "cities_citylanguage",
                "cities_citytext",
                "cities_cityfeature",
            ]
        ),
    ]
