"""How long personal data is kept, by rule."""

from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('cities', '0003_closing_settings'),
        ('people', '0009_danger_notices'),
    ]

    operations = [
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('contacts', 'Contacts without an open case'), ('interactions', 'Numbers and words of calls, visits and texts'), ('messages', 'Addresses and words of what was sent'), ('searches', 'Searches in the answers'), ('drafts', 'Words of reports that were begun'), ('notices', 'Notices staff has read')], max_length=30)),
                ('after_months', models.PositiveSmallIntegerField()),
                ('removed', models.PositiveIntegerField(default=0)),
                ('last_at', models.DateTimeField(blank=True, null=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
            ],
            options={
                'ordering': ['what'],
                'constraints': [models.UniqueConstraint(fields=('city', 'what'), name='retentionrule_once'), models.CheckConstraint(condition=models.Q(('after_months__gte', 1)), name='retentionrule_months')],
            },
        ),
        EnableRowSecurity(tables=["people_retentionrule"]),
    ]
