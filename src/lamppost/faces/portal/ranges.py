"""HTTP byte ranges (RFC 9110, section 14): one piece of a file, of bounded size. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A map asks for some tens of kilobytes; whoever asks for more gets the first part of it, which
# section 15.3.7 allows, and may ask again.
LARGEST_PIECE = 4_000_000
# Eighteen digits are an exabyte: longer numbers are nobody's file.
_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes these are."""
        return self.last - self.first + 1


class OutOfFile(Exception):
    """The range begins after the end of the file: 416."""


def piece_of(header: str, size: int) -> Piece | None:
    """Return the piece of a file of ``size`` bytes that ``Range: header`` asks for.

    None for no range, several, another unit or nonsense: the whole file is the answer then
    (section 14.2). Raises ``OutOfFile`` for a range that has no byte of the file.
    """
    found = _ONE_RANGE.fullmatch(header)
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        first, last = max(0, size - int(found[2])), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
        if found[2] and int(found[2]) < first:
            return None
    if first >= size:
        raise OutOfFile
    return Piece(first, min(last, first + LARGEST_PIECE - 1))
