"""What is measured, as a line of the table and of ``var/bench.json``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: ours beside what the same machine does without us, and the goal for the share.

    ``empty`` is what an empty Django view running the same statement on the same server does,
    0 where that says nothing.
    """

    name: str
    unit: str
    ours: float
    bare: float
    ratio: float
    goal: float
    p99_ms: float = 0.0
    empty: float = 0.0


def share(
    name: str,
    unit: str,
    goal: float,
    ours: float,
    bare: float,
    *,
    p99_ms: float = 0.0,
    empty: float = 0.0,
) -> Figure:
    """Return the line of a rate and the bare rate beside it."""
    return Figure(
        name, unit, round(ours, 1), round(bare, 1), round(ours / bare, 3), goal,
        round(p99_ms, 1), round(empty, 1),
    )  # fmt: skip


def table(figures: list[Figure]) -> str:
    """Return the figures for a person to read."""
    head = (
        f"{'':<24}{'ours':>9}{'bare':>9}{'ratio':>8}{'goal':>7}{'p99 ms':>8}{'of empty':>10}  unit"
    )
    lines = [head]
    for line in figures:
        of_empty = f"{line.ours / line.empty:.2f}" if line.empty else ""
        lines.append(
            f"{line.name:<24}{line.ours:>9,.0f}{line.bare:>9,.0f}{line.ratio:>8.3f}"
            f"{line.goal:>7.2f}{line.p99_ms:>8.0f}{of_empty:>10}  {line.unit}"
        )
    return "\n".join(lines)
