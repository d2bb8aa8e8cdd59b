from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0007_in_hand")]

    operations = [
        migrations.AddField(
            model_name="call",
            name="heard_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("ended_at", None)),
                fields=["city", "began_at"],
                name="call_live",
            ),
        ),
        migrations.AlterField(
            model_name="interaction",
            name="end",
            field=models.CharField(
                blank=True,
                choices=[
                    ("answered", "Answered"),
                    ("abandoned", "Hung up while waiting"),
                    ("short", "Hung up at once"),
                    ("deflected", "Helped without an agent"),
                    ("call_back", "Asked to be called back"),
                    ("left", "Hung up in the menu"),
                    ("untold", "Its end was not told"),
                ],
                max_length=20,
            ),
        ),
    ]
