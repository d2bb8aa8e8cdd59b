from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity

# What rules there are become the set in force; those retired before there were sets, a replaced
# one. Row security hides every row while no city is in scope, so this goes city by city.
SETS_OF_WHAT_THERE_IS = """
DO $$
DECLARE
  town bigint;
  made bigint;
  next_number integer;
BEGIN
  FOR town IN SELECT id FROM cities_city ORDER BY id LOOP
    PERFORM set_config('lamppost.city_id', town::text, true);
    next_number := 1;
    IF EXISTS (SELECT FROM routing_routingrule WHERE NOT is_active) THEN
      INSERT INTO routing_ruleset
        (city_id, number, state, title, pack_digest, created_at, changed_at, retired_at)
      VALUES (town, next_number, 'retired', '', 'before-sets', now(), now(), now())
      RETURNING id INTO made;
      UPDATE routing_routingrule SET rule_set_id = made WHERE NOT is_active;
      next_number := 2;
    END IF;
    IF EXISTS (SELECT FROM routing_routingrule WHERE is_active) THEN
      INSERT INTO routing_ruleset
        (city_id, number, state, title, pack_digest, created_at, changed_at, activated_at)
      VALUES (town, next_number, 'active', '', 'before-sets', now(), now(), now())
      RETURNING id INTO made;
      UPDATE routing_routingrule SET rule_set_id = made WHERE is_active;
    END IF;
  END LOOP;
  PERFORM set_config('lamppost.city_id', '', true);
  SET CONSTRAINTS ALL IMMEDIATE;
END
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_row_security'),
        ('cities', '0002_row_security'),
        ('people', '0005_mailed_notices'),
        ('places', '0003_streets'),
        ('routing', '0002_row_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PastCondition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('service', 'Service'), ('area', 'Area'), ('answer', 'Answer')], max_length=10)),
                ('path', models.CharField(max_length=200)),
            ],
            options={
                'ordering': ['rule', 'kind', 'path'],
            },
        ),
        migrations.CreateModel(
            name='RoutingAlarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fault', 'A rule that does not work'), ('catch_all', 'More than usual lands with the catch-all'), ('shift', 'A sudden shift into one queue')], max_length=10)),
                ('subject', models.CharField(max_length=200)),
                ('detail', models.CharField(blank=True, max_length=40)),
                ('hours', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('hits', models.PositiveIntegerField(blank=True, null=True)),
                ('total', models.PositiveIntegerField(blank=True, null=True)),
                ('usual_share', models.FloatField(blank=True, null=True)),
                ('deviations', models.FloatField(blank=True, null=True)),
                ('opened_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-opened_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='RoutingTrial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('asked', models.PositiveIntegerField()),
                ('cases', models.PositiveIntegerField()),
                ('changed', models.PositiveIntegerField()),
                ('catch_all_now', models.PositiveIntegerField()),
                ('catch_all_then', models.PositiveIntegerField()),
                ('oldest_at', models.DateTimeField(blank=True, null=True)),
                ('newest_at', models.DateTimeField(blank=True, null=True)),
                ('run_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-run_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('active', 'In force'), ('retired', 'Replaced')], max_length=10)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('pack_digest', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('activated_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='TrialFlow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('count', models.PositiveIntegerField()),
                ('settled', models.PositiveIntegerField()),
            ],
            options={
                'ordering': ['trial', '-count', 'id'],
            },
        ),
        migrations.CreateModel(
            name='TrialRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('matched', models.PositiveIntegerField()),
            ],
            options={
                'ordering': ['trial', 'id'],
            },
        ),
        migrations.CreateModel(
            name='TrialSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case_number', models.CharField(max_length=40)),
                ('before', models.CharField(blank=True, max_length=300)),
                ('after', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['trial', 'id'],
            },
        ),
        migrations.CreateModel(
            name='WordCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=40)),
                ('weight', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='WordHint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_digest', models.CharField(max_length=32)),
                ('cases', models.PositiveSmallIntegerField()),
                ('weight', models.PositiveIntegerField()),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='WordModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('up_to', models.DateTimeField(blank=True, null=True)),
                ('event_id', models.BigIntegerField(default=0)),
                ('vocabulary', models.PositiveIntegerField(default=0)),
                ('learned_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='WordTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cases', models.PositiveIntegerField(default=0)),
                ('tokens', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.AlterModelOptions(
            name='routingrule',
            options={'ordering': ['rule_set', 'order', 'code']},
        ),
        migrations.RemoveConstraint(
            model_name='routingrule',
            name='routingrule_code',
        ),
        migrations.AddField(
            model_name='routingrule',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='routing_rules', to='people.team'),
        ),
        migrations.AddField(
            model_name='routingrule',
            name='wording',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='pastcondition',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='pastcondition',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='past_conditions', to='routing.routingrule'),
        ),
        migrations.AddField(
            model_name='routingalarm',
            name='acknowledged_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='routingalarm',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='routingalarm',
            name='department',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department'),
        ),
        migrations.AddField(
            model_name='routingalarm',
            name='rule',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='routing.routingrule'),
        ),
        migrations.AddField(
            model_name='routingalarm',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team'),
        ),
        migrations.AddField(
            model_name='routingtrial',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='routingtrial',
            name='run_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='activated_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='based_on',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='routing.ruleset'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='changed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='routingtrial',
            name='against',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='routing.ruleset'),
        ),
        migrations.AddField(
            model_name='routingtrial',
            name='rule_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='routing.ruleset'),
        ),
        migrations.AddField(
            model_name='routingrule',
            name='rule_set',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='routing.ruleset'),
        ),
        migrations.RunSQL(SETS_OF_WHAT_THERE_IS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='routingrule',
            name='rule_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='routing.ruleset'),
        ),
        migrations.RemoveField(
            model_name='routingrule',
            name='is_active',
        ),
        migrations.AddConstraint(
            model_name='routingrule',
            constraint=models.UniqueConstraint(fields=('city', 'rule_set', 'code'), name='routingrule_code'),
        ),
        migrations.AddField(
            model_name='trialflow',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='trialflow',
            name='from_department',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department'),
        ),
        migrations.AddField(
            model_name='trialflow',
            name='from_team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team'),
        ),
        migrations.AddField(
            model_name='trialflow',
            name='to_department',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.department'),
        ),
        migrations.AddField(
            model_name='trialflow',
            name='to_team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team'),
        ),
        migrations.AddField(
            model_name='trialflow',
            name='trial',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flows', to='routing.routingtrial'),
        ),
        migrations.AddField(
            model_name='trialrule',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='trialrule',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='routing.routingrule'),
        ),
        migrations.AddField(
            model_name='trialrule',
            name='trial',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='routing.routingtrial'),
        ),
        migrations.AddField(
            model_name='trialsample',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='trialsample',
            name='flow',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='samples', to='routing.trialflow'),
        ),
        migrations.AddField(
            model_name='trialsample',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service'),
        ),
        migrations.AddField(
            model_name='trialsample',
            name='trial',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='samples', to='routing.routingtrial'),
        ),
        migrations.AddField(
            model_name='wordcount',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='wordcount',
            name='service',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service'),
        ),
        migrations.AddField(
            model_name='wordhint',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='wordhint',
            name='service',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service'),
        ),
        migrations.AddField(
            model_name='wordmodel',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='wordtotal',
            name='city',
            field=models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city'),
        ),
        migrations.AddField(
            model_name='wordtotal',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service'),
        ),
        migrations.AddIndex(
            model_name='routingalarm',
            index=models.Index(fields=['city', '-opened_at', '-id'], name='routingalarm_newest'),
        ),
        migrations.AddConstraint(
            model_name='routingalarm',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('city', 'kind', 'subject'), name='routingalarm_one_episode'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.UniqueConstraint(fields=('city', 'number'), name='ruleset_number'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'retired'), _negated=True), fields=('city', 'state'), name='ruleset_one_draft_one_active'),
        ),
        migrations.AddIndex(
            model_name='routingtrial',
            index=models.Index(fields=['city', 'rule_set', '-run_at'], name='routingtrial_newest'),
        ),
        migrations.AddIndex(
            model_name='wordcount',
            index=models.Index(fields=['city', 'service'], name='wordcount_service'),
        ),
        migrations.AddConstraint(
            model_name='wordcount',
            constraint=models.UniqueConstraint(fields=('city', 'token', 'service'), name='wordcount_pair'),
        ),
        migrations.AddIndex(
            model_name='wordhint',
            index=models.Index(fields=['city', 'seen_at'], name='wordhint_seen'),
        ),
        migrations.AddIndex(
            model_name='wordhint',
            index=models.Index(fields=['city', 'service'], name='wordhint_service'),
        ),
        migrations.AddConstraint(
            model_name='wordhint',
            constraint=models.UniqueConstraint(fields=('city', 'token_digest', 'service'), name='wordhint_pair'),
        ),
        migrations.AddConstraint(
            model_name='wordmodel',
            constraint=models.UniqueConstraint(fields=('city',), name='wordmodel_one'),
        ),
        migrations.AddConstraint(
            model_name='wordtotal',
            constraint=models.UniqueConstraint(fields=('city', 'service'), name='wordtotal_service'),
        ),
        EnableRowSecurity(
            tables=[
                "routing_pastcondition",
                "routing_routingalarm",
                "routing_routingtrial",
                "routing_ruleset",
                "routing_trialflow",
                "routing_trialrule",
                "routing_trialsample",
                "routing_wordcount",
                "routing_wordhint",
                "routing_wordmodel",
                "routing_wordtotal",
            ]
        ),
    ]
