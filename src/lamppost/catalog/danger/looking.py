"""Finding danger in what somebody wrote. Pure: words in, a danger or nothing out."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from lamppost.catalog.danger.spelling import (
    Run,
    Sentences,
    Word,
    deletions,
    forms_of,
    is_one_apart,
    is_unspaced,
    loose,
    run_of,
    sounded,
    word_of,
    words_in,
)
from lamppost.catalog.danger.words import Line, Part, WordList, shipped

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


@dataclass(frozen=True, slots=True)
class Danger:
    """What was found: ``kind`` emergency or crisis, ``what`` (gas, fire, suicide…).

    ``start`` and ``end`` are offsets in the text, from the first to the last word that
    matters; ``language`` is the word list's and ``line`` the line of it that held.
    """

    kind: str
    what: str
    start: int
    end: int
    language: str
    line: str


@dataclass(frozen=True, slots=True)
class LocalWords:
    """What one city adds: lines of its own, names that never are danger, lines put silent.

    ``names``: phrases taken out of a text before it is looked at ("Gunpowder Road").
    ``silent``: pairs of a language and a shipped line exactly as it is written.
    """

    lines: tuple[tuple[str, Line], ...] = ()
    names: frozenset[str] = frozenset()
    silent: frozenset[tuple[str, str]] = frozenset()


NO_LOCAL_WORDS = LocalWords()

# Words one error away from a spelling, as they are right, and the patterns they stand for.
_Forgiven: TypeAlias = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    """A phrase found: its place among words or letters, its sentence, its offsets."""

    place: int
    sentence: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Ready:
    """A line made ready: its parts, its own excuses and what silences it, by number."""

    line: Line
    code: str
    parts: tuple[int, ...]
    unless: int
    never: int


def look(text: str, languages: Iterable[str], local: LocalWords = NO_LOCAL_WORDS) -> Danger | None:
    """Return the danger ``text`` tells of in any of ``languages`` (tags), or None.

    A crisis goes before an emergency: the words for it are the more certain ones, and the
    page for it names the emergency number too.
    """
    return _seeker(tuple(sorted(languages)), local).look(text)


@lru_cache(maxsize=64)
def _seeker(languages: tuple[str, ...], local: LocalWords) -> _Seeker:
    lists = {one.code: one for tag in languages for one in lists_of(tag)}
    return _Seeker([*lists.values()], local)


def shipped_languages() -> frozenset[str]:
    """Return the tags of all languages there are words for."""
    return frozenset(shipped())


def lists_of(language: str) -> tuple[WordList, ...]:
    """Return the word lists for a language tag; those of its base for an unknown variant."""
    lists = shipped()
    tag = language.lower()
    if tag in lists:
        return lists[tag]
    base = tag.split("-")[0]
    near = [code for code in lists if code.split("-")[0] == base]
    return lists[near[0]] if near else ()


class _Seeker:
    """Word lists made ready for looking: every word of a text is looked up once for all."""

    def __init__(self, lists: list[WordList], local: LocalWords) -> None:
        self._names = tuple(tuple(word_of(w).bare for w in n.split()) for n in sorted(local.names))
        self._vocabulary = _Vocabulary()
        self._runs: list[tuple[str, int]] = []
        self._lines: list[_Ready] = []
        self._excuses: dict[str, set[int]] = defaultdict(set)
        self._lines_of: dict[int, list[int]] = defaultdict(list)
        self._parts: dict[tuple[str, Part], int] = {}
        # A phrase counts for every part it is in; a part is looked up by its phrases found.
        self._phrases: dict[tuple[str, tuple[str, ...]], int] = {}
        self._parts_of: dict[int, list[int]] = defaultdict(list)
        self._has_unspaced = any(not one.is_spaced for one in lists)
        for words in lists:
            added = [line for code, line in local.lines if code == words.code]
            for line in (*words.lines, *added):
                if (words.code, line.written) not in local.silent:
                    self._learn(words, line)
        self._vocabulary.close()
        self._parts.clear()
        self._phrases.clear()

    def look(self, text: str) -> Danger | None:
        sentences = Sentences(text)
        found = self._vocabulary.find(text, sentences, self._names)
        if self._has_unspaced and is_unspaced(text):
            _find_in_run(run_of(text), self._runs, sentences, found)
        if not found:
            return None
        hits: dict[int, list[_Hit]] = {}
        for phrase, places in found.items():
            for part in self._parts_of[phrase]:
                hits[part] = hits[part] + places if part in hits else places
        candidates = {number for part in hits for number in self._lines_of.get(part, ())}
        best: Danger | None = None
        for number in sorted(candidates):
            ready = self._lines[number]
            if best is not None and (best.kind == "crisis" or ready.line.kind != "crisis"):
                continue
            span = self._holds(ready, hits)
            if span:
                line = ready.line
                best = Danger(line.kind, line.what, *span, ready.code, line.written)
        return best

    def _holds(self, ready: _Ready, hits: Mapping[int, list[_Hit]]) -> tuple[int, int] | None:
        if ready.never in hits or not all(part in hits for part in ready.parts):
            return None
        excused = {hit.sentence for hit in hits.get(ready.unless, ())}
        if ready.line.excuses:
            for part in self._excuses[ready.line.what]:
                excused |= {hit.sentence for hit in hits.get(part, ())}
        return _together([hits[part] for part in ready.parts], ready.line.distance, excused)

    def _learn(self, words: WordList, line: Line) -> None:
        number = len(self._lines)
        parts = tuple(self._part(words, part) for part in line.parts)
        unless, never = self._part(words, line.unless), self._part(words, line.never)
        self._lines.append(_Ready(line, words.code, parts, unless, never))
        if line.excuses:
            self._excuses[line.what].add(self._part(words, line.excuses))
        # Looked at when its rarest demand is met: the part with the fewest phrases.
        fewest = min(range(len(parts)), key=lambda at: len(line.parts[at]))
        self._lines_of[parts[fewest]].append(number)

    def _part(self, words: WordList, part: Part) -> int:
        key = (words.code, part)
        if key in self._parts:
            return self._parts[key]
        number = self._parts[key] = len(self._parts)
        for phrase in sorted(part):
            self._parts_of[self._phrase(words, phrase)].append(number)
        return number

    def _phrase(self, words: WordList, phrase: tuple[str, ...]) -> int:
        key = (words.code, phrase)
        if key not in self._phrases:
            number = self._phrases[key] = len(self._phrases)
            if words.is_spaced:
                self._vocabulary.learn(words, phrase, number)
            else:
                self._runs.append(("".join(phrase).casefold(), number))
        return self._phrases[key]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a word of a text can be: patterns, phrases it is already, patterns of first words."""

    ids: frozenset[int]
    whole: tuple[int, ...]
    openings: tuple[int, ...]


