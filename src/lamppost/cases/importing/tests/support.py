"""Files to import, made up."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lamppost.cases.importing.mapping import ColumnMapping, parse_mapping

MAPPING = """
columns:
  number: id
  service_name: kind
  status: status
  note: note
  agency: agency
  description: text
  address: street
  requested_at: opened
  updated_at: changed
  closed_at: closed
  due_at: due
  lat: lat
  long: long
  duplicate_of: parent
  private: private
outcomes:
  duplicate: [duplicate]
  not_found: [unable to find]
"""
HEADER = (
    "id", "kind", "status", "note", "agency", "text", "street", "opened", "changed", "closed",
    "due", "lat", "long", "parent", "private",
)  # fmt: skip
FIRST_DAY = datetime(2025, 1, 6, 15, tzinfo=UTC)


def mapping(text: str = MAPPING, name: str = "test") -> ColumnMapping:
    """Return the mapping of the files made here."""
    return parse_mapping(text, name=name, source=f"{name}.yaml")


def row(number: int, **fields: str) -> dict[str, str]:
    """Return a row: every third is open, every fifth has no place, times in UTC."""
    opened = FIRST_DAY + timedelta(hours=number % 5000)
    closed = opened + timedelta(days=number % 9)
    is_open = number % 3 == 0
    plain = {
        "id": str(number),
        "kind": ("Pothole", "Street tree")[number % 2],
        "status": "Open" if is_open else "Closed",
        "note": "" if is_open else "Repaired",
        "agency": "Streets",
        "text": f"Number {number}: ñ 街 🕳",
        "street": f"{number % 900} Main St",
        "opened": opened.isoformat(),
        "changed": (opened if is_open else closed).isoformat(),
        "closed": "" if is_open else closed.isoformat(),
        "due": (opened + timedelta(days=5)).isoformat(),
        "lat": "" if number % 5 == 0 else f"{39.9 + number % 1000 / 10000:.5f}",
        "long": "" if number % 5 == 0 else f"{-75.2 + number % 977 / 10000:.5f}",
        "parent": "",
        "private": "",
    }
    return plain | fields


def write(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write a CSV file of such rows and return its path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path
