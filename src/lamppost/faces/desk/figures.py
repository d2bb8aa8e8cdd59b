"""Figures as the desk shows them: in words, in their unit, with their definition at hand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from lamppost.catalog.choices import Channel
from lamppost.faces.desk.frame import localized
from lamppost.insight.choices import GroupKind
from lamppost.insight.figures import Figure
from lamppost.insight.glossary import GLOSSARY, Measure, entries
from lamppost.insight.wording import NOTHING, in_words
from lamppost.kernel.spreadsheet import safe_cell

__all__ = [
    "NOTHING",
    "ShownFigure",
    "Table",
    "as_csv",
    "glossary_of",
    "group_name",
    "in_words",
    "shown",
    "table_of",
]


@dataclass(frozen=True)
class ShownFigure:
    """One figure ready to draw. ``anchor`` leads to its definition on the same page."""

    name: str | Promise
    value: str
    n: int | None
    anchor: str


@dataclass(frozen=True)
class Table:
    """A table of figures: a heading column and one column per measure."""

    label: str
    heading: str
    measures: Sequence[Measure]
    rows: Sequence[tuple[str, str, Sequence[ShownFigure]]]
    """What each row is called, where it leads (or ''), and its figures."""


def shown(figure: Figure) -> ShownFigure:
    """Return a figure in words."""
    measure = GLOSSARY[figure.measure]
    return ShownFigure(
        measure.name, in_words(figure.value, measure.unit), figure.n, f"m-{measure.code}"
    )


def group_name(figure: Figure) -> str:
    """Return what a figure's group is called in the language of the page."""
    if figure.group_kind is GroupKind.CHANNEL:
        return str(Channel(figure.group_code).label)
    if figure.group_kind is GroupKind.LANGUAGE:
        return _language(figure.group_code)
    name = localized(figure.group_name)
    if figure.group_kind is GroupKind.AREA and name and name != figure.group_code:
        return name
    return name or figure.group_code


def table_of(label: str, heading: str, figures: Iterable[Figure]) -> Table | None:
    """Return a table with a row for each group of ``figures``, or None when there are none."""
    groups: dict[str, dict[str, Figure]] = {}
    for one in figures:
        groups.setdefault(one.group_code, {})[one.measure] = one
    if not groups:
        return None
    codes = list(dict.fromkeys(code for found in groups.values() for code in found))
    rows = []
    for found in groups.values():
        cells = [shown(found.get(code) or Figure(code, None)) for code in codes]
        rows.append((group_name(next(iter(found.values()))), "", cells))
    return Table(label, heading, [GLOSSARY[code] for code in codes], rows)


def glossary_of(codes: Iterable[str]) -> list[dict[str, Any]]:
    """Return the definitions of the measures on a page, each once."""
    return [
        {"anchor": f"m-{one.code}", "name": one.name, "formula": one.formula, "source": one.source}
        for one in entries(list(codes))
    ]


def as_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return a table as a file to download. Numbers are written plainly, with a point."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response)
    writer.writerow(header)
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
    return response


def _language(code: str) -> str:
    if not code:
        return _("Not stated")
    try:
        info = get_language_info(code)
    except KeyError:
        return code
    return str(info["name_translated"])
