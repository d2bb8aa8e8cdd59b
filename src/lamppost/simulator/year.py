"""A year of a city's requests as past cases: seeded, in order of time, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from lamppost.cases.importing.past import PastCase
from lamppost.catalog.choices import OutcomeKind
from lamppost.simulator.closing import closed_at
from lamppost.simulator.due import DueDates
from lamppost.simulator.ground import Memory, Spot, Standing
from lamppost.simulator.profile import Profile, ServiceHabit
from lamppost.simulator.rhythm import Arrival, arrivals
from lamppost.simulator.words import Wheel, Writer

_SHARE_IN_PROGRESS = 0.4
_DUPLICATE_FOUND_DAYS = 3


def no_holidays(_day: date) -> bool:
    """Keep no holidays."""
    return False


def simulate(
    profile: Profile,
    *,
    seed: int,
    cases: int,
    until: datetime,
    zone: ZoneInfo,
    due: DueDates,
    is_holiday: Callable[[date], bool] = no_holidays,
    first_number: int = 1,
) -> Iterator[PastCase]:
    """Yield ``cases`` requests of the 365 days before ``until``, oldest first.

    The same arguments give the same cases. ``due`` gives the promise made for a service at an
    instant and place, ``zone`` is the city's own; numbers count up from ``first_number``.
    Nothing is known of the time after ``until``: what would close later is open.
    """
    dice = Random(seed)  # noqa: S311 - a simulation has to be repeatable, not secret
    until = until.astimezone(UTC)
    year = _Year(profile, until, zone, due, dice)
    stream = arrivals(
        profile, count=cases, until=until, zone=zone, is_holiday=is_holiday, dice=dice
    )
    for number, arrival in enumerate(stream, start=first_number):
        yield year.case(str(number), arrival)


class _Year:
    """What is remembered while a year is drawn."""

    def __init__(
        self, profile: Profile, until: datetime, zone: ZoneInfo, due: DueDates, dice: Random
    ) -> None:
        self.profile, self.until, self.zone = profile, until, zone
        self.due, self.dice = due, dice
        self.writer = Writer(profile.phrases)
        self.channels = {code: Wheel(way.channels) for code, way in profile.ways.items()}
        self.outcomes = {code: Wheel(habit.outcomes) for code, habit in profile.services.items()}
        self.memories = {code: Memory() for code in profile.services}

    def case(self, number: str, arrival: Arrival) -> PastCase:
        habit, at, dice = arrival.habit, arrival.at, self.dice
        spot, earlier, is_repeat = self._place(habit, at)
        repeated = self._repeated(earlier, at)
        closes = self._closes(habit, at, is_duplicate=repeated is not None)
        closed = closes if closes < self.until else None
        if closed is None:
            repeated = None
        outcome = "" if closed is None or repeated else self.outcomes[habit.code].draw(dice)
        text, language = self.writer.description(habit.code, dice)
        note = self._note(outcome, at, closed, repeated)
        if spot is not None and not repeated:
            self.memories[habit.code].keep(Standing(number, at, closed, spot, is_repeat), dice)
        return PastCase(
            number=number,
            service_code=habit.code,
            requested_at=at,
            updated_at=self._updated(at, closed, note),
            closed_at=closed,
            due_at=self.due(habit.code, at, spot.point if spot else None),
            outcome=OutcomeKind.DUPLICATE if repeated else None,
            outcome_code=outcome,
            note=note,
            note_language=self.writer.home_language,
            description=text,
            address=self.profile.ground.address(spot) if spot else "",
            zipcode=spot.zipcode if spot else "",
            point=spot.point if spot else None,
            channel=self.channels[arrival.way].draw(dice),
            language=language,
            duplicate_of=repeated or "",
        )

    def _place(
        self, habit: ServiceHabit, at: datetime
    ) -> tuple[Spot | None, Standing | None, bool]:
        if self.dice.random() >= habit.located:
            return None, None, False
        return self.memories[habit.code].place(self.profile.ground, habit.repeats, at, self.dice)

    def _repeated(self, earlier: Standing | None, at: datetime) -> str | None:
        """The number of the case this one is closed as a duplicate of, if any."""
        if earlier is None or (earlier.closed_at is not None and earlier.closed_at <= at):
            return None
        return earlier.number if self.dice.random() < self.profile.duplicates else None

    def _closes(self, habit: ServiceHabit, at: datetime, *, is_duplicate: bool) -> datetime:
        if is_duplicate:
            wait = timedelta(days=self.dice.random() * _DUPLICATE_FOUND_DAYS)
            return closed_at(at, wait, self.zone, self.dice)
        wait_or_bulk = habit.closing.draw(self.dice, self.profile.pace)
        return max(at, closed_at(at, wait_or_bulk, self.zone, self.dice))

    def _note(
        self, outcome: str, at: datetime, closed: datetime | None, repeated: str | None
    ) -> str:
        if repeated:
            return self.writer.note("duplicate", self.dice).format(number=repeated)
        if closed is not None:
            return self.writer.note(outcome, self.dice)
        # Nobody has looked at what came in within the day.
        is_fresh = self.until - at < timedelta(days=1)
        if is_fresh or self.dice.random() >= _SHARE_IN_PROGRESS:
            return ""
        return self.writer.progress(self.dice)

    def _updated(self, at: datetime, closed: datetime | None, note: str) -> datetime:
        if closed is not None:
            return closed
        if not note:
            return at
        return at + (self.until - at) * self.dice.random() ** 2
