"""The known words nearest to a misspelled one. Pure.

Candidates share pairs of letters with what was typed; they are ranked by the number of single
slips between the two: a letter missing, added, wrong or swapped with its neighbor (optimal
string alignment distance, Damerau 1964).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from heapq import nlargest

_MAX_WORD = 40
_CANDIDATES = 24
_REMEMBERED = 512


class Speller:
    """A vocabulary that can be asked for words like another."""

    def __init__(self, words: Sequence[str]) -> None:
        """Take the vocabulary, each word once."""
        # One text asks for the same word in several readings, and so does each next letter.
        self._near = lru_cache(maxsize=_REMEMBERED)(self._search)
        self._words = words
        self._holding: dict[str, array[int]] = {}
        for number, word in enumerate(words):
            for pair in _pairs(word):
                self._holding.setdefault(pair, array("H" if len(words) < 65_536 else "I")).append(
                    number
                )

    def near(self, word: str, limit: int = 5) -> list[tuple[int, str]]:
        """Return up to ``limit`` pairs (slips, word), the nearest first.

        One slip is allowed in words of 4 letters, two from 6, three from 12.
        """
        return self._near(word)[:limit]

    def _search(self, word: str) -> list[tuple[int, str]]:
        allowed = _allowed(len(word))
        if not allowed or len(word) > _MAX_WORD:
            return []
        shared: Counter[int] = Counter()
        pairs = _pairs(word)
        for pair in pairs:
            shared.update(self._holding.get(pair, ()))
        # One slip spoils three pairs at most (a swap); who shares fewer is out of reach.
        enough = max(1, len(pairs) - 3 * allowed)
        within = range(len(word) - allowed, len(word) + allowed + 1)
        likely = nlargest(
            _CANDIDATES,
            (
                (count, number)
                for number, count in shared.items()
                if count >= enough and len(self._words[number]) in within
            ),
        )
        found: list[tuple[int, str]] = []
        for _count, number in likely:
            candidate = self._words[number]
            slips = distance(word, candidate, allowed)
            if slips <= allowed:
                found.append((slips, candidate))
        # People get first letters right: among equals the one that begins alike.
        found.sort(key=lambda pair: (pair[0], pair[1][0] != word[0], pair[1]))
        return found


def _allowed(letters: int) -> int:
    return 0 if letters < 4 else 1 if letters < 6 else 2 if letters < 12 else 3


def _pairs(word: str) -> set[str]:
    closed = f" {word} "
    return {closed[at : at + 2] for at in range(len(closed) - 1)}


def distance(one: str, other: str, limit: int) -> int:
    """Return the slips between two words, or ``limit + 1`` when there are more."""
    start, end = 0, 0
    shortest = min(len(one), len(other))
    while start < shortest and one[start] == other[start]:
        start += 1
    while end < shortest - start and one[-1 - end] == other[-1 - end]:
        end += 1
    one, other = one[start : len(one) - end], other[start : len(other) - end]
    if not one or not other:
        return min(len(one) + len(other), limit + 1)
    return _aligned(one, other, limit)


def _aligned(one: str, other: str, limit: int) -> int:
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        last, row = row, [at]
        for place, wanted in enumerate(other, start=1):
            if letter == wanted:
                best = last[place - 1]
            else:
                best = 1 + min(last[place], row[-1], last[place - 1])
                if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == wanted:
                    best = min(best, before[place - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
        before = last
    return min(row[-1], limit + 1)
