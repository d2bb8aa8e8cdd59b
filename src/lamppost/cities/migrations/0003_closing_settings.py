from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cities', '0002_row_security'),
    ]

    operations = [
        migrations.AddField(
            model_name='city',
            name='quality_bulk_percent',
            field=models.PositiveSmallIntegerField(db_default=10, default=10),
        ),
        migrations.AddField(
            model_name='city',
            name='quality_percent',
            field=models.PositiveSmallIntegerField(db_default=2, default=2),
        ),
        migrations.AddField(
            model_name='city',
            name='redress_days',
            field=models.PositiveSmallIntegerField(db_default=2, default=2),
        ),
    ]
