"""Rows of any published file: GeoJSON, CSV, both also gzipped, Parquet where it can be read.

Files are read a piece at a time, so that one of a million addresses needs no more memory than
one of a hundred.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from lamppost.kernel.text import clean_line

_PIECE = 1 << 16
_LARGEST_FEATURE = 16 << 20
_LONG = ("long", "lon", "lng", "longitude", "x", "point_x")
_LAT = ("lat", "latitude", "y", "point_y")


class BadFile(Exception):
    """The file as a whole cannot be read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row or feature: its number in the file (from 1), its columns, its GeoJSON geometry."""

    number: int
    columns: dict[str, Any] = field(default_factory=dict)
    geometry: dict[str, Any] | None = None

    def text(self, columns: str) -> str:
        """Return a column as one clean line; ``a+b`` joins several with a blank."""
        parts = (_plain(self.columns.get(name)) for name in columns.split("+") if name)
        return " ".join(part for part in parts if part)

    def whole(self, column: str) -> int:
        """Return a column as a whole number, 0 for anything that is none."""
        text = self.text(column)
        try:
            number = int(float(text)) if text else 0
        except (ValueError, OverflowError):
            return 0
        return number if 0 <= number < 10_000_000 else 0


def _plain(value: Any) -> str:
    if value is None or isinstance(value, bool | list | dict):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean_line(str(value))


def read_rows(path: Path, *, header: bool = True) -> Iterator[FileRow]:
    """Yield the rows of a file by what its name ends in; raises ``BadFile`` and ``OSError``.

    Without ``header`` the columns of a CSV file are called 1, 2, 3 …
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".parquet"):
        yield from _parquet(path)
        return
    with _opened(path) as file:
        try:
            if name.endswith((".geojson", ".json")):
                yield from _features(file)
            else:
                yield from _csv(file, header)
        except UnicodeDecodeError as error:
            raise BadFile(_("The file is not UTF-8 text: save it as UTF-8 first.")) from error
        except (gzip.BadGzipFile, EOFError, csv.Error) as error:
            raise BadFile(str(error)) from error


def _opened(path: Path) -> TextIO:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _csv(file: TextIO, header: bool) -> Iterator[FileRow]:
    rows = csv.reader(file)
    first = next(rows, None)
    if first is None:
        return
    names = first if header else [str(number) for number in range(1, len(first) + 1)]
    start = 2 if header else 1
    for number, row in enumerate(rows if header else chain([first], rows), start=start):
        columns = dict(zip(names, row, strict=False))
        yield FileRow(number, columns, _point(columns))


def _point(columns: dict[str, Any]) -> dict[str, Any] | None:
    small = {name.strip().lower(): value for name, value in columns.items()}
    for long in _LONG:
        for lat in _LAT:
            try:
                place = [float(small[long]), float(small[lat])]
            except (KeyError, TypeError, ValueError):
                continue
            return {"type": "Point", "coordinates": place}
    return None


def _parquet(path: Path) -> Iterator[FileRow]:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise BadFile(
            _("Reading Parquet needs the package pyarrow; or save the file as CSV.")
        ) from error
    number = 0
    for batch in parquet.ParquetFile(path).iter_batches(batch_size=10_000):
        for columns in batch.to_pylist():
            number += 1
            yield FileRow(number, columns, _point(columns))


def _features(file: TextIO) -> Iterator[FileRow]:
    """Yield the features of a FeatureCollection without holding the file."""
    for number, feature in enumerate(_elements(file), start=1):
        if not isinstance(feature, dict):
            raise BadFile(_("Feature %(number)s is no object.") % {"number": number})
        columns = feature.get("properties") or {}
        geometry = feature.get("geometry")
        if not isinstance(columns, dict) or not isinstance(geometry, dict | None):
            raise BadFile(_("Feature %(number)s is no GeoJSON feature.") % {"number": number})
        yield FileRow(number, columns, geometry)


def _elements(file: TextIO) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    text = _after_features(file)
    at = 0
    while True:
        at = _skip(text, at)
        if at < len(text) and text[at] == "]":
            return
        try:
            element, at = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            piece = file.read(max(_PIECE, len(text) - at))
            if not piece or len(text) - at > _LARGEST_FEATURE:
                raise BadFile(_("The file ends or breaks in the middle of a feature.")) from error
            text, at = text[at:] + piece, 0
            continue
        yield element
        if at > _PIECE:
            text, at = text[at:], 0


def _after_features(file: TextIO) -> str:
    text = ""
    while True:
        piece = file.read(_PIECE)
        text += piece
        at = text.find('"features"')
        if at >= 0 and "[" in text[at:]:
            return text[text.index("[", at) + 1 :]
        if not piece or len(text) > _LARGEST_FEATURE:
            raise BadFile(_("There are no features: is this a GeoJSON FeatureCollection?"))


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at
