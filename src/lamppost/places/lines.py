"""On which line of a GeoJSON text each feature begins: so that an error can be found."""

from __future__ import annotations

import json
import re

_BLANK = re.compile(r"[\s,:]*")
_decoder = json.JSONDecoder()


def feature_lines(text: str) -> dict[int, int]:
    """Return the line (from 1) of each feature (from 1) of a valid FeatureCollection.

    A file written on one line tells nothing and gives nothing, and so does any other JSON.
    """
    if "\n" not in text.strip():
        return {}
    at = _skip(text, 0)
    if not text.startswith("{", at):
        return {}
    at = _skip(text, at + 1)
    while not text.startswith("}", at):
        key, at = _decoder.raw_decode(text, at)
        at = _skip(text, at)
        if key == "features" and text.startswith("[", at):
            return _element_lines(text, at + 1)
        at = _skip(text, _decoder.raw_decode(text, at)[1])
    return {}


def _element_lines(text: str, at: int) -> dict[int, int]:
    lines: dict[int, int] = {}
    line, counted = 1, 0
    at = _skip(text, at)
    while not text.startswith("]", at):
        line += text.count("\n", counted, at)
        counted = at
        lines[len(lines) + 1] = line
        at = _skip(text, _decoder.raw_decode(text, at)[1])
    return lines


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
