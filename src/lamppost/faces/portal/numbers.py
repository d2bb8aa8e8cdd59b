"""Numbers as people write them."""

from __future__ import annotations

import re

from lamppost.kernel.text import clean_line

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}", re.ASCII)


def number_of(text: str) -> str:
    """Return the number somebody meant, without blanks and number signs; empty for none.

    Digits of other scripts count: ``١٠٠١`` is ``1001``.
    """
    plain = "".join(clean_line(text)[:100].split()).lstrip("#№").strip()
    plain = "".join(str(int(char)) if char.isdecimal() else char for char in plain)
    return plain if _NUMBER.fullmatch(plain) else ""
