from __future__ import annotations

import django.db.models.deletion
import lamppost.database.fields
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0008_open_work'),
        ('catalog', '0002_row_security'),
        ('cities', '0002_row_security'),
        ('people', '0005_mailed_notices'),
        ('sla', '0004_proposals_and_escalation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Macro',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=63)),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('title', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('is_active', models.BooleanField(default=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department')),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
            ],
            options={
                'ordering': ['order', 'code'],
            },
        ),
        migrations.CreateModel(
            name='ReplyTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=63)),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('title', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('text', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('is_active', models.BooleanField(default=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department')),
                ('outcome', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.outcome')),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
            ],
            options={
                'ordering': ['order', 'code'],
            },
        ),
        migrations.CreateModel(
            name='WorkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('note', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('public_label', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('is_required', models.BooleanField(default=True)),
                ('order', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('open', 'To do'), ('doing', 'Under way'), ('done', 'Done'), ('dropped', 'Dropped')], default='open', max_length=10)),
                ('amount', models.PositiveIntegerField(null=True)),
                ('unit', models.CharField(blank=True, choices=[('hours', 'hours'), ('business_hours', 'business hours'), ('business_days', 'business days'), ('calendar_days', 'calendar days')], max_length=20)),
                ('day_end', models.CharField(choices=[('close', 'at close of business'), ('same_time', 'at the same time of day')], default='close', max_length=10)),
                ('due_at', models.DateTimeField(null=True)),
                ('breached_at', models.DateTimeField(null=True)),
                ('added_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('drop_cause', models.CharField(blank=True, choices=[('person', 'Decided by a person'), ('case_closed', 'The case was closed'), ('service_changed', 'The case got another service')], max_length=20)),
                ('drop_reason', models.TextField(blank=True)),
                ('updated_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('assignee', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('calendar', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sla.businesscalendar')),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='work_items', to='cases.case')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department')),
                ('finished_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team')),
            ],
            options={
                'ordering': ['case', 'order', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ChecklistItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField()),
                ('text', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('is_required', models.BooleanField(default=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('done_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checklist', to='work.workitem')),
            ],
            options={
                'ordering': ['item', 'order'],
            },
        ),
        migrations.CreateModel(
            name='WorkPause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_at', models.DateTimeField()),
                ('to_at', models.DateTimeField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pauses', to='work.workitem')),
            ],
            options={
                'ordering': ['from_at'],
            },
        ),
        migrations.CreateModel(
            name='WorkTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=63)),
                ('order', models.PositiveSmallIntegerField()),
                ('title', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('note', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('public_label', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('is_required', models.BooleanField(default=True)),
                ('begins', models.CharField(choices=[('intake', 'With every new case of the service'), ('by_hand', 'When somebody adds it')], default='intake', max_length=10)),
                ('amount', models.PositiveIntegerField(blank=True, null=True)),
                ('unit', models.CharField(blank=True, choices=[('hours', 'hours'), ('business_hours', 'business hours'), ('business_days', 'business days'), ('calendar_days', 'calendar days')], max_length=20)),
                ('day_end', models.CharField(choices=[('close', 'at close of business'), ('same_time', 'at the same time of day')], default='close', max_length=10)),
                ('is_active', models.BooleanField(default=True)),
                ('calendar', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sla.businesscalendar')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='work_templates', to='catalog.service')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team')),
            ],
            options={
                'ordering': ['service', 'order', 'code'],
            },
        ),
        migrations.AddField(
            model_name='workitem',
            name='template',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='work.worktemplate'),
        ),
        migrations.CreateModel(
            name='TemplateCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField()),
                ('code', models.SlugField(max_length=63)),
                ('text', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('is_required', models.BooleanField(default=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='work.worktemplate')),
            ],
            options={
                'ordering': ['template', 'order'],
            },
        ),
        migrations.CreateModel(
            name='TemplateAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('value', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.questionvalue')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='work.worktemplate')),
            ],
        ),
        migrations.CreateModel(
            name='MacroStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('move', 'Change the status'), ('take', 'Assign to me'), ('team', 'Give to a team'), ('priority', 'Set the priority'), ('note', 'Add a note'), ('item', 'Add a work item'), ('close', 'Close the case')], max_length=10)),
                ('priority', models.CharField(blank=True, choices=[('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], max_length=10)),
                ('text', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('is_public', models.BooleanField(default=False)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('macro', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='work.macro')),
                ('outcome', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.outcome')),
                ('status', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.status')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team')),
                ('reply', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='work.replytemplate')),
                ('template', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='work.worktemplate')),
            ],
            options={
                'ordering': ['macro', 'order'],
            },
        ),
        migrations.AddConstraint(
            model_name='macro',
            constraint=models.UniqueConstraint(fields=('city', 'code'), name='macro_code'),
        ),
        migrations.AddConstraint(
            model_name='replytemplate',
            constraint=models.UniqueConstraint(fields=('city', 'code'), name='replytemplate_code'),
        ),
        migrations.AddConstraint(
            model_name='checklistitem',
            constraint=models.UniqueConstraint(fields=('city', 'item', 'order'), name='checklistitem_order'),
        ),
        migrations.AddConstraint(
            model_name='worktemplate',
            constraint=models.UniqueConstraint(fields=('city', 'code'), name='worktemplate_code'),
        ),
        migrations.AddConstraint(
            model_name='worktemplate',
            constraint=models.CheckConstraint(condition=models.Q(('amount__isnull', True), models.Q(('amount__gt', 0), models.Q(('unit', ''), _negated=True)), _connector='OR'), name='worktemplate_target_has_unit'),
        ),
        migrations.AddIndex(
            model_name='workitem',
            index=models.Index(fields=['city', 'case', 'order'], name='workitem_case'),
        ),
        migrations.AddIndex(
            model_name='workitem',
            index=models.Index(condition=models.Q(('state__in', ['open', 'doing'])), fields=['city', 'department', 'due_at', 'id'], name='workitem_department'),
        ),
        migrations.AddIndex(
            model_name='workitem',
            index=models.Index(condition=models.Q(('state__in', ['open', 'doing'])), fields=['city', 'due_at', 'id'], name='workitem_due'),
        ),
        migrations.AddIndex(
            model_name='workitem',
            index=models.Index(condition=models.Q(('state__in', ['open', 'doing']), ('assignee__isnull', False)), fields=['city', 'assignee', 'due_at', 'id'], name='workitem_assignee'),
        ),
        migrations.AddIndex(
            model_name='workitem',
            index=models.Index(condition=models.Q(('state__in', ['open', 'doing']), ('team__isnull', False)), fields=['city', 'team', 'due_at', 'id'], name='workitem_team'),
        ),
        migrations.AddIndex(
            model_name='workitem',
            index=models.Index(condition=models.Q(('state__in', ['open', 'doing']), ('breached_at__isnull', True), ('due_at__isnull', False)), fields=['city', 'due_at'], name='workitem_next_check'),
        ),
        migrations.AddConstraint(
            model_name='workitem',
            constraint=models.UniqueConstraint(condition=models.Q(('template__isnull', False), models.Q(('state', 'dropped'), _negated=True)), fields=('city', 'case', 'template'), name='workitem_once_per_template'),
        ),
        migrations.AddConstraint(
            model_name='workitem',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'doing']), ('finished_at__isnull', False), _connector='OR'), name='workitem_ended_has_time'),
        ),
        migrations.AddConstraint(
            model_name='workitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'dropped'), _negated=True), models.Q(('drop_cause', ''), _negated=True), _connector='OR'), name='workitem_dropped_has_cause'),
        ),
        migrations.AddConstraint(
            model_name='templatecheck',
            constraint=models.UniqueConstraint(fields=('city', 'template', 'code'), name='templatecheck_code'),
        ),
        migrations.AddConstraint(
            model_name='templateanswer',
            constraint=models.UniqueConstraint(fields=('city', 'template', 'value'), name='templateanswer_once'),
        ),
        migrations.AddConstraint(
            model_name='macrostep',
            constraint=models.UniqueConstraint(fields=('city', 'macro', 'order'), name='macrostep_order'),
        ),
        migrations.AddConstraint(
            model_name='macrostep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'move'), ('status__isnull', False)), ('kind', 'take'), models.Q(('kind', 'team'), ('team__isnull', False)), models.Q(('kind', 'priority'), models.Q(('priority', ''), _negated=True)), models.Q(('kind', 'item'), ('template__isnull', False)), models.Q(('kind', 'close'), ('outcome__isnull', False)), ('kind', 'note'), _connector='OR'), name='macrostep_has_what_it_needs'),
        ),
        EnableRowSecurity(
            tables=[
                "work_workitem",
                "work_checklistitem",
                "work_workpause",
                "work_worktemplate",
                "work_templateanswer",
                "work_templatecheck",
                "work_replytemplate",
                "work_macro",
                "work_macrostep",
            ]
        ),
    ]
