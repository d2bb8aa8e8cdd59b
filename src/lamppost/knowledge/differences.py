"""What changed between two wordings, word by word. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

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
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            found.append(_piece("same", before[start:end]))
            continue
        found += [_piece("gone", before[start:end])] if end > start else []
        found += [_piece("new", after[new_start:new_end])] if new_end > new_start else []
    return found


def _piece(kind: str, words: Sequence[str]) -> Piece:
    return Piece(kind, "".join(words))
