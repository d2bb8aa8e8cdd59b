"""Programs that call us, known by a key of which only the digest is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.database.scope import require_city_id
from lamppost.kernel.ids import digest
from lamppost.kernel.refusals import Unauthenticated
from lamppost.people.models import ApiKey
from lamppost.people.rates import require_within

_MAX_KEY = 200
# Looked up and counted in one statement: every filing begins with it. The count need not wait
# for the disk (rates.py).
_CALLED = """
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
found AS (
  SELECT id, name, per_minute, may_update FROM people_apikey, quick
  WHERE key_digest = %(digest)s AND revoked_at IS NULL),
counted AS (
  INSERT INTO people_ratewindow AS w (city_id, subject, minute, count)
  SELECT %(city)s, 'key:' || found.id, %(minute)s, 1 FROM found
  ON CONFLICT (city_id, subject, minute) DO UPDATE SET count = w.count + 1
  RETURNING w.count)
SELECT found.id, found.name, found.per_minute, found.may_update, counted.count
FROM found, counted
"""


def calling_key(secret: str, *, now: datetime | None = None) -> ApiKey:
    """Return the key in use in the city in scope whose secret this is, after counting the call.

    Only the fields a call needs are loaded. Raises ``Unauthenticated`` when it is missing,
    wrong or revoked (which of these is not told apart), ``TooManyCalls`` beyond what it is good
    for in a minute. Call it before opening a transaction: inside one, the count would be locked
    until its end.
    """
    if not secret:
        raise Unauthenticated(_("An api_key is needed for this."), field="api_key")
    moment = now or timezone.now()
    row = _called(secret, moment) if len(secret) <= _MAX_KEY else None
    if row is None:
        raise Unauthenticated(_("This api_key is not valid here."), field="api_key")
    key_id, name, per_minute, may_update, count = row
    require_within(int(count), per_minute, moment)
    return ApiKey(id=key_id, name=name, per_minute=per_minute, may_update=may_update)


def _called(secret: str, moment: datetime) -> tuple[int, str, int, bool, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            _CALLED,
            {
                "digest": digest(secret.encode("utf-8", "replace").decode()),
                "city": require_city_id(),
                "minute": moment.replace(second=0, microsecond=0),
            },
        )
        row: tuple[int, str, int, bool, int] | None = cursor.fetchone()
        return row
