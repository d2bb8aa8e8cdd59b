"""What people type into a search, without what says who they are. Pure."""

from __future__ import annotations

import re

from lamppost.kernel.text import clean_line
from lamppost.knowledge.words import words

# Each begins where a word does, so that a long one is read once.
_EMAIL = re.compile(r"(?<!\S)\S+@\S+")
# Phone numbers, house numbers, plates, case numbers; "311" and "L4" are no person.
_NUMBER = re.compile(r"(?<!\w)(?:\w*\d[\d\s().+\-/]{3,}\d\w*|\w*\d{4,}\w*)")


def without_numbers(text: str, limit: int = 500) -> str:
    """Return ``text`` on one line without e-mail addresses and long numbers."""
    line = _EMAIL.sub("…", clean_line(text))
    return clean_line(_NUMBER.sub("…", line))[:limit]


def asked(query: str) -> str:
    """Return a query as it is kept: folded words, so that the same question counts as one.

    Scripts without spaces keep their characters.
    """
    line = without_numbers(query, 200)
    found = words(line)
    is_spaced = " ".join(found) if len(found) < 2 or " " in line else line.casefold()
    return is_spaced.replace("…", "").strip()[:200]
