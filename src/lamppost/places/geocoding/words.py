"""From what people type to words, and from words to the name of a street. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lamppost.kernel.text import clean_line, fold
from lamppost.places.geocoding.grammar import EITHER, FIRST, Grammar

MAX_CHARACTERS = 200
MAX_WORDS = 24
BREAK = ","

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−�", "-"))
_LOST_DASH = re.compile(r"(?<=\d)\?(?=\d)")
_APOSTROPHES = re.compile(r"(?<=\w)['’ʼ`´](?=\w)")
_PIECE = re.compile(r"\d+[^\W\d_]{0,2}-\d+[^\W\d_]?(?![^\W_])|\d+/\d+|\d*[^\W_]+|[&@/#,]|-(?= )")
_ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th)")


@dataclass(frozen=True, slots=True)
class StreetName:
    """The parts of a street's name in standard form; each may be empty but ``base``."""

    base: str
    kind: str = ""
    before: str = ""
    after: str = ""

    @property
    def key(self) -> str:
        """The base without blanks: "van pelt" and "vanpelt" are one."""
        return self.base.replace(" ", "")

    @property
    def full(self) -> str:
        """The whole name, the order of its parts aside."""
        return " ".join(part for part in (self.before, self.base, self.kind, self.after) if part)


def split_words(text: str) -> tuple[str, ...]:
    """Return the folded words of ``text``, at most ``MAX_WORDS``; "," where it breaks.

    Digits of any script become 0-9, dashes of any kind "-". Hyphens within letters divide
    words ("Karl-Marx-Straße"), hyphens within numbers do not ("1200-02").
    """
    line = clean_line(text[: MAX_CHARACTERS * 2])[:MAX_CHARACTERS].translate(_DASHES)
    line = _LOST_DASH.sub("-", line)
    line = line.lower() if line.isascii() else "".join(map(_plain_digit, fold(line)))
    line = _APOSTROPHES.sub("", line)
    line = line.replace(";", ",").replace("(", ",").replace(")", ",").replace("\t", " ")
    pieces = (BREAK if piece == "-" else piece for piece in _PIECE.findall(line + " "))
    return tuple(pieces)[:MAX_WORDS]


def _plain_digit(char: str) -> str:
    return str(unicodedata.decimal(char)) if char.isdecimal() else char


def street_name(words: tuple[str, ...], grammar: Grammar) -> StreetName:
    """Return the street ``words`` name; an empty base when there are no words."""
    rest = [word for word in words if word not in ("#", BREAK)]
    before = after = kind = ""
    if len(rest) > 1 and rest[0] in grammar.directions and not _only_type(rest[1:], grammar):
        before = grammar.directions[rest.pop(0)]
    if len(rest) > 2 and rest[-1] in grammar.directions:
        after = grammar.directions[rest.pop()]
    if len(rest) > 1:
        kind, rest = _split_type(rest, grammar)
    return StreetName(_standard_base(rest, kind, grammar), kind, before, after)


def _only_type(words: list[str], grammar: Grammar) -> bool:
    return len(words) == 1 and words[0] in grammar.types


def _split_type(words: list[str], grammar: Grammar) -> tuple[str, list[str]]:
    first = grammar.type_position in (FIRST, EITHER) and words[0] in grammar.types
    last = grammar.type_position != FIRST and words[-1] in grammar.types
    if last:
        return grammar.types[words[-1]], words[:-1]
    if first:
        return grammar.types[words[0]], words[1:]
    return "", words


def _standard_base(words: list[str], kind: str, grammar: Grammar) -> str:
    standard = _ordinals(_phrases(words, grammar), kind, grammar)
    kept = [word for word in standard if word not in grammar.optional] or standard
    return " ".join(_ending(word, grammar) for word in kept)


def _phrases(words: list[str], grammar: Grammar) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(words):
        for length in (3, 2, 1):
            phrase = tuple(words[at : at + length])
            if len(phrase) == length and phrase in grammar.phrases:
                found += grammar.phrases[phrase]
                at += length
                break
        else:
            found.append(words[at])
            at += 1
    return found


def _ordinals(words: list[str], kind: str, grammar: Grammar) -> list[str]:
    if not grammar.ordinal_suffixes:
        return words
    found: list[str] = []
    for word in words:
        ordinal = _ORDINAL.fullmatch(word)
        if ordinal and found and found[-1] in grammar.tens and int(ordinal[1]) < 10:
            found[-1] = grammar.ordinal(grammar.tens[found[-1]] + int(ordinal[1]))
        elif ordinal:
            found.append(grammar.ordinal(int(ordinal[1])))
        elif found and found[-1].isdigit() and word in grammar.ordinal_suffixes.values():
            found[-1] = grammar.ordinal(int(found[-1]))
        else:
            found.append(word)
    if len(found) == 1 and found[0].isdigit() and len(found[0]) <= 3 and kind:
        return [grammar.ordinal(int(found[0]))]
    return found


def _ending(word: str, grammar: Grammar) -> str:
    for variant, standard in grammar.endings:
        if word.endswith(variant) and len(word) > len(variant) + 2:
            return word[: -len(variant)] + standard
    return word


_NAME_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def shown_name(name: str, grammar: Grammar) -> str:
    """Return a published name as people write it: "N 5TH ST" becomes "N 5th St".

    A name that has small letters already is left alone.
    """
    if name != name.upper():
        return name
    return _NAME_WORD.sub(lambda word: _shown_word(word[0], grammar), name)


def _shown_word(word: str, grammar: Grammar) -> str:
    small = word.lower()
    if grammar.directions.get(small) == small or (len(small) == 1 and not small.isdigit()):
        return word
    if small[0].isdigit():
        return small if _ORDINAL.fullmatch(small) else word
    for start in grammar.capitals:
        if small.startswith(start) and len(small) > len(start) + 2:
            return small[: len(start)].capitalize() + small[len(start) :].capitalize()
    return small.capitalize()
