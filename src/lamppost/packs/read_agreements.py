"""Service levels: ``agreements.csv``, one line per target, so that a diff is one line too."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lamppost.packs.content import AgreementVersion, Service, Target
from lamppost.packs.findings import Findings, Mark, did_you_mean
from lamppost.packs.kinds import DATE, FLAG, Plain, choice, line, whole
from lamppost.packs.schema import BadValue, Context, Gathered
from lamppost.packs.syntax import Scalar
from lamppost.sla.choices import DayEndRule, Priority, TargetKind, UnitChoice

FILE = "agreements.csv"
COLUMNS: dict[str, Plain] = {
    "service": line(63),
    "department": line(63),
    "effective_from": DATE,
    "effective_to": DATE,
    "kind": choice(TargetKind.values),
    "amount": whole(1, 100_000),
    "unit": choice(UnitChoice.values),
    "day_end": choice(DayEndRule.values),
    "area": line(),
    "priority": choice(Priority.values),
    # How packs said "urgent" before there were priorities; read, no longer written.
    "hazard_only": FLAG,
    "calendar": line(63),
    "approved_by": line(),
    "evidence": line(300),
}
WRITTEN_COLUMNS = [name for name in COLUMNS if name != "hazard_only"]
NEEDED = ("service", "effective_from", "kind", "amount", "unit")
OF_VERSION = ("effective_to", "calendar", "approved_by", "evidence")
_DEFAULTS: dict[str, Any] = {
    "day_end": str(DayEndRule.CLOSE),
    "effective_to": None,
}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the file: parsed cells and where each stands."""

    mark: Mark
    cells: dict[str, Any]
    marks: dict[str, Mark]


def _cell_columns(raw: str) -> list[int]:
    """Return the column each cell of a physical line begins in, counted from 1."""
    columns, quoted = [1], False
    for position, char in enumerate(raw, start=1):
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            columns.append(position + 1)
    return columns


def _header(cells: list[str], findings: Findings) -> list[str] | None:
    names = [cell.strip() for cell in cells]
    is_good = True
    for number, name in enumerate(names):
        column = _cell_columns(",".join(cells))[number]
        if name not in COLUMNS:
            findings.error(
                Mark(FILE, 1, column),
                f'There is no column "{name}".',
                did_you_mean(name, COLUMNS) or f"Known: {', '.join(COLUMNS)}.",
            )
            is_good = False
        elif name in names[:number]:
            findings.error(Mark(FILE, 1, column), f'The column "{name}" stands here twice.')
            is_good = False
    missing = [name for name in NEEDED if name not in names]
    if missing:
        findings.error(Mark(FILE), f"Columns are missing: {', '.join(missing)}.")
        is_good = False
    return names if is_good else None


def _parse(names: list[str], cells: list[str], raw: str, number: int, context: Context) -> _Line:
    columns = _cell_columns(raw)
    columns += [1] * (len(names) - len(columns))
    marks = {name: Mark(FILE, number, columns[at]) for at, name in enumerate(names)}
    values: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=True):
        text = cell.strip()
        if text:
            try:
                values[name] = COLUMNS[name].read(Scalar(text, marks[name]), name, context)
            except BadValue as bad:
                context.gathered.findings.error(bad.mark, bad.message, bad.hint)
                values[name] = None
        elif name in NEEDED:
            context.gathered.findings.error(marks[name], f'"{name}" is empty.')
            values[name] = None
    return _Line(Mark(FILE, number), values, marks)


def _lines(text: str, context: Context) -> list[_Line]:
    findings = context.gathered.findings
    physical = text.split("\n")
    reader = csv.reader(io.StringIO(text), strict=True)
    names: list[str] | None = None
    lines: list[_Line] = []
    number = 1
    try:
        for cells in reader:
            here, number = number, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _header(cells, findings)
                if names is None:
                    return []
            elif len(cells) != len(names):
                findings.error(
                    Mark(FILE, here),
                    f"{len(cells)} cells, but the header has {len(names)}.",
                    'A text with a comma in it needs "quotes".',
                )
            else:
                lines.append(_parse(names, cells, physical[here - 1], here, context))
    except csv.Error as error:
        findings.error(Mark(FILE, reader.line_num), f"This is not CSV: {error}.")
    return lines


def _is_complete(line_: _Line) -> bool:
    return all(line_.cells.get(name) is not None for name in NEEDED)


