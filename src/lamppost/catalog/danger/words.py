"""The word lists: one file per language, made to be read by a translator. See words/README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "words"
# Makes text of everything and nothing else: "no" stays a word.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
KINDS = ("emergency", "crisis")
DISTANCE = 8
_GROUP = re.compile(r"<([a-z_]+)>")
_FAR = re.compile(r"\s/\s*(\d+)$")
_UNLESS = re.compile(r"\s-\s")
_APOSTROPHE = re.compile(r"['\u2019\u02bc]")

# One of these phrases: the words of each, one behind the other.
Part = frozenset[tuple[str, ...]]


class BadWords(ValueError):
    """A word list, or a line of one, cannot be understood; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One way to say one danger.

    All ``parts`` within ``distance`` words (letters, where a language has no spaces) of the
    first; none of ``unless`` or ``excuses`` in the sentence, none of ``never`` anywhere in
    the text. ``excuses`` are those of the danger: a sentence that another language's list
    excuses for the same danger is excused here too, since words look alike across languages.
    """

    kind: str
    what: str
    parts: tuple[Part, ...]
    distance: int
    unless: Part = frozenset()
    excuses: Part = frozenset()
    never: Part = frozenset()
    written: str = ""


@dataclass(frozen=True, slots=True)
class WordList:
    """How danger is told in one language.

    ``is_spaced``: words are parted by spaces. ``keeps_accents``: another accent is another
    word. ``is_loose``: typed by ear in Latin letters, vowels do not count.
    ``is_by_sound``: Spanish, written by who never learned to.
    ``is_forgiving``: a long word with one typing error is still that word, unless it is one
    of ``right_words``.
    """

    code: str
    lines: tuple[Line, ...]
    groups: Mapping[str, Part]
    is_spaced: bool = True
    keeps_accents: bool = False
    is_loose: bool = False
    is_by_sound: bool = False
    is_forgiving: bool = False
    right_words: frozenset[str] = frozenset()
    distance: int = DISTANCE


@cache
def shipped() -> Mapping[str, tuple[WordList, ...]]:
    """Return the lists of the product by language; some languages are typed in two scripts.

    Raises ``BadWords`` for a file that is not one.
    """
    lists: dict[str, tuple[WordList, ...]] = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        written = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
        try:
            read = _list_of(path.stem, written)
        except (BadWords, AttributeError, TypeError, KeyError, ValueError) as error:
            raise BadWords(f"{path.name}: {error}") from error
        for language in written["languages"]:
            lists[language] = (*lists.get(language, ()), read)
    return lists


def line_of(
    text: str, *, kind: str, what: str, groups: Mapping[str, Part], distance: int = DISTANCE
) -> Line:
    """Return the line written as ``text``, which may name ``groups``.

    Raises ``BadWords`` for an unknown group or a line without words.
    """
    wanted, *unless = _UNLESS.split(text.strip())
    far = _FAR.search(wanted)
    if far:
        wanted, distance = wanted[: far.start()], int(far[1])
    parts = tuple(_part(one, groups) for one in wanted.split(" + "))
    excuses = frozenset(phrase for one in unless for phrase in _part(one, groups))
    return Line(kind, what, parts, distance, unless=excuses, written=text.strip())


def _list_of(code: str, written: Mapping[str, Any]) -> WordList:
    groups: dict[str, Part] = {}
    for name, phrases in written.get("groups", {}).items():
        groups[name] = frozenset(p for one in phrases for p in _part(one, groups))
    distance = int(written.get("distance", DISTANCE))
    lines: list[Line] = []
    for kind in KINDS:
        for what, told in written.get(kind, {}).items():
            lines += _told(told, kind, what, groups, distance)
    return WordList(
        code=code,
        lines=tuple(lines),
        groups=groups,
        is_spaced=written.get("spaces", "yes") == "yes",
        keeps_accents=written.get("accents", "") == "matter",
        is_loose=written.get("vowels", "") == "loose",
        is_by_sound=written.get("sounds", "") == "spanish",
        is_forgiving=written.get("typing_errors", "") == "forgiven",
        right_words=frozenset(written.get("right_words", ())),
        distance=distance,
    )


def _told(
    told: Mapping[str, list[str]], kind: str, what: str, groups: Mapping[str, Part], distance: int
) -> Iterator[Line]:
    """The lines of one danger: "surely" needs no second look, "says" heeds the excuses."""
    unknown = set(told) - {"says", "surely", "unless", "never"}
    if unknown:
        raise BadWords(f"{what}: {sorted(unknown)} is not known")
    unless = frozenset(p for one in told.get("unless", ()) for p in _part(one, groups))
    never = frozenset(p for one in told.get("never", ()) for p in _part(one, groups))
    for text in told.get("surely", ()):
        yield line_of(text, kind=kind, what=what, groups=groups, distance=distance)
    for text in told.get("says", ()):
        line = line_of(text, kind=kind, what=what, groups=groups, distance=distance)
        yield replace(line, excuses=unless, never=never)


def _part(text: str, groups: Mapping[str, Part]) -> Part:
    phrases: set[tuple[str, ...]] = set()
    for one in text.split("|"):
        phrases |= _phrases(one.strip(), groups)
    if not phrases:
        raise BadWords(f'nothing to look for in "{text}"')
    return frozenset(phrases)


def _phrases(text: str, groups: Mapping[str, Part]) -> Part:
    """The phrases meant: a group within a phrase stands for each of its own."""
    found: list[tuple[str, ...]] = [()]
    for word in _APOSTROPHE.sub("'", text).split():
        if not any(char.isalnum() for char in word):
            raise BadWords(f'"{word}" is no word, in "{text}"')
        group = _GROUP.fullmatch(word)
        if group is None:
            endings = _with_apostrophe(word)
        elif group[1] in groups:
            endings = list(groups[group[1]])
        else:
            raise BadWords(f"there is no group <{group[1]}>")
        found = [(*front, *end) for front in found for end in endings]
    return frozenset(phrase for phrase in found if phrase)


def _with_apostrophe(word: str) -> list[tuple[str, ...]]:
    """People type can't as cant."""
    if "'" not in word:
        return [(word,)]
    return [tuple(one for one in word.split("'") if one), (word.replace("'", ""),)]
