"""What somebody who is still typing may mean. Pure.

A sorted list of every way a street's name may begin is cut in half until the letters typed
are found: no query, well under a millisecond of work for each key pressed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

from lamppost.places.geocoding.grammar import NUMBER_FIRST, NUMBER_LAST
from lamppost.places.geocoding.index import StreetIndex
from lamppost.places.geocoding.matches import Match
from lamppost.places.geocoding.parser import Words, house_number
from lamppost.places.geocoding.placing import place_number
from lamppost.places.geocoding.search import (
    address_match,
    corner_match,
    find_places,
    landmark_match,
    street_match,
)
from lamppost.places.geocoding.words import BREAK, split_words, street_name

_SHORTEST = 2
# Streets looked at before choosing: one letter may begin hundreds of names.
_MOST_STREETS = 60
_MOST_LANDMARKS = 3
_STREET_SCORE, _NUMBER_SCORE, _CORNER_SCORE, _LANDMARK_SCORE = 0.5, 0.9, 0.8, 0.6
# Each place down the list takes a little off, so that a face may keep the order by score.
_NEXT = 0.01


class Suggestions:
    """Completes what is typed from the streets, corners and landmarks of an index."""

    def __init__(self, index: StreetIndex) -> None:
        """Prepare the beginnings of every name."""
        self._index = index
        self._beginnings: list[tuple[str, int]] = sorted(
            (beginning, street)
            for street in range(len(index.names))
            for beginning in self._beginnings_of(street)
        )

    def _beginnings_of(self, street: int) -> set[str]:
        """Return the ways people begin a street's name: with its direction, at any word."""
        name = self._index.names[street]
        base = name.base.split()
        found = {" ".join([*base[at:], name.kind, name.after]).strip() for at in range(len(base))}
        found.add(name.full)
        if name.kind:
            found.add(" ".join(filter(None, (name.before, name.kind, name.base))))
        return found

    def suggest(self, text: str, limit: int) -> tuple[Match, ...]:
        """Return up to ``limit`` places that ``text`` may become, the likeliest first."""
        words = tuple(word for word in split_words(text) if word != BREAK)
        if len("".join(words)) < _SHORTEST:
            return ()
        kept: dict[str, Match] = {}
        for match in islice(self._found(words), limit * 2):
            kept.setdefault(match.label, match)
        ranked = sorted(kept.values(), key=lambda match: -match.score)[:limit]
        return tuple(ranked) or find_places(self._index, text, limit=limit)

    def _found(self, words: Words) -> Iterator[Match]:
        yield from self._corners(words)
        yield from self._numbered(words)
        streets = list(islice(self._streets(words), _MOST_LANDMARKS * 2))
        for place, street in enumerate(streets):
            match = street_match(self._index, street, _STREET_SCORE - place * _NEXT)
            if match is not None:
                yield match
        few = 0.2 if streets else 0.0
        landmarks = islice(self._index.landmarks.beginning(words), _MOST_LANDMARKS)
        for place, number in enumerate(landmarks):
            yield landmark_match(self._index, number, _LANDMARK_SCORE - few - place * _NEXT)

    def _numbered(self, words: Words) -> Iterator[Match]:
        order = self._index.grammar.order
        if order != NUMBER_LAST and len(words) > 1:
            yield from self._with_number(words[0], words[1:])
        if order != NUMBER_FIRST and len(words) > 1:
            yield from self._with_number(words[-1], words[:-1])

    def _with_number(self, typed: str, words: Words) -> Iterator[Match]:
        number = house_number(typed, self._index.grammar)
        if number is None:
            return
        missed: list[Match] = []
        place = 0
        for street in self._streets(words):
            placed = place_number(self._index, street, *number)
            if placed is None:
                continue
            score = _NUMBER_SCORE - place * _NEXT - (0.3 if placed.missed_by else 0.0)
            match = address_match(self._index, street, placed, score)
            place += 1
            if placed.missed_by:
                missed.append(match)
            else:
                yield match
        yield from missed

    def _corners(self, words: Words) -> Iterator[Match]:
        joiners = self._index.grammar.joiners
        for at in range(1, len(words)):
            if words[at] not in joiners:
                continue
            others = set(self._beginning(words[at + 1 :])) if at + 1 < len(words) else None
            place = 0
            for street in islice(self._streets(words[:at]), _MOST_LANDMARKS * 2):
                for far, there in self._index.crossings_of(street):
                    if others is None or far in others:
                        score = _CORNER_SCORE - place * _NEXT
                        yield corner_match(self._index, street, far, there, score)
                        place += 1

    def _streets(self, words: Words) -> Iterator[int]:
        """Yield streets whose name may begin with ``words``, those with most blocks first."""
        found = islice(self._beginning(words), _MOST_STREETS)
        yield from sorted(found, key=lambda street: (-len(self._index.segments_of(street)), street))

    def _beginning(self, words: Words) -> Iterator[int]:
        """Yield each street one of whose beginnings the words are, once."""
        seen: set[int] = set()
        for start in self._starts(words):
            at = bisect_left(self._beginnings, (start, -1))
            while at < len(self._beginnings) and self._beginnings[at][0].startswith(start):
                street = self._beginnings[at][1]
                if street not in seen:
                    seen.add(street)
                    yield street
                at += 1

    def _starts(self, words: Words) -> list[str]:
        """Return the words in standard form, with the last one finished and not.

        "5th str" is on the way to "5th street", "saint al" to "Saint Albans".
        """
        grammar = self._index.grammar
        finished = street_name(words, grammar).full
        before = street_name(words[:-1], grammar).full if len(words) > 1 else ""
        directed = words[0] in grammar.directions and len(words) == 2
        if directed:
            before = grammar.directions[words[0]]
        starts = [f"{before} {words[-1]}".strip(), finished]
        for standard in (grammar.types.get(words[-1]),):
            if standard and before:
                starts.append(f"{before} {standard}")
        starts += [
            f"{before} {kind}"
            for word, kind in sorted(grammar.types.items())
            if before and len(words[-1]) > 1 and word.startswith(words[-1]) and word != kind
        ]
        return list(dict.fromkeys(starts))
