"""Reading rows from files of any size, one at a time."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lamppost.kernel.refusals import Invalid

Row = dict[str, str | None]
# A description may be long; a field of more than this is a broken quote.
_FIELD_LIMIT = 1_000_000


def rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield ``(line, row)`` of a CSV file, plain or gzipped, with a header; line 1 is the header.

    UTF-8 with or without a byte order mark; bytes that are not UTF-8 come as lone surrogates,
    so that the reader can reject the row and go on. Raises ``Invalid`` for a file without
    header or one that cannot be read.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    with _opened(path) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
        sample = text.read(64_000)
        text.seek(0)
        reader = csv.DictReader(text, delimiter=_delimiter(sample))
        if not reader.fieldnames:
            raise Invalid(f"{path}: the file is empty")
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Invalid(f"{path}:{reader.line_num}: {error}") from error
            yield reader.line_num, row


def count_bytes(path: Path) -> int:
    """Return the size of the file in bytes, for a progress bar."""
    return path.stat().st_size


def file_digest(path: Path) -> str:
    """Return a digest that tells one file from another without reading gigabytes."""
    found = hashlib.sha256(str(path.stat().st_size).encode())
    with path.open("rb") as file:
        found.update(file.read(1_000_000))
    return found.hexdigest()


def _opened(path: Path) -> BinaryIO:
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rb")  # type: ignore[return-value]
        return path.open("rb")
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror or error}") from error


def _delimiter(sample: str) -> str:
    header = sample.partition("\n")[0]
    return max(",;\t|", key=header.count)
