"""Every message catalog keeps to its source: whole, in the right forms, with its placeholders.

Only the ``.po`` files are read; no database, nothing compiled. A language that is being
translated may have gaps; one named in ``COMPLETE`` may not.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from gettext import c2py
from pathlib import Path

import polib
import pytest
from django.utils import dateformat

import lamppost

COMPLETE = {"ar", "es"}
LOCALES = Path(lamppost.__file__).parent / "locale"
CATALOGS = sorted(LOCALES.glob("*/LC_MESSAGES/*.po"))

# What a translation must carry over as it is: Python's and scripts' placeholders, HTML.
_KEPT = re.compile(
    r"%\([^)]+\)[-+ #0-9.]*[a-z%]"  # %(name)s, %(lat).4f
    r"|%[-+#0-9.]*[sdfr]\b"  # %d
    r"|\{[a-z_0-9]*\}"  # {left}
    r"|</?[a-zA-Z][^<>]*>"  # <bdi>
    r"|&\#?\w+;"  # &nbsp;
)
# Django's letters for the same part of a date, long or short.
_DATE_PARTS = dict.fromkeys("Dl", "weekday") | dict.fromkeys("bEFMmNn", "month")
_DATE_PARTS |= dict.fromkeys("dj", "day") | dict.fromkeys("yY", "year")
# How many numbers are tried to learn what a plural form stands for.
_NUMBERS = 1000


def _id(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.stem}"


@cache
def _catalog(path: Path) -> polib.POFile:
    return polib.pofile(str(path))


def _entries(path: Path) -> list[polib.POEntry]:
    return [entry for entry in _catalog(path) if not entry.obsolete]


def _language(path: Path) -> str:
    return path.parent.parent.name


def kept(text: str) -> Counter[str]:
    """Return what in ``text`` must be in its translation, as often as it is there."""
    return Counter(_KEPT.findall(text))


def _plural_rule(path: Path) -> tuple[int, str]:
    rule = _catalog(path).metadata["Plural-Forms"]
    found = re.fullmatch(r"\s*nplurals=(\d+);\s*plural=(.+?);?\s*", rule, re.DOTALL)
    assert found, f"{path}: {rule!r} is not a plural rule"
    return int(found[1]), found[2]


def numbers_of_forms(path: Path) -> dict[int, set[int]]:
    """Return for each plural form the numbers up to 1000 it is used for."""
    count, rule = _plural_rule(path)
    form_of = c2py(rule)
    forms: dict[int, set[int]] = {form: set() for form in range(count)}
    for number in range(_NUMBERS):
        forms[form_of(number)].add(number)
    return forms


def _fits(entry: polib.POEntry, text: str, *, is_one_number: bool) -> bool:
    """Whether ``text`` keeps what ``entry`` has; "one case" need not repeat its number."""
    there, wanted = kept(text), kept(entry.msgid_plural or entry.msgid)
    if there == wanted or (is_one_number and there == kept(entry.msgid)):
        return True
    return is_one_number and not there - wanted and sum((wanted - there).values()) == 1


def _badly_kept(path: Path) -> list[str]:
    forms = numbers_of_forms(path)
    bad = []
    for entry in _entries(path):
        if not entry.translated():
            continue
        said = entry.msgstr_plural or {0: entry.msgstr}
        for form, text in said.items():
            is_one = bool(entry.msgid_plural) and len(forms.get(form, ())) == 1
            if not _fits(entry, text, is_one_number=is_one):
                bad.append(f"{entry.msgid!r} → {text!r}")
    return bad


def _edges(text: str) -> tuple[bool, bool]:
    return text.startswith("\n"), text.endswith("\n")


def test_there_are_catalogs() -> None:
    assert {_language(path) for path in CATALOGS} >= COMPLETE


@pytest.mark.parametrize("path", CATALOGS, ids=_id)
def test_header_names_the_language(path: Path) -> None:
    catalog = _catalog(path)
    assert catalog.metadata["Language"].replace("_", "-") == _language(path).replace("_", "-")
    assert not catalog.metadata_is_fuzzy
    assert "UTF-8" in catalog.metadata["Content-Type"]


@pytest.mark.parametrize("path", CATALOGS, ids=_id)
def test_nothing_is_fuzzy(path: Path) -> None:
    assert [entry.msgid for entry in _entries(path) if entry.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGS, ids=_id)
def test_placeholders_and_tags_are_kept(path: Path) -> None:
    assert _badly_kept(path) == []


@pytest.mark.parametrize("path", CATALOGS, ids=_id)
def test_plurals_have_every_form(path: Path) -> None:
    count, _ = _plural_rule(path)
    wrong = []
    for entry in _entries(path):
        said = entry.msgstr_plural
        if any(said.values()) and (set(said) != set(range(count)) or not all(said.values())):
            wrong.append(f"{entry.msgid!r}: {said}")
    assert wrong == []


@pytest.mark.parametrize("path", CATALOGS, ids=_id)
def test_lines_and_spaces_at_the_edges_are_kept(path: Path) -> None:
    wrong = [
        entry.msgid
        for entry in _entries(path)
        for text in (entry.msgstr_plural or {0: entry.msgstr}).values()
        if text and _edges(text) != _edges(entry.msgid)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", CATALOGS, ids=_id)
def test_date_formats_hold_the_same_parts(path: Path) -> None:
    """Letters of a date format are no words: their order and length may change, not the parts."""
    wrong = [
        f"{entry.msgid!r} → {entry.msgstr!r}"
        for entry in _entries(path)
        if (entry.msgctxt or "").startswith("format of a date")
        and entry.msgstr
        and _date_parts(entry.msgid) != _date_parts(entry.msgstr)
    ]
    assert wrong == []


def _date_parts(form: str) -> list[str]:
    return sorted(_DATE_PARTS.get(one, one) for one in dateformat.re_formatchars.findall(form))


@pytest.mark.parametrize("language", sorted(COMPLETE))
def test_finished_languages_have_no_gaps(language: str) -> None:
    catalogs = [path for path in CATALOGS if _language(path) == language]
    assert catalogs
    gaps = [entry.msgid for path in catalogs for entry in _entries(path) if not entry.translated()]
    assert gaps == []
