"""Reading rows from files of any size, one at a time: CSV and JSON, plain or gzipped.

A row that cannot be read is given with the reason and does not stop the rest.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from lamppost.cases.importing.csv_rows import CsvRows
from lamppost.cases.importing.json_rows import json_rows
from lamppost.kernel.refusals import Invalid

_DIGEST_BYTES = 1_000_000
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Row(NamedTuple):
    """One row: the line it begins on, its values, or what is wrong with it.

    The values stand in the order of the columns asked for; one the file lacks is empty.
    """

    line: int
    values: Sequence[str]
    problem: str = ""


class Rows:
    """The rows of one file.

    ``columns`` are those wanted, ``needed`` pairs of a field and the columns of which the file
    must have one. ``encoding`` is that of the text; a byte order mark outranks it.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[str],
        *,
        needed: Sequence[tuple[str, Sequence[str]]] = (),
        encoding: str = "utf-8",
    ) -> None:
        self._path = path
        self._columns = columns
        self._needed = needed
        self._encoding = encoding
        self._raw: BinaryIO | None = None
        self.size = path.stat().st_size
        # The columns of a CSV file, known once its first row was read; none of JSON.
        self.header: tuple[str, ...] = ()

    @property
    def position(self) -> int:
        """How many bytes of the file have been read, for a progress bar."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else self.size

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows. Raises ``Invalid`` for a file that is none of these at all."""
        try:
            with self._path.open("rb") as self._raw, self._text(self._raw) as text:
                for line, values, problem in self._parsed(text):
                    yield Row(line, values, problem or _not_text(values))
        except Invalid as refusal:
            raise Invalid(f"{self._path}: {refusal}") from refusal
        except (OSError, EOFError) as error:
            raise Invalid(f"{self._path}: {error}") from error

    def _parsed(self, text: TextIO) -> Iterator[tuple[int, Sequence[str], str]]:
        if _is_json(self._path):
            yield from json_rows(text, self._columns, self._needed)
            return
        rows = CsvRows(text, self._columns, self._needed)
        self.header = tuple(rows.header)
        yield from rows

    def _text(self, raw: BinaryIO) -> TextIO:
        is_packed = self._path.suffix == ".gz"
        source: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if is_packed else raw
        start = source.read(4)
        source.seek(0)
        encoding = self._encoding
        if start.startswith(_UTF16):
            encoding = "utf-16"
        elif start.startswith(codecs.BOM_UTF8) or encoding == "utf-8":
            encoding = "utf-8-sig"
        # Bytes that are no text come as lone surrogates: the row is rejected, not the file.
        errors = "replace" if encoding == "utf-16" else "surrogateescape"
        return io.TextIOWrapper(source, encoding=encoding, errors=errors, newline="")


def file_digest(path: Path, *more: str) -> str:
    """Return a digest that tells one file from another without reading gigabytes.

    ``more`` are texts that make it another import, such as the mapping.
    """
    size = path.stat().st_size
    found = hashlib.sha256("\0".join([str(size), *more]).encode())
    with path.open("rb") as file:
        found.update(file.read(_DIGEST_BYTES))
        file.seek(max(0, size - _DIGEST_BYTES))
        found.update(file.read(_DIGEST_BYTES))
    return found.hexdigest()


def _is_json(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    return bool(suffixes) and suffixes[-1] in {".json", ".ndjson", ".jsonl", ".geojson"}


def _not_text(values: Sequence[str]) -> str:
    joined = "".join(values)
    if joined.isascii():
        return ""
    try:
        joined.encode()
    except UnicodeEncodeError:
        return "the row is not UTF-8; where the whole file is not, name its encoding"
    return ""
