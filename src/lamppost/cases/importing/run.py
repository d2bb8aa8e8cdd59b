"""One run of an import: resumable, repeatable, never stopped by a bad row."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from lamppost.cases.importing.ahead import read_ahead
from lamppost.cases.importing.files import Row, Rows, file_digest
from lamppost.cases.importing.lanes import Lanes, two_lanes
from lamppost.cases.importing.load import BATCH, Loaded, load_staged
from lamppost.cases.importing.mapping import ColumnMapping
from lamppost.cases.importing.past import PastCase, Rejected
from lamppost.cases.importing.rows import Catalogue, RowProblem, RowReader, UnknownService
from lamppost.cases.importing.staging import Staged, Stager
from lamppost.cases.importing.tally import Tally
from lamppost.cases.importing.unknown import UnknownServices, draft_file
from lamppost.cases.models import ImportRun
from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.text import clean_line, fold

Progress = Callable[[Tally, int], None]
"""Called after each batch with what was done and the bytes of the file that were read."""

_REJECTS_HEADER = ("line", "number", "reason")
_NAMES_KEPT = 10_000


@dataclass(slots=True)
class _Batch:
    """Rows read and not yet written: of a number that comes twice the later row counts."""

    cases: dict[str, PastCase] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    repeated: int = 0
    read: int = 0

    def add(self, case: PastCase) -> None:
        self.repeated += case.number in self.cases
        self.cases[case.number] = case

    @property
    def is_full(self) -> bool:
        return len(self.cases) >= BATCH or len(self.rejected) >= BATCH


def import_requests(
    path: Path,
    *,
    mapping: ColumnMapping,
    rejects: Path,
    local_until: date | None = None,
    restart: bool = False,
    progress: Progress | None = None,
) -> Tally:
    """Bring the file's requests into the city in scope and return what was done.

    Rows that cannot be taken go to ``rejects`` with line, number and reason. A run that was
    cut off is taken up where it stopped, unless ``restart``; a finished one may be run again
    and brings only what changed. Raises ``Invalid`` for a file that does not fit the mapping
    at all.
    """
    reader = row_reader(mapping, local_until)
    rows = Rows(path, reader.columns, needed=mapping.columns_needed, encoding=mapping.encoding)
    run = _run(path, mapping, restart)
    tally = Tally(skipped=run.rows_done, left_open=reader.left_open)
    wanted = islice(rows, run.rows_done, None)
    writer = _Writer(run.pk, mapping.name)
    with (
        _opened_rejects(rejects, run.rows_rejected) as file,
        read_ahead(_staged(_batches(wanted, reader, tally.unknown), Stager())) as batches,
        two_lanes() as lanes,
    ):
        for batch, parts in batches:
            _write(batch, parts, writer, lanes, tally, file)
            if progress is not None:
                progress(tally, rows.position)
    tally.absent = {
        field: names
        for field, names in mapping.columns.items()
        if rows.header and not set(names) & set(rows.header)
    }
    run.finished_at = timezone.now()
    run.save(update_fields=["finished_at"])
    return tally


def row_reader(mapping: ColumnMapping, local_until: date | None = None) -> RowReader:
    """Return a reader that knows the services and departments of the city in scope."""
    return RowReader(
        mapping,
        catalogue(),
        zone=city_in_scope().zone,
        now=timezone.now(),
        local_until=local_until,
    )


def catalogue() -> Catalogue:
    """Return what finds the city's services, departments and statuses by the names files use."""
    pages = book()
    by_name: dict[str, str] = {}
    for service in pages.services.values():
        for name in service.name.values():
            by_name.setdefault(fold(clean_line(name)), service.code)
    by_code = {fold(code): code for code in pages.services}
    departments: dict[str, str] = {}
    for department in pages.departments.values():
        for name in (department.code, *department.name.values()):
            departments.setdefault(fold(clean_line(name)), department.code)

    statuses: dict[tuple[bool, str], str] = {}
    for status in pages.statuses.values():
        for name in (status.code, *status.name.values()):
            statuses.setdefault((status.state is State.CLOSED, fold(clean_line(name))), status.code)

    @lru_cache(_NAMES_KEPT)
    def service_of(code: str, name: str) -> str | None:
        return by_code.get(fold(code)) or by_name.get(fold(name))

    @lru_cache(_NAMES_KEPT)
    def department_of(name: str) -> str:
        return departments.get(fold(name), "")

    def status_of(name: str, is_closed: bool) -> str:
        return statuses.get((is_closed, fold(name)), "")

    return Catalogue(service_of=service_of, department_of=department_of, status_of=status_of)


