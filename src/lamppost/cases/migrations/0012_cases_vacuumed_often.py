"""The table of cases is vacuumed after one row in fifty has changed, not one in five.

The overdue board counts from an index alone. That holds for pages the vacuum has seen since
they were last changed: of the others every row is looked up, which made the board five times
slower in a table of 250,000 cases with half of its open ones touched. The work is the same,
done in smaller pieces.
"""

from __future__ import annotations

from django.db import migrations

_SET = """
ALTER TABLE cases_case SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02)
"""
_RESET = """
ALTER TABLE cases_case RESET (
  autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor,
  autovacuum_analyze_scale_factor)
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_hazards_are_urgent")]

    operations = [migrations.RunSQL(_SET, _RESET)]
