"""The hash chain of a case's events, the numbers of a city's cases, and their guards.

See docs/decisions/0009-event-chain.md.
"""

from __future__ import annotations

from django.db import migrations

from lamppost.database.rls import AppendOnly

# STABLE and without a search path of its own, so that PostgreSQL can inline it: half the cost of
# an event. Its caller, the trigger below, has the path fixed.
EVENT_HASH = """
CREATE FUNCTION lamppost_event_hash(e cases_caseevent) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(json_build_array(
    e.prev_hash, e.city_id, e.case_id, e.seq, e.kind, e.audience,
    extract(epoch FROM e.at)::text, extract(epoch FROM e.recorded_at)::text,
    e.actor, e.user_id, e.api_key_id, e.channel, e.state, e.status_id, e.service_id,
    e.department_id, e.outcome_id, e.data, e.text_digest)::text, 'UTF8')), 'hex')
$$
"""

# SECURITY DEFINER: the application may add events but never touch the head of a chain.
# The head row is the lock that puts concurrent events of one case in order.
CHAIN = """
CREATE FUNCTION lamppost_chain_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  head cases_casechain%ROWTYPE;
BEGIN
  SELECT * INTO head FROM cases_casechain WHERE case_id = NEW.case_id FOR UPDATE;
  IF FOUND THEN
    NEW.seq := head.seq + 1;
    NEW.prev_hash := head.hash;
    NEW.hash := lamppost_event_hash(NEW);
    UPDATE cases_casechain SET seq = NEW.seq, hash = NEW.hash WHERE case_id = NEW.case_id;
  ELSE
    NEW.seq := 1;
    NEW.prev_hash := '';
    NEW.hash := lamppost_event_hash(NEW);
    INSERT INTO cases_casechain (case_id, city_id, seq, hash)
    VALUES (NEW.case_id, NEW.city_id, NEW.seq, NEW.hash);
  END IF;
  RETURN NEW;
END $$
"""

TEXT_GUARD = """
CREATE FUNCTION lamppost_guard_text() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.redacted_at IS NOT NULL
     AND NEW.event_id = OLD.event_id AND NEW.salt = OLD.salt AND NEW.city_id = OLD.city_id THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the words of an event can only be redacted'
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

# One sequence per city: numbers are handed out without a lock and never twice.
NUMBERS = """
CREATE FUNCTION lamppost_make_numbers(city bigint, first bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  EXECUTE format(
    'CREATE SEQUENCE IF NOT EXISTS public.%I MINVALUE 1 START WITH %s',
    'case_number_' || city, greatest(first, 1));
END $$
"""


class Migration(migrations.Migration):
    # After the grants: what is revoked below must stay revoked.
    dependencies = [("cases", "0002_row_security"), ("cities", "0002_row_security")]

    operations = [
        migrations.RunSQL(EVENT_HASH, "DROP FUNCTION lamppost_event_hash(cases_caseevent)"),
        migrations.RunSQL(CHAIN, "DROP FUNCTION lamppost_chain_event()"),
        migrations.RunSQL(
            "CREATE TRIGGER chain BEFORE INSERT ON cases_caseevent "
            "FOR EACH ROW EXECUTE FUNCTION lamppost_chain_event()",
            "DROP TRIGGER chain ON cases_caseevent",
        ),
        migrations.RunSQL(TEXT_GUARD, "DROP FUNCTION lamppost_guard_text()"),
        migrations.RunSQL(
            "CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON cases_eventtext "
            "FOR EACH ROW EXECUTE FUNCTION lamppost_guard_text()",
            "DROP TRIGGER guard ON cases_eventtext",
        ),
        AppendOnly(tables=["cases_caseevent", "cases_clockevent"]),
        migrations.RunSQL(NUMBERS, "DROP FUNCTION lamppost_make_numbers(bigint, bigint)"),
        migrations.RunSQL(
            "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON cases_casechain FROM lamppost_app",
            migrations.RunSQL.noop,
        ),
    ]