def draft_services(tally: Tally) -> str | None:
    """Return a services file for the city's pack with what the import did not know, or None.

    Departments are guessed from the agencies' names; the group is one the city has.
    """
    pages = book()
    drafts = tally.unknown.draft(
        taken={code.lower() for code in pages.services},
        catch_all=pages.catch_all().code,
        department_of=catalogue().department_of,
    )
    groups = [service.group_code for service in pages.services.values()]
    if not drafts or not groups:
        return None
    return draft_file(drafts, group=max(set(groups), key=groups.count))


def _batches(rows: Iterator[Row], reader: RowReader, unknown: UnknownServices) -> Iterator[_Batch]:
    batch = _Batch()
    for row in rows:
        batch.read += 1
        try:
            if row.problem:
                raise RowProblem(row.problem)
            batch.add(reader.read(row.values))
        except RowProblem as problem:
            if isinstance(problem, UnknownService):
                unknown.add(problem)
            batch.rejected.append(Rejected(row.line, reader.number(row.values), str(problem)))
        if batch.is_full:
            yield batch
            batch = _Batch()
    if batch.read:
        yield batch


@dataclass(frozen=True, slots=True)
class _Parts:
    """A batch's cases: two halves that need nothing of each other, and those that repeat one."""

    halves: tuple[Staged, Staged]
    repeats: Staged


def _staged(batches: Iterator[_Batch], stager: Stager) -> Iterator[tuple[_Batch, _Parts]]:
    for batch in batches:
        firsts = [case for case in batch.cases.values() if not case.duplicate_of]
        repeats = [case for case in batch.cases.values() if case.duplicate_of]
        middle = (len(firsts) + 1) // 2
        halves = stager.stage(firsts[:middle]), stager.stage(firsts[middle:])
        yield batch, _Parts(halves, stager.stage(repeats))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes for a run; what was done is counted in the transaction that did it."""

    run_id: int
    source: str

    def part(self, part: Staged) -> Loaded:
        with transaction.atomic():
            done = load_staged(part, source=self.source)
            self._count(rows_new=done.new, rows_changed=done.changed)
        return done

    def end(self, part: Staged, *, read: int, rejected: int) -> Loaded:
        """Write the last part of a batch, and that the run has come past it."""
        with transaction.atomic():
            done = self.part(part)
            self._count(rows_done=read, rows_rejected=rejected)
        return done

    def _count(self, **more: int) -> None:
        counted = {name: F(name) + number for name, number in more.items() if number}
        if counted:
            ImportRun.objects.filter(pk=self.run_id).update(**counted)


def _write(
    batch: _Batch,
    parts: _Parts,
    writer: _Writer,
    lanes: Lanes,
    tally: Tally,
    rejects: TextIO,
) -> None:
    """Write one batch. Cut off before its end, it is written again, which doubles nothing."""
    lines = csv.writer(rejects)
    for row in batch.rejected:
        lines.writerow([row.line, row.number, row.reason])
    # Before the commit: rejects written twice are taken out when the run is resumed, rejects
    # that were never written would be lost.
    rejects.flush()
    os.fsync(rejects.fileno())
    first, second = lanes(writer.part, parts.halves)
    # Of cases that repeat another the other is there now.
    last = writer.end(parts.repeats, read=batch.read, rejected=len(batch.rejected))
    done = first + second + last
    tally.read += batch.read
    tally.new += done.new
    tally.changed += done.changed
    tally.repeated += batch.repeated
    tally.unchanged += len(batch.cases) - done.new - done.changed
    tally.rejected += len(batch.rejected)


def _opened_rejects(path: Path, count: int) -> TextIO:
    """Open the rejects file to write to, with its first ``count`` rows kept.

    What stands after them is said again: it was not committed. Lines would not tell, for a
    JSON file may be all one line.
    """
    kept = path.with_name(f"{path.name}.part")
    try:
        # Numbers may hold bytes that are no text: shown, not refused.
        file = kept.open("w", newline="", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise Invalid(
            f"{kept}: {error.strerror}; say with --rejects where rejected rows may go"
        ) from error
    writer = csv.writer(file)
    writer.writerow(_REJECTS_HEADER)
    if count and path.is_file():
        with path.open(newline="", encoding="utf-8") as old:
            writer.writerows(islice(csv.reader(old), 1, count + 1))
    file.flush()
    kept.replace(path)
    return file


def _run(path: Path, mapping: ColumnMapping, restart: bool) -> ImportRun:
    digest = file_digest(path, mapping.text)
    if not restart:
        open_run = ImportRun.objects.filter(
            source_digest=digest, format=mapping.name[:40], finished_at=None
        ).last()
        if open_run is not None:
            return open_run
    return ImportRun.objects.create(
        source=path.name[:300],
        source_digest=digest,
        format=mapping.name[:40],
        started_at=timezone.now(),
    )
