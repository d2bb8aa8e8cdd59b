"""How often somebody may call: a counter per minute in the database, true for all processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.database.scope import require_city_id
from lamppost.kernel.refusals import Refusal
from lamppost.people.models import RateWindow

# One statement in its own short transaction, whose commit need not wait for the disk: a
# count lost with the machine's power costs nothing, a wait on each call would.
_COUNT = """
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO people_ratewindow AS w (city_id, subject, minute, count)
SELECT %(city)s, %(subject)s, %(minute)s, 1 FROM quick
ON CONFLICT (city_id, subject, minute) DO UPDATE SET count = w.count + 1
RETURNING w.count
"""


class TooManyCalls(Refusal):
    """The caller has used up this minute. ``retry_after`` is in seconds, at least one."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(
            _("Too many calls. Try again in %(seconds)d seconds.") % {"seconds": retry_after}
        )


def count_call(subject: str, *, per_minute: int, now: datetime | None = None) -> None:
    """Count one call of ``subject`` (``key:7``) in the city in scope.

    Raises ``TooManyCalls`` from the one after ``per_minute`` on until the minute is over.
    Call it before opening a transaction: inside one, the row would be locked until its end.
    """
    moment = now or timezone.now()
    minute = moment.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT, {"city": require_city_id(), "subject": subject[:80], "minute": minute}
        )
        count = int(cursor.fetchone()[0])
    require_within(count, per_minute, moment)


def require_within(count: int, per_minute: int, moment: datetime) -> None:
    """Raise ``TooManyCalls`` when ``count`` calls in the minute of ``moment`` are too many."""
    if count > per_minute:
        begun = moment.replace(second=0, microsecond=0)
        left = (begun + timedelta(minutes=1) - moment).total_seconds()
        raise TooManyCalls(max(1, round(left)))


def forget_old_counts(*, before: datetime) -> int:
    """Delete counters of minutes before ``before``; return how many. For the worker, hourly."""
    return RateWindow.objects.filter(minute__lt=before).delete()[0]
