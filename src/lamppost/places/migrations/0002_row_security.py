from __future__ import annotations

from django.db import migrations

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]

    operations = [
        EnableRowSecurity(
            tables=[
                "places_areakind",
                "places_area",
                "places_placekind",
            ]
        ),
    ]
