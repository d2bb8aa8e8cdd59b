"""Finding danger in what somebody wrote. Pure: words in, a danger or nothing out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lamppost.catalog.danger.hits import Hit, find_in_run, together
from lamppost.catalog.danger.spelling import Sentences, is_unspaced, run_of, word_of
from lamppost.catalog.danger.vocabulary import Vocabulary
from lamppost.catalog.danger.words import Line, Part, WordList, shipped


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
        self._vocabulary = Vocabulary()
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
            find_in_run(run_of(text), self._runs, sentences, found)
        if not found:
            return None
        hits: dict[int, list[Hit]] = {}
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

    def _holds(self, ready: _Ready, hits: Mapping[int, list[Hit]]) -> tuple[int, int] | None:
        if ready.never in hits or not all(part in hits for part in ready.parts):
            return None
        excused = {hit.sentence for hit in hits.get(ready.unless, ())}
        if ready.line.excuses:
            for part in self._excuses[ready.line.what]:
                excused |= {hit.sentence for hit in hits.get(part, ())}
        return together([hits[part] for part in ready.parts], ready.line.distance, excused)

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
