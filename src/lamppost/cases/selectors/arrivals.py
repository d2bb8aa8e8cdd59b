"""How many cases came in, by day and by who got them: what the watch over routing reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from lamppost.cases.choices import EventKind
from lamppost.database.scope import require_city_id

_ARRIVALS = """
SELECT floor(extract(epoch FROM %(now)s - event.at) / 86400)::int AS days_ago,
       event.department_id, service.department_id, held.team_id, count(*)
FROM cases_caseevent event
JOIN catalog_service service ON service.id = event.service_id
JOIN cases_case held ON held.id = event.case_id
WHERE event.city_id = %(city)s AND event.kind = %(kind)s
  AND event.at > %(since)s AND event.at <= %(now)s
GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Cases of one day of 24 hours, counted back from a moment: 0 is the last 24 hours.

    ``department_id`` is who got them first, ``own_department_id`` whose their service is,
    ``team_id`` the team that has them now.
    """

    days_ago: int
    department_id: int
    own_department_id: int
    team_id: int | None
    count: int


def arrivals(*, now: datetime, days: int) -> Sequence[Arrivals]:
    """Return what came in during the last ``days`` days of 24 hours; one query.

    Imported cases are left out: they were not routed here.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ARRIVALS,
            {
                "now": now,
                "since": now - timedelta(days=days),
                "city": require_city_id(),
                "kind": EventKind.RECEIVED.value,
            },
        )
        return [Arrivals(*row) for row in cursor.fetchall()]
