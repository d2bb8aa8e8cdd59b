from __future__ import annotations

from django.db import migrations

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("routing", "0001_initial")]

    operations = [
        EnableRowSecurity(
            tables=[
                "routing_routingrule",
                "routing_routingservice",
                "routing_routingarea",
                "routing_routinganswer",
            ]
        ),
    ]
