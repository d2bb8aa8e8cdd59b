from __future__ import annotations

from django.db import migrations, models

# Row security hides every row from a migration, which has no city; the owner may lift it. Closed
# cases keep what they had: nothing is handled by it any more.
OPEN_HAZARDS_ARE_URGENT = """
ALTER TABLE cases_case NO FORCE ROW LEVEL SECURITY;
UPDATE cases_case SET priority = 'urgent'
WHERE is_hazard AND state <> 'closed' AND priority = 'normal';
ALTER TABLE cases_case FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_redress_and_quality")]

    operations = [
        migrations.RunSQL(OPEN_HAZARDS_ARE_URGENT, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="clockevent",
            index=models.Index(
                condition=models.Q(("kind", "waive")),
                fields=["city", "-at", "-id"],
                name="clockevent_waived",
            ),
        ),
    ]
