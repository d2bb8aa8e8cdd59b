from __future__ import annotations

from django.db import migrations

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_initial")]

    operations = [
        EnableRowSecurity(
            tables=[
                "sla_businesscalendar",
                "sla_calendarhours",
                "sla_calendarday",
                "sla_pausereason",
                "sla_pausingstatus",
                "sla_agreement",
                "sla_agreementversion",
                "sla_slatarget",
            ]
        ),
    ]
