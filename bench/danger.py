"""How much danger the words find, how much they cry wolf, and how long it takes.

Reads tests/danger/sentences.csv, needs no database. Every sentence is looked at with the words
of all languages together, as in a city that speaks them all.
"""

from __future__ import annotations

import csv
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Figure
from lamppost.catalog.danger import look, shipped_languages

SENTENCES = Path(__file__).resolve().parents[1] / "tests" / "danger" / "sentences.csv"
_SOME = ("en", "es", "ar")
_ORDINARY = (
    "The street light at the corner of Main and Third has been out for two weeks and the whole "
    "block is dark at night, please send somebody. There is also a pothole near the hydrant, and "
    "my neighbor's trash was not picked up on Tuesday. I called before and nobody came. The "
    "number on the pole is 12345. We have small children here and people walk to the bus in the "
    "dark, it does not feel safe. Thank you very much for your help, we have waited a long time. "
)


@dataclass
class Score:
    """Sentences of danger, how many were found, as the right kind; ordinary ones, and stopped."""

    danger: int = 0
    found: int = 0
    other_kind: int = 0
    ordinary: int = 0
    stopped: int = 0
    missed: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Found of those that mean danger, 0 to 1."""
        return self.found / self.danger if self.danger else 1.0

    @property
    def false_alarms(self) -> float:
        """Stopped of those that mean none, 0 to 1."""
        return self.stopped / self.ordinary if self.ordinary else 0.0


def scores() -> dict[tuple[str, str], Score]:
    """Return the score by half of the table ("tune", "held_out") and language; "all" too."""
    languages = tuple(sorted(shipped_languages()))
    found: dict[tuple[str, str], Score] = defaultdict(Score)
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            danger = look(row["text"], languages)
            for language in (row["language"], "all"):
                _count(found[row["split"], language], row, danger.kind if danger else "none")
    return dict(found)


def _count(score: Score, row: dict[str, str], kind: str) -> None:
    if row["expected"] == "none":
        score.ordinary += 1
        score.stopped += kind != "none"
        return
    score.danger += 1
    score.found += kind != "none"
    score.other_kind += kind not in ("none", row["expected"])
    score.missed[row["what"]] += kind == "none"


def danger_figures() -> list[Figure]:
    """Return recall and false alarms of both halves, and the time for 500 letters."""
    found = scores()
    figures = []
    for split in ("held_out", "tune"):
        score = found[split, "all"]
        figures += [
            _figure(f"danger_recall_{split}", "share found", score.recall, 0.95),
            _figure(f"danger_false_alarms_{split}", "share stopped", score.false_alarms, 0.10),
        ]
    for languages, name in ((_SOME, "3"), (tuple(sorted(shipped_languages())), "all")):
        figures.append(_figure(f"danger_look_{name}_languages", "ms", milliseconds(languages), 0.3))
    return figures


def milliseconds(languages: tuple[str, ...], times: int = 300) -> float:
    """Return the milliseconds one look at 500 letters of an ordinary report takes."""
    text = _ORDINARY[:500]
    look(text, languages)
    # Processor time: what a neighbor on the machine does is not our slowness.
    start = time.process_time()
    for _each in range(times):
        look(text, languages)
    return (time.process_time() - start) * 1000 / times


def _figure(name: str, unit: str, ours: float, goal: float) -> Figure:
    return Figure(name=name, unit=unit, ours=round(ours, 4), bare=0.0, ratio=0.0, goal=goal)


def print_table() -> None:
    """Print recall and false alarms by language and half, and the time a look takes."""
    print(f"{'':12}{'half':10}{'recall':>14}{'false alarms':>16}{'other kind':>12}")
    for (split, language), score in sorted(scores().items(), key=lambda one: one[0][::-1]):
        print(
            f"{language:12}{split:10}{score.found:>6}/{score.danger:<3}{score.recall:>5.0%}"
            f"{score.stopped:>8}/{score.ordinary:<3}{score.false_alarms:>5.0%}"
            f"{score.other_kind:>12}"
        )
    for figure in danger_figures():
        print(f"{figure.name:32}{figure.ours:>9.4f}   goal {figure.goal:.2f}  {figure.unit}")


if __name__ == "__main__":
    print_table()
