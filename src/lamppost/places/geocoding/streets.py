"""Which street a few words name, with or without its direction, its kind and its spelling. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.places.geocoding.grammar import Grammar
from lamppost.places.geocoding.index import StreetIndex
from lamppost.places.geocoding.parser import Words
from lamppost.places.geocoding.words import StreetName, street_name

_LONGEST_NAME = 8
_SHORTEST_BEGINNING = 5
# What each difference from the name as typed takes off the score.
_DIRECTION_MISSING, _DIRECTION_EXTRA, _DIRECTION_WRONG = 0.05, 0.06, 0.15
_KIND_MISSING, _KIND_EXTRA, _KIND_WRONG = 0.03, 0.05, 0.1
_AFTER_DIFFERS, _WORD_DROPPED, _MOST_DROPPED = 0.06, 0.02, 0.1
_SLIP, _BEGINNING, _ALIAS = 0.07, 0.1, 0.02


@dataclass(frozen=True, slots=True)
class Candidate:
    """A street the words may mean; for an alias, only between two numbers (0: any)."""

    street: int
    score: float
    low: int = 0
    high: int = 0


def find_streets(index: StreetIndex, words: Words, *, spelling: bool = True) -> list[Candidate]:
    """Return the streets ``words`` may name, best first; what follows the name may be anything.

    With ``spelling``, where no street is named so, those whose names are alike.
    """
    words = words[:_LONGEST_NAME]
    found: dict[tuple[int, int, int], Candidate] = {}
    for count in range(len(words), 0, -1):
        dropped = min((len(words) - count) * _WORD_DROPPED, _MOST_DROPPED)
        name = street_name(words[:count], index.grammar)
        candidates = _named(index, name, 1 - dropped)
        for one in candidates:
            _keep(found, one)
        if candidates:
            break
    if spelling and not found and not words[0].isdigit():
        for one in _alike(index, street_name(_up_to_kind(words, index.grammar), index.grammar)):
            _keep(found, one)
    return sorted(found.values(), key=lambda one: -one.score)


def _keep(found: dict[tuple[int, int, int], Candidate], one: Candidate) -> None:
    key = (one.street, one.low, one.high)
    if key not in found or found[key].score < one.score:
        found[key] = one


def _named(index: StreetIndex, name: StreetName, score: float) -> list[Candidate]:
    """Return the streets of that base name, and those also called so."""
    named = [
        Candidate(street, score - _difference(name, index.names[street]))
        for street in index.bases(name.key)
    ]
    aliased = [
        Candidate(
            alias.street, score - _ALIAS - _difference(name, alias.name), alias.low, alias.high
        )
        for alias in index.aliased(name.key)
    ]
    return named + aliased


def _difference(typed: StreetName, name: StreetName) -> float:
    """Return what the direction and the kind of a street take off the score."""
    lost = 0.0
    if typed.before != name.before:
        lost += (
            _DIRECTION_MISSING
            if not typed.before
            # "Broad St N" is how some write "N Broad St".
            else _DIRECTION_EXTRA
            if not name.before
            else _DIRECTION_WRONG
        )
        if not typed.before and typed.after and typed.after == name.before:
            return 0.0 if typed.kind == name.kind else _KIND_WRONG
    if typed.kind != name.kind:
        lost += _KIND_MISSING if not typed.kind else _KIND_EXTRA if not name.kind else _KIND_WRONG
    if typed.after != name.after:
        lost += _AFTER_DIFFERS
    return lost


def _up_to_kind(words: Words, grammar: Grammar) -> Words:
    for at in range(1, len(words)):
        if words[at] in grammar.types:
            return words[: at + 1]
    return words[:4]


def _alike(index: StreetIndex, typed: StreetName) -> list[Candidate]:
    """Return the streets whose base name begins with, or is spelled like, the one typed."""
    found: list[Candidate] = []
    key = typed.key
    for slips, base in index.speller.near(key):
        found += [
            Candidate(street, 1 - slips * _SLIP - _difference(typed, index.names[street]))
            for street in index.bases(base)
        ]
    if len(key) >= _SHORTEST_BEGINNING:
        found += [
            Candidate(street, 1 - _BEGINNING - _difference(typed, index.names[street]))
            for base in index.bases_beginning(key)
            for street in index.bases(base)
        ]
    return found
