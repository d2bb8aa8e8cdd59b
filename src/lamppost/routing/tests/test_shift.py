"""When a queue's share is an alarm: a table of what a supervisor would say."""

from __future__ import annotations

import pytest

from lamppost.routing.shift import Bounds, judge

Days = list[tuple[int, int]]


def steady(share: tuple[int, int], days: int = 34) -> Days:
    return [share] * days


def weekly(workday: tuple[int, int], weekend: tuple[int, int], days: int = 34) -> Days:
    return [weekend if day % 7 in (5, 6) else workday for day in range(days)]


# What happened, the 34 days before, today, and whether it is an alarm (None: not judged).
TABLE: list[tuple[str, Days, tuple[int, int], bool | None]] = [
    ("an ordinary day", steady((20, 100)), (22, 100), False),
    ("everything goes into one queue", steady((20, 100)), (95, 100), True),
    ("half as much again is a busy day, not a shift", steady((20, 100)), (30, 100), False),
    ("a rise that matters, in a large city", steady((400, 2000)), (1000, 2000), True),
    ("sure, but too small a rise to call anybody", steady((400, 2000)), (600, 2000), False),
    ("a queue that swings widely every day",
     [(20, 100), (70, 100)] * 17, (75, 100), False),
    ("weekends are different, and this is a weekend",
     weekly((20, 100), (60, 100)), (62, 100), False),
    ("a queue that never had a case gets them all", steady((0, 100)), (90, 100), True),
    ("a queue that always had them all", steady((100, 100)), (100, 100), False),
    ("a quiet village: three cases today, all in one queue", steady((1, 3)), (3, 3), False),
    ("a quiet village: a whole week in one queue",
     [(1, 3)] * 28 + [(3, 3)] * 6, (3, 3), True),
    ("a village with a case now and then is not judged", steady((0, 1)), (1, 1), None),
    ("a new city without a past is not judged", [(0, 0)] * 33 + [(1, 5)], (90, 100), None),
    ("no case at all today", steady((20, 100)), (0, 0), False),
]  # fmt: skip


@pytest.mark.parametrize(("what", "before", "today", "alarm"), TABLE, ids=[row[0] for row in TABLE])
def test_table(what: str, before: Days, today: tuple[int, int], alarm: bool | None) -> None:
    verdict = judge([*before, today], Bounds())
    if alarm is None:
        assert verdict is None, what
    else:
        assert (verdict.is_raised if verdict else False) is alarm, what


def test_an_alarm_ends_when_most_of_the_rise_is_gone() -> None:
    before = steady((20, 100))
    still = judge([*before, (38, 100)], Bounds())
    over = judge([*before, (26, 100)], Bounds())
    assert still is not None
    assert (still.is_raised, still.is_over) == (False, False)
    assert over is not None
    assert over.is_over


def test_figures_say_what_was_compared() -> None:
    verdict = judge([*steady((20, 100)), (80, 100)], Bounds())
    assert verdict is not None
    assert (verdict.days, verdict.hits, verdict.total) == (1, 80, 100)
    assert verdict.usual == pytest.approx(0.2, abs=0.001)
    assert verdict.share == 0.8
    week = judge([*[(1, 3)] * 28, *[(3, 3)] * 7], Bounds())
    assert week is not None
    assert (week.days, week.hits, week.total) == (7, 21, 21)
