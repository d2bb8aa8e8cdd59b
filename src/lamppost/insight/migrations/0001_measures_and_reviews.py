from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
import lamppost.database.fields
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import AppendOnly, EnableRowSecurity


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0002_row_security'),
        ('cities', '0002_row_security'),
        ('people', '0003_teams_and_notices'),
        ('sla', '0002_row_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField()),
                ('period_from', models.DateField()),
                ('period_to', models.DateField()),
                ('opened_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('scheduled_at', models.DateTimeField(blank=True, null=True)),
                ('place', models.CharField(blank=True, max_length=200)),
                ('minutes', models.TextField(blank=True)),
                ('decision', models.CharField(blank=True, choices=[('keep', 'Keep as it is'), ('change', 'Propose a change')], max_length=10)),
                ('decision_text', models.TextField(blank=True)),
                ('held_at', models.DateTimeField(blank=True, null=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('held_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ReviewFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.CharField(choices=[('evidence', 'Evidence'), ('operations', 'Operations'), ('staff', 'Staff'), ('budget', 'Budget'), ('technology', 'Technology'), ('service', 'Customer service')], max_length=12)),
                ('measure', models.SlugField(max_length=40)),
                ('group_kind', models.CharField(blank=True, choices=[('', 'All'), ('department', 'Department'), ('service', 'Service'), ('area', 'Area'), ('language', 'Language'), ('channel', 'Channel'), ('team', 'Team')], max_length=12)),
                ('group_code', models.CharField(blank=True, max_length=100)),
                ('group_name', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('value', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('n', models.PositiveIntegerField(null=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='insight.review')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ReviewSubject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('agreement', 'Service level agreement'), ('knowledge', 'Area of knowledge'), ('stat', 'Stat meeting')], max_length=10)),
                ('name', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('every_months', models.PositiveSmallIntegerField()),
                ('first_due_on', models.DateField(blank=True, null=True)),
                ('year_starts_month', models.PositiveSmallIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('agreement', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='review', to='sla.agreement')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department')),
            ],
        ),
        migrations.CreateModel(
            name='ReviewAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=500)),
                ('due_on', models.DateField()),
                ('created_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('done_note', models.CharField(blank=True, max_length=500)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='insight.review')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='insight.reviewsubject')),
            ],
            options={
                'ordering': ['due_on', 'id'],
            },
        ),
        migrations.AddField(
            model_name='review',
            name='subject',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='insight.reviewsubject'),
        ),
        migrations.CreateModel(
            name='StatFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.CharField(choices=[('evidence', 'Evidence'), ('operations', 'Operations'), ('staff', 'Staff'), ('budget', 'Budget'), ('technology', 'Technology'), ('service', 'Customer service')], max_length=12)),
                ('name', models.CharField(max_length=120)),
                ('unit', models.CharField(blank=True, max_length=30)),
                ('period_from', models.DateField()),
                ('period_to', models.DateField()),
                ('target', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('actual', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('entered_at', models.DateTimeField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='DailyClosings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('seconds', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.department')),
                ('service', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
            ],
            options={
                'indexes': [models.Index(fields=['city', 'service', 'day'], name='dailyclosings_service')],
                'constraints': [models.UniqueConstraint(fields=('city', 'day', 'service', 'department'), name='dailyclosings_cell')],
            },
        ),
        migrations.CreateModel(
            name='DailyRequests',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('language', models.CharField(blank=True, max_length=20)),
                ('channel', models.CharField(choices=[('phone', 'Phone'), ('walk_in', 'Walk-in'), ('web', 'Web'), ('app', 'App'), ('email', 'E-mail'), ('sms', 'SMS'), ('api', 'API'), ('social', 'Social media'), ('liaison', 'Liaison'), ('staff', 'Staff'), ('import', 'Import')], max_length=10)),
                ('received', models.PositiveIntegerField()),
                ('closed', models.PositiveIntegerField()),
                ('closed_once', models.PositiveIntegerField()),
                ('on_time', models.PositiveIntegerField()),
                ('late', models.PositiveIntegerField()),
                ('overdue', models.PositiveIntegerField()),
                ('not_due', models.PositiveIntegerField()),
                ('waived', models.PositiveIntegerField()),
                ('paused', models.PositiveIntegerField()),
                ('reopened', models.PositiveIntegerField()),
                ('disputed', models.PositiveIntegerField()),
                ('transfers', models.PositiveIntegerField()),
                ('ping_pong', models.PositiveIntegerField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.department')),
                ('service', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
            ],
            options={
                'indexes': [models.Index(fields=['city', 'service', 'day'], name='dailyrequests_service')],
                'constraints': [models.UniqueConstraint(fields=('city', 'day', 'service', 'department', 'language', 'channel'), name='dailyrequests_cell')],
            },
        ),
        migrations.CreateModel(
            name='MeasureMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counted_until', models.DateTimeField()),
                ('rebuilt_at', models.DateTimeField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('city',), name='measuremark_city')],
            },
        ),
        migrations.CreateModel(
            name='ReviewAttendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendance', to='insight.review')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('city', 'review', 'user'), name='attendance_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='reviewsubject',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'stat')), fields=('city',), name='reviewsubject_one_stat'),
        ),
        migrations.AddConstraint(
            model_name='reviewsubject',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreement__isnull', False), ('department__isnull', False), ('kind', 'agreement')), models.Q(('agreement__isnull', True), ('department__isnull', False), ('kind', 'knowledge')), models.Q(('agreement__isnull', True), ('department__isnull', True), ('kind', 'stat')), _connector='OR'), name='reviewsubject_kind'),
        ),
        migrations.AddConstraint(
            model_name='reviewsubject',
            constraint=models.CheckConstraint(condition=models.Q(('every_months__gte', 1), ('every_months__lte', 60), ('year_starts_month__gte', 1), ('year_starts_month__lte', 12)), name='reviewsubject_months'),
        ),
        migrations.AddIndex(
            model_name='reviewaction',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['city', 'subject', 'due_on'], name='reviewaction_open'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(condition=models.Q(('held_at__isnull', True)), fields=['city', 'due_on', 'id'], name='review_due'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(condition=models.Q(('held_at__isnull', False)), fields=['city', '-held_at', '-id'], name='review_held'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('city', 'subject', 'period_from'), name='review_subject_period'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(condition=models.Q(('held_at__isnull', True)), fields=('city', 'subject'), name='review_one_open'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('period_to__gte', models.F('period_from'))), name='review_period'),
        ),
        migrations.AddIndex(
            model_name='statfigure',
            index=models.Index(fields=['city', 'period_from', 'section', 'name', '-id'], name='statfigure_period'),
        ),
        EnableRowSecurity(
            tables=[
                "insight_dailyrequests", "insight_dailyclosings", "insight_measuremark",
                "insight_reviewsubject", "insight_review", "insight_reviewfigure",
                "insight_reviewattendance", "insight_reviewaction", "insight_statfigure",
            ]
        ),
        AppendOnly(tables=["insight_reviewfigure", "insight_statfigure"]),
    ]
