"""How well and how fast the geocoder finds addresses, beside plain interpolation.

Reads the files given by arguments, needs no database, prints a table and with --json a list
of {name, unit, ours, bare, ratio, goal}: `bare` is a plain straight-line interpolation over the
same street file, run on the same addresses. docs/geocoding.md has the command and figures.

A FILE:COLUMNS argument names a CSV, GeoJSON or Parquet file and its columns; columns that are
numbers mean a file without a header.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamppost.settings")
os.environ.setdefault("LAMPPOST_HOME", tempfile.mkdtemp(prefix="lamppost-bench-"))

import django

django.setup()

from lamppost.kernel.geo import distance_m  # noqa: E402
from lamppost.places.geocoding import reading  # noqa: E402
from lamppost.places.geocoding.files import FileRow, read_rows  # noqa: E402
from lamppost.places.geocoding.grammar import Grammar, grammar_of  # noqa: E402
from lamppost.places.geocoding.index import StreetIndex  # noqa: E402
from lamppost.places.geocoding.lookup import SURE  # noqa: E402
from lamppost.places.geocoding.matches import MatchKind  # noqa: E402
from lamppost.places.geocoding.nearest import Nearest  # noqa: E402
from lamppost.places.geocoding.reading import BadRow, Columns  # noqa: E402
from lamppost.places.geocoding.rows import MICRO, AliasRow, KnownRow, LandmarkRow, SegmentRow  # noqa: E402
from lamppost.places.geocoding.search import find_places  # noqa: E402
from lamppost.places.geocoding.suggestions import Suggestions  # noqa: E402
from lamppost.places.geocoding.words import split_words, street_name  # noqa: E402

Place = tuple[float, float]
_WITHIN_M = 100
_SEED = 311


@dataclass(frozen=True)
class Test:
    """Addresses and, where the file says, the places they really are."""

    name: str
    rows: list[tuple[str, Place | None]]


@dataclass(frozen=True)
class Score:
    """What one way to find addresses did on one test, each as a share of all its rows."""

    matched: float
    median_m: float
    within: float
    milliseconds: float

    def __str__(self) -> str:
        median = f"{self.median_m:6.1f} m" if self.median_m >= 0 else "       -"
        within = f"{self.within:6.1%}" if self.within >= 0 else "     -"
        return f"{self.matched:6.1%} {median} {within} {self.milliseconds:6.2f} ms"


# Files


def _split(spec: str) -> tuple[Path, list[str]]:
    file, *columns = spec.split(":")
    return Path(file), columns


def _rows(spec: str) -> Iterator[FileRow]:
    path, columns = _split(spec)
    yield from read_rows(path, header=not all(name.isdigit() for name in columns))


def _taken(rows: Iterator[FileRow], take: Callable[[FileRow], Any]) -> Iterator[Any]:
    for row in rows:
        try:
            yield take(row)
        except BadRow:
            continue


def _segments(spec: str) -> Iterator[SegmentRow]:
    name, ranges = _split(spec)[1]
    columns = Columns(name=name, ranges=tuple(ranges.split(",")))
    return _taken(_rows(spec), lambda row: reading.segment(row, columns))


def _known(spec: str, grammar: Grammar) -> Iterator[KnownRow]:
    columns = Columns(address=_split(spec)[1][0])
    for row in _taken(_rows(spec), lambda row: reading.known(row, columns, grammar)):
        street = street_name(split_words(row.street), grammar).full
        # The place is withheld: only that the address exists is told.
        yield row._replace(street=street, place=None)


def _test(spec: str) -> Test:
    name, _, rest = spec.partition("=")
    column = _split(rest)[1][0]
    rows: list[tuple[str, Place | None]] = []
    for row in _rows(rest):
        text, geometry = row.text(column), row.geometry
        place = tuple(geometry["coordinates"][:2]) if geometry else None
        if text:
            rows.append((text, place))
    return Test(name, rows)


def _sample(test: Test, count: int) -> Test:
    rows = list(test.rows)
    random.Random(_SEED).shuffle(rows)
    return Test(test.name, rows[:count])


# What is compared


class Bare:
    """Plain interpolation: exact names, straight lines, no setback."""

    def __init__(self, segments: Iterator[SegmentRow]) -> None:
        self._blocks: dict[str, list[tuple[int, int, Place, Place]]] = {}
        for row in segments:
            start = row.line[0] / MICRO, row.line[1] / MICRO
            end = row.line[-2] / MICRO, row.line[-1] / MICRO
            for first, last in ((row.left_from, row.left_to), (row.right_from, row.right_to)):
                if first or last:
                    self._blocks.setdefault(row.name.upper(), []).append((first, last, start, end))

    def find(self, text: str) -> Place | None:
        first, _, street = text.upper().partition(" ")
        street = street.removeprefix("BLOCK OF ")
        digits = "".join(char for char in first.partition("-")[0] if char.isdigit())
        if not digits:
            return None
        number = int(digits)
        for low, high, start, end in self._blocks.get(street.strip(), []):
            if min(low, high) <= number <= max(low, high) and number % 2 == low % 2:
                share = (number - low) / (high - low) if high != low else 0.5
                return (
                    start[0] + share * (end[0] - start[0]),
                    start[1] + share * (end[1] - start[1]),
                )
        return None


def score(test: Test, find: Callable[[str], Place | None]) -> Score:
    """Return how ``find`` does on a test."""
    errors: list[float] = []
    matched = 0
    began = time.process_time()
    answers = [find(text) for text, _place in test.rows]
    spent = time.process_time() - began
    for answer, (_text, place) in zip(answers, test.rows, strict=True):
        matched += answer is not None
        if answer is not None and place is not None:
            errors.append(distance_m(answer, place))
    count = len(test.rows)
    return Score(
        matched / count,
        statistics.median(errors) if errors else -1,
        sum(error <= _WITHIN_M for error in errors) / count if errors else -1,
        spent / count * 1000,
    )


def finder(index: StreetIndex) -> Callable[[str], Place | None]:
    """Return our search as one answer; a mere street or a guess counts as none."""

    def find(text: str) -> Place | None:
        found = find_places(index, text, limit=1)
        if not found or found[0].kind == MatchKind.STREET or found[0].score < _FOUND:
            return None
        return found[0].point

    return find


# What a person would accept from a list; below it the answer is another street or number.
_FOUND = 0.7


# Tests made from others


def as_blocks(test: Test, grammar: Grammar) -> Test:
    """Return the addresses as hundred-blocks: "2600 BLOCK OF FEDERAL ST"."""
    rows: list[tuple[str, Place | None]] = []
    for text, place in test.rows:
        columns = {"address": text}
        try:
            row = reading.known(FileRow(0, columns), Columns(address="address"), grammar)
        except BadRow:
            continue
        rows.append((f"{row.number // 100 * 100} BLOCK OF {row.street}", place))
    return Test(f"{test.name} as hundred-blocks", rows)


def misspelled(test: Test) -> Test:
    """Return the addresses with one slip in the longest word of each."""
    chance = random.Random(_SEED)
    rows: list[tuple[str, Place | None]] = []
    for text, place in test.rows:
        words = text.split()
        word = max((word for word in words if word.isalpha()), key=len, default="")
        if len(word) < 6:
            continue
        at = chance.randrange(1, len(word) - 1)
        slips = (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + chance.choice("AEIORSTLN") + word[at + 1 :],
        )
        rows.append((text.replace(word, chance.choice(slips)), place))
    return Test(f"{test.name}, misspelled", rows)


def in_small_words(test: Test, grammar: Grammar) -> Test:
    """Return the addresses as people type them: small letters, no direction, kind in full."""
    longest: dict[str, str] = {}
    for word, standard in grammar.types.items():
        if len(word) > len(longest.get(standard, "")):
            longest[standard] = word
    rows = []
    for text, place in test.rows:
        words = [word for word in text.lower().split() if word not in grammar.directions]
        if words and words[-1] in longest:
            words[-1] = longest[words[-1]]
        rows.append((" ".join(words), place))
    return Test(f"{test.name}, no direction", rows)


def in_bare_corners(args: argparse.Namespace, grammar: Grammar) -> Iterator[Test]:
    """Yield the corners of the file as people say them, "5th & Market": as they are named, and
    by another name that one of the streets has in the files of other names."""
    others: dict[str, set[str]] = {}
    for spec in args.street_names:
        for row in _taken(_rows(spec), partial(_alias, columns=_alias_columns(spec))):
            meant, written = (
                street_name(split_words(name), grammar) for name in (row.name, row.written)
            )
            if meant.full != written.full and meant.base != written.base:
                others.setdefault(meant.full, set()).add(written.base)
    named: list[tuple[str, Place | None]] = []
    renamed: list[tuple[str, Place | None]] = []
    columns = Columns(streets=tuple(_split(args.intersections)[1][0].split(",")))
    for row in _taken(_rows(args.intersections), lambda row: reading.crossing(row, columns)):
        one, other = (street_name(split_words(name), grammar) for name in (row.name_1, row.name_2))
        if one.base == other.base:
            continue
        place = row.x / MICRO, row.y / MICRO
        named.append((f"{one.base} & {other.base}", place))
        for this, far in ((one, other), (other, one)):
            renamed += [(f"{base} & {far.base}", place) for base in others.get(this.full, ())]
    yield Test("corners, kinds left out", named)
    if renamed:
        yield Test("corners by another name", renamed)


# Speed and size


def timed(calls: Iterator[Callable[[], object]]) -> list[float]:
    """Return the milliseconds of processor each call takes, sorted; none of them waits."""
    spent = []
    for call in calls:
        began = time.process_time()
        call()
        spent.append((time.process_time() - began) * 1000)
    return sorted(spent)


def share(values: list[float], part: float) -> float:
    """Return the value below which ``part`` of the sorted ``values`` are."""
    return values[min(len(values) - 1, int(len(values) * part))]


def speed(index: StreetIndex, texts: list[str], places: list[Place]) -> list[dict[str, Any]]:
    """Time suggestions for every beginning of some texts, and what is at some places."""
    began = time.process_time()
    suggestions = Suggestions(index)
    nearest = Nearest(index)
    print(f"suggestions and grid ready in {time.process_time() - began:.2f} s")
    beginnings = [text[:end] for text in texts for end in range(1, len(text) + 1)]
    keys = timed((lambda t=t: suggestions.suggest(t, 8)) for t in beginnings)  # type: ignore[misc]
    back = timed((lambda p=p: nearest.at(p)) for p in places)  # type: ignore[misc]
    rows = []
    for name, values, goal in (("suggest", keys, 20.0), ("reverse", back, None)):
        p50, p95, p99 = (share(values, part) for part in (0.5, 0.95, 0.99))
        print(f"{name:>10}: {len(values):,} calls, p50 {p50:.2f} ms, p95 {p95:.2f} ms, "
              f"p99 {p99:.2f} ms, longest {values[-1]:.1f} ms")  # fmt: skip
        rows.append(_result(f"geocoder_{name}_p95", "ms", p95, None, goal))
    return rows


def _size(args: argparse.Namespace, grammar: Grammar) -> dict[str, Any]:
    """Build everything a web worker keeps, before anything else takes memory."""
    known = _by_street(args, grammar)
    tracemalloc.start()
    index = _index(args, grammar, known)
    kept = index, Suggestions(index), Nearest(index)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    print(f"{kept[0].segment_count:,} segments and all that hangs on them: {grown:.0f} MB\n")
    return _result("geocoder_memory", "MB", grown, None, 60.0)


def _by_street(args: argparse.Namespace, grammar: Grammar) -> list[KnownRow]:
    return sorted(_known(args.numbers, grammar), key=_order) if args.numbers else []


def same_street(index: StreetIndex, texts: list[str]) -> float:
    """Return how often what is at the point found for an address names its street."""
    nearest = Nearest(index)
    same = count = 0
    for text in texts:
        found = find_places(index, text, limit=1)
        if found and found[0].kind in (MatchKind.RANGE, MatchKind.ADDRESS):
            back = nearest.at(found[0].point)
            count += 1
            same += back is not None and found[0].street in back.label
    return same / max(count, 1)


def _result(
    name: str, unit: str, ours: float, bare: float | None, goal: float | None
) -> dict[str, Any]:
    ratio = ours / bare if bare else None
    return {"name": name, "unit": unit, "ours": ours, "bare": bare, "ratio": ratio, "goal": goal}


# The command


def main() -> int:
    """Run; 0 when done."""
    args = _arguments()
    grammar = grammar_of(args.country)
    results = [_size(args, grammar)]
    tests = [_sample(_test(spec), args.sample) for spec in args.test]
    held_out = _test(args.test[0])
    bare = Bare(_segments(args.streets))
    stages: list[tuple[str, list[KnownRow]]] = [("streets only", [])]
    if args.numbers:
        numbers = _by_street(args, grammar)
        stages.append(("and which numbers exist", numbers))
        unseen = {text for text, _place in tests[0].rows}
        located = [
            row
            for text, place in held_out.rows
            if text not in unseen and place is not None
            for row in _located(text, place, grammar)
        ]
        both = sorted([*numbers, *located], key=_order)
        stages.append((f"and {len(located):,} places of other addresses", both))
    tests.append(_sample(as_blocks(tests[0], grammar), args.sample))
    tests += [misspelled(tests[0]), in_small_words(tests[0], grammar)]
    spelled_badly = tests[-2]
    if args.intersections:
        tests += [_sample(test, args.sample) for test in in_bare_corners(args, grammar)]
    print(f"{'':44}  found   median <100 m      time")
    plain = {}
    for test in tests:
        plain[test.name] = score(test, bare.find)
        print(f"{test.name:32} {'plain':>11} {plain[test.name]}  of {len(test.rows):,}")
    del bare
    index = None
    for stage, known in stages:
        began = time.process_time()
        made = _index(args, grammar, known)
        spent = time.process_time() - began
        index = index or made
        print(f"\n{stage}: built in {spent:.2f} s")
        for test in tests:
            ours = score(test, finder(made))
            print(f"{test.name:32} {'ours':>11} {ours}")
            name = f"geocoder: {test.name}; {stage}"
            results.append(
                _result(f"{name}: found", "", ours.matched, plain[test.name].matched, None)
            )
            if ours.within >= 0:
                results.append(
                    _result(f"{name}: <100 m", "", ours.within, plain[test.name].within, None)
                )
    if index is not None:
        texts = [text for text, _place in tests[0].rows]
        print()
        print(f"same street back: {same_street(index, texts[:2000]):.1%}")
        places = [place for _text, place in tests[0].rows[:2000] if place]
        results += speed(
            index, texts[:150] + [text for text, _ in spelled_badly.rows[:100]], places
        )
        sure = [find_places(index, text, limit=1) for text in texts]
        share_sure = sum(bool(found) and found[0].score >= SURE for found in sure) / len(sure)
        print(f"sure enough to use unasked: {share_sure:.1%}")
    if args.json:
        args.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    return 0


def _order(row: KnownRow) -> tuple[str, int]:
    return row.street, row.number


def _located(text: str, place: Place, grammar: Grammar) -> Iterator[KnownRow]:
    geometry = {"type": "Point", "coordinates": list(place)}
    try:
        row = reading.known(
            FileRow(0, {"address": text}, geometry), Columns(address="address"), grammar
        )
    except BadRow:
        return
    yield row._replace(street=street_name(split_words(row.street), grammar).full)


def _alias_columns(spec: str) -> Columns:
    written, name, *ranges = _split(spec)[1]
    return Columns(written=written, name=name, ranges=tuple(",".join(ranges).split(",")))


def _index(args: argparse.Namespace, grammar: Grammar, known: list[KnownRow]) -> StreetIndex:
    crossings: Iterator[Any] = iter(())
    landmarks: Iterator[LandmarkRow] = iter(())
    aliases: list[AliasRow] = []
    if args.intersections:
        streets = Columns(streets=tuple(_split(args.intersections)[1][0].split(",")))
        crossings = _taken(_rows(args.intersections), lambda row: reading.crossing(row, streets))
    if args.landmarks:
        named = Columns(name=_split(args.landmarks)[1][0])
        landmarks = _taken(_rows(args.landmarks), lambda row: reading.landmark(row, named)[0])
    for spec in args.street_names:
        columns = _alias_columns(spec)
        aliases += _taken(_rows(spec), partial(_alias, columns=columns))
    return StreetIndex(
        grammar,
        segments=_segments(args.streets),
        crossings=crossings,
        known=known,
        landmarks=landmarks,
        aliases=aliases,
    )


def _alias(row: FileRow, columns: Columns) -> AliasRow:
    return reading.alias(row, columns)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--country", default="US")
    parser.add_argument(
        "--streets", required=True, metavar="FILE:NAME:LEFT_FROM,LEFT_TO,RIGHT_FROM,RIGHT_TO"
    )
    parser.add_argument("--intersections", metavar="FILE:STREET_1,STREET_2")
    parser.add_argument("--landmarks", metavar="FILE:NAME")
    parser.add_argument("--street-names", action="append", default=[], metavar="FILE:WRITTEN:NAME")
    parser.add_argument("--numbers", metavar="FILE:ADDRESS", help="addresses known to exist")
    parser.add_argument(
        "--test", action="append", required=True, metavar="TITLE=FILE:ADDRESS", help="addresses"
    )
    parser.add_argument("--sample", type=int, default=6000, help="addresses of each test")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
