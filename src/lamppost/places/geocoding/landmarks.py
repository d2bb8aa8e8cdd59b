"""Places people know by name, found by their words. Pure."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from lamppost.places.geocoding.rows import LandmarkRow
from lamppost.places.geocoding.speller import Speller
from lamppost.places.geocoding.words import BREAK, split_words


class Landmarks:
    """The landmarks of one city; each is known here by its number."""

    def __init__(self, rows: Iterable[LandmarkRow], *, small: frozenset[str]) -> None:
        """Take the landmarks in any order, and the small words that tell none from another."""
        self._small = small | {BREAK}
        self.names: list[str] = []
        self.addresses: list[str] = []
        self._places = array("i")
        holding: dict[str, array[int]] = {}
        for number, row in enumerate(rows):
            self.names.append(row.name)
            self.addresses.append(row.address)
            self._places.extend((row.x, row.y))
            for word in self._words(split_words(row.name)):
                holding.setdefault(word, array("I")).append(number)
        self._vocabulary = sorted(holding)
        self._holding = [holding[word] for word in self._vocabulary]
        self._sizes = array("B", (min(255, len(self._words(split_words(n)))) for n in self.names))
        self._speller = Speller(self._vocabulary)

    def place(self, number: int) -> tuple[int, int]:
        """Return where a landmark is, in millionths of a degree."""
        x, y = self._places[number * 2 : number * 2 + 2]
        return x, y

    def named(self, words: tuple[str, ...], *, spelling: bool = True) -> list[tuple[float, int]]:
        """Return (score, landmark) of those whose name ``words`` give, best first.

        Every word typed must be in the name, with ``spelling`` misspelled at most; the score
        falls with words of the name that were not typed. 1.0 is the whole name.
        """
        typed = self._words(words)
        if not typed:
            return []
        slips = 0
        found: set[int] | None = None
        for word in typed:
            holders = self._exactly(word)
            if not holders:
                near = self._speller.near(word, 1) if spelling else []
                if not near:
                    return []
                slips += near[0][0]
                holders = self._exactly(near[0][1])
            found = holders if found is None else found & holders
        scored = [
            (max(0.0, 0.5 + 0.5 * len(typed) / self._sizes[number] - 0.1 * slips), number)
            for number in found or ()
        ]
        scored.sort(key=lambda pair: (-pair[0], self.names[pair[1]]))
        return scored

    def beginning(self, words: tuple[str, ...]) -> Iterator[int]:
        """Yield landmarks that have words beginning with each of ``words``, short names first."""
        typed = self._words(words)
        if not typed:
            return
        found: set[int] | None = None
        for word in sorted(typed, key=len, reverse=True):
            holders = self._prefixed(word)
            found = holders if found is None else found & holders
            if not found:
                return
        yield from sorted(found or (), key=lambda n: (self._sizes[n], self.names[n]))

    def _exactly(self, word: str) -> set[int]:
        at = bisect_left(self._vocabulary, word)
        if at < len(self._vocabulary) and self._vocabulary[at] == word:
            return set(self._holding[at])
        return set()

    def _prefixed(self, word: str) -> set[int]:
        found: set[int] = set()
        at = bisect_left(self._vocabulary, word)
        while at < len(self._vocabulary) and self._vocabulary[at].startswith(word):
            found.update(self._holding[at])
            at += 1
        return found

    def _words(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(word for word in words if word not in self._small)) or words
