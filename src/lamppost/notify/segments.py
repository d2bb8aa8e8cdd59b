"""How many parts an SMS is sent in: what it costs. Pure (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
# Septets of one part alone and of each of several; the same for UTF-16 units.
_GSM, _GSM_PART = 160, 153
_UCS2, _UCS2_PART = 70, 67


def is_gsm(text: str) -> bool:
    """Return whether ``text`` fits the 7-bit alphabet; one sign that does not makes all dear."""
    return all(sign in _BASIC or sign in _EXTENDED for sign in text)


def segments(text: str) -> int:
    """Return in how many parts ``text`` is sent: 160 or 153 septets each, or 70 or 67 units.

    A sign of the extension table is two septets and is not cut; nor is a surrogate pair.
    """
    if is_gsm(text):
        return _parts([2 if sign in _EXTENDED else 1 for sign in text], _GSM, _GSM_PART)
    return _parts([len(sign.encode("utf-16-be")) // 2 for sign in text], _UCS2, _UCS2_PART)


def _parts(widths: list[int], alone: int, each: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, room = 1, each
    for width in widths:
        if width > room:
            parts, room = parts + 1, each
        room -= width
    return parts
