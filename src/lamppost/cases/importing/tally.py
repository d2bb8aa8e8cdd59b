"""What an import has done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lamppost.cases.importing.unknown import UnknownServices


@dataclass(slots=True)
class Tally:
    """Rows so far. ``skipped`` were done by the run that was cut off; ``repeated`` were
    followed at once by a later row of the same number, which counts instead. ``left_open``
    counts, by the word of the status, open rows that have a time of closing; ``absent`` has
    the fields whose columns the file lacks, with the columns the mapping names."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejected: int = 0
    skipped: int = 0
    unknown: UnknownServices = field(default_factory=UnknownServices)
    left_open: Counter[str] = field(default_factory=Counter)
    absent: Mapping[str, Sequence[str]] = field(default_factory=dict)
