from __future__ import annotations

import django.db.models.deletion
import lamppost.database.fields
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import AppendOnly, EnableRowSecurity

# What was promised is history once its first day has come (in the city's own zone) or both sides
# have approved it. A pack may still set the end, the evidence and the name of who approved right;
# targets are written in the transaction that publishes their version and never after.
SEALED = """
CREATE FUNCTION lamppost_agreement_is_sealed(version bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT v.effective_from <= (now() AT TIME ZONE c.time_zone)::date
      OR EXISTS (SELECT FROM public.sla_agreementproposal p
                 WHERE p.city_id = v.city_id AND p.version_id = v.id)
  FROM public.sla_agreementversion v JOIN public.cities_city c ON c.id = v.city_id
  WHERE v.id = version
$$
"""
GUARD_VERSION = """
CREATE FUNCTION lamppost_guard_agreement() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT public.lamppost_agreement_is_sealed(OLD.id) THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'DELETE' OR
     (NEW.id, NEW.city_id, NEW.agreement_id, NEW.effective_from, NEW.calendar_id, NEW.published_at)
     IS DISTINCT FROM
     (OLD.id, OLD.city_id, OLD.agreement_id, OLD.effective_from, OLD.calendar_id, OLD.published_at)
  THEN
    RAISE EXCEPTION 'agreement version % is published history: % is refused', OLD.id, TG_OP
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_agreement BEFORE UPDATE OR DELETE ON sla_agreementversion
  FOR EACH ROW EXECUTE FUNCTION lamppost_guard_agreement()
"""
GUARD_TARGET = """
CREATE FUNCTION lamppost_guard_target() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  held bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
  IF public.lamppost_agreement_is_sealed(held) AND NOT (
    TG_OP = 'INSERT' AND EXISTS (
      SELECT FROM public.sla_agreementversion v WHERE v.id = held AND v.published_at >= now()))
  THEN
    RAISE EXCEPTION 'agreement version % is published history: % of a target is refused', held, TG_OP
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER guard_target BEFORE INSERT OR UPDATE OR DELETE ON sla_slatarget
  FOR EACH ROW EXECUTE FUNCTION lamppost_guard_target()
"""
UNGUARD = """
DROP TRIGGER guard_target ON sla_slatarget;
DROP TRIGGER guard_agreement ON sla_agreementversion;
DROP FUNCTION lamppost_guard_target();
DROP FUNCTION lamppost_guard_agreement();
DROP FUNCTION lamppost_agreement_is_sealed(bigint);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cities', '0002_row_security'),
        ('places', '0003_streets'),
        ('sla', '0003_targets_by_priority'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AgreementProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('proposed', 'Waits for approval'), ('published', 'Published'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('effective_from', models.DateField()),
                ('reason', models.TextField()),
                ('evidence', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('proposed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='sla.agreement')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sla.businesscalendar')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposal', to='sla.agreementversion')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='EscalationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('kind', models.CharField(blank=True, choices=[('acknowledge', 'Acknowledge'), ('inspect', 'Inspect'), ('resolve', 'Resolve')], max_length=15)),
                ('moment', models.CharField(choices=[('before', 'before it is due'), ('after', 'after it was due')], max_length=10)),
                ('amount', models.PositiveIntegerField()),
                ('unit', models.CharField(choices=[('hours', 'hours'), ('business_hours', 'business hours'), ('business_days', 'business days'), ('calendar_days', 'calendar days')], max_length=20)),
                ('wording', lamppost.database.fields.TranslatedField(blank=True, default=dict)),
                ('since', models.DateTimeField()),
                ('agreement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='sla.agreement')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
            ],
            options={
                'ordering': ['agreement', 'code'],
            },
        ),
        migrations.CreateModel(
            name='EscalationAudience',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('whom', models.CharField(choices=[('assignee', 'who is assigned'), ('managers', "the department's managers"), ('supervisors', 'the 311 supervisors'), ('director', 'the 311 director')], max_length=12)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='audiences', to='sla.escalationstep')),
            ],
            options={
                'ordering': ['step', 'whom'],
            },
        ),
        migrations.CreateModel(
            name='ProposalDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('center', '311 center'), ('department', 'Department')], max_length=12)),
                ('verdict', models.CharField(choices=[('approved', 'Approved'), ('rejected', 'Rejected')], max_length=10)),
                ('at', models.DateTimeField()),
                ('words', models.TextField(blank=True)),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='sla.agreementproposal')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ProposedTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('acknowledge', 'Acknowledge'), ('inspect', 'Inspect'), ('resolve', 'Resolve')], max_length=15)),
                ('amount', models.PositiveIntegerField()),
                ('unit', models.CharField(choices=[('hours', 'hours'), ('business_hours', 'business hours'), ('business_days', 'business days'), ('calendar_days', 'calendar days')], max_length=20)),
                ('day_end', models.CharField(choices=[('close', 'at close of business'), ('same_time', 'at the same time of day')], default='close', max_length=10)),
                ('priority', models.CharField(blank=True, choices=[('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], max_length=10)),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.area')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='sla.agreementproposal')),
            ],
        ),
        migrations.AddIndex(
            model_name='agreementproposal',
            index=models.Index(condition=models.Q(('state__in', ('draft', 'proposed'))), fields=['city', 'state'], name='agreementproposal_open'),
        ),
        migrations.AddConstraint(
            model_name='agreementproposal',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'proposed'))), fields=('city', 'agreement'), name='agreementproposal_one_open'),
        ),
        migrations.AddConstraint(
            model_name='agreementproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), ('version__isnull', False)), models.Q(models.Q(('state', 'published'), _negated=True), ('version__isnull', True)), _connector='OR'), name='agreementproposal_published'),
        ),
        migrations.AddConstraint(
            model_name='escalationstep',
            constraint=models.UniqueConstraint(fields=('city', 'agreement', 'code'), name='escalationstep_code', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='escalationstep',
            constraint=models.CheckConstraint(condition=models.Q(('unit__in', ['business_hours', 'business_days'])), name='escalationstep_in_working_time'),
        ),
        migrations.AddConstraint(
            model_name='escalationaudience',
            constraint=models.UniqueConstraint(fields=('city', 'step', 'whom'), name='escalationaudience_once'),
        ),
        migrations.AddConstraint(
            model_name='proposaldecision',
            constraint=models.UniqueConstraint(fields=('city', 'proposal', 'side'), name='proposaldecision_side'),
        ),
        migrations.AddConstraint(
            model_name='proposaldecision',
            constraint=models.UniqueConstraint(fields=('city', 'proposal', 'user'), name='proposaldecision_person'),
        ),
        migrations.AddConstraint(
            model_name='proposedtarget',
            constraint=models.UniqueConstraint(fields=('city', 'proposal', 'kind', 'area', 'priority'), name='proposedtarget_scope', nulls_distinct=False),
        ),
        EnableRowSecurity(
            tables=[
                "sla_agreementproposal",
                "sla_proposedtarget",
                "sla_proposaldecision",
                "sla_escalationstep",
                "sla_escalationaudience",
            ]
        ),
        AppendOnly(tables=["sla_proposaldecision"]),
        migrations.RunSQL(SEALED, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD_VERSION, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD_TARGET, UNGUARD),
    ]
