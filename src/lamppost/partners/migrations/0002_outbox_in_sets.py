"""The outbox looks at all events of a statement at once: an import writes thousands in one.

In a city without partners it costs the statement two look-ups, however many events there are.
"""

from __future__ import annotations

import importlib

from django.db import migrations

_partners = importlib.import_module("lamppost.partners.migrations.0001_partners")

OUTBOX = """
CREATE FUNCTION lamppost_to_outbox() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- Row security narrows both to the city in scope.
  IF EXISTS (SELECT FROM partners_connection) OR EXISTS (SELECT FROM partners_handoff) THEN
    INSERT INTO partners_outboxentry (city_id, event_id)
    SELECT e.city_id, e.id FROM added e
    WHERE e.kind IN ('received', 'routed', 'moved', 'closed', 'reopened', 'note',
        'resident_comment', 'partner_update', 'photo', 'edited', 'recategorized',
        'transfer_accepted', 'unlinked', 'priority', 'redress')
      AND (EXISTS (SELECT FROM partners_connection c
                   WHERE c.city_id = e.city_id AND c.department_id = e.department_id)
        OR EXISTS (SELECT FROM partners_handoff h
                   WHERE h.city_id = e.city_id AND h.case_id = e.case_id))
    ORDER BY e.id;
  END IF;
  RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER outbox AFTER INSERT ON cases_caseevent
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lamppost_to_outbox()
"""
_DROP = ["DROP TRIGGER outbox ON cases_caseevent", "DROP FUNCTION lamppost_to_outbox()"]


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_partners")]

    operations = [
        migrations.RunSQL([*_DROP, OUTBOX, TRIGGER], [*_DROP, _partners.OUTBOX, _partners.TRIGGER])
    ]
