"""The known words nearest to a misspelled one. Pure.

Candidates share pairs of letters with what was typed; they are ranked by the number of single
slips between the two: a letter missing, added, wrong or swapped with its neighbor (optimal
string alignment distance, Damerau 1964).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

_MAX_WORD = 40


class Speller:
    """A vocabulary that can be asked for words like another."""

    def __init__(self, words: Sequence[str]) -> None:
        """Take the vocabulary, each word once."""
        self._words = words
        self._holding: dict[str, array[int]] = {}
        for number, word in enumerate(words):
            for pair in _pairs(word):
                self._holding.setdefault(pair, array("H" if len(words) < 65_536 else "I")).append(
                    number
                )

    def near(self, word: str, limit: int = 5) -> list[tuple[int, str]]:
        """Return up to ``limit`` pairs (slips, word), the nearest first.

        One slip is allowed in words of 4 letters, two from 6, three from 10.
        """
        allowed = _allowed(len(word))
        if not allowed or len(word) > _MAX_WORD:
            return []
        shared: Counter[int] = Counter()
        pairs = _pairs(word)
        for pair in pairs:
            shared.update(self._holding.get(pair, ()))
        # One slip spoils three pairs at most (a swap); who shares fewer is out of reach.
        enough = max(1, len(pairs) - 3 * allowed)
        found: list[tuple[int, str]] = []
        for number, count in shared.items():
            if count < enough:
                continue
            candidate = self._words[number]
            if abs(len(candidate) - len(word)) <= allowed:
                slips = distance(word, candidate, allowed)
                if slips <= allowed:
                    found.append((slips, candidate))
        # People get first letters right: among equals the one that begins alike.
        found.sort(key=lambda pair: (pair[0], pair[1][0] != word[0], pair[1]))
        return found[:limit]


def _allowed(letters: int) -> int:
    return 0 if letters < 4 else 1 if letters < 6 else 2 if letters < 10 else 3


def _pairs(word: str) -> set[str]:
    closed = f" {word} "
    return {closed[at : at + 2] for at in range(len(closed) - 1)}


def distance(one: str, other: str, limit: int) -> int:
    """Return the slips between two words, or ``limit + 1`` when there are more."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        last, row = row, [at]
        for place, wanted in enumerate(other, start=1):
            cost = letter != wanted
            best = min(last[place] + 1, row[place - 1] + 1, last[place - 1] + cost)
            swapped = at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == wanted
            if swapped:
                best = min(best, before[place - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
        before = last
    return min(row[-1], limit + 1)
