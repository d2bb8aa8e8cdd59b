"""Texts without personal data kept beside the original; what staff hid or showed by hand."""

from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models


from lamppost.database.rls import EnableRowSecurity

# As before, and what everybody reads of words may change while the words themselves do not.
TEXT_GUARD = """
CREATE OR REPLACE FUNCTION lamppost_guard_text() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.event_id = OLD.event_id AND NEW.salt = OLD.salt
     AND NEW.city_id = OLD.city_id
     AND (NEW.redacted_at IS NOT NULL OR NEW.text = OLD.text) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the words of an event can only be redacted'
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0012_cases_vacuumed_often'),
        ('cities', '0003_closing_settings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='public_description',
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='public_note',
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='caseanswer',
            name='public_text',
            field=models.TextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='eventtext',
            name='public_text',
            field=models.TextField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='TextCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=10)),
                ('rules', models.PositiveSmallIntegerField()),
                ('last_id', models.BigIntegerField(default=0)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('city', 'table', 'rules'), name='textcheck_once')],
            },
        ),
        migrations.CreateModel(
            name='TextMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('is_hidden', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.caseevent')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('end__gt', models.F('start'))), name='textmark_order')],
            },
        ),
        EnableRowSecurity(tables=["cases_textcheck", "cases_textmark"]),
        migrations.RunSQL(TEXT_GUARD, migrations.RunSQL.noop),
    ]
