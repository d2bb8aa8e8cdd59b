"""Cells of a table that somebody opens in a spreadsheet."""

from __future__ import annotations


def safe_cell(value: object) -> object:
    """Return a cell of a CSV file: '' for None; a text that a spreadsheet would run is quoted."""
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return value
