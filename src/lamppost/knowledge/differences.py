"""What changed between two wordings, word by word. Pure."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# Two articles as long as may be have two million; one word over and over has many more, and is
# compared by its rarer words alone: whoever types it must not busy a process for minutes.
_MOST_PAIRS = 5_000_000
_PIECE = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text that both have ("same"), only the old one ("gone") or only the new ("new")."""

    kind: str
    text: str


def pieces(old: str, new: str) -> list[Piece]:
    """Return ``new`` with what was taken out of ``old`` in place, as runs of words.

    By Ratcliff and Obershelp's matching blocks over words, signs and blanks.
    """
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    found: list[Piece] = []
    is_monotonous = _pairs(before, after) > _MOST_PAIRS
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=is_monotonous)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            found.append(_piece("same", before[start:end]))
            continue
        found += [_piece("gone", before[start:end])] if end > start else []
        found += [_piece("new", after[new_start:new_end])] if new_end > new_start else []
    return found


def _pairs(before: Sequence[str], after: Sequence[str]) -> int:
    """How many places of one text say the same as places of the other: the work of a pass."""
    counted = Counter(before)
    return sum(counted[word] * times for word, times in Counter(after).items())


def _piece(kind: str, words: Sequence[str]) -> Piece:
    return Piece(kind, "".join(words))
