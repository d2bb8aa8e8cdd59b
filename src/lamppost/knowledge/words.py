"""Words of a text as the search knows them, and which words a typing error may mean. Pure.

Texts are folded here, not by the database's parser or the ``unaccent`` extension, so that
every server gives the same words: no accents and no case; Arabic without vowel marks and with
the letters people mix made one. Scripts that write no spaces between words (Chinese, Japanese,
Khmer, Burmese, Thai, Lao) are cut into overlapping pairs of characters, a letter with its
marks counting as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from lamppost.kernel.text import fold

MAX_WORD = 40
_SPACELESS = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3040-\u30ff\u31f0-\u31ff"  # Japanese syllables
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
    "]+"
)
# The sign that stacks the next consonant under the one before, in Khmer and Burmese.
_STACKING = "\u17d2\u1039"
# Signs that stand inside a word and say nothing: apostrophes, joiners, Arabic's long line.
_INSIDE = "'\u2019\u200c\u200d\u0640"
# Letters of Arabic and Urdu people write one for another, as the usual search folds them.
_ARABIC = str.maketrans(
    {
        "\u0622": "\u0627",
        "\u0623": "\u0627",
        "\u0625": "\u0627",
        "\u0671": "\u0627",
        "\u0629": "\u0647",
        "\u0649": "\u064a",
        "\u06cc": "\u064a",
        "\u0624": "\u0648",
        "\u0626": "\u064a",
        "\u06a9": "\u0643",
    }
)
# PostgreSQL's stemming dictionaries, all in its core; other languages are matched as written.
_STEMMERS = {
    "ar": "arabic_stem",
    "da": "danish_stem",
    "de": "german_stem",
    "el": "greek_stem",
    "en": "english_stem",
    "es": "spanish_stem",
    "fr": "french_stem",
    "hi": "hindi_stem",
    "id": "indonesian_stem",
    "it": "italian_stem",
    "nl": "dutch_stem",
    "pt": "portuguese_stem",
    "ro": "romanian_stem",
    "ru": "russian_stem",
    "tr": "turkish_stem",
}


def stemmer(language: str) -> str:
    """Return the name of PostgreSQL's dictionary for a language tag, ``simple`` for others."""
    return _STEMMERS.get(language.lower().split("-")[0], "simple")


def words(text: str) -> list[str]:
    """Return the words of ``text`` in order, folded; long ones cut at `MAX_WORD` letters."""
    parts: list[str] = []
    at = 0
    composed = unicodedata.normalize("NFC", text)
    for run in _SPACELESS.finditer(composed):
        parts += _spaced(composed[at : run.start()])
        parts += pairs(run.group())
        at = run.end()
    return [word[:MAX_WORD] for word in parts + _spaced(composed[at:])]


def _spaced(text: str) -> list[str]:
    """Words between blanks and signs. A vowel sign is part of its word, as in Hindi."""
    letters = fold(text).translate(_ARABIC)
    return "".join(
        char if unicodedata.category(char)[0] in "LNM" else "" if char in _INSIDE else " "
        for char in letters
    ).split()


def pairs(run: str) -> list[str]:
    """Return the overlapping pairs of characters of a run without spaces; one alone as it is."""
    signs = _clusters(run)
    if len(signs) < 2:
        return signs
    return [first + second for first, second in pairwise(signs)]


def _clusters(run: str) -> list[str]:
    clusters: list[str] = []
    for char in run:
        is_mark = unicodedata.category(char) in {"Mn", "Mc"}
        if clusters and (is_mark or clusters[-1][-1] in _STACKING):
            clusters[-1] += char
        elif unicodedata.category(char)[0] in "LNM":
            clusters.append(char)
    return clusters


def is_pair(word: str) -> bool:
    """Whether a word is a pair of characters of a script without spaces."""
    return bool(_SPACELESS.match(word))


def letters(word: str) -> int:
    """Return the set of letters of ``word`` as 63 bits, for a signed eight-byte column."""
    bits = 0
    for char in word:
        bits |= 1 << (ord(char) * 2654435761 % 2**32 % 63)
    return bits


def slips(word: str) -> int:
    """Return how many slips of the finger are forgiven in a word of this length."""
    if is_pair(word) or any(char.isdigit() for char in word):
        return 0
    if len(word) < 4:
        return 0
    return 1 if len(word) < 7 else 2


def distance(one: str, other: str, most: int) -> int:
    """Return the slips between two words (added, left out, changed, two swapped).

    The restricted Damerau-Levenshtein distance; anything above ``most`` is ``most + 1``.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, char in enumerate(one, start=1):
        line = [row]
        for column, against in enumerate(other, start=1):
            cost = min(
                above[column] + 1,
                line[column - 1] + 1,
                above[column - 1] + (char != against),
            )
            swapped = row > 1 and column > 1 and char == other[column - 2]
            if swapped and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > most:
            return most + 1
        before, above = above, line
    return min(above[-1], most + 1)


def nearest(word: str, known: Iterable[tuple[str, int]], limit: int = 3) -> list[tuple[str, float]]:
    """Return the words ``word`` may have been meant for, best first, with how much they count.

    Takes known words and how many texts have each. Fewer slips win; then the word that keeps
    the first letter, which people rarely miss; then the more frequent one.
    """
    most = slips(word)
    ranked = []
    for candidate, documents in known:
        apart = distance(word, candidate, most)
        if 0 < apart <= most:
            starts = candidate[:1] != word[:1]
            ranked.append((apart + 0.5 * starts, -documents, candidate))
    ranked.sort()
    best = ranked[0][0] if ranked else 0.0
    # A word two slips away is noise where another is one slip away.
    return [
        (candidate, 0.95 if far <= 1 else 0.75)
        for far, _documents, candidate in ranked[:limit]
        if far <= best + 0.5
    ]
