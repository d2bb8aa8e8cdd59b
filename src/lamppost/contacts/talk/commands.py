"""Which texts are commands. Pure.

STOP and its fellows are obeyed only when they stand alone, as the carriers' rules want it
(CTIA Messaging Principles and Best Practices, "opt-out"): "stop sign missing" is a report.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from lamppost.kernel.text import clean_line, fold

# What the talk can do, and the English words that hold in every city. A city's pack adds its
# own words in every language under the same codes.
BUILT_IN: Mapping[str, tuple[str, ...]] = {
    # Those of 47 CFR 64.1200(a)(10) and of the carriers.
    "stop": (
        "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "opt out", "optout",
    ),
    "start": ("start", "unstop", "yes"),
    "help": ("help", "info"),
    "status": ("status",),
    "report": ("report",),
    "more": ("more",),
    "back": ("back",),
    "new": ("new",),
    "web": ("web", "link"),
    "language": ("lang", "language"),
    "settled": ("done", "settled"),
    "not-fixed": ("not fixed", "notfixed"),
    "skip": ("skip",),
    "yes": ("yes", "y", "ok", "send"),
    "no": ("no", "n"),
}  # fmt: skip
# These take a number or words behind them.
_WITH_NUMBER = frozenset({"status", "settled", "not-fixed"})
_NUMBER = re.compile(r"#?\s*([0-9][0-9A-Za-z-]{2,19})")
_PUNCTUATION = " .,;:!?¡¿\"'()*"


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its code, with the number and the words behind it."""

    code: str
    number: str = ""
    words: str = ""


def word_table(more: Mapping[str, str]) -> dict[str, str]:
    """Return folded word to code: the built-in ones, and ``more`` (code to comma-separated).

    A built-in English word keeps its meaning whatever a city says.
    """
    table = {
        fold(word.strip()): code
        for code, words in more.items()
        for word in words.split(",")
        if word.strip()
    }
    # "yes" starts messages again where nothing else is asked; see ``machine``.
    for code, words in BUILT_IN.items():
        table |= {fold(word): code for word in words if word != "yes" or code == "yes"}
    return table


def command_of(text: str, table: Mapping[str, str], *, is_idle: bool) -> Command | None:
    """Return the command ``text`` is, or None for words to be answered otherwise.

    ``is_idle``: nothing is asked just now, so a city's own keyword may have words behind it
    and a bare number is a case's.
    """
    line = clean_line(text).strip(_PUNCTUATION)
    code = table.get(fold(line))
    if code is not None:
        return Command(code)
    if is_idle:
        number = _NUMBER.fullmatch(_western(line))
        if number:
            return Command("status", number=number[1])
    for words in (2, 1):
        parts = line.split(" ", words)
        head, tail = " ".join(parts[:words]), " ".join(parts[words:])
        code = table.get(fold(head.strip(_PUNCTUATION)))
        if code is not None and tail:
            found = _with_tail(code, tail, is_idle=is_idle)
            if found is not None:
                return found
    return None


def _with_tail(code: str, tail: str, *, is_idle: bool) -> Command | None:
    if code in _WITH_NUMBER:
        number, _space, words = tail.partition(" ")
        match = _NUMBER.fullmatch(_western(number.strip(_PUNCTUATION)))
        return Command(code, number=match[1], words=words.strip()) if match else None
    if code == "report" or (is_idle and code not in BUILT_IN):
        return Command(code, words=tail)
    return None


def _western(text: str) -> str:
    """Return ``text`` with the digits of every script as those numbers are kept in."""
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
