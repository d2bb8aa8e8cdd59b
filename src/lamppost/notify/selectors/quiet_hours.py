"""When a city leaves people in peace who have not chosen otherwise."""

from __future__ import annotations

from datetime import time

from lamppost.cities.cache import CityCache, catalog_stamp
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.notify.choices import MessageChannel
from lamppost.notify.models import QuietHours

Hours = tuple[time, time]

# What holds where the city's pack says nothing. A mail at night wakes nobody.
_USUAL: dict[str, Hours] = {
    MessageChannel.SMS: (time(21), time(8)),
    MessageChannel.PUSH: (time(21), time(8)),
}


def quiet_hours(channel: MessageChannel) -> Hours | None:
    """Return from when to when nothing goes out by ``channel``, None for no such hours.

    Times of the zone of the city in scope. No query but the first after a change of the pack.
    """
    hours = _hours.get(city_in_scope()).get(channel)
    return None if hours is None or hours[0] == hours[1] else hours


def _load(_city: City) -> dict[str, Hours]:
    return _USUAL | {
        row.channel: (row.quiet_from, row.quiet_to) for row in QuietHours.objects.all()
    }


_hours: CityCache[dict[str, Hours]] = CityCache(_load, catalog_stamp)
