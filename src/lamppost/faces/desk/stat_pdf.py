"""The stat pack as a PDF that can be read aloud: tagged, with title and language (PDF/UA-1).

Typst sets it (docs/decisions/0002-dependencies.md): shaping and direction of Arabic, tables
with headers that repeat. The pack is handed over as data, never as markup, so that no text of
a person can become an instruction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.faces.desk.figures import ShownFigure, Table
from lamppost.faces.desk.frame import localized
from lamppost.faces.desk.stat_pack import Entered, Pack, Part
from lamppost.insight.models import ReviewAction

if TYPE_CHECKING:
    import typst

_SHEET = Path(__file__).with_name("stat_pack.typ")
# Fonts come as packages; a script none of them has is looked for among the machine's own.
_FONTS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")


def pdf_of(pack: Pack) -> bytes:
    """Return the pack as a PDF in the language of the page."""
    # Only here: a page a month needs it.
    import typst

    content = {"pack": json.dumps(_content(pack))}
    try:
        return typst.compile(
            _SHEET.read_bytes(),
            format="pdf",
            font_paths=_fonts(),
            sys_inputs=content,
            pdf_standards="ua-1",
        )
    except typst.TypstError:
        # A name in a script no font here has: still tagged, but not to the letter of PDF/UA.
        return typst.compile(
            _SHEET.read_bytes(), format="pdf", font_paths=_fonts(), sys_inputs=content
        )


@cache
def _fonts() -> typst.Fonts:
    import typst

    specs = (find_spec(name) for name in _FONTS)
    folders = [Path(str(spec.origin)).parent / "files" for spec in specs if spec is not None]
    return typst.Fonts(include_system_fonts=True, font_paths=folders)


def _content(pack: Pack) -> Mapping[str, Any]:
    period = pack.quarter.period
    as_of = date_format(localtime(pack.as_of), "DATETIME_FORMAT") if pack.as_of else ""
    return {
        "title": pack.title,
        "city": localized(city_in_scope().name),
        "language": (get_language() or "en").split("-")[0],
        "is_rtl": get_language_bidi(),
        "span": _("%(first)s to %(last)s")
        % {"first": date_format(period.first), "last": date_format(period.last)},
        "as_of": _as_of(pack, as_of),
        "follow_ups": [
            {"heading": heading, "items": [_action(one) for one in found]}
            for heading, found in pack.follow_ups
        ],
        "nothing_left": _("Nothing is left from earlier meetings."),
        "parts": [_part(part) for part in pack.parts],
        "definitions": [
            {"name": str(one["name"]), "formula": f"{one['formula']} ({one['source']})"}
            for one in pack.glossary
        ],
        "words": {
            "follow_ups": _("Decisions and follow-ups"),
            "definitions": _("What the figures mean"),
            "entered": [_("What"), _("Target"), _("Actual"), _("Remark"), _("Entered")],
            "figures": [_("Figure"), _("Value"), _("Of")],
            "page": _("Page"),
        },
    }


def _as_of(pack: Pack, moment: str) -> str:
    if not moment:
        return _("Nothing has been counted yet.")
    text = (
        _("As it stood when the meeting was held, %(moment)s")
        if pack.is_frozen
        else _("Counted up to %(moment)s")
    )
    return text % {"moment": moment}


def _part(part: Part) -> Mapping[str, Any]:
    return {
        "heading": str(part.section.label),
        "says": part.says,
        "figures": [[str(one.name), one.value, _of(one)] for one in part.figures],
        "tables": [_table(table) for table in part.tables],
        "entered": [_entered(one) for one in part.entered],
    }


def _table(table: Table) -> Mapping[str, Any]:
    return {
        "header": [table.heading, *(str(one.name) for one in table.measures)],
        "rows": [[name, *(one.value for one in cells)] for name, _url, cells in table.rows],
    }


def _entered(one: Entered) -> list[str]:
    by = f"{_apart(one.by)}, {date_format(localtime(one.at), 'SHORT_DATE_FORMAT')}"
    return [one.name, one.target, one.actual, one.note, by]


def _action(one: ReviewAction) -> Mapping[str, str]:
    until = _("until %(day)s") % {"day": date_format(one.due_on)}
    state = _("Closed") if one.done_at else _("Open")
    return {"text": one.text, "about": f"{_apart(str(one.owner))} · {until} · {state}"}


def _apart(name: str) -> str:
    """Keep the direction of a name from mixing with that of the line (Unicode isolates)."""
    return f"\u2068{name}\u2069"


def _of(one: ShownFigure) -> str:
    return "" if one.n is None else str(one.n)
