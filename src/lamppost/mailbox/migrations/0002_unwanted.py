from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mailbox", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(
                condition=models.Q(("state", "spam")),
                fields=["city", "-last_at", "-id"],
                name="thread_unwanted",
            ),
        ),
    ]
