from __future__ import annotations

from django.db import migrations

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        EnableRowSecurity(
            tables=[
                "catalog_servicegroup",
                "catalog_service",
                "catalog_question",
                "catalog_questionvalue",
                "catalog_questioncondition",
                "catalog_triagerule",
                "catalog_triagecondition",
                "catalog_triagearea",
                "catalog_status",
                "catalog_move",
                "catalog_outcome",
            ]
        ),
    ]
