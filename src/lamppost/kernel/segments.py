"""How many segments an SMS takes, and cutting a long text into parts that fit. Pure.

3GPP TS 23.038: a text whose every character is in the GSM 7-bit alphabet takes one septet a
character (two for its extension table), any other text is sent in UCS-2, two octets a UTF-16
unit. 3GPP TS 23.040: 160 septets or 70 units in a text of one segment, 153 or 67 in each of
several, the rest being the header that joins them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
# Typographic signs cost a whole text its 7-bit alphabet; these say the same.
_PLAIN = str.maketrans(
    {
        "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "•": "-", "·": "-", "→": "-",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """``units`` are septets (``is_gsm7``) or UTF-16 units; ``segments`` what is paid for."""

    is_gsm7: bool
    units: int
    segments: int


def size_of(text: str) -> Size:
    """Return how large ``text`` is as an SMS; an empty one takes one segment."""
    is_gsm7 = all(char in _BASIC or char in _EXTENDED for char in text)
    units = sum(_cost(char, is_gsm7=is_gsm7) for char in text)
    single, joined = (160, 153) if is_gsm7 else (70, 67)
    if units <= single:
        return Size(is_gsm7, units, 1)
    return Size(is_gsm7, units, _joined(text, joined, is_gsm7=is_gsm7))


def plain_for_sms(text: str) -> str:
    """Return ``text`` with typographic signs made plain, so that it may fit 7 bits.

    Accents stay where the whole text needs UCS-2 anyway (another script) and are dropped
    where that alone brings a text of Latin letters into the GSM alphabet.
    """
    text = text.translate(_PLAIN)
    if size_of(text).is_gsm7:
        return text
    bare = "".join(_bare(char) for char in text)
    return bare if size_of(bare).is_gsm7 else text


def first_part(text: str, segments: int, *, tail: str = "") -> tuple[str, str]:
    """Return the part of ``text`` that fits ``segments`` segments, and the rest ('' for none).

    Cut at a line end, else after a sentence, else between words, else anywhere. ``tail`` is
    what will be put behind a part that is not the last; room for it is left.
    """
    if size_of(text).segments <= segments:
        return text, ""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if size_of(text[:middle] + tail).segments <= segments:
            low = middle
        else:
            high = middle - 1
    cut = _good_cut(text, low)
    return text[:cut].rstrip(), text[cut:].lstrip()


def _good_cut(text: str, most: int) -> int:
    head = text[: most + 1]
    for sign in ("\n", ". ", "! ", "? ", "؟ ", "。", " "):
        at = head.rfind(sign)
        # A part that is nearly empty helps nobody.
        if at > most // 3:
            return min(at + len(sign), most)
    return most


def _cost(char: str, *, is_gsm7: bool) -> int:
    if is_gsm7:
        return 2 if char in _EXTENDED else 1
    return 2 if ord(char) > 0xFFFF else 1


def _joined(text: str, room: int, *, is_gsm7: bool) -> int:
    # A character of two units is never torn between two segments.
    segments, used = 1, 0
    for char in text:
        cost = _cost(char, is_gsm7=is_gsm7)
        if used + cost > room:
            segments, used = segments + 1, 0
        used += cost
    return segments


def _bare(char: str) -> str:
    if char in _BASIC:
        return char
    base = unicodedata.normalize("NFD", char)[0]
    return base if base in _BASIC else char
