"""Departments that take part in a case, and how much required work keeps it open."""

from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0007_events_in_bulk'),
        ('cities', '0002_row_security'),
        ('people', '0005_mailed_notices'),
    ]

    operations = [
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='case',
            name='open_required',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), ('open_required', 0), _connector='OR'), name='case_closed_has_no_open_work'),
        ),
        migrations.AddField(
            model_name='participant',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='participants', to='cases.case'),
        ),
        migrations.AddField(
            model_name='participant',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='participant',
            name='department',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department'),
        ),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.UniqueConstraint(fields=('city', 'case', 'department'), name='participant_once'),
        ),
        EnableRowSecurity(tables=["cases_participant"]),
    ]
