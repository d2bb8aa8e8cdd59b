from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('cities', '0003_closing_settings'),
        ('insight', '0001_measures_and_reviews'),
        ('people', '0005_mailed_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OnboardingRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(choices=[('liaison', 'Liaison to the 311 center named'), ('data_sharing', 'Terms for sharing data signed'), ('training', 'Staff trained')], max_length=15)),
                ('done_on', models.DateField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('recorded_at', models.DateTimeField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='onboarding', to='people.department')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['department', 'item', '-recorded_at', '-id'],
                'indexes': [models.Index(fields=['city', 'department', 'item', '-recorded_at', '-id'], name='onboarding_newest')],
            },
        ),
        EnableRowSecurity(tables=["insight_onboardingrecord"]),
    ]
