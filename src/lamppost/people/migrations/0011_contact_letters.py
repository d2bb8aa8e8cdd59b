"""A part of a resident's name is found without reading everybody."""

from __future__ import annotations

from django.db import migrations

from lamppost.database.letters import AddLettersIndex, letters_index


class Migration(migrations.Migration):
    dependencies = [("people", "0010_retention")]

    operations = [
        AddLettersIndex("contact", letters_index("name", name="contact_name_letters")),
    ]
