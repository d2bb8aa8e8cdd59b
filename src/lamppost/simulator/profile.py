"""What the simulator knows of a city: the pack's ``demo/`` folder, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lamppost.catalog.choices import Channel
from lamppost.cities.models import City
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.shipped import shipped
from lamppost.simulator.closing import Closing, Spell
from lamppost.simulator.ground import District, Ground, Repeats

FOLDER = "demo"


@dataclass(frozen=True, slots=True)
class People:
    """The code of the demo workers' department, and what the demo's people are called."""

    department: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """A way of reporting: shares by weekday from Monday, by local hour, and by channel."""

    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    channels: Mapping[Channel, float]
    keeps_holidays: bool


@dataclass(frozen=True, slots=True)
class Season:
    """Twelve monthly weights, and the variance of the days around them (mean 1)."""

    months: tuple[float, ...]
    shock: float


@dataclass(frozen=True, slots=True)
class ServiceHabit:
    """How one service is asked for and ended.

    ``share`` is its part of all requests (any scale), ``ways`` the parts of the ways it comes
    in by, ``located`` the part with a point, ``outcomes`` parts by outcome code.
    """

    code: str
    share: float
    ways: Mapping[str, float]
    season: str
    closing: Closing
    outcomes: Mapping[str, float]
    located: float
    repeats: Repeats


@dataclass(frozen=True, slots=True)
class Phrases:
    """What people write: by service (or outcome code), then by language."""

    languages: Mapping[str, float]
    descriptions: Mapping[str, Mapping[str, Sequence[str]]]
    tails: Mapping[str, Sequence[str]]
    notes: Mapping[str, Mapping[str, Sequence[str]]]
    progress: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything about one city's year."""

    people: People
    ways: Mapping[str, Way]
    seasons: Mapping[str, Season]
    day_shock: float
    pace: float
    duplicates: float
    services: Mapping[str, ServiceHabit]
    ground: Ground
    phrases: Phrases
    story: Mapping[str, Any]


def demo_profile(city: City) -> Profile:
    """Return the demo profile shipped with the pack of ``city``.

    Raises ``Invalid`` when its pack has none.
    """
    folder = shipped("cities") / city.slug / FOLDER
    if not folder.is_dir():
        raise Invalid(f"the pack of {city.slug} has no {FOLDER}/ folder, so it cannot be a demo")
    return read_profile(folder)


def read_profile(folder: Path) -> Profile:
    """Return the profile in ``folder``. Raises ``Invalid`` naming the file and what is wrong."""
    habits, places, phrases = (
        _loaded(folder / f"{name}.yaml") for name in ("habits", "places", "phrases")
    )
    story = folder / "story.yaml"
    try:
        return Profile(
            people=People(habits["people"]["department"], habits["people"].get("names", {})),
            ways={code: _way(row) for code, row in habits["ways"].items()},
            seasons={
                code: Season(_shares(row["months"], 12), float(row.get("shock", 0.0)))
                for code, row in habits["seasons"].items()
            },
            day_shock=float(habits["day_shock"]),
            pace=float(habits["pace"]),
            duplicates=float(habits["duplicates"]),
            services={
                str(code): _habit(str(code), row, habits)
                for code, row in habits["services"].items()
            },
            ground=_ground(places),
            phrases=_phrases(phrases),
            story=_loaded(story) if story.is_file() else {},
        )
    except KeyError as missing:
        raise Invalid(f"{folder}: {missing} is missing") from missing
    except (TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"{folder}: {error}") from error


def _loaded(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise Invalid(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise Invalid(f"{path}: write keys and values")
    return data


def _way(row: Mapping[str, Any]) -> Way:
    return Way(
        weekdays=_shares(row["weekdays"], 7),
        hours=_shares(row["hours"], 24),
        channels={Channel(code): float(share) for code, share in row["channels"].items()},
        keeps_holidays=bool(row.get("keeps_holidays", False)),
    )


def _habit(code: str, row: Mapping[str, Any], habits: Mapping[str, Any]) -> ServiceHabit:
    ends = row.get("ends", "fix")
    ways = {str(way): float(share) for way, share in row["ways"].items()}
    for way in ways:
        if way not in habits["ways"]:
            raise ValueError(f"services: {code}: unknown way {way!r}")
    if row["season"] not in habits["seasons"]:
        raise ValueError(f"services: {code}: unknown season {row['season']!r}")
    return ServiceHabit(
        code=code,
        share=float(row["share"]),
        ways=ways,
        season=row["season"],
        closing=Closing(
            spells=tuple(Spell(*(float(number) for number in spell)) for spell in row["close"]),
            bulk=float(row.get("bulk", 0.0)),
        ),
        outcomes={str(end): float(share) for end, share in habits["ends"][ends].items()},
        located=float(row.get("located", 1.0)),
        repeats=Repeats(**habits["repeats"][row.get("repeats", "usual")]),
    )


def _ground(places: Mapping[str, Any]) -> Ground:
    return Ground(
        districts=tuple(
            District(
                weight=float(row["weight"]),
                corners=tuple((float(long), float(lat)) for long, lat in row["corners"]),
                along=tuple(str(name) for name in row["along"]),
                across=tuple(str(name) for name in row["across"]),
                zipcodes=tuple(str(code) for code in row.get("zipcodes", ())),
                first_block=int(row.get("first_block", 1)),
                blocks=int(row.get("blocks", 20)),
            )
            for row in places["districts"]
        ),
        formats={str(kind): str(form) for kind, form in places["formats"].items()},
        shares={str(kind): float(share) for kind, share in places["shares"].items()},
    )


def _phrases(data: Mapping[str, Any]) -> Phrases:
    return Phrases(
        languages={str(code): float(share) for code, share in data["languages"].items()},
        descriptions=data["descriptions"],
        tails=data.get("tails", {}),
        notes=data["notes"],
        progress=data.get("progress", {}),
    )


def _shares(numbers: Sequence[float], count: int) -> tuple[float, ...]:
    if len(numbers) != count:
        raise ValueError(f"{count} numbers are needed, {len(numbers)} are given: {numbers}")
    return tuple(float(number) for number in numbers)
