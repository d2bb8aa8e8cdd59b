"""The city's own color, as a style sheet of one property."""

from __future__ import annotations

import re

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
# WCAG 2.2, success criterion 1.4.3: text up to 24 px.
_ENOUGH = 4.5


def contrast_with_white(color: str) -> float:
    """Return the contrast ratio (1 to 21) of white on ``color`` (``#rrggbb``), by WCAG 2.2.

    Raises ``ValueError`` for anything but six hexadecimal digits after a number sign.
    """
    if not _HEX.fullmatch(color):
        raise ValueError(f"{color!r} is not a color like #0f6460")
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def accent_stylesheet(color: str) -> str:
    """Return the style sheet that gives every page ``color``; empty where it may not.

    A color on which white text cannot be read (below 4.5:1), or which is no color at all, is
    left out: the built-in accent then stands.
    """
    try:
        readable = contrast_with_white(color) >= _ENOUGH
    except ValueError:
        return ""
    return f":root{{--lp-primary:{color.lower()}}}\n" if readable else ""