_UNKNOWN = _Known(frozenset(), (), ())


class _Vocabulary:
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
    ) -> dict[int, list[_Hit]]:
        """Return where in ``text`` each phrase is, without the words of local ``names``."""
        spans = words_in(text)
        words = [self._of(text[start:end]) for start, end in spans]
        if names:
            for at in _hidden(names, [word_of(text[start:end]).bare for start, end in spans]):
                words[at] = _UNKNOWN
        hits: dict[int, list[_Hit]] = {}
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
        hits: dict[int, list[_Hit]],
        number: int,
        at: int,
        start: int,
        end: int,
        sentences: Sentences,
    ) -> None:
        sentence = sentences.number(start)
        # Sentences stand further apart than words do.
        hit = _Hit(at + SENTENCE_GAP * sentence, sentence, start, end)
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


def _find_in_run(
    run: Run,
    phrases: list[tuple[str, int]],
    sentences: Sentences,
    hits: dict[int, list[_Hit]],
) -> None:
    for phrase, number in phrases:
        at = run.letters.find(phrase)
        while at >= 0:
            start, end = run.at[at], run.at[at + len(phrase) - 1] + 1
            hits.setdefault(number, []).append(_Hit(at, sentences.number(start), start, end))
            at = run.letters.find(phrase, at + 1)


def _together(parts: list[list[_Hit]], distance: int, excused: set[int]) -> tuple[int, int] | None:
    """Where all parts stand near each other in a sentence nothing excuses; None if nowhere."""
    rest = [sorted(others, key=_place) for others in parts[1:]]
    for first in parts[0]:
        if first.sentence in excused:
            continue
        chosen = [first]
        for others in rest:
            near = _nearest(others, first.place)
            if abs(near.place - first.place) > distance:
                break
            chosen.append(near)
        else:
            return min(one.start for one in chosen), max(one.end for one in chosen)
    return None


def _place(hit: _Hit) -> int:
    return hit.place


def _nearest(hits: list[_Hit], place: int) -> _Hit:
    """The hit that stands nearest to ``place``; ``hits`` are in the order of their places."""
    at = bisect_left(hits, place, key=_place)
    return min(hits[max(0, at - 1) : at + 1], key=lambda one: abs(one.place - place))


def _hidden(names: tuple[tuple[str, ...], ...], bare: list[str]) -> set[int]:
    """The places of the words that are part of a local name."""
    hidden: set[int] = set()
    for name in names:
        for at in range(len(bare) - len(name) + 1):
            if tuple(bare[at : at + len(name)]) == name:
                hidden.update(range(at, at + len(name)))
    return hidden
