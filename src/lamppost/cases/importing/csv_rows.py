"""Rows of a CSV file with a header, whatever it is separated by, damaged rows apart."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TextIO

from lamppost.kernel.refusals import Invalid

# A description may be long; a field of more than this is a quote that was never closed.
_FIELD_LIMIT = 100_000
_LINE_LIMIT = 1_000_000
_NAMES_SHOWN = 30
# How every ZIP file begins, and so every workbook of today.
_PACKED = "PK\x03\x04"

Parsed = tuple[int, Sequence[str], str]


class CsvRows:
    """The rows of a CSV text; ``header`` is its first, line 1."""

    def __init__(
        self, text: TextIO, columns: Sequence[str], needed: Sequence[tuple[str, Sequence[str]]]
    ) -> None:
        """Read the header. Raises ``Invalid`` without one, or when it lacks what is ``needed``."""
        lines = _Lines(text)
        first = lines.readline()
        if first.startswith(_PACKED):
            raise Invalid("this is a packed file such as a workbook: save it as CSV first")
        if not first.strip():
            raise Invalid("the file is empty")
        lines.put_back([first])
        self._parser = _Parser(lines, delimiter=max(",;\t|", key=first.count))
        self.header = [name.strip() for name in self._parser.next_row() or ()]
        _check_header(self.header, columns, needed)
        self._columns = columns

    def __iter__(self) -> Iterator[Parsed]:
        """Yield ``(line, values, problem)`` for each row, ``values`` in the order of ``columns``.

        A row whose fields are not as many as the header's, or with a quote that is never closed,
        is a problem of its first line only: reading goes on at the next.
        """
        parser, header = self._parser, self.header
        places = [header.index(name) if name in header else len(header) for name in self._columns]
        # One more than there are columns: with a single one it would not give a sequence.
        pick = itemgetter(*places, len(header))
        while True:
            row = parser.next_row()
            if row is None:
                return
            line, problem = parser.line, parser.problem
            if not problem and len(row) != len(header):
                problem = _ragged(row, len(header))
                if problem:
                    parser.retry()
            if not row and not problem:
                continue
            if not problem and row[0].strip() == header[0] and _is_header(row, header):
                problem = "the header once more"
            if len(row) != len(header):
                row = [*row[: len(header)], *[""] * (len(header) - len(row))]
            row.append("")
            yield line, pick(row)[:-1], problem


def _is_header(row: Sequence[str], header: Sequence[str]) -> bool:
    return [name.strip() for name in row[: len(header)]] == header


def _ragged(row: Sequence[str], wanted: int) -> str:
    if not row or (len(row) > wanted and not any(row[wanted:])):
        return ""
    return f"{len(row)} fields where the header has {wanted}"


def _check_header(
    header: Sequence[str], columns: Sequence[str], needed: Sequence[tuple[str, Sequence[str]]]
) -> None:
    shown = ", ".join(name[:40] for name in header[:_NAMES_SHOWN])
    for field, candidates in needed:
        if not any(name in header for name in candidates):
            raise Invalid(
                f"line 1: no column for {field} ({' or '.join(candidates)}); the file has {shown}"
            )
    for name, count in Counter(header).items():
        if count > 1 and name in columns:
            raise Invalid(f"line 1: column {name!r} stands there {count} times")


class _Lines:
    """The lines of a text, some of which may be put back; none is longer than a limit."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._waiting: deque[str] = deque()
        self.number = 0

    def readline(self) -> str:
        self.number += 1
        if self._waiting:
            return self._waiting.popleft()
        line = self._text.readline(_LINE_LIMIT)
        if len(line) == _LINE_LIMIT and not line.endswith(("\n", "\r")):
            # Memory stays bounded: what follows until the end of the line is left out.
            while True:
                rest = self._text.readline(_LINE_LIMIT)
                if not rest or rest.endswith(("\n", "\r")):
                    break
        return line

    def put_back(self, lines: Sequence[str]) -> None:
        self.number -= len(lines)
        self._waiting.extendleft(reversed(lines))


class _Parser:
    """Rows from lines; remembers the lines of the last row, so that they can be tried again."""

    def __init__(self, lines: _Lines, delimiter: str) -> None:
        csv.field_size_limit(_FIELD_LIMIT)
        self._lines = lines
        self._used: list[str] = []
        self._delimiter = delimiter
        self._reader = self._fresh()
        self.line = 0
        self.problem = ""

    def _fresh(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._delimiter, strict=True)

    def _feed(self) -> Iterator[str]:
        while line := self._lines.readline():
            self._used.append(line)
            yield line

    def next_row(self) -> list[str] | None:
        """Return the next row, or None at the end; ``problem`` says what was wrong with it."""
        self._used = []
        self.problem = ""
        self.line = self._lines.number + 1
        try:
            return next(self._reader, None)
        except csv.Error as error:
            self.problem = _in_words(error)
            used = self._used
            self.retry()
            return used[0].rstrip("\r\n").split(self._delimiter) if used else []

    def retry(self) -> None:
        """Give back all lines of the last row but its first: they are read on their own."""
        if len(self._used) > 1:
            self._lines.put_back(self._used[1:])
        self._reader = self._fresh()


def _in_words(error: csv.Error) -> str:
    said = str(error)
    if "end of data" in said:
        return "a quote is opened and never closed"
    if "field limit" in said:
        return f"a field is longer than {_FIELD_LIMIT:,} characters, or a quote is never closed"
    return f"not CSV: {said}"
