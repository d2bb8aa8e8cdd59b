"""One person, many addresses; merges and erasures on record.

Numbers kept as they were typed become E.164, and what contacts have become points.
"""

from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity
from lamppost.kernel.phone import as_kept

# Row security hides every row from a migration, which has no city; the owner may lift it.
TABLES = ("people_contact", "people_contactpoint")
POINTS = """
INSERT INTO people_contactpoint
  (city_id, contact_id, kind, value, proven_by, consent_at, consent_source, created_at)
SELECT c.city_id, c.id, p.kind, p.value, '',
  CASE WHEN c.may_notify THEN c.created_at END,
  CASE WHEN c.may_notify THEN 'report' ELSE '' END, c.created_at
FROM people_contact c
CROSS JOIN LATERAL (VALUES ('email', c.email), ('phone', c.phone)) AS p(kind, value)
WHERE p.value <> '' AND c.erased_at IS NULL
"""


def numbers_and_points(_apps, schema_editor):  # type: ignore[no-untyped-def]
    """Normalize what is there and write a point for each address."""
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        cursor.execute("UPDATE people_contact SET email = lower(email) WHERE email <> lower(email)")
        cursor.execute(
            "SELECT p.id, p.phone, c.country FROM people_contact p"
            " JOIN cities_city c ON c.id = p.city_id WHERE p.phone <> ''"
        )
        changed = [
            (kept, key)
            for key, phone, country in cursor.fetchall()
            if (kept := as_kept(phone, country)) != phone
        ]
        cursor.executemany("UPDATE people_contact SET phone = %s WHERE id = %s", changed)
        cursor.execute(POINTS)
        # A table with checks still to come cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


class Migration(migrations.Migration):

    dependencies = [
        ('cities', '0003_closing_settings'),
        ('people', '0006_notices_of_the_center'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='held_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='contact',
            name='hold_reason',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='contact',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='merged', to='people.contact'),
        ),
        migrations.AddField(
            model_name='contact',
            name='note',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='contact',
            name='preferred',
            field=models.CharField(blank=True, choices=[('phone', 'Phone'), ('sms', 'Text messages'), ('email', 'E-mail'), ('push', 'Browser or phone app'), ('account', 'Account')], max_length=10),
        ),
        migrations.CreateModel(
            name='ContactMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300)),
                ('merged_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('gone', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.contact')),
                ('kept', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='people.contact')),
                ('merged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ContactPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('phone', 'Phone'), ('sms', 'Text messages'), ('email', 'E-mail'), ('push', 'Browser or phone app'), ('account', 'Account')], max_length=10)),
                ('value', models.CharField(max_length=500)),
                ('proven_at', models.DateTimeField(blank=True, null=True)),
                ('proven_by', models.CharField(blank=True, choices=[('channel', 'Wrote from it'), ('code', 'Entered a code sent to it'), ('account', 'Signed in with it'), ('agent', 'Confirmed to an agent')], max_length=10)),
                ('consent_at', models.DateTimeField(blank=True, null=True)),
                ('consent_source', models.CharField(blank=True, choices=[('report', 'Report'), ('agent', 'Told an agent'), ('keyword', 'Keyword'), ('link', 'Link')], max_length=10)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='points', to='people.contact')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('is_own_wish', models.BooleanField(default=False)),
                ('reason', models.CharField(max_length=300)),
                ('digest', models.CharField(max_length=64)),
                ('row_count', models.PositiveIntegerField(default=0)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.contact')),
            ],
        ),
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('is_organization', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
            ],
        ),
        migrations.AddField(
            model_name='contact',
            name='household',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='contacts', to='people.household'),
        ),
        migrations.CreateModel(
            name='MovedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=80)),
                ('field', models.CharField(max_length=60)),
                ('row_id', models.BigIntegerField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('merge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moved', to='people.contactmerge')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='contactmerge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('city', 'gone'), name='contactmerge_one_now'),
        ),
        migrations.AddConstraint(
            model_name='contactmerge',
            constraint=models.CheckConstraint(condition=models.Q(('kept', models.F('gone')), _negated=True), name='contactmerge_two'),
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=models.Index(fields=['city', 'value', 'kind'], name='contactpoint_value'),
        ),
        migrations.AddConstraint(
            model_name='contactpoint',
            constraint=models.UniqueConstraint(fields=('city', 'contact', 'kind', 'value'), name='contactpoint_once'),
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(fields=['city', '-at', '-id'], name='erasure_newest'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['city', 'name'], name='household_name'),
        ),
        EnableRowSecurity(
            tables=[
                "people_household",
                "people_contactpoint",
                "people_contactmerge",
                "people_movedrow",
                "people_erasure",
            ]
        ),
        migrations.RunPython(numbers_and_points, migrations.RunPython.noop),
    ]
