"""Indexes and checks that every case paid for and nothing used.

See docs/decisions/0017-keys-without-checks.md.
"""

from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0005_priority_and_team'),
        ('catalog', '0002_row_security'),
        ('cities', '0002_row_security'),
        ('people', '0004_audit_entries'),
        ('places', '0003_streets'),
        ('routing', '0002_row_security'),
        ('sla', '0002_row_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='casearea',
            name='casearea_area',
        ),
        migrations.RemoveConstraint(
            model_name='caseevent',
            name='caseevent_seq',
        ),
        migrations.RemoveConstraint(
            model_name='clock',
            name='clock_one_live',
        ),
        migrations.RemoveIndex(
            model_name='casearea',
            name='casearea_by_area',
        ),
        migrations.RemoveIndex(
            model_name='clock',
            name='clock_case',
        ),
        migrations.RemoveIndex(
            model_name='clockevent',
            name='clockevent_clock',
        ),
        migrations.AlterField(
            model_name='case',
            name='api_key',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.apikey'),
        ),
        migrations.AlterField(
            model_name='case',
            name='assignee',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='case',
            name='contact',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='cases', to='people.contact'),
        ),
        migrations.AlterField(
            model_name='case',
            name='department',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='people.department'),
        ),
        migrations.AlterField(
            model_name='case',
            name='entered_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='case',
            name='outcome',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.outcome'),
        ),
        migrations.AlterField(
            model_name='case',
            name='routed_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='routing.routingrule'),
        ),
        migrations.AlterField(
            model_name='case',
            name='service',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='catalog.service'),
        ),
        migrations.AlterField(
            model_name='case',
            name='status',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.status'),
        ),
        migrations.AlterField(
            model_name='casearea',
            name='area',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='places.area'),
        ),
        migrations.AlterField(
            model_name='casearea',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='areas', to='cases.case'),
        ),
        migrations.AlterField(
            model_name='casearea',
            name='city',
            field=models.ForeignKey(db_constraint=False, db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AlterField(
            model_name='casechain',
            name='case',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='chain', serialize=False, to='cases.case'),
        ),
        migrations.AlterField(
            model_name='casechain',
            name='city',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='api_key',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.apikey'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='cases.case'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='city',
            field=models.ForeignKey(db_constraint=False, db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='department',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='outcome',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.outcome'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='service',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.service'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='status',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.status'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='user',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='clock',
            name='city',
            field=models.ForeignKey(db_constraint=False, db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AlterField(
            model_name='clock',
            name='department',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department'),
        ),
        migrations.AlterField(
            model_name='clock',
            name='target',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clocks', to='sla.slatarget'),
        ),
        migrations.AlterField(
            model_name='clockevent',
            name='city',
            field=models.ForeignKey(db_constraint=False, db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AlterField(
            model_name='clockevent',
            name='clock',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='cases.clock'),
        ),
        migrations.AlterField(
            model_name='clockevent',
            name='reason',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sla.pausereason'),
        ),
        migrations.AlterField(
            model_name='clockevent',
            name='user',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='eventtext',
            name='city',
            field=models.ForeignKey(db_constraint=False, db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['city', 'department', '-requested_at', '-id'], name='case_department_newest'),
        ),
        migrations.AddIndex(
            model_name='casearea',
            index=models.Index(fields=['area', 'case'], name='casearea_by_area'),
        ),
        migrations.AddIndex(
            model_name='clock',
            index=models.Index(condition=models.Q(('target__isnull', False)), fields=['target'], name='clock_target'),
        ),
        migrations.AddIndex(
            model_name='clockevent',
            index=models.Index(fields=['clock', 'at'], name='clockevent_clock'),
        ),
        migrations.AddConstraint(
            model_name='casearea',
            constraint=models.UniqueConstraint(fields=('case', 'area'), name='casearea_area'),
        ),
        migrations.AddConstraint(
            model_name='caseevent',
            constraint=models.UniqueConstraint(fields=('case', 'seq'), name='caseevent_seq'),
        ),
        migrations.AddConstraint(
            model_name='clock',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['superseded', 'cancelled']), _negated=True), fields=('case', 'kind'), name='clock_one_live'),
        ),
    ]
