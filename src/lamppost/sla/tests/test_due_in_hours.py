"""Due times counted in hours and business hours: the fact tables A2 and A4."""

from __future__ import annotations

import pytest

from lamppost.sla.calendar import Calendar
from lamppost.sla.engine import compute
from lamppost.sla.target import Target
from lamppost.sla.tests.hours import K1, K2, K3, K5, K6, K7, utc

WITHOUT_PAUSE: list[tuple[str, Calendar, str, int, str]] = [
    ("1: one hour within a winter day", K1, "2013-03-21 09:30", 60, "2013-03-21 10:30"),
    ("2: two hours within a winter day", K1, "2013-03-21 09:30", 120, "2013-03-21 11:30"),
    ("3: three hours within a winter day", K1, "2013-03-21 09:30", 180, "2013-03-21 12:30"),
    ("4: four hours within a winter day", K1, "2013-03-21 09:30", 240, "2013-03-21 13:30"),
    ("5: longer hours change nothing inside them", K2, "2013-03-21 09:30", 60, "2013-03-21 10:30"),
    ("5: nor for two hours", K2, "2013-03-21 09:30", 120, "2013-03-21 11:30"),
    ("5: nor for three hours", K2, "2013-03-21 09:30", 180, "2013-03-21 12:30"),
    ("6: open every day, winter, two hours", K3, "2013-03-21 09:30", 120, "2013-03-21 11:30"),
    ("6: three hours", K3, "2013-03-21 09:30", 180, "2013-03-21 12:30"),
    ("6: four hours", K3, "2013-03-21 09:30", 240, "2013-03-21 13:30"),
    ("7: the same in summer time, two hours", K3, "2013-10-21 09:30", 120, "2013-10-21 11:30"),
    ("7: three hours", K3, "2013-10-21 09:30", 180, "2013-10-21 12:30"),
    ("7: four hours", K3, "2013-10-21 09:30", 240, "2013-10-21 13:30"),
    ("8: before opening, the clock waits", K3, "2013-10-21 05:30", 120, "2013-10-21 08:00"),
    ("8: three hours from opening", K3, "2013-10-21 05:30", 180, "2013-10-21 09:00"),
    ("8: four hours from opening", K3, "2013-10-21 05:30", 240, "2013-10-21 10:00"),
    ("9: 30 min left, a holiday, the rest after", K3, "2015-09-21 14:30", 120, "2015-09-23 07:30"),
    ("9: three hours across the holiday", K3, "2015-09-21 14:30", 180, "2015-09-23 08:30"),
    ("9: four hours across the holiday", K3, "2015-09-21 14:30", 240, "2015-09-23 09:30"),
    ("10: created on a holiday", K5, "2016-11-01 13:56:21", 60, "2016-11-02 08:00"),
    ("11: two hours from a holiday", K5, "2016-11-01 13:56:21", 120, "2016-11-02 09:00"),
    ("12: 20 hours at 12 a day", K5, "2016-11-01 13:56:21", 1200, "2016-11-03 15:00"),
    ("13: the calendar was widened", K6, "2016-11-01 13:56:21", 60, "2016-11-02 04:00"),
    ("14: seconds are kept", K5, "2016-11-07 13:26:36", 1200, "2016-11-09 09:26:36"),
    ("15: over the weekend", K7, "2021-02-19 16:30", 60, "2021-02-22 09:30"),
    ("16: within the day", K7, "2021-02-17 10:00", 120, "2021-02-17 12:00"),
    ("17: before opening", K7, "2021-02-17 07:00", 120, "2021-02-17 11:00"),
]


@pytest.mark.parametrize(("why", "calendar", "start", "minutes", "due"), WITHOUT_PAUSE)
def test_due_without_pause(
    why: str, calendar: Calendar, start: str, minutes: int, due: str
) -> None:
    assert compute(calendar, utc(start), Target.business_minutes(minutes)).at == utc(due), why
