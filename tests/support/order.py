"""In which order the files of the suite are handed to its workers."""

from __future__ import annotations

from itertools import chain, zip_longest
from pathlib import Path

import pytest

# Who asks for one of these waits for servers and browsers more than for the processor.
_WAITING = frozenset({"make_installation", "grounds"})
_ACROSS_APPS = Path(__file__).parents[1]


def long_files_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return ``items`` with each file's together, so that no long file begins when all else ends.

    Files that wait come in turn with files that compute, so that workers seldom do the same;
    of those that compute, first the walks across apps, then those of many tests.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waiting = {path for path, tests in files.items() if any(map(_waits, tests))}
    computing = sorted(
        files.keys() - waiting,
        key=lambda path: (_ACROSS_APPS not in path.parents, -len(files[path]), path),
    )
    in_turn = chain.from_iterable(zip_longest(sorted(waiting, reverse=True), computing))
    return [item for path in in_turn if path for item in files[path]]


def _waits(item: pytest.Item) -> bool:
    return not _WAITING.isdisjoint(getattr(item, "fixturenames", ()))