def _area(cell: str | None, mark: Mark, context: Context) -> tuple[str, ...]:
    """Return (kind, area) of ``council-district/3``; empty for everywhere."""
    if not cell:
        return ()
    parts = tuple(re.split(r"\s*/\s*", cell, maxsplit=1))
    if len(parts) != 2:
        context.gathered.findings.error(
            mark, f'"{cell}" is not an area.', "Write kind/code: council-district/3."
        )
        return ()
    context.refer("area", parts, mark)
    return parts


def _priority(line_: _Line, context: Context) -> str:
    """Return the priority a target is for, '' for any; ``hazard_only`` is an urgent one."""
    given = str(line_.cells.get("priority") or "")
    if not line_.cells.get("hazard_only"):
        return given
    if given not in ("", Priority.URGENT):
        context.gathered.findings.error(
            line_.marks["priority"], "A hazard is urgent.", "Leave `hazard_only` out."
        )
    return str(Priority.URGENT)


def _target(line_: _Line, context: Context) -> Target:
    cells = {**_DEFAULTS, **line_.cells}
    return Target(
        kind=cells["kind"],
        amount=cells["amount"],
        unit=cells["unit"],
        day_end=cells["day_end"] or _DEFAULTS["day_end"],
        area=_area(cells.get("area"), line_.marks.get("area", line_.mark), context),
        priority=_priority(line_, context),
        at=line_.mark,
    )


def _check_targets(targets: list[Target], findings: Findings) -> None:
    seen: dict[tuple[Any, ...], Mark] = {}
    for target in targets:
        scope = (target.kind, target.area, target.priority)
        if scope in seen:
            findings.error(
                target.at,
                f'A second "{target.kind}" target for the same cases.',
                f"The first is at {seen[scope]}.",
            )
        seen.setdefault(scope, target.at)


def _version_facts(lines: list[_Line], default_calendar: str, context: Context) -> dict[str, Any]:
    """Return what the lines of one version say together; contradictions are noted."""
    facts: dict[str, Any] = {}
    for line_ in lines:
        for name in OF_VERSION:
            value = line_.cells.get(name)
            if value is None:
                continue
            if facts.get(name, value) != value:
                context.gathered.findings.error(
                    line_.marks[name],
                    f'"{name}" differs from the line above.',
                    "Lines of one version say the same, or leave it empty.",
                )
            facts.setdefault(name, value)
            if name == "calendar":
                context.refer("calendar", (value,), line_.marks[name])
    facts.setdefault("calendar", default_calendar)
    return facts


def _group(
    lines: list[_Line], department_of: Callable[[str], str], context: Context
) -> dict[tuple[str, str, Any], list[_Line]]:
    groups: dict[tuple[str, str, Any], list[_Line]] = {}
    for line_ in lines:
        if not _is_complete(line_):
            continue
        service = line_.cells["service"]
        context.refer("service", (service,), line_.marks["service"])
        department = line_.cells.get("department")
        if department:
            context.refer("department", (department,), line_.marks["department"])
        department = department or department_of(service)
        key = (service, department, line_.cells["effective_from"])
        groups.setdefault(key, []).append(line_)
    return groups


def read_agreements(
    text: str, services: tuple[Service, ...], default_calendar: str, gathered: Gathered
) -> tuple[AgreementVersion, ...]:
    """Return the versions of all agreements in the file, by service, department and day.

    Lines of the same service, department and ``effective_from`` are one version. An empty
    department is the service's own, an empty calendar the city's default one.
    """
    context = Context(gathered)
    owners = {service.code: service.department for service in services}
    versions = []
    for (service, department, day), lines in _group(
        _lines(text, context), lambda code: owners.get(code, ""), context
    ).items():
        targets = [_target(line_, context) for line_ in lines]
        _check_targets(targets, gathered.findings)
        facts = _version_facts(lines, default_calendar, context)
        versions.append(
            AgreementVersion(
                service=service,
                department=department,
                effective_from=day,
                effective_to=facts.get("effective_to"),
                calendar=facts["calendar"],
                approved_by=facts.get("approved_by", ""),
                evidence=facts.get("evidence", ""),
                targets=tuple(sorted(targets, key=target_order)),
                at=lines[0].mark,
            )
        )
    return tuple(sorted(versions, key=lambda v: (v.service, v.department, v.effective_from)))


def target_order(target: Target) -> tuple[str, tuple[str, ...], str]:
    """Return what targets of a version are sorted by, everywhere."""
    return (target.kind, target.area, target.priority)
