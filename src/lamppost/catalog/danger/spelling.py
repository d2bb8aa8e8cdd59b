"""How the same word is recognized however it is typed. Pure.

One word has many spellings: with and without accents, vowel marks or the dots of an alef, in
capitals, with a letter held down, with an article grown onto its front. Text and word lists
are both brought to one spelling, so that the lists hold each word once.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Letters, digits and the marks that belong to a letter: Python's \w leaves out the vowel
# signs of Indic, Khmer and Burmese words and the points of Arabic ones.
_WORD = re.compile(
    r"[\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff"
    r"\u1000-\u109f\u1780-\u17d3\u200c\u200d]+"
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[\n…؟۔।॥。！？។]|၊?။")
# Scripts written without spaces, or (Korean) with spaces that people leave out.
_UNSPACED = re.compile(r"[\u1000-\u109f\u1780-\u17ff\u3400-\u9fff\uac00-\ud7af]")
_HELD_KEY = re.compile(r"([^\W\d_])\1{2,}")
_INVISIBLE = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]")
# Accents and vowel points, and the dots Indic letters are often typed without. Vowel signs
# and viramas are letters here and stay.
_MARKS = re.compile(r"[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u093c\u09bc]")
_LETTERS = str.maketrans(
    {
        "ı": "i", "ł": "l", "đ": "d", "ß": "ss", "ё": "е",
        # Arabic as typed on any keyboard: one alef, one ye, one kaf, one he.
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي",
        "ؤ": "و", "ة": "ه", "ۃ": "ه", "ہ": "ه", "ھ": "ه", "ۂ": "ه", "ک": "ك", "ء": "",
        # Hindi and Bengali: the two ways to write a nasal vowel.
        "ँ": "ं", "ঁ": "",
    }
)  # fmt: skip
_FRONTS = ("وال", "بال", "فال", "كال", "عال", "هال", "لل", "ال", "و", "ف", "ب", "ل", "ع", "ه")
_ARABIC_LETTER = re.compile("[\u0621-\u064a]")
_LOOSE = (("kh", "x"), ("gh", "g"), ("ch", "sh"), ("ou", "u"), ("oo", "u"), ("ee", "i"))
_LOOSE_LETTERS = str.maketrans({"7": "h", "5": "x", "3": "", "2": "", "8": "g", "9": "s", "q": "k"})
_SOUNDS = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        ("ch", "#"), ("h", ""), ("v", "b"), ("ll", "y"), ("qu(?=[ei])|q", "k"),
        ("c(?=[ei])|z", "s"), ("c", "k"), ("g(?=[ei])", "j"), ("gu(?=[ei])", "g"), ("w", "u"),
        ("sion", "son"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
_VOWELS = re.compile(r"[aeiouy']+")
_DOUBLE = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Word:
    """One word in one spelling: ``plain`` with its accents, ``bare`` without."""

    plain: str
    bare: str

    @property
    def is_unaccented(self) -> bool:
        """Whether it was typed without any accent."""
        return self.plain == self.bare


@dataclass(frozen=True, slots=True)
class Run:
    """A text without its spaces: ``at[i]`` is the offset in the text of its letter ``i``."""

    letters: str
    at: tuple[int, ...]


@lru_cache(maxsize=20_000)
def word_of(typed: str) -> Word:
    """Return ``typed`` in the spelling in which words are compared."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", typed).casefold())
    text = _HELD_KEY.sub(r"\1", text).replace("_", "")
    # What a letter becomes before its dots go, and once more for letters only then seen.
    composed = unicodedata.normalize("NFC", text)
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", composed.translate(_LETTERS)))
    return Word(
        plain=composed,
        bare=unicodedata.normalize("NFC", bare.translate(_LETTERS)),
    )


def words_in(text: str) -> list[tuple[int, int]]:
    """Return where the words of ``text`` begin and end, in order."""
    return [found.span() for found in _WORD.finditer(text)]


class Sentences:
    """Which sentence of a text an offset is in; found out when first asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: list[int] | None = None

    def number(self, offset: int) -> int:
        """Return the number of the sentence in which the letter ``offset`` stands."""
        if self._ends is None:
            self._ends = [found.start() for found in _SENTENCE_END.finditer(self._text)]
        return bisect_right(self._ends, offset)


def is_unspaced(text: str) -> bool:
    """Return whether any of ``text`` is in a script read without spaces."""
    return _UNSPACED.search(text) is not None


def run_of(text: str) -> Run:
    """Return ``text`` without spaces and signs, for scripts that are read that way."""
    letters, at = [], []
    for found in _WORD.finditer(text):
        for offset, letter in enumerate(found[0], start=found.start()):
            if not _INVISIBLE.match(letter):
                letters.append(letter.casefold()[:1])
                at.append(offset)
    return Run("".join(letters), tuple(at))


def forms_of(bare: str) -> Iterator[str]:
    """Yield ``bare`` and, for an Arabic word, what is left without article and conjunction."""
    yield bare
    if not _ARABIC_LETTER.match(bare):
        return
    for front in _FRONTS:
        if bare.startswith(front) and len(bare) - len(front) >= 2:
            yield bare[len(front) :]
    # "wa", then another front: w-b-al, w-h-al, w-l-l.
    if bare[0] in "وف" and len(bare) > 4:
        rest = bare[1:]
        for front in _FRONTS:
            if rest.startswith(front) and len(rest) - len(front) >= 3:
                yield rest[len(front) :]


def loose(bare: str) -> str:
    """Return the consonants of a word of a language typed in Latin letters by ear.

    Arabic, Urdu, Hindi and Bengali are typed so, each person in an own way: vowels come and
    go, letters double, digits stand for letters Latin lacks.
    """
    text = bare
    for pair, letter in _LOOSE:
        text = text.replace(pair, letter)
    text = text.translate(_LOOSE_LETTERS)
    return _DOUBLE.sub(r"\1", _VOWELS.sub("", text))


def sounded(bare: str) -> str:
    """Return a Spanish word by its sound, as those write who write by ear.

    Silent h, b as v, s as z and soft c, ll as y, hard c as k and qu, soft g as j: letters
    that sound alike in American Spanish (seseo and yeismo).
    """
    text = bare
    for pattern, letter in _SOUNDS:
        text = pattern.sub(letter, text)
    return text


def deletions(word: str) -> Iterator[str]:
    """Yield ``word`` with each one of its letters but the first left out.

    Two words are one typing error apart when these, and the words themselves, have one in
    common (Garbe, "symmetric delete"): a letter missing, too much, wrong, or two swapped.
    """
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]


def is_one_apart(one: str, other: str) -> bool:
    """Return whether one typing error makes ``other`` of ``one``, or none.

    A letter missing, too much or wrong, or two neighbors swapped (Damerau, 1964).
    """
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    left, right = one[same:], other[same:]
    if len(left) == len(right):
        swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
        return left[1:] == right[1:] or swapped
    return left[1:] == right if len(left) > len(right) else left == right[1:]
