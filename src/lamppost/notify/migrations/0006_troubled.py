from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notify", "0005_mailbox_providers")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state__in", ("again", "failed", "bounced", "held"))),
                fields=["city", "state", "-created_at", "-id"],
                name="message_troubled",
            ),
        ),
    ]
