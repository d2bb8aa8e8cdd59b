"""All words of all phrases, and what a word somebody typed can be of them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lamppost.catalog.danger.hits import Hit
from lamppost.catalog.danger.spelling import (
    Sentences,
    Word,
    deletions,
    forms_of,
    is_one_apart,
    loose,
    sounded,
    word_of,
    words_in,
)
from lamppost.catalog.danger.words import WordList

# A shorter word has too many neighbors one letter away that mean something else.
_SHORTEST_FORGIVEN = 6
# Of a longer run of letters (a script without spaces, or somebody trying us out) only this much
# is compared with words: what is compared grows with the cube of it.
_LONGEST_WORD = 40
_SHORTEST_LOOSE = 4
_SHORTEST_SOUND = 4
_MOST_KNOWN_WORDS = 50_000
# How much further apart two words stand when a sentence ends between them.
SENTENCE_GAP = 3

# Words one error away from a spelling, as they are right, and the patterns they stand for.
_Forgiven: TypeAlias = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a word of a text can be: patterns, phrases it is already, patterns of first words."""

    ids: frozenset[int]
    whole: tuple[int, ...]
    openings: tuple[int, ...]


_UNKNOWN = _Known(frozenset(), (), ())


class Vocabulary:
    """All words of all phrases, found by the words of a text."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}
        self._list_of: list[str] = []
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._accented: dict[str, list[int]] = defaultdict(list)
        self._unaccented: dict[str, list[int]] = defaultdict(list)
        self._front: dict[str, list[int]] = defaultdict(list)
        self._inside: list[tuple[str, int]] = []
        self._end: list[tuple[str, int]] = []
        self._loose: dict[str, list[int]] = defaultdict(list)
        self._loose_front: dict[str, list[int]] = defaultdict(list)
        self._sounded: dict[str, list[int]] = defaultdict(list)
        self._sounded_front: dict[str, list[int]] = defaultdict(list)
        # Tuples of mostly one: a set for each spelling took four times the memory.
        self._forgiven: dict[str, _Forgiven] = {}
        self._forgiven_front: dict[str, _Forgiven] = {}
        self._right: set[str] = set()
        self._single: dict[int, list[int]] = defaultdict(list)
        self._pairs: dict[int, dict[int, list[tuple[tuple[int, ...], int]]]] = {}
        self._known: dict[str, _Known] = {}

    def learn(self, words: WordList, phrase: tuple[str, ...], number: int) -> None:
        """Find ``phrase`` from now on, as ``number``."""
        self._right |= words.right_words
        ids = tuple(self._id(words, one) for one in phrase)
        if len(ids) == 1:
            self._single[ids[0]].append(number)
        else:
            seconds = self._pairs.setdefault(ids[0], {})
            seconds.setdefault(ids[1], []).append((ids[2:], number))

    def close(self) -> None:
        """Learn no more: what only that needs is given back."""
        self._ids.clear()

    def find(
        self, text: str, sentences: Sentences, names: tuple[tuple[str, ...], ...]
    ) -> dict[int, list[Hit]]:
        """Return where in ``text`` each phrase is, without the words of local ``names``."""
        spans = words_in(text)
        words = [self._of(text[start:end]) for start, end in spans]
        if names:
            for at in _hidden(names, [word_of(text[start:end]).bare for start, end in spans]):
                words[at] = _UNKNOWN
        hits: dict[int, list[Hit]] = {}
        words.append(_UNKNOWN)
        for at, (start, end) in enumerate(spans):
            word = words[at]
            for number in word.whole:
                self._hit(hits, number, at, start, end, sentences)
            if word.openings and words[at + 1].ids:
                for number, length in self._longer(words, at):
                    self._hit(hits, number, at, start, spans[at + length - 1][1], sentences)
        return hits

    @staticmethod
    def _hit(
        hits: dict[int, list[Hit]],
        number: int,
        at: int,
        start: int,
        end: int,
        sentences: Sentences,
    ) -> None:
        sentence = sentences.number(start)
        # Sentences stand further apart than words do.
        hit = Hit(at + SENTENCE_GAP * sentence, sentence, start, end)
        if number in hits:
            hits[number].append(hit)
        else:
            hits[number] = [hit]

    def _longer(self, words: list[_Known], at: int) -> Iterable[tuple[int, int]]:
        after = words[at + 1].ids
        for one in words[at].openings:
            seconds = self._pairs[one]
            for second in after:
                for rest, number in seconds.get(second, ()):
                    if not rest or _goes_on(words, at + 2, rest):
                        yield number, 2 + len(rest)

    def _of(self, typed: str) -> _Known:
        found = self._known.get(typed)
        if found is None:
            if len(self._known) > _MOST_KNOWN_WORDS:
                self._known.clear()
            ids = tuple(sorted(set(self._look_up(word_of(typed[:_LONGEST_WORD])))))
            whole = {number for one in ids for number in self._single.get(one, ())}
            openings = tuple(one for one in ids if one in self._pairs)
            found = _Known(frozenset(ids), tuple(sorted(whole)), openings) if ids else _UNKNOWN
            self._known[typed] = found
        return found

    def _look_up(self, word: Word) -> Iterable[int]:
        yield from self._accented.get(word.plain, ())
        if word.is_unaccented:
            yield from self._unaccented.get(word.bare, ())
        known = set()
        for form in forms_of(word.bare):
            for one in self._written(form):
                known.add(self._list_of[one])
                yield one
        if word.bare not in self._right:
            # A word a list has as it stands is no error in that list's language.
            for one in self._with_an_error(word.bare):
                if self._list_of[one] not in known:
                    yield one
        if word.bare.isascii():
            yield from self._by_sound(word.bare)
            yield from self._by_ear(word.bare)

    def _written(self, form: str) -> Iterable[int]:
        yield from self._exact.get(form, ())
        for length in range(2, len(form) + 1):
            yield from self._front.get(form[:length], ())
        for piece, one in self._inside:
            if piece in form:
                yield one
        for piece, one in self._end:
            if form.endswith(piece):
                yield one

    def _by_ear(self, bare: str) -> Iterable[int]:
        if bare in self._right:
            return
        consonants = loose(bare)
        if len(consonants) < _SHORTEST_LOOSE:
            return
        # By ear one vowel is as good as another, but none is no vowel at the beginning.
        opening = _begins(bare)
        yield from self._loose.get(opening + consonants, ())
        for length in range(_SHORTEST_LOOSE, len(consonants) + 1):
            yield from self._loose_front.get(opening + consonants[:length], ())

    def _by_sound(self, bare: str) -> Iterable[int]:
        sound = sounded(bare)
        if len(sound) >= _SHORTEST_SOUND - 1:
            yield from self._sounded.get(sound, ())
        for length in range(_SHORTEST_SOUND, len(sound) + 1):
            yield from self._sounded_front.get(sound[:length], ())

    def _with_an_error(self, bare: str) -> Iterable[int]:
        if len(bare) < _SHORTEST_FORGIVEN - 1:
            return
        for typed, right, one in self._nearly(bare, self._forgiven):
            if is_one_apart(typed, right):
                yield one
        for length in range(_SHORTEST_FORGIVEN - 1, len(bare) + 1):
            for typed, right, one in self._nearly(bare[:length], self._forgiven_front):
                if is_one_apart(typed, right):
                    yield one

    @staticmethod
    def _nearly(typed: str, known: Mapping[str, _Forgiven]) -> Iterable[tuple[str, str, int]]:
        for spelling in (typed, *deletions(typed)):
            for right, one in known.get(spelling, ()):
                yield typed, right, one

    def _id(self, words: WordList, pattern: str) -> int:
        key = (words.code, pattern)
        if key in self._ids:
            return self._ids[key]
        one = self._ids[key] = len(self._ids)
        self._list_of.append(words.code)
        word = word_of(pattern.strip("*"))
        if pattern.startswith("*"):
            (self._inside if pattern.endswith("*") else self._end).append((word.bare, one))
        elif words.keeps_accents:
            self._accented[word.plain].append(one)
            self._unaccented[word.bare].append(one)
        elif words.is_loose and len(loose(word.bare)) >= _SHORTEST_LOOSE:
            known = self._loose_front if pattern.endswith("*") else self._loose
            known[_begins(word.bare) + loose(word.bare)].append(one)
        else:
            known = self._front if pattern.endswith("*") else self._exact
            known[word.bare].append(one)
            if words.is_by_sound:
                heard = self._sounded_front if pattern.endswith("*") else self._sounded
                heard[sounded(word.bare)].append(one)
            if words.is_forgiving and len(word.bare) >= _SHORTEST_FORGIVEN:
                self._forgive(word.bare, one, is_front=pattern.endswith("*"))
        return one

    def _forgive(self, bare: str, one: int, *, is_front: bool) -> None:
        forgiven = self._forgiven_front if is_front else self._forgiven
        entry = ((bare, one),)
        # A word with a double letter has one spelling twice.
        for spelling in {bare, *deletions(bare)}:
            forgiven[spelling] = forgiven.get(spelling, ()) + entry


def _begins(bare: str) -> str:
    return "-" if bare[:1] in "aeiou23" else ""


def _goes_on(words: list[_Known], at: int, rest: tuple[int, ...]) -> bool:
    if at + len(rest) > len(words):
        return False
    return all(wanted in words[at + offset].ids for offset, wanted in enumerate(rest))


def _hidden(names: tuple[tuple[str, ...], ...], bare: list[str]) -> set[int]:
    """The places of the words that are part of a local name."""
    hidden: set[int] = set()
    for name in names:
        for at in range(len(bare) - len(name) + 1):
            if tuple(bare[at : at + len(name)]) == name:
                hidden.update(range(at, at + len(name)))
    return hidden
