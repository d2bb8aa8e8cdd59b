"""How opening hours, holidays and answer lists are written: short for the person writing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from typing_extensions import override

from lamppost.kernel.text import clean_line, fold
from lamppost.packs.content import Day, OpenHours, Texts, Value
from lamppost.packs.kinds import DATE, WEEKDAYS, Unfit, clock, span
from lamppost.packs.schema import (
    BadValue,
    Context,
    Kind,
    Leaf,
    Path,
    as_items,
    as_map,
    as_scalar,
    order_leaf,
)
from lamppost.packs.syntax import Node, Scalar

_HOLIDAY_KEYS = ("code", "name", "days", "hours")


def _weekdays(scalar: Scalar) -> range:
    """Return the weekdays of ``monday`` or ``monday-friday``. Raises `BadValue`."""
    ends = [part.strip().lower() for part in scalar.text.split("-")]
    if not 1 <= len(ends) <= 2 or any(end not in WEEKDAYS for end in ends):
        raise BadValue(
            scalar.mark, f'"{scalar.text}" is not a weekday.', "Write monday or monday-friday."
        )
    first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
    if last < first:
        raise BadValue(scalar.mark, f'"{scalar.text}" runs past Sunday.', "Write two lines.")
    return range(first, last + 1)


def _open_span(text: str, scalar: Scalar) -> tuple[int, int]:
    try:
        opens, closes = span(text.strip())
    except Unfit as unfit:
        raise BadValue(scalar.mark, str(unfit), unfit.hint) from unfit
    if closes <= opens:
        raise BadValue(scalar.mark, f'"{text.strip()}" closes before it opens.')
    return opens, closes


def _check_overlap(rows: list[OpenHours]) -> None:
    for before, after in pairwise(rows):
        if before.weekday == after.weekday and after.opens < before.closes:
            raise BadValue(after.at, f"Hours of {WEEKDAYS[after.weekday]} overlap.")


class WeekHours(Kind):
    """``monday-friday: 08:00-12:00, 13:00-17:00``."""

    @override
    def read(self, node: Node, key: str, context: Context) -> tuple[OpenHours, ...]:
        rows = []
        for name, below in as_map(node, f'"{key}"').entries:
            scalar = as_scalar(below, name.text)
            spans = [_open_span(part, scalar) for part in scalar.text.split(",")]
            rows += [
                OpenHours(weekday=weekday, opens=opens, closes=closes, at=name.mark)
                for weekday in _weekdays(name)
                for opens, closes in spans
            ]
        rows.sort(key=lambda row: (row.weekday, row.opens))
        _check_overlap(rows)
        return tuple(rows)

    @override
    def write(self, value: tuple[OpenHours, ...], language: str) -> dict[str, str]:
        by_day: dict[int, list[str]] = {}
        for row in value:
            by_day.setdefault(row.weekday, []).append(f"{clock(row.opens)}-{clock(row.closes)}")
        written: dict[str, str] = {}
        run: list[int] = []
        for weekday in range(8):
            if run and by_day.get(weekday) != by_day[run[0]]:
                name = WEEKDAYS[run[0]]
                if len(run) > 1:
                    name += f"-{WEEKDAYS[run[-1]]}"
                written[name] = ", ".join(by_day[run[0]])
                run = []
            if weekday in by_day:
                run.append(weekday)
        return written

    @override
    def leaves(self, value: tuple[OpenHours, ...], path: Path) -> Iterator[Leaf]:
        for row in value:
            hours = f"{clock(row.opens)}-{clock(row.closes)}"
            yield Leaf((*path, WEEKDAYS[row.weekday], hours), "open")


def holiday_code(name: Texts) -> str:
    """Return a code for a holiday, for files that are exported.

    Made of its English name, or of that in the first of its languages: the same code must
    come out wherever the holiday is named, whatever language is being written.
    """
    text = name.get("en") or next((name[tag] for tag in sorted(name) if name[tag]), "")
    words = "".join(char if char.isalnum() else " " for char in fold(text).replace("'", ""))
    return "-".join(words.split()) or "day"


class Holidays(Kind):
    """Days unlike their weekday, one entry per holiday with its days of several years.

    Written so that a name is translated once; kept as one row per day.
    """

    @override
    def read(self, node: Node, key: str, context: Context) -> tuple[Day, ...]:
        days: list[Day] = []
        for item in as_items(node, f'"{key}"'):
            days += self._holiday(item, context.inside(key))
        days.sort(key=lambda day: day.day)
        for before, after in pairwise(days):
            if before.day == after.day:
                raise BadValue(after.at, f"{after.day} stands here twice.", f"See {before.at}.")
        return tuple(days)

    def _holiday(self, item: Node, context: Context) -> list[Day]:
        entries = {name.text: (name, below) for name, below in as_map(item, "holiday").entries}
        for name, _below in entries.values():
            if name.text not in _HOLIDAY_KEYS:
                raise BadValue(
                    name.mark,
                    f'A holiday has no key "{name.text}".',
                    f"Known: {', '.join(_HOLIDAY_KEYS)}.",
                )
        for needed in ("code", "name", "days"):
            if needed not in entries:
                raise BadValue(item.mark, f'This holiday needs "{needed}".')
        code = as_scalar(entries["code"][1], "code")
        context.define("holiday", (*context.scope, code.text), code.mark)
        name_scalar = as_scalar(entries["name"][1], "name")
        texts = context.texts(
            (*context.path, code.text), clean_line(name_scalar.text), name_scalar.mark
        )
        opens = closes = None
        if "hours" in entries:
            scalar = as_scalar(entries["hours"][1], "hours")
            opens, closes = _open_span(scalar.text, scalar)
        return [
            Day(
                day=DATE.read(each, "days", context),
                name=texts,
                opens=opens,
                closes=closes,
                at=each.mark,
            )
            for each in as_items(entries["days"][1], '"days"')
        ]

    def grouped(self, value: tuple[Day, ...]) -> list[tuple[str, Texts, list[Day]]]:
        """Return (code, texts, days) per holiday, as they are exported."""
        groups: dict[Any, list[Day]] = {}
        for day in value:
            key = (tuple(sorted(day.name.items())), day.opens, day.closes)
            groups.setdefault(key, []).append(day)
        taken: dict[str, int] = {}
        named = []
        for days in groups.values():
            code = holiday_code(days[0].name)
            taken[code] = taken.get(code, 0) + 1
            if taken[code] > 1:
                code = f"{code}-{taken[code]}"
            named.append((code, days[0].name, days))
        return named

    @override
    def write(self, value: tuple[Day, ...], language: str) -> list[dict[str, Any]]:
        written = []
        for code, texts, days in self.grouped(value):
            row: dict[str, Any] = {"code": code, "name": texts.get(language, "")}
            if days[0].opens is not None and days[0].closes is not None:
                row["hours"] = f"{clock(days[0].opens)}-{clock(days[0].closes)}"
            row["days"] = [day.day.isoformat() for day in days]
            written.append(row)
        return written

    @override
    def leaves(self, value: tuple[Day, ...], path: Path) -> Iterator[Leaf]:
        for day in value:
            below = (*path, day.day.isoformat())
            hours = "closed"
            if day.opens is not None and day.closes is not None:
                hours = f"{clock(day.opens)}-{clock(day.closes)}"
            yield Leaf(below, hours)
            for language in sorted(day.name):
                if day.name[language]:
                    yield Leaf((*below, language), day.name[language])

    @override
    def texts(self, value: tuple[Day, ...], path: Path) -> Iterator[tuple[Path, Texts]]:
        for code, texts, _days in self.grouped(value):
            yield (*path, code), texts


class Answers(Kind):
    """The choices of a list question: ``small: Smaller than a plate``, in order."""

    @override
    def read(self, node: Node, key: str, context: Context) -> tuple[Value, ...]:
        values = []
        for name, below in as_map(node, f'"{key}"').entries:
            code = name.text.strip()
            if not code or len(code) > 63 or not all(c.isalnum() or c in "-_" for c in code):
                raise BadValue(
                    name.mark, f'"{code}" is not a code.', "Use small letters, digits and hyphens."
                )
            context.define("value", (*context.scope, code), name.mark)
            text = clean_line(as_scalar(below, code).text)
            texts = context.texts((*context.path, key, code), text, below.mark)
            values.append(Value(code=code, name=texts, at=name.mark))
        return tuple(values)

    @override
    def write(self, value: tuple[Value, ...], language: str) -> dict[str, str]:
        return {each.code: each.name.get(language, "") for each in value}

    @override
    def leaves(self, value: tuple[Value, ...], path: Path) -> Iterator[Leaf]:
        yield order_leaf(path, [each.code for each in value])
        for each in value:
            yield Leaf((*path, each.code), "")
            for language in sorted(each.name):
                if each.name[language]:
                    yield Leaf((*path, each.code, language), each.name[language])

    @override
    def texts(self, value: tuple[Value, ...], path: Path) -> Iterator[tuple[Path, Texts]]:
        for each in value:
            yield (*path, each.code), each.name
