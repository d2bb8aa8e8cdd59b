"""When somebody is left in peace, and when their digest is due. Pure: times in, times out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_loud(
    now: datetime, zone: ZoneInfo, quiet_from: time | None, quiet_to: time | None
) -> datetime:
    """Return ``now``, or the end of the quiet hours it falls into.

    Quiet hours are times of ``zone``, from the first (included) to the second, over midnight
    when the first is the later; none when one is missing or both are equal. An end that the
    clocks skip is the moment they skip to.
    """
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return now
    local = now.astimezone(zone)
    at = local.timetz().replace(tzinfo=None)
    if quiet_from < quiet_to:
        is_quiet, ends = quiet_from <= at < quiet_to, local.date()
    else:
        is_quiet = at >= quiet_from or at < quiet_to
        ends = local.date() + timedelta(days=at >= quiet_from)
    if not is_quiet:
        return now
    return max(now, datetime.combine(ends, quiet_to, zone).astimezone(now.tzinfo))


def digest_day(now: datetime, zone: ZoneInfo, digest_at: time) -> date | None:
    """Return the local day whose digest is due at ``now``, or None before its hour."""
    local = now.astimezone(zone)
    return local.date() if local.timetz().replace(tzinfo=None) >= digest_at else None
