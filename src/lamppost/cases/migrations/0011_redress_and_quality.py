from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0010_suggestions'),
        ('catalog', '0002_row_security'),
        ('cities', '0003_closing_settings'),
        ('people', '0005_mailed_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('move', 'Move'), ('close', 'Close')], max_length=10)),
                ('reason', models.TextField()),
                ('chosen_count', models.PositiveIntegerField()),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('outcome', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.outcome')),
                ('status', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.status')),
                ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='BulkCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bulk', to='cases.caseevent')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='cases.bulkrun')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='QualityDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('drawn_at', models.DateTimeField()),
                ('closed_count', models.PositiveIntegerField()),
                ('bulk_count', models.PositiveIntegerField()),
                ('sample_count', models.PositiveIntegerField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
            ],
        ),
        migrations.CreateModel(
            name='QualitySample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('pool', models.CharField(choices=[('all', 'All closings'), ('bulk', 'Closed with many others')], max_length=10)),
                ('drawn_at', models.DateTimeField()),
                ('is_true', models.BooleanField(null=True)),
                ('is_clear', models.BooleanField(null=True)),
                ('is_shown', models.BooleanField(null=True)),
                ('verdict', models.CharField(blank=True, choices=[('ok', 'In order'), ('wording', 'True, but not understandable'), ('wrong', 'Not true')], max_length=10)),
                ('note', models.TextField(blank=True)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('reopened', models.BooleanField(default=False)),
                ('assigned_to', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='cases.case')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closing', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sample', to='cases.caseevent')),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department')),
                ('reviewed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Redress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('closed_at', models.DateTimeField()),
                ('source', models.CharField(choices=[('reporter', 'The person who reported it'), ('follower', 'Somebody who follows it'), ('caller', 'A caller, taken down by staff'), ('api', 'API')], max_length=10)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('breached_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('open', 'Being looked at'), ('upheld', 'Not fixed: back to the department'), ('refused', 'The result stands'), ('withdrawn', 'Taken back')], max_length=10)),
                ('decision', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='redresses', to='cases.case')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('closed_again', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.caseevent')),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.caseevent')),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department')),
                ('opened_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outcome', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.outcome')),
            ],
        ),
        migrations.AddIndex(
            model_name='bulkrun',
            index=models.Index(fields=['city', '-started_at', '-id'], name='bulkrun_newest'),
        ),
        migrations.AddConstraint(
            model_name='qualityday',
            constraint=models.UniqueConstraint(fields=('city', 'day'), name='qualityday_once'),
        ),
        migrations.AddIndex(
            model_name='qualitysample',
            index=models.Index(condition=models.Q(('verdict', '')), fields=['city', 'assigned_to', 'day', 'id'], name='qualitysample_waiting'),
        ),
        migrations.AddIndex(
            model_name='qualitysample',
            index=models.Index(condition=models.Q(('verdict', ''), _negated=True), fields=['city', 'department', 'day'], name='qualitysample_figures'),
        ),
        migrations.AddConstraint(
            model_name='qualitysample',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by__isnull', True), ('closed_by__isnull', True), models.Q(('closed_by', models.F('reviewed_by')), _negated=True), _connector='OR'), name='qualitysample_by_another'),
        ),
        migrations.AddConstraint(
            model_name='qualitysample',
            constraint=models.CheckConstraint(condition=models.Q(('verdict', ''), ('reviewed_at__isnull', False), _connector='OR'), name='qualitysample_verdict'),
        ),
        migrations.AddIndex(
            model_name='redress',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['city', 'due_at', 'id'], name='redress_queue'),
        ),
        migrations.AddIndex(
            model_name='redress',
            index=models.Index(fields=['city', '-opened_at', '-id'], name='redress_newest'),
        ),
        migrations.AddConstraint(
            model_name='redress',
            constraint=models.UniqueConstraint(fields=('city', 'closing'), name='redress_one_per_closing'),
        ),
        migrations.AddConstraint(
            model_name='redress',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('city', 'case'), name='redress_one_open'),
        ),
        migrations.AddConstraint(
            model_name='redress',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), ('decided_at__isnull', False), _connector='OR'), name='redress_decided'),
        ),
        migrations.AddConstraint(
            model_name='redress',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), ('closed_by__isnull', True), models.Q(('closed_by', models.F('decided_by')), _negated=True), _connector='OR'), name='redress_decider_is_another'),
        ),
        EnableRowSecurity(
            tables=[
                "cases_bulkrun",
                "cases_bulkcase",
                "cases_qualityday",
                "cases_qualitysample",
                "cases_redress",
            ]
        ),
    ]
