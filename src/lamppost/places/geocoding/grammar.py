"""How a country writes its addresses: words and order, read from data, not from code.

The files lie in ``formats/addresses``, named for the country's two letters; a file may say
``same_as`` another, and ``international.yaml`` serves every country without one. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from lamppost.kernel.shipped import shipped
from lamppost.kernel.text import fold

NUMBER_FIRST, NUMBER_LAST, EITHER = "number-first", "number-last", "either"
FIRST, LAST = "first", "last"
_COUNTRY = re.compile(r"[a-z]{2}")
_FALLBACK = "international"
_DEFAULT_SETBACK_M = 12.0


@dataclass(frozen=True, slots=True)
class Grammar:
    """The words of addresses in one country, all folded; each maps to its standard form."""

    order: str = NUMBER_FIRST
    type_position: str = LAST
    postcode: re.Pattern[str] | None = None
    joiner: str = "&"
    types: Mapping[str, str] = field(default_factory=dict)
    endings: tuple[tuple[str, str], ...] = ()
    directions: Mapping[str, str] = field(default_factory=dict)
    phrases: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    ordinal_suffixes: Mapping[str, str] = field(default_factory=dict)
    tens: Mapping[str, int] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    bare_units: frozenset[str] = frozenset()
    slash_unit: bool = False
    block: frozenset[str] = frozenset()
    joiners: frozenset[str] = frozenset()
    between: frozenset[str] = frozenset()
    between_joiners: frozenset[str] = frozenset()
    corner: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    filler: frozenset[str] = frozenset()
    capitals: tuple[str, ...] = ()
    setback_m: float = _DEFAULT_SETBACK_M
    usual_places: tuple[tuple[float, float], ...] = ()

    def ordinal(self, number: int) -> str:
        """Return ``number`` as an ordinal, ``"5th"``, or its digits where none are used."""
        if not self.ordinal_suffixes:
            return str(number)
        teens = self.ordinal_suffixes.get(str(number % 100))
        ones = self.ordinal_suffixes.get(str(number % 10))
        return f"{number}{teens or ones or self.ordinal_suffixes.get('other', '')}"


def grammar_of(country: str) -> Grammar:
    """Return the grammar of a country by its ISO 3166 letters, or the international one.

    Raises ``ValueError`` naming the file when a file contradicts itself.
    """
    code = country.strip().lower()
    return _shipped_grammar(code if _COUNTRY.fullmatch(code) else _FALLBACK)


@lru_cache(maxsize=64)
def _shipped_grammar(name: str) -> Grammar:
    folder = shipped("formats") / "addresses"
    path = folder / f"{name}.yaml"
    if not path.is_file():
        path = folder / f"{_FALLBACK}.yaml"
    words = _read(path)
    if "same_as" in words:
        path = folder / f"{words['same_as']}.yaml"
        words = _read(path)
    try:
        return parse_grammar(words)
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    # Every word stays a text: "no" and "on" are words of addresses, not truth values.
    words = yaml.BaseLoader(path.read_text(encoding="utf-8")).get_single_data()
    if not isinstance(words, dict):
        raise ValueError(f"{path}: not a mapping of words")
    return words


def parse_grammar(words: Mapping[str, Any]) -> Grammar:
    """Return the grammar a file's content describes; raises ``ValueError`` when it cannot."""
    order = words.get("order", NUMBER_FIRST)
    position = words.get("type_position", LAST)
    if order not in (NUMBER_FIRST, NUMBER_LAST, EITHER):
        raise ValueError(f"order {order!r} is none of number-first, number-last, either")
    if position not in (FIRST, LAST, EITHER):
        raise ValueError(f"type_position {position!r} is none of first, last, either")
    ordinals = words.get("ordinals", {})
    suffixes = ordinals.get("suffixes", {})
    phrases = _phrases(words.get("words", {}))
    bare = Grammar(ordinal_suffixes=suffixes)
    for number, word in enumerate(ordinals.get("ones", []), start=1):
        phrases[(fold(word),)] = (bare.ordinal(number),)
    for word, number in ordinals.get("tens_alone", {}).items():
        phrases[(fold(word),)] = (bare.ordinal(int(number)),)
    postcode = words.get("postcode")
    return Grammar(
        order=order,
        type_position=position,
        postcode=re.compile(postcode) if postcode else None,
        joiner=words.get("joiner", "&"),
        types=_variants(words.get("types", {})),
        endings=tuple(
            (fold(variant), fold(standard))
            for standard, variants in words.get("endings", {}).items()
            for variant in variants
        ),
        directions=_variants(words.get("directions", {})),
        phrases=phrases,
        ordinal_suffixes=suffixes,
        tens={fold(word): int(number) for word, number in ordinals.get("tens", {}).items()},
        optional=_set(words, "optional"),
        units=_set(words, "units"),
        bare_units=_set(words, "bare_units"),
        slash_unit=words.get("slash_unit") == "yes",
        block=_set(words, "block"),
        joiners=_set(words, "joiners"),
        between=_set(words, "between"),
        between_joiners=_set(words, "between_joiners"),
        corner=_set(words, "corner"),
        near=_set(words, "near"),
        filler=_set(words, "filler"),
        capitals=tuple(fold(word) for word in words.get("capitals", [])),
        setback_m=float(words.get("setback_m", _DEFAULT_SETBACK_M)),
        usual_places=_places(words.get("usual_places", [])),
    )


def _set(words: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words.get(key, []))


def _variants(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for standard, variants in table.items():
        for word in (standard, *variants):
            found.setdefault(fold(word).strip("."), fold(standard))
    return found


def _phrases(table: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    return {
        tuple(fold(variant).strip(".").split()): tuple(fold(standard).split())
        for standard, variants in table.items()
        for variant in variants
    }


def _places(pairs: Sequence[Sequence[str]]) -> tuple[tuple[float, float], ...]:
    places = tuple((float(share), float(place)) for share, place in pairs)
    for (share, place), (next_share, next_place) in pairwise(places):
        if not (share < next_share and place <= next_place):
            raise ValueError("usual_places must grow")
    if places and (places[0][0] != 0 or places[-1][0] != 1):
        raise ValueError("usual_places must begin at 0 and end at 1")
    return places
