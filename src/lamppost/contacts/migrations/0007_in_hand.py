from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0006_answer_mail")]

    operations = [
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                condition=models.Q(
                    ("agent__isnull", False),
                    ("answered_at__isnull", False),
                    ("wrapped_at__isnull", True),
                ),
                fields=["city", "agent", "-offered_at"],
                name="interaction_in_hand",
            ),
        ),
    ]
