"""Where simulated requests are: invented streets laid over districts, and repeats in place."""

from __future__ import annotations

import math
from bisect import bisect
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from lamppost.database.fields import Point
from lamppost.kernel.geo import meters_per_degree

RECENT = timedelta(days=14)
# What is remembered per service, so that a million cases take no more memory than a thousand.
_MOST_RECENT = 4000
_MOST_OLD = 3000
HOUSES_PER_BLOCK = 100


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as a case has it.

    ``kind`` says how its address is written (``house``, ``block`` or ``corner``), from a
    house number and one or two streets. ``anchor`` is the place it was first near to.
    """

    point: Point
    anchor: Point
    kind: str
    number: int
    street: str
    other: str
    zipcode: str


@dataclass(frozen=True, slots=True)
class District:
    """Four corners (south-west, south-east, north-east, north-west) filled with streets.

    ``along`` run west to east, listed from the south; ``across`` run south to north, listed
    from the west. ``zipcodes`` are handed out from west to east.
    """

    weight: float
    corners: tuple[tuple[float, float], ...]
    along: tuple[str, ...]
    across: tuple[str, ...]
    zipcodes: tuple[str, ...]
    first_block: int
    blocks: int

    def east_of(self, across: str) -> float:
        """Return which share of the way east the street ``across`` runs at."""
        return (self.across.index(across) + 0.5) / len(self.across)

    def north_of(self, along: str) -> float:
        """Return which share of the way north the street ``along`` runs at."""
        return (self.along.index(along) + 0.5) / len(self.along)

    def point(self, east: float, north: float) -> Point:
        """Return the place at these shares of the way from west to east, south to north."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.corners
        west, south = 1 - east, 1 - north
        return Point(
            ax * west * south + bx * east * south + cx * east * north + dx * west * north,
            ay * west * south + by * east * south + cy * east * north + dy * west * north,
        )


@dataclass(slots=True)
class Ground:
    """The districts of a city, how addresses are written, and how often in which form.

    ``formats`` has ``house``, ``block`` and ``corner``; ``shares`` the parts that are given
    as ``block`` and ``corner``, and those ``without_zip``.
    """

    districts: tuple[District, ...]
    formats: Mapping[str, str]
    shares: Mapping[str, float]
    _cumulative: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._cumulative = tuple(accumulate(district.weight for district in self.districts))

    def address(self, spot: Spot) -> str:
        """Return the address of ``spot`` as people of the city write it."""
        return self.formats[spot.kind].format(
            number=spot.number, street=spot.street, other=spot.other
        )

    def spot(self, dice: Random) -> Spot:
        """Return a place nobody has reported yet (or only by chance)."""
        district = self.districts[bisect(self._cumulative, dice.random() * self._cumulative[-1])]
        kind = self._kind(dice)
        along, across = dice.choice(district.along), dice.choice(district.across)
        # A power of the share crowds the requests toward one end: no street is even.
        share = dice.random() ** 1.5
        if kind == "corner":
            place = (district.east_of(across), district.north_of(along))
            street, other = across, along
        elif dice.random() < len(district.along) / (len(district.along) + len(district.across)):
            place, street, other = (share, district.north_of(along)), along, ""
        else:
            place, street, other = (district.east_of(across), share), across, ""
        block = (district.first_block + int(share * district.blocks)) * HOUSES_PER_BLOCK
        number = block if kind == "block" else block + dice.randrange(1, HOUSES_PER_BLOCK)
        zipcode = ""
        if district.zipcodes and dice.random() >= self.shares.get("without_zip", 0.0):
            zipcode = district.zipcodes[int(place[0] * len(district.zipcodes))]
        point = _rounded(district.point(*place))
        return Spot(point, point, kind, number, street, other, zipcode)

    def near(self, spot: Spot, dice: Random) -> Spot:
        """Return a place some doors on from ``spot``, 25 to 50 m from where it all began.

        So all that gather around one beginning are within 100 m of each other, and none
        drifts out of the city.
        """
        angle, meters = dice.uniform(0, 2 * math.pi), dice.uniform(25, 49)
        per_long, per_lat = meters_per_degree(spot.anchor.lat)
        point = Point(
            spot.anchor.long + meters * math.cos(angle) / per_long,
            spot.anchor.lat + meters * math.sin(angle) / per_lat,
        )
        number = spot.number
        if spot.kind == "house":
            block = number // HOUSES_PER_BLOCK * HOUSES_PER_BLOCK
            number = block + dice.randrange(1, HOUSES_PER_BLOCK)
        return replace(spot, point=_rounded(point), number=number)

    def _kind(self, dice: Random) -> str:
        form = dice.random() - self.shares.get("corner", 0.0)
        if form < 0:
            return "corner"
        return "block" if form < self.shares.get("block", 0.0) else "house"


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often a request is about a place that was reported before.

    Shares of all requests of a service: the same spot within 14 days, near it (within 100 m)
    within 14 days, and both again for any earlier time.
    """

    same_recent: float = 0.0
    near_recent: float = 0.0
    same_old: float = 0.0
    near_old: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """An earlier case that a new one may repeat."""

    number: str
    requested_at: datetime
    closed_at: datetime | None
    spot: Spot
    is_repeat: bool


@dataclass(slots=True)
class Memory:
    """The earlier cases of one service that new ones may repeat; bounded in size."""

    recent: deque[Standing] = field(default_factory=lambda: deque(maxlen=_MOST_RECENT))
    old: list[Standing] = field(default_factory=list)
    seen: int = 0

    def keep(self, standing: Standing, dice: Random) -> None:
        """Remember a case. Of the old ones a fair sample stays, whatever their number.

        A place counts once there, as often as it is reported: else the first spots of the year
        would draw ever more, and one of them everything.
        """
        self.recent.append(standing)
        if standing.spot.point != standing.spot.anchor or standing.is_repeat:
            return
        self.seen += 1
        if len(self.old) < _MOST_OLD:
            self.old.append(standing)
        elif (place := dice.randrange(self.seen)) < _MOST_OLD:
            self.old[place] = standing

    def place(
        self, ground: Ground, repeats: Repeats, at: datetime, dice: Random
    ) -> tuple[Spot, Standing | None, bool]:
        """Return where the next case is, the recent case it may be a duplicate of, and whether
        the very spot was reported before."""
        while self.recent and at - self.recent[0].requested_at > RECENT:
            self.recent.popleft()
        chance = dice.random()
        if self.recent:
            chance -= repeats.same_recent
            if chance < 0:
                standing = dice.choice(self.recent)
                return standing.spot, standing, True
            chance -= repeats.near_recent
            if chance < 0:
                standing = dice.choice(self.recent)
                return ground.near(standing.spot, dice), None, False
        if self.old:
            chance -= repeats.same_old
            if chance < 0:
                return dice.choice(self.old).spot, None, True
            chance -= repeats.near_old
            if chance < 0:
                return ground.near(dice.choice(self.old).spot, dice), None, False
        return ground.spot(dice), None, False


def _rounded(point: Point) -> Point:
    return Point(round(point.long, 6), round(point.lat, 6))
