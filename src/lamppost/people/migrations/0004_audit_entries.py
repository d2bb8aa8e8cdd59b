from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import AppendOnly, EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('cities', '0002_row_security'),
        ('people', '0003_teams_and_notices'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('role', models.CharField(blank=True, max_length=30)),
                ('what', models.CharField(max_length=30)),
                ('label', models.CharField(max_length=200)),
                ('detail', models.TextField(blank=True)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='denial',
            name='denial_at',
        ),
        migrations.AddField(
            model_name='denial',
            name='department',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department'),
        ),
        migrations.AlterField(
            model_name='denial',
            name='user',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='denial',
            index=models.Index(fields=['city', '-at', '-id'], name='denial_at'),
        ),
        migrations.AddIndex(
            model_name='denial',
            index=models.Index(fields=['city', 'user', '-at', '-id'], name='denial_user'),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='user',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['city', '-at', '-id'], name='auditentry_at'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['city', 'user', '-at', '-id'], name='auditentry_user'),
        ),
        EnableRowSecurity(tables=["people_auditentry"]),
        AppendOnly(tables=["people_auditentry", "people_denial"]),
    ]
