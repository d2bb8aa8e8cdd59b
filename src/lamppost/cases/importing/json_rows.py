"""Objects of a JSON file, one at a time: an array of them, or one on each line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from lamppost.kernel.refusals import Invalid

_CHUNK = 262_144
# An object of more than this is damage: a text that never ends.
_OBJECT_LIMIT = 2_000_000
_SEAM = 100
_NEXT_OBJECT = re.compile(r"[}\]]\s*,?\s*(?=\{)")
_BETWEEN = re.compile(r"[\s,\[]*")

Parsed = tuple[int, Sequence[str], str]


def json_rows(
    text: TextIO, columns: Sequence[str], needed: Sequence[tuple[str, Sequence[str]]]
) -> Iterator[Parsed]:
    """Yield ``(line, values, problem)`` for each object, ``values`` in the order of ``columns``.

    An array may be wrapped in an object, whose first array is then read; a GeoJSON feature
    gives its properties and point as ``long`` and ``lat``. An object that is not JSON is a
    problem and stops nothing. Raises ``Invalid`` where there is no object at all.
    """
    found = False
    for line, value, problem in _objects(text):
        found = True
        if problem:
            yield line, [""] * len(columns), problem
            continue
        fields = _fields(value)
        yield line, [_as_text(fields.get(name)) for name in columns], ""
    if not found:
        names = ", ".join(candidates[0] for _field, candidates in needed)
        raise Invalid(f"there is no object in this file; each needs {names}")


class _Buffer:
    """A window on the text, with the place in it and the line it stands on."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.held = text.read(_CHUNK)
        self.at = 0
        self.line = 1

    @property
    def ahead(self) -> int:
        """How much is held that has not been read."""
        return len(self.held) - self.at

    def more(self) -> bool:
        """Read on, forgetting what is behind; False at the end."""
        chunk = self._text.read(_CHUNK)
        self.held, self.at = self.held[self.at :] + chunk, 0
        return bool(chunk)

    def go(self, place: int) -> None:
        """Stand at ``place`` of what is held."""
        self.line += self.held.count("\n", self.at, place)
        self.at = place

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Go past what matches here, reading on as long as all that is held matches."""
        while True:
            match = pattern.match(self.held, self.at)
            self.go(match.end() if match else self.at)
            if self.ahead or not self.more():
                return


def _objects(text: TextIO) -> Iterator[tuple[int, Any, str]]:
    buffer = _Buffer(text)
    _unwrap(buffer)
    decode = json.JSONDecoder().raw_decode
    while True:
        buffer.skip(_BETWEEN)
        if not buffer.ahead or buffer.held[buffer.at] in "]}":
            return
        line = buffer.line
        try:
            value, end = decode(buffer.held, buffer.at)
        except (json.JSONDecodeError, RecursionError) as error:
            if buffer.ahead < _OBJECT_LIMIT and buffer.more():
                continue
            yield line, None, f"not JSON: {getattr(error, 'msg', error)}"
            _resume(buffer)
        else:
            yield line, value, "" if isinstance(value, dict) else "not a JSON object"
            buffer.go(end)


def _unwrap(buffer: _Buffer) -> None:
    """Stand at the first object of the first array, past whatever wraps it."""
    wrapped = re.match(r"\s*\{(?:[^\[\]{}]|\{[^{}]*\})*?\"\w+\"\s*:\s*\[", buffer.held)
    if wrapped and not _is_first_object_whole(buffer.held):
        buffer.go(wrapped.end())


def _is_first_object_whole(held: str) -> bool:
    # Of lines of objects the first one ends on its own line and another one follows.
    first, _newline, rest = held.lstrip().partition("\n")
    try:
        json.loads(first)
    except json.JSONDecodeError:
        return False
    return rest.lstrip().startswith("{")


def _resume(buffer: _Buffer) -> None:
    """Go to the next object after one that could not be read."""
    buffer.go(min(buffer.at + 1, len(buffer.held)))
    while True:
        found = _NEXT_OBJECT.search(buffer.held, buffer.at)
        if found:
            buffer.go(found.end())
            return
        # What separates two objects may lie across the end of what is held.
        buffer.go(max(buffer.at, len(buffer.held) - _SEAM))
        if not buffer.more():
            buffer.go(len(buffer.held))
            return


def _fields(value: dict[str, Any]) -> dict[str, Any]:
    if value.get("type") != "Feature" or not isinstance(value.get("properties"), dict):
        return value
    geometry = value.get("geometry") or {}
    place = geometry.get("coordinates") if geometry.get("type") == "Point" else None
    point = {"long": place[0], "lat": place[1]} if place and len(place) > 1 else {}
    return {**point, **value["properties"]}


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)
