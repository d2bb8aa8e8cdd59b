"""Placeholders of reply templates: a closed set of names, filled in one pass. Pure.

Nothing but the name between braces is understood: no attributes, no formats, no indexes, so a
template can reach nothing it is not given, and what is filled in is never read again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDERS = ("number", "service", "due", "department")
_BRACED = re.compile(r"\{([^{}]*)\}")


def unknown_placeholders(text: str) -> list[str]:
    """Return what stands in braces in ``text`` and is no placeholder, in order, once each.

    A brace without its partner is returned as it stands.
    """
    found = [f"{{{name}}}" for name in _BRACED.findall(text) if name not in PLACEHOLDERS]
    found += re.findall(r"[{}]", _BRACED.sub("", text))
    return list(dict.fromkeys(found))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with each placeholder replaced by its value, '' where there is none.

    What is not a placeholder stays as it is. Values are put in as they are: braces in them
    mean nothing.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        return values.get(name, "") if name in PLACEHOLDERS else match[0]

    return _BRACED.sub(value, text)
