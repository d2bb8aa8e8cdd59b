"""Whether somebody's unread notices are also sent by e-mail."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0004_audit_entries")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="mails_notices",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
