"""Spans in which a clock stands still, and what they leave of open time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lamppost.sla.calendar import ONE_DAY, Calendar, Window, as_utc

FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still from `start` until just before `end`; None: it still does.

    Any zone is taken and kept as UTC. Raises `ValueError` for a naive datetime or an end before the
    start.
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", as_utc(self.start))
        if self.end is None:
            return
        object.__setattr__(self, "end", as_utc(self.end))
        if self.end < self.start:
            raise ValueError(f"a pause cannot end ({self.end}) before it starts ({self.start})")


def merged(pauses: Iterable[Pause]) -> tuple[Window, ...]:
    """The time covered by `pauses`: disjoint windows in order, the last perhaps until `FOREVER`.

    Everything is computed from this union, so overlapping, nested or split pauses count once.
    """
    union: list[Window] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        end = pause.end or FOREVER
        if union and pause.start <= union[-1].end:
            union[-1] = Window(union[-1].start, max(union[-1].end, end))
        elif end > pause.start:
            union.append(Window(pause.start, end))
    return tuple(union)


def running_time(windows: Iterable[Window], paused: tuple[Window, ...]) -> Iterator[Window]:
    """The parts of the ordered `windows` outside of the ordered, disjoint spans `paused`.

    Ends early when a pause without end begins: nothing runs after that.
    """
    position = 0
    for window in windows:
        start = window.start
        while position < len(paused) and paused[position].start < window.end:
            pause = paused[position]
            if start < pause.start:
                yield Window(start, pause.start)
            if pause.end == FOREVER:
                return
            start = max(start, pause.end)
            if pause.end > window.end:
                break
            position += 1
        if start < window.end:
            yield Window(start, window.end)


def paused_by_local_day(
    calendar: Calendar, pauses: Iterable[Pause], *, until: datetime | None = None
) -> dict[date, tuple[Window, ...]]:
    """Cut `pauses` at the midnights of the calendar's zone: local date to UTC pieces of that date.

    `until` (UTC) ends a pause that still lasts; raises `ValueError` when one does and `until` is
    not given. The pieces are instants, not wall-clock times, which repeat in autumn.
    """
    pieces: dict[date, tuple[Window, ...]] = {}
    limit = FOREVER if until is None else as_utc(until)
    for pause in merged(pauses):
        end = min(pause.end, limit)
        if end == FOREVER:
            raise ValueError("a pause still lasts: say until when to cut it")
        start, day = pause.start, calendar.local_day(pause.start)
        while start < end:
            midnight = calendar.instant(day, ONE_DAY)
            if start < midnight:
                pieces[day] = (*pieces.get(day, ()), Window(start, min(end, midnight)))
                start = midnight
            day += ONE_DAY
    return pieces
