"""Many events in one statement, chained as the trigger chains each: docs/decisions/0009.

An import writes two events for every case. The trigger alone, row by row, was a third of its
time. The function does the same for a whole batch; the rows it inserts pass the trigger by,
because inside it the table's owner acts, whom no application is.
"""

from __future__ import annotations

from django.db import migrations

NEW_EVENT = """
CREATE TYPE lamppost_new_event AS (
  case_id bigint, kind text, audience text, at timestamptz, recorded_at timestamptz, actor text,
  channel text, state text, status_id bigint, service_id bigint, department_id bigint,
  outcome_id bigint, data jsonb, text_digest text)
"""

IS_OWNER = """
CREATE FUNCTION lamppost_owns_the_chain() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT pg_has_role(current_user, relowner, 'MEMBER')
  FROM pg_class WHERE oid = 'cases_caseevent'::regclass
$$
"""

# Events of one case stand together, in their order. Row security holds the owner too: the
# city is the one in scope, and so must the cases be. The formula is that of
# lamppost_event_hash, written out: called from here it would cost three times as much.
APPEND = """
CREATE FUNCTION lamppost_append_events(news lamppost_new_event[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  n lamppost_new_event;
  e cases_caseevent;
  chained cases_caseevent[] := ARRAY[]::cases_caseevent[];
  place integer := 0;
  all_new boolean := NOT EXISTS (
    SELECT FROM unnest(news) one JOIN cases_casechain head ON head.case_id = one.case_id);
BEGIN
  FOREACH n IN ARRAY news LOOP
    IF e.case_id IS DISTINCT FROM n.case_id THEN
      e.seq := 0;
      e.hash := '';
      IF NOT all_new THEN
        FOR e.seq, e.hash IN
          SELECT head.seq, head.hash FROM cases_casechain head
          WHERE head.case_id = n.case_id FOR UPDATE
        LOOP
        END LOOP;
      END IF;
      e.case_id := n.case_id;
      e.city_id := nullif(current_setting('lamppost.city_id', true), '')::bigint;
    END IF;
    e.seq := e.seq + 1;
    e.prev_hash := e.hash;
    e.kind := n.kind;
    e.audience := n.audience;
    e.at := n.at;
    e.recorded_at := n.recorded_at;
    e.actor := n.actor;
    e.channel := n.channel;
    e.state := n.state;
    e.status_id := n.status_id;
    e.service_id := n.service_id;
    e.department_id := n.department_id;
    e.outcome_id := n.outcome_id;
    e.data := n.data;
    e.text_digest := n.text_digest;
    e.hash := encode(sha256(convert_to(json_build_array(
      e.prev_hash, e.city_id, e.case_id, e.seq, e.kind, e.audience,
      extract(epoch FROM e.at)::text, extract(epoch FROM e.recorded_at)::text,
      e.actor, e.user_id, e.api_key_id, e.channel, e.state, e.status_id, e.service_id,
      e.department_id, e.outcome_id, e.data, e.text_digest)::text, 'UTF8')), 'hex');
    place := place + 1;
    chained[place] := e;
  END LOOP;
  IF EXISTS (SELECT FROM unnest(chained) c LEFT JOIN cases_case k ON k.id = c.case_id
             WHERE k.id IS NULL) THEN
    RAISE EXCEPTION 'an event of a case that is not of this city'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  INSERT INTO cases_caseevent (
    city_id, case_id, seq, kind, audience, at, recorded_at, actor, channel, state, status_id,
    service_id, department_id, outcome_id, data, text_digest, prev_hash, hash)
  SELECT c.city_id, c.case_id, c.seq, c.kind, c.audience, c.at, c.recorded_at, c.actor,
    c.channel, c.state, c.status_id, c.service_id, c.department_id, c.outcome_id, c.data,
    c.text_digest, c.prev_hash, c.hash
  FROM unnest(chained) c;
  INSERT INTO cases_casechain AS head (case_id, city_id, seq, hash)
  SELECT DISTINCT ON (c.case_id) c.case_id, c.city_id, c.seq, c.hash
  FROM unnest(chained) c ORDER BY c.case_id, c.seq DESC
  ON CONFLICT (case_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash;
END $$
"""

TRIGGER = (
    "CREATE TRIGGER chain BEFORE INSERT ON cases_caseevent FOR EACH ROW {when}"
    "EXECUTE FUNCTION lamppost_chain_event()"
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_fewer_keys")]

    operations = [
        migrations.RunSQL(NEW_EVENT, "DROP TYPE lamppost_new_event"),
        migrations.RunSQL(IS_OWNER, "DROP FUNCTION lamppost_owns_the_chain()"),
        migrations.RunSQL(
            [
                "DROP TRIGGER chain ON cases_caseevent",
                TRIGGER.format(when="WHEN (NEW.seq = 0 OR NOT lamppost_owns_the_chain()) "),
            ],
            [
                "DROP TRIGGER chain ON cases_caseevent",
                TRIGGER.format(when=""),
            ],
        ),
        migrations.RunSQL(APPEND, "DROP FUNCTION lamppost_append_events(lamppost_new_event[])"),
    ]
