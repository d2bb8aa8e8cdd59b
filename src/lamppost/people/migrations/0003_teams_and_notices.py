from __future__ import annotations

import django.db.models.deletion
import lamppost.database.fields
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('cities', '0002_row_security'),
        ('people', '0002_row_security'),
    ]

    operations = [
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=63)),
                ('name', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('is_active', models.BooleanField(default=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='people.department')),
            ],
            options={
                'ordering': ['department', 'code'],
            },
        ),
        migrations.CreateModel(
            name='TeamMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='people.team')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='teams', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('created_at', models.DateTimeField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('covered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['first_day'],
                'indexes': [models.Index(fields=['city', 'user', 'last_day'], name='absence_user')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='absence_order')],
            },
        ),
        migrations.CreateModel(
            name='StaffNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('mention', 'Mentioned'), ('assigned', 'Assigned'), ('escalation', 'Service level'), ('transfer', 'Transfer'), ('work', 'Work item'), ('review', 'Review'), ('agreement', 'Agreement'), ('routing', 'Routing'), ('partner', 'Partner system'), ('redress', 'Said to be not fixed'), ('quality', 'Quality')], max_length=20)),
                ('subject', models.CharField(max_length=200)),
                ('text', models.TextField(blank=True)),
                ('path', models.CharField(max_length=200)),
                ('case_number', models.CharField(blank=True, max_length=40)),
                ('once_key', models.CharField(max_length=120)),
                ('created_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['city', 'user', '-created_at', '-id'], name='staffnotice_newest'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['city', 'user'], name='staffnotice_unread'), models.Index(condition=models.Q(('mailed_at__isnull', True)), fields=['city', 'created_at'], name='staffnotice_unmailed')],
                'constraints': [models.UniqueConstraint(fields=('city', 'user', 'once_key'), name='staffnotice_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='team',
            constraint=models.UniqueConstraint(fields=('city', 'department', 'code'), name='team_code'),
        ),
        migrations.AddConstraint(
            model_name='teammember',
            constraint=models.UniqueConstraint(fields=('city', 'team', 'user'), name='teammember_once'),
        ),
        EnableRowSecurity(
            tables=["people_team", "people_teammember", "people_absence", "people_staffnotice"]
        ),
    ]
