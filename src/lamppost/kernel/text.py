"""Free text as people send it, made safe to keep and to show in any format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# XML 1.0 forbids these, PostgreSQL forbids NUL, and nobody types them on purpose.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[ \t]+")


def clean_text(text: str) -> str:
    """Return ``text`` with ``\\n`` line ends and without control characters.

    Right-to-left marks, emoji and every assigned letter stay as they were typed, composed or
    not: what a program files it must be able to read back the same (compare with ``fold``).
    Noncharacters and C0/C1 controls (except tab and line feed) are dropped, because XML 1.0
    (section 2.2) cannot carry them.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _FORBIDDEN.sub("", text).strip()


def clean_line(text: str) -> str:
    """Return ``text`` cleaned, in NFC and on one line, runs of blanks made one."""
    if text.isascii() and text.isprintable():
        line = text
    else:
        line = unicodedata.normalize("NFC", clean_text(text)).replace("\n", " ").replace("\t", " ")
    return (_SPACES.sub(" ", line) if "  " in line else line).strip()


def fold(text: str) -> str:
    """Return ``text`` for comparison: case folded and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def in_language(texts: Mapping[str, str], language: str, *fallbacks: str) -> str:
    """Return the text for ``language`` (BCP 47, any case), else its base, else a fallback.

    ``texts`` maps language tags to text. Order: exact tag, base language (``pt`` of
    ``pt-br``), each fallback the same way, English, then whatever exists; an empty mapping
    gives the empty string.
    """
    for tag in (language, *fallbacks, "en"):
        tag = tag.lower()
        for candidate in (tag, tag.split("-")[0]):
            if texts.get(candidate):
                return texts[candidate]
    return next((text for text in texts.values() if text), "")
