from __future__ import annotations

from django.db import migrations, models

# Row security hides every row from a migration, which has no city; the owner may lift it.
HAZARDS_ARE_URGENT = """
ALTER TABLE sla_slatarget NO FORCE ROW LEVEL SECURITY;
UPDATE sla_slatarget SET priority = 'urgent' WHERE hazard_only;
ALTER TABLE sla_slatarget FORCE ROW LEVEL SECURITY;
"""
URGENT_ARE_HAZARDS = """
ALTER TABLE sla_slatarget NO FORCE ROW LEVEL SECURITY;
UPDATE sla_slatarget SET hazard_only = true WHERE priority = 'urgent';
ALTER TABLE sla_slatarget FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_row_security")]

    operations = [
        migrations.AddField(
            model_name="slatarget",
            name="priority",
            field=models.CharField(
                blank=True,
                choices=[("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")],
                default="",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(HAZARDS_ARE_URGENT, URGENT_ARE_HAZARDS),
        migrations.RemoveConstraint(model_name="slatarget", name="slatarget_scope"),
        migrations.RemoveField(model_name="slatarget", name="hazard_only"),
        migrations.AddConstraint(
            model_name="slatarget",
            constraint=models.UniqueConstraint(
                fields=("city", "version", "kind", "area", "priority"),
                name="slatarget_scope",
                nulls_distinct=False,
            ),
        ),
    ]
