"""Cases near a place are found with their time, nearest on the ground first.

The new index stands before the old one goes: places are looked for meanwhile.
"""

from __future__ import annotations

from django.db import migrations

from lamppost.database.plane import FUNCTION, AddPlaceIndex, place_index


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_letters")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION mercator(point)"),
        AddPlaceIndex("case", place_index("location", "requested_at", name="case_ground")),
        migrations.RemoveIndex("case", "case_location"),
    ]
