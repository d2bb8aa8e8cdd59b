"""Events in bulk at less cost, and the key from an event to its case held by the chain.

What each part is worth was measured on an import: docs/decisions/0017-keys-without-checks.md.
"""

from __future__ import annotations

import importlib

import django.db.models.deletion
from django.db import migrations, models

_chain = importlib.import_module("lamppost.cases.migrations.0003_chain")
_bulk = importlib.import_module("lamppost.cases.migrations.0007_events_in_bulk")

# An event follows a head, and a head stands for a case that is there: only of the first event
# has the case to be looked for. It is held until the commit, as a foreign key would hold it.
CHAIN = """
CREATE OR REPLACE FUNCTION lamppost_chain_event() RETURNS trigger
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
    PERFORM FROM cases_case WHERE id = NEW.case_id FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'an event of a case that is not of this city'
        USING ERRCODE = 'foreign_key_violation';
    END IF;
    NEW.seq := 1;
    NEW.prev_hash := '';
    NEW.hash := lamppost_event_hash(NEW);
    INSERT INTO cases_casechain (case_id, city_id, seq, hash)
    VALUES (NEW.case_id, NEW.city_id, NEW.seq, NEW.hash);
  END IF;
  RETURN NEW;
END $$
"""

# The other half of that key: what has a history stays.
KEEP = """
CREATE FUNCTION lamppost_keep_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' OR EXISTS (SELECT FROM cases_casechain WHERE case_id = OLD.id) THEN
    RAISE EXCEPTION 'a case with a history stays: % is refused', TG_OP
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF TG_OP = 'UPDATE' THEN
    RETURN NEW;
  END IF;
  RETURN OLD;
END $$
"""

# Who may write heads may write events that fit them; the application may do neither.
_CHAIN_TRIGGER = (
    "CREATE TRIGGER chain BEFORE INSERT ON cases_caseevent FOR EACH ROW WHEN (NEW.seq = 0 OR NOT "
    "has_table_privilege(current_user, 'cases_casechain'::regclass, 'INSERT')) "
    "EXECUTE FUNCTION lamppost_chain_event()"
)

# Events of one case stand together, in their order. Row security holds the owner too: the
# city is the one in scope, and so must the cases be. The formula is that of
# lamppost_event_hash, written out: called from here it would cost three times as much.
# The loop keeps plain columns: an array of whole events costs more than their hashes.
APPEND = """
CREATE OR REPLACE FUNCTION lamppost_append_events(news lamppost_new_event[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  city bigint := nullif(current_setting('lamppost.city_id', true), '')::bigint;
  cases bigint[] := ARRAY(SELECT DISTINCT one.case_id FROM unnest(news) one);
  all_new boolean := NOT EXISTS (
    SELECT FROM cases_casechain head WHERE head.case_id = ANY (cases));
  n lamppost_new_event;
  of_case bigint;
  seq integer;
  hash text;
  at_event integer := 0;
  seqs integer[] := ARRAY[]::integer[];
  befores text[] := ARRAY[]::text[];
  hashes text[] := ARRAY[]::text[];
  at_head integer := 0;
  head_cases bigint[] := ARRAY[]::bigint[];
  head_seqs integer[] := ARRAY[]::integer[];
  head_hashes text[] := ARRAY[]::text[];
  found_cases bigint;
BEGIN
  PERFORM FROM cases_case WHERE id = ANY (cases) FOR KEY SHARE;
  GET DIAGNOSTICS found_cases = ROW_COUNT;
  IF found_cases <> cardinality(cases) THEN
    RAISE EXCEPTION 'an event of a case that is not of this city'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  FOREACH n IN ARRAY news LOOP
    IF of_case IS DISTINCT FROM n.case_id THEN
      of_case := n.case_id;
      seq := 0;
      hash := '';
      IF NOT all_new THEN
        FOR seq, hash IN
          SELECT head.seq, head.hash FROM cases_casechain head
          WHERE head.case_id = n.case_id FOR UPDATE
        LOOP
        END LOOP;
      END IF;
      at_head := at_head + 1;
      head_cases[at_head] := of_case;
    END IF;
    seq := seq + 1;
    at_event := at_event + 1;
    seqs[at_event] := seq;
    befores[at_event] := hash;
    hash := encode(sha256(convert_to(json_build_array(
      hash, city, n.case_id, seq, n.kind, n.audience,
      extract(epoch FROM n.at)::text, extract(epoch FROM n.recorded_at)::text,
      n.actor, NULL, NULL, n.channel, n.state, n.status_id, n.service_id,
      n.department_id, n.outcome_id, n.data, n.text_digest)::text, 'UTF8')), 'hex');
    hashes[at_event] := hash;
    head_seqs[at_head] := seq;
    head_hashes[at_head] := hash;
  END LOOP;
  INSERT INTO cases_caseevent (
    city_id, case_id, seq, kind, audience, at, recorded_at, actor, channel, state, status_id,
    service_id, department_id, outcome_id, data, text_digest, prev_hash, hash)
  SELECT city, e.case_id, e.seq, e.kind, e.audience, e.at, e.recorded_at, e.actor, e.channel,
    e.state, e.status_id, e.service_id, e.department_id, e.outcome_id, e.data, e.text_digest,
    e.prev_hash, e.hash
  FROM ROWS FROM (unnest(news), unnest(seqs), unnest(befores), unnest(hashes)) AS e (
    case_id, kind, audience, at, recorded_at, actor, channel, state, status_id, service_id,
    department_id, outcome_id, data, text_digest, seq, prev_hash, hash);
  -- Two writers of one first event: the key of the heads lets only one of them through.
  IF all_new THEN
    INSERT INTO cases_casechain (case_id, city_id, seq, hash)
    SELECT h.case_id, city, h.seq, h.hash
    FROM unnest(head_cases, head_seqs, head_hashes) AS h (case_id, seq, hash);
  ELSE
    INSERT INTO cases_casechain AS head (case_id, city_id, seq, hash)
    SELECT h.case_id, city, h.seq, h.hash
    FROM unnest(head_cases, head_seqs, head_hashes) AS h (case_id, seq, hash)
    ON CONFLICT (case_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash;
  END IF;
END $$
"""


def _again(statement: str) -> str:
    return statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_words_of_danger")]

    operations = [
        migrations.RunSQL(CHAIN, _again(_chain.CHAIN)),
        migrations.RunSQL(
            [
                KEEP,
                "CREATE TRIGGER keep BEFORE DELETE OR UPDATE OF id ON cases_case "
                "FOR EACH ROW EXECUTE FUNCTION lamppost_keep_case()",
                "CREATE TRIGGER keep_all BEFORE TRUNCATE ON cases_case "
                "FOR EACH STATEMENT EXECUTE FUNCTION lamppost_keep_case()",
            ],
            [
                "DROP TRIGGER keep_all ON cases_case",
                "DROP TRIGGER keep ON cases_case",
                "DROP FUNCTION lamppost_keep_case()",
            ],
        ),
        migrations.RunSQL(
            [
                "DROP TRIGGER chain ON cases_caseevent",
                _CHAIN_TRIGGER,
                "DROP FUNCTION lamppost_owns_the_chain()",
            ],
            [
                _bulk.IS_OWNER,
                "DROP TRIGGER chain ON cases_caseevent",
                _bulk.TRIGGER.format(when="WHEN (NEW.seq = 0 OR NOT lamppost_owns_the_chain()) "),
            ],
        ),
        migrations.RunSQL(APPEND, _again(_bulk.APPEND)),
        migrations.AlterField(
            model_name="caseevent",
            name="case",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="cases.case",
            ),
        ),
    ]
