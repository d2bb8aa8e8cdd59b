"""Calendars and agreements: hours, holidays still to come, versions that do not overlap."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from lamppost.catalog.choices import CaseKind
from lamppost.packs.content import AgreementVersion, Calendar, EscalationStep, Pack
from lamppost.packs.findings import Findings, Mark

HORIZON = timedelta(days=365)
MINUTES_A_WEEK = 7 * 24 * 60


def check_promises(pack: Pack, findings: Findings, *, today: date) -> None:
    """Note promises that could not be kept track of."""
    _check_default(pack, findings)
    for calendar in pack.calendars:
        _check_calendar(calendar, findings, today)
    kinds = {service.code: service.kind for service in pack.services}
    for version in pack.agreements:
        _check_version(version, kinds, findings)
    for before, after in pairwise(pack.agreements):
        _check_overlap(before, after, findings)
    for step in pack.escalation:
        _check_step(step, kinds, findings)


def _check_default(pack: Pack, findings: Findings) -> None:
    defaults = [calendar for calendar in pack.calendars if calendar.is_default]
    if not defaults:
        findings.error(
            Mark("calendars.yaml"),
            "No calendar has `default: yes`.",
            "Mark the city's ordinary office hours.",
        )
    for calendar in defaults[1:]:
        findings.error(
            calendar.at, f'A second default calendar; "{defaults[0].code}" is it already.'
        )


def _check_calendar(calendar: Calendar, findings: Findings, today: date) -> None:
    if not calendar.hours:
        findings.error(
            calendar.at,
            f'The calendar "{calendar.code}" is never open, so nothing would fall due.',
            "Add `hours`, such as `monday-friday: 08:00-17:00`.",
        )
    open_minutes = sum(row.closes - row.opens for row in calendar.hours)
    if open_minutes == MINUTES_A_WEEK and not calendar.days:
        return  # Open around the clock: such a calendar needs no holidays.
    last = max((day.day for day in calendar.days), default=None)
    if last is None or last < today + HORIZON:
        found = f"the last one is {last}" if last else "there are none"
        findings.warn(
            calendar.at,
            f'The holidays of "{calendar.code}" do not cover the next 12 months: {found}.',
            "Due dates after that will count holidays as working days.",
        )


def _check_version(version: AgreementVersion, kinds: dict[str, str], findings: Findings) -> None:
    if not version.calendar:
        findings.error(
            version.at,
            f'The agreement for "{version.service}" has no calendar.',
            "Name one in the column `calendar`, or mark one as the default.",
        )
    if version.effective_to and version.effective_to < version.effective_from:
        findings.error(version.at, "The agreement ends before it begins.")
    if kinds.get(version.service) == CaseKind.INQUIRY:
        findings.error(
            version.at, f'"{version.service}" is a question; questions have no service level.'
        )


def _check_step(step: EscalationStep, kinds: dict[str, str], findings: Findings) -> None:
    if not step.tell:
        findings.error(
            step.at, f'The step "{step.code}" tells nobody.', "Write `tell: [managers]`."
        )
    if step.department and not step.service:
        findings.error(
            step.at,
            f'The step "{step.code}" names a department, but no service.',
            "Name the service whose agreement it is, or neither for the whole city.",
        )
    if kinds.get(step.service) == CaseKind.INQUIRY:
        findings.error(step.at, f'"{step.service}" is a question; questions have no service level.')


def _check_overlap(before: AgreementVersion, after: AgreementVersion, findings: Findings) -> None:
    if (before.service, before.department) != (after.service, after.department):
        return
    if before.effective_to and before.effective_to >= after.effective_from:
        findings.error(
            before.at,
            f'Two agreements for "{before.service}" hold at once from {after.effective_from}.',
            f"End this one on the day before, or see {after.at}.",
        )
