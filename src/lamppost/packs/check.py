"""What no single line shows: whether the parts of a pack fit together and can be run."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from lamppost.packs.check_catalog import check_catalog
from lamppost.packs.check_center import check_center
from lamppost.packs.check_channels import check_channels
from lamppost.packs.check_knowledge import check_knowledge
from lamppost.packs.check_notices import check_notices
from lamppost.packs.check_promises import check_promises
from lamppost.packs.check_statuses import check_statuses
from lamppost.packs.check_work import check_work
from lamppost.packs.content import Pack
from lamppost.packs.findings import Findings, Mark
from lamppost.packs.reader import Reading, read_pack

MIN_CONTRAST = 4.5


def check_pack(root: Path, *, today: date | None = None) -> Reading:
    """Return the pack in a folder and every finding, those of the whole included.

    ``today`` decides which holidays are still to come; the present day in the city's zone
    when left out. A pack with no errors can be applied; warnings are for a person to read.
    """
    reading = read_pack(root)
    if reading.pack is not None:
        today = today or datetime.now(ZoneInfo(reading.pack.city.time_zone)).date()
        fitting = Findings()
        _check_whole(reading.pack, fitting, today=today)
        # What an unreadable file may well say is not missing.
        reading.findings.found += [
            each for each in fitting.found if each.mark.file not in reading.unreadable
        ]
    return reading


def _check_whole(pack: Pack, findings: Findings, *, today: date) -> None:
    _check_city(pack, findings)
    _check_departments(pack, findings)
    _check_areas(pack, findings)
    check_catalog(pack, findings)
    check_statuses(pack, findings)
    check_promises(pack, findings, today=today)
    check_work(pack, findings)
    check_center(pack, findings)
    check_channels(pack, findings)
    check_knowledge(pack, findings)
    check_notices(pack, findings)


def contrast_with_white(color: str) -> float:
    """Return the contrast of ``#rrggbb`` with white, 1 to 21 (WCAG 2.2, 1.4.3)."""
    linear = []
    for at in (1, 3, 5):
        part = int(color[at : at + 2], 16) / 255
        linear.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def _check_city(pack: Pack, findings: Findings) -> None:
    city = pack.city
    if city.default_language not in city.languages:
        findings.error(
            city.at,
            f'"languages" does not list "{city.default_language}", which the pack is written in.',
            "Add it.",
        )
    if city.accent_color and contrast_with_white(city.accent_color) < MIN_CONTRAST:
        ratio = contrast_with_white(city.accent_color)
        findings.error(
            city.at,
            f"White text on {city.accent_color} has a contrast of {ratio:.1f} to 1; "
            f"{MIN_CONTRAST} is the least people can read.",
            "Choose a darker color.",
        )
    _check_map(pack, findings)


def _check_map(pack: Pack, findings: Findings) -> None:
    view = pack.city.map
    mark = view.at if view.at.file else pack.city.at
    if (view.lat is None) != (view.long is None):
        findings.error(mark, '"lat" and "long" go together.')
    edges = (view.west, view.south, view.east, view.north)
    if all(edge is None for edge in edges):
        return
    west, south, east, north = edges
    if west is None or south is None or east is None or north is None:
        findings.error(mark, '"west", "south", "east" and "north" go together.')
        return
    if west >= east or south >= north:
        findings.error(
            mark, "The map's bounds are turned around.", "West is the smaller longitude."
        )
        return
    if view.lat is None or view.long is None:
        return
    if not (west <= view.long <= east and south <= view.lat <= north):
        findings.error(mark, "The map's center lies outside its bounds.")


def _check_departments(pack: Pack, findings: Findings) -> None:
    marked = [department for department in pack.departments if department.is_catch_all]
    if not marked:
        findings.error(
            Mark("departments.yaml"),
            "No department has `catch_all: yes`.",
            "Mark the one that gets what no rule and no service sends elsewhere.",
        )
    for department in marked[1:]:
        findings.error(
            department.at,
            f'A second department has `catch_all: yes`; "{marked[0].code}" has it already.',
            "Only one can.",
        )
    _check_retired(pack, findings)


def _check_retired(pack: Pack, findings: Findings) -> None:
    retired = {each.code for each in pack.departments if not each.is_active}
    for department in pack.departments:
        if department.is_catch_all and not department.is_active:
            findings.error(department.at, "The department that catches all must be active.")
    owners = [(row.at, row.code, row.department) for row in pack.services]
    owners += [(row.at, row.code, row.department) for row in pack.routing]
    for mark, code, department_code in owners:
        if department_code in retired:
            findings.error(
                mark,
                f'"{code}" goes to the department "{department_code}", which is not active.',
                "Send it to another department.",
            )


def _check_areas(pack: Pack, findings: Findings) -> None:
    limits = [kind for kind in pack.area_kinds if kind.is_limits]
    for kind in limits[1:]:
        findings.error(
            kind.at, f'A second area kind has `limits: yes`; "{limits[0].code}" has it already.'
        )
