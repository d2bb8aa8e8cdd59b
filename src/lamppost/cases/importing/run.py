"""One run of an import: resumable, repeatable, never stopped by a bad row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from django.utils import timezone

from lamppost.cases.importing.files import file_digest, rows
from lamppost.cases.importing.load import BATCH, batches, load
from lamppost.cases.importing.mapping import ColumnMapping
from lamppost.cases.importing.past import PastCase, Tally
from lamppost.cases.importing.rows import RowProblem, RowReader, UnknownService
from lamppost.cases.models import ImportRun
from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import fold

Progress = Callable[[Tally], None]


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
    and brings only what changed. ``progress`` is called after each batch.
    """
    tally = Tally()
    run = _run(path, mapping, restart)
    skip = run.rows_done
    reader = row_reader(mapping, local_until)
    # Skipped rows were rejected by the run that is continued; its file is kept and added to.
    with rejects.open("a" if skip else "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if not skip:
            writer.writerow(["line", "number", "reason"])
        for batch in batches(_read(path, reader, writer, tally, skip), BATCH):
            done = load(batch, source=mapping.name)
            tally.new += done.new
            tally.changed += done.changed
            tally.unchanged += len(batch) - done.new - done.changed
            file.flush()
            # Rows read ahead of this batch are counted again after a crash: doing a row
            # twice changes nothing, missing one would.
            run.rows_done = skip + tally.new + tally.changed + tally.unchanged + tally.rejected
            run.rows_new, run.rows_changed = tally.new, tally.changed
            run.rows_rejected = tally.rejected
            run.save()
            if progress is not None:
                progress(tally)
    run.finished_at = timezone.now()
    run.rows_rejected = tally.rejected
    run.save()
    return tally


def row_reader(mapping: ColumnMapping, local_until: date | None) -> RowReader:
    """Return a reader that knows the services and departments of the city in scope."""
    pages = book()
    by_name: dict[str, str] = {}
    for service in pages.services.values():
        for name in service.name.values():
            by_name.setdefault(fold(name), service.code)
    departments: dict[str, str] = {}
    for department in pages.departments.values():
        for name in (department.code, *department.name.values()):
            departments.setdefault(fold(name), department.code)

    def service_of(code: str, name: str) -> str | None:
        return code if code in pages.services else by_name.get(fold(name))

    return RowReader(
        mapping=mapping,
        zone=city_in_scope().zone,
        service_of=service_of,
        department_of=lambda name: departments.get(fold(name), ""),
        local_until=local_until,
    )


def _read(
    path: Path, reader: RowReader, writer: object, tally: Tally, skip: int
) -> Iterator[PastCase]:
    for index, (line, row) in enumerate(rows(path)):
        if index < skip:
            continue
        tally.read += 1
        try:
            yield reader.read(row)
        except RowProblem as problem:
            tally.rejected += 1
            if isinstance(problem, UnknownService):
                seen = tally.unknown_services.get(problem.service, 0)
                tally.unknown_services[problem.service] = seen + 1
            numbers = (row.get(name) for name in reader.mapping.columns["number"])
            number = next((number for number in numbers if number), "")
            writer.writerow([line, number, str(problem)])  # type: ignore[attr-defined]


def _run(path: Path, mapping: ColumnMapping, restart: bool) -> ImportRun:
    digest = file_digest(path)
    if not restart:
        open_run = ImportRun.objects.filter(
            source_digest=digest, format=mapping.name, finished_at=None
        ).last()
        if open_run is not None:
            return open_run
    return ImportRun.objects.create(
        source=path.name,
        source_digest=digest,
        format=mapping.name,
        started_at=timezone.now(),
    )
