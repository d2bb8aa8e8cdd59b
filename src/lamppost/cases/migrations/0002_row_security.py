from __future__ import annotations

from django.db import migrations

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        EnableRowSecurity(
            tables=[
                "cases_case",
                "cases_caseanswer",
                "cases_casearea",
                "cases_caselink",
                "cases_transfer",
                "cases_attachment",
                "cases_follower",
                "cases_partnerupdate",
                "cases_clock",
                "cases_clockevent",
                "cases_caseevent",
                "cases_eventtext",
                "cases_casechain",
                "cases_idempotencykey",
                "cases_intaketoken",
                "cases_draft",
                "cases_draftphoto",
                "cases_diversion",
                "cases_importrun",
            ]
        ),
    ]
