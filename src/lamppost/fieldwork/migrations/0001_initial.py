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
        ('cases', '0005_priority_and_team'),
        ('catalog', '0002_row_security'),
        ('cities', '0002_row_security'),
        ('people', '0003_teams_and_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('planned_on', models.DateField()),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('done', 'Done'), ('cancelled', 'Taken off the round')], max_length=10)),
                ('planned_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inspections', to='cases.case')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department')),
                ('inspector', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('planned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team')),
            ],
        ),
        migrations.CreateModel(
            name='InspectionRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('fingerprint', models.CharField(max_length=64)),
                ('standing', models.CharField(choices=[('taken', 'Taken'), ('older', 'A newer record was here already'), ('case_closed', 'The case had been closed meanwhile'), ('replanned', 'The inspection had been taken off the round meanwhile'), ('elsewhere', 'The case had gone to another department meanwhile')], max_length=12)),
                ('condition', models.CharField(choices=[('found', 'Found as reported'), ('not_found', 'Could not find it'), ('unsafe', 'Found, and dangerous'), ('needs_work', 'Found, needs a work order')], max_length=12)),
                ('size', models.CharField(blank=True, max_length=100)),
                ('note', models.TextField(blank=True)),
                ('device_at', models.DateTimeField(null=True)),
                ('at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('location', lamppost.database.fields.PointField(null=True)),
                ('accuracy_m', models.FloatField(null=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='records', to='fieldwork.inspection')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='InspectionPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inspections', to='cases.attachment')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='fieldwork.inspectionrecord')),
            ],
        ),
        migrations.AddField(
            model_name='inspection',
            name='record',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fieldwork.inspectionrecord'),
        ),
        migrations.CreateModel(
            name='PartnerLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization', models.CharField(max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('level', models.CharField(choices=[('see', 'See the case'), ('note', 'Accept it, add notes, photos and their own number'), ('status', 'Also change the status'), ('done', 'Also report it done, for the department to confirm'), ('close', 'Also close it with a photo of the finished work')], max_length=10)),
                ('instruction', models.TextField(blank=True)),
                ('token_digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('reference', models.CharField(blank=True, max_length=100)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='partner_links', to='cases.case')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_status', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.status')),
                ('renews', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='renewed_as', to='fieldwork.partnerlink')),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PartnerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('step', models.CharField(choices=[('accept', 'Accepted'), ('note', 'Note'), ('photo', 'Photo'), ('reference', 'Their number'), ('status', 'Status'), ('done', 'Reported done'), ('close', 'Closed')], max_length=10)),
                ('at', models.DateTimeField()),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='fieldwork.partnerlink')),
            ],
        ),
        migrations.CreateModel(
            name='CompletionReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('verdict', models.CharField(blank=True, choices=[('confirmed', 'Confirmed'), ('sent_back', 'Sent back')], max_length=10)),
                ('answer', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='completions', to='cases.case')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outcome', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.outcome')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='completions', to='fieldwork.partnerlink')),
            ],
        ),
        migrations.AddIndex(
            model_name='inspectionrecord',
            index=models.Index(fields=['city', 'user', '-at'], name='inspectionrecord_latest'),
        ),
        migrations.AddIndex(
            model_name='inspectionrecord',
            index=models.Index(fields=['city', 'inspection'], name='inspectionrecord_of'),
        ),
        migrations.AddConstraint(
            model_name='inspectionrecord',
            constraint=models.UniqueConstraint(fields=('city', 'key'), name='inspectionrecord_key'),
        ),
        migrations.AddConstraint(
            model_name='inspectionphoto',
            constraint=models.UniqueConstraint(fields=('city', 'record', 'attachment'), name='inspectionphoto_once'),
        ),
        migrations.AddIndex(
            model_name='inspection',
            index=models.Index(fields=['city', 'planned_on', 'department'], name='inspection_day'),
        ),
        migrations.AddIndex(
            model_name='inspection',
            index=models.Index(fields=['city', 'inspector', 'planned_on'], name='inspection_inspector'),
        ),
        migrations.AddIndex(
            model_name='inspection',
            index=models.Index(fields=['city', 'team', 'planned_on'], name='inspection_team'),
        ),
        migrations.AddIndex(
            model_name='inspection',
            index=models.Index(fields=['city', 'case'], name='inspection_case'),
        ),
        migrations.AddConstraint(
            model_name='inspection',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'planned')), fields=('city', 'case'), name='inspection_one_planned'),
        ),
        migrations.AddConstraint(
            model_name='inspection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('inspector__isnull', False), ('team__isnull', True)), models.Q(('inspector__isnull', True), ('team__isnull', False)), _connector='OR'), name='inspection_one_or_team'),
        ),
        migrations.AddIndex(
            model_name='partnerlink',
            index=models.Index(fields=['city', 'case'], name='partnerlink_case'),
        ),
        migrations.AddConstraint(
            model_name='partnerlink',
            constraint=models.UniqueConstraint(fields=('city', 'token_digest'), name='partnerlink_token'),
        ),
        migrations.AddConstraint(
            model_name='partnerentry',
            constraint=models.UniqueConstraint(fields=('city', 'link', 'key'), name='partnerentry_key'),
        ),
        migrations.AddIndex(
            model_name='completionreport',
            index=models.Index(condition=models.Q(('verdict', '')), fields=['city', 'case'], name='completionreport_open'),
        ),
        migrations.AddConstraint(
            model_name='completionreport',
            constraint=models.UniqueConstraint(condition=models.Q(('verdict', '')), fields=('city', 'link'), name='completionreport_one_open'),
        ),
        EnableRowSecurity(
            tables=[
                "fieldwork_inspection",
                "fieldwork_inspectionrecord",
                "fieldwork_inspectionphoto",
                "fieldwork_partnerlink",
                "fieldwork_partnerentry",
                "fieldwork_completionreport",
            ]
        ),
    ]
