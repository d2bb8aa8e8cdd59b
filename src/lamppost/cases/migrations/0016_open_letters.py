"""Words in the address or the description of an open case are found without reading all."""

from __future__ import annotations

from django.db import migrations, models

from lamppost.database.letters import AddLettersIndex, letters_index


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_events_in_sets")]

    operations = [
        AddLettersIndex(
            "case",
            letters_index(
                "address",
                "description",
                name="case_open_letters",
                condition=~models.Q(state="closed"),
            ),
        ),
    ]
