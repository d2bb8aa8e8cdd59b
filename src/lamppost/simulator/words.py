"""What people and departments write about simulated cases, from the pack's phrases."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from lamppost.simulator.profile import Phrases

ItemT = TypeVar("ItemT")

_SHARE_WITH_TAIL = 0.35
_SHARE_SILENT = 0.12


class Wheel(Generic[ItemT]):
    """A choice with unequal shares, of any scale, made ready to be drawn from often."""

    __slots__ = ("_items", "_marks")

    def __init__(self, shares: Mapping[ItemT, float]) -> None:
        self._items = tuple(shares)
        self._marks = tuple(accumulate(shares.values()))

    def draw(self, dice: Random) -> ItemT:
        """Return one of the items."""
        return self._items[bisect(self._marks, dice.random() * self._marks[-1])]


class Writer:
    """Draws descriptions and notes."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases
        self._languages = Wheel(phrases.languages)
        self.home_language = next(iter(phrases.languages))

    def description(self, service_code: str, dice: Random) -> tuple[str, str]:
        """Return (text, language) of a report; some say nothing beyond the service."""
        language = self._languages.draw(dice)
        said = self._phrases.descriptions.get(service_code, {})
        if language not in said:
            language = self.home_language
        if language not in said or dice.random() < _SHARE_SILENT:
            return "", language
        text = dice.choice(said[language])
        tails = self._phrases.tails.get(language, ())
        if tails and dice.random() < _SHARE_WITH_TAIL:
            text = f"{text} {dice.choice(tails).format(n=dice.randrange(2, 15))}"
        return text, language

    def note(self, outcome_code: str, dice: Random) -> str:
        """Return the department's closing sentence, in the city's own language."""
        return self._one(self._phrases.notes.get(outcome_code, {}), dice)

    def progress(self, dice: Random) -> str:
        """Return what a department says of a case it is still working on."""
        return self._one(self._phrases.progress, dice)

    def _one(self, said: Mapping[str, Sequence[str]], dice: Random) -> str:
        sentences = said.get(self.home_language, ())
        return dice.choice(sentences) if sentences else ""
