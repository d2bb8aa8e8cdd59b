"""Places in a text where phrases were found, and whether they stand together. Pure."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from lamppost.catalog.danger.spelling import Run, Sentences


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: its place among words or letters, its sentence, its offsets."""

    place: int
    sentence: int
    start: int
    end: int


def find_in_run(
    run: Run,
    phrases: list[tuple[str, int]],
    sentences: Sentences,
    hits: dict[int, list[Hit]],
) -> None:
    """Add to ``hits``, by their numbers, the places in ``run`` where ``phrases`` stand."""
    for phrase, number in phrases:
        at = run.letters.find(phrase)
        while at >= 0:
            start, end = run.at[at], run.at[at + len(phrase) - 1] + 1
            hits.setdefault(number, []).append(Hit(at, sentences.number(start), start, end))
            at = run.letters.find(phrase, at + 1)


def together(parts: list[list[Hit]], distance: int, excused: set[int]) -> tuple[int, int] | None:
    """Where all parts stand near each other in a sentence nothing excuses; None if nowhere."""
    rest = [sorted(others, key=_place) for others in parts[1:]]
    for first in parts[0]:
        if first.sentence in excused:
            continue
        chosen = [first]
        for others in rest:
            near = _nearest(others, first.place)
            if abs(near.place - first.place) > distance:
                break
            chosen.append(near)
        else:
            return min(one.start for one in chosen), max(one.end for one in chosen)
    return None


def _place(hit: Hit) -> int:
    return hit.place


def _nearest(hits: list[Hit], place: int) -> Hit:
    """The hit that stands nearest to ``place``; ``hits`` are in the order of their places."""
    at = bisect_left(hits, place, key=_place)
    return min(hits[max(0, at - 1) : at + 1], key=lambda one: abs(one.place - place))
