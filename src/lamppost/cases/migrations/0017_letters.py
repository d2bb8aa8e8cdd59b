"""Words in the address or a description of any case, open or closed, are found by an index.

The new one stands before the old one goes: the queue is searched meanwhile.
"""

from __future__ import annotations

from django.db import migrations

from lamppost.database.letters import AddLettersIndex, letters_index


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_open_letters")]

    operations = [
        AddLettersIndex(
            "case",
            letters_index("address", "description", "public_description", name="case_letters"),
        ),
        migrations.RemoveIndex("case", "case_open_letters"),
    ]
