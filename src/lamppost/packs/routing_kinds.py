"""How the time conditions of a routing rule are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from typing_extensions import override

from lamppost.packs.kinds import WEEKDAY, WEEKDAYS, Unfit, clock, span
from lamppost.packs.schema import BadValue, Context, Kind, Leaf, Path, as_items, as_scalar
from lamppost.packs.syntax import Node


@dataclass(frozen=True)
class Weekdays(Kind):
    """A list of weekdays, kept as digits: 0 is Monday."""

    @override
    def read(self, node: Node, key: str, context: Context) -> str:
        days = {WEEKDAY.read(each, key, context) for each in as_items(node, f'"{key}"')}
        return "".join(str(day) for day in sorted(days))

    @override
    def write(self, value: str, language: str) -> list[str]:
        return [WEEKDAYS[int(digit)] for digit in value]

    @override
    def leaves(self, value: str, path: Path) -> Iterator[Leaf]:
        yield Leaf(path, ", ".join(self.write(value, "")))


@dataclass(frozen=True)
class TimeWindow(Kind):
    """``20:00-08:00``: a stretch of the day, past midnight when it ends before it begins."""

    @override
    def read(self, node: Node, key: str, context: Context) -> tuple[int, int]:
        scalar = as_scalar(node, key)
        try:
            window = span(scalar.text.strip())
        except Unfit as unfit:
            raise BadValue(scalar.mark, f'"{key}": {unfit}', unfit.hint) from unfit
        if window[0] == window[1]:
            raise BadValue(scalar.mark, f'"{key}" begins when it ends.', "Leave it out for always.")
        return window

    @override
    def write(self, value: tuple[int, int] | None, language: str) -> str:
        return f"{clock(value[0])}-{clock(value[1])}" if value else ""

    @override
    def leaves(self, value: tuple[int, int] | None, path: Path) -> Iterator[Leaf]:
        yield Leaf(path, self.write(value, ""))
