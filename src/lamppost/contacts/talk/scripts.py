"""In which of a city's languages somebody writes, as far as the letters tell. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

# First and last letter of a block (Unicode 16) to the languages of the world written in it that
# a city may offer, the likeliest first.
_BLOCKS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0x0370, 0x03FF, ("el",)),
    (0x0400, 0x04FF, ("ru", "uk", "bg", "sr")),
    (0x0530, 0x058F, ("hy",)),
    (0x0590, 0x05FF, ("he", "yi")),
    (0x0600, 0x06FF, ("ar", "fa", "ur", "ps")),
    (0x0900, 0x097F, ("hi", "ne", "mr")),
    (0x0980, 0x09FF, ("bn",)),
    (0x0A00, 0x0A7F, ("pa",)),
    (0x0A80, 0x0AFF, ("gu",)),
    (0x0B80, 0x0BFF, ("ta",)),
    (0x0C00, 0x0C7F, ("te",)),
    (0x0D00, 0x0D7F, ("ml",)),
    (0x0E00, 0x0E7F, ("th",)),
    (0x0E80, 0x0EFF, ("lo",)),
    (0x1000, 0x109F, ("my",)),
    (0x10A0, 0x10FF, ("ka",)),
    (0x1200, 0x137F, ("am", "ti")),
    (0x1780, 0x17FF, ("km",)),
    (0x3040, 0x30FF, ("ja",)),
    (0x4E00, 0x9FFF, ("zh-hans", "zh-hant", "zh", "ja")),
    (0xAC00, 0xD7AF, ("ko",)),
)
# Letters one language of a shared script has and its neighbors have not.
_TELLING = {"ї": "uk", "є": "uk", "ґ": "uk", "ы": "ru", "ё": "ru", "э": "ru", "پ": "fa",
            "گ": "fa", "ٹ": "ur", "ڈ": "ur", "ے": "ur", "ړ": "ps", "ښ": "ps"}  # fmt: skip


def language_by_script(text: str, offered: Sequence[str], *, share: float = 0.0) -> str:
    """Return the offered language ``text`` is surely written in, '' where letters do not tell.

    More than ``share`` of its letters have to be of that script: in a long text a name or a
    quotation may be of another one.
    """
    votes: Counter[tuple[str, ...]] = Counter()
    telling: dict[str, None] = {}
    letters = 0
    for char in text.lower():
        letters += char.isalpha()
        if _TELLING.get(char, "") in offered:
            telling[_TELLING[char]] = None
        languages = _languages_of(char)
        if languages:
            votes[languages] += 1
    if not votes:
        return ""
    # Kana say Japanese, however many Chinese characters stand between them.
    likely = max(votes, key=lambda one: (one == ("ja",), votes[one]))
    if votes[likely] <= share * letters:
        return ""
    return next((language for language in (*telling, *likely) if language in offered), "")


def _languages_of(char: str) -> tuple[str, ...]:
    point = ord(char)
    for first, last, languages in _BLOCKS:
        if first <= point <= last:
            return languages
    return ()
