"""The stat pack of one quarter as plain values: drawn as a page and written as a PDF."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from lamppost.faces.desk.figures import (
    NOTHING,
    ShownFigure,
    Table,
    glossary_of,
    shown,
    table_of,
)
from lamppost.insight.choices import STAT_SECTIONS, GroupKind, Section
from lamppost.insight.figures import Figure
from lamppost.insight.models import Review, ReviewAction, StatFigure
from lamppost.insight.period import Quarter
from lamppost.insight.selectors import measures
from lamppost.insight.selectors.evidence import evidence_of
from lamppost.insight.selectors.reviews import agenda_of, open_stat_actions, stat_review
from lamppost.insight.selectors.stat import entered_figures, stat_figures


@dataclass(frozen=True)
class Entered:
    """A figure entered by hand: target and actual, who and when."""

    name: str
    target: str
    actual: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Part:
    """One of the five sections."""

    section: Section
    figures: list[ShownFigure]
    tables: list[Table]
    entered: list[Entered]
    says: list[str]
    """What the section cannot show, said plainly."""


@dataclass(frozen=True)
class Pack:
    """Everything that is shown of one quarter."""

    quarter: Quarter
    review: Review | None
    parts: list[Part]
    follow_ups: list[tuple[str, list[ReviewAction]]]
    """Headings with the decisions and follow-ups under them; empty ones are left out."""
    glossary: list[dict[str, Any]]
    as_of: datetime | None
    is_frozen: bool

    @property
    def title(self) -> str:
        """What the pack is called."""
        return _("Stat meeting, %(quarter)s") % {"quarter": name_of_quarter(self.quarter)}


def name_of_quarter(quarter: Quarter) -> str:
    """Return the name of a quarter, saying when it is one of a fiscal year."""
    words = {"number": quarter.number, "year": quarter.year}
    if quarter.starts == 1:
        return _("quarter %(number)d of %(year)d") % words
    return _("quarter %(number)d of fiscal year %(year)d") % words


def pack_of(quarter: Quarter) -> Pack:
    """Return the pack of a quarter: as it was held, or live while it was not."""
    review = stat_review(quarter.period)
    if review is not None and review.held_at is not None:
        evidence = evidence_of(review)
        figures, as_of, is_frozen = list(evidence.figures), evidence.as_of, True
    else:
        figures = stat_figures(quarter.period, now=timezone.now())
        as_of, is_frozen = measures.counted_until(), False
    entered = entered_figures(quarter.period)
    return Pack(
        quarter=quarter,
        review=review,
        parts=[_part(section, figures, entered) for section in STAT_SECTIONS],
        follow_ups=_follow_ups(review),
        glossary=glossary_of(one.measure for one in figures),
        as_of=as_of,
        is_frozen=is_frozen,
    )


_TABLES: dict[Section, tuple[GroupKind, ...]] = {
    Section.OPERATIONS: (GroupKind.DEPARTMENT,),
    Section.STAFF: (GroupKind.DEPARTMENT, GroupKind.TEAM),
    Section.TECHNOLOGY: (GroupKind.CHANNEL,),
    Section.SERVICE: (GroupKind.LANGUAGE,),
}


def _part(section: Section, figures: Iterable[Figure], entered: Iterable[StatFigure]) -> Part:
    ours = [one for one in figures if one.section is section]
    tables = [
        table_of(
            f"{section.label}: {kind.label}",
            str(kind.label),
            [one for one in ours if one.group_kind is kind],
        )
        for kind in _TABLES.get(section, ())
    ]
    return Part(
        section=section,
        figures=[shown(one) for one in ours if one.group_kind is GroupKind.WHOLE],
        tables=[table for table in tables if table is not None],
        entered=[_entered(one) for one in entered if one.section == section],
        says=_says(section),
    )


def _says(section: Section) -> list[str]:
    if section is Section.BUDGET:
        return [_("No money passes through this system: these figures are entered by hand.")]
    if section is Section.TECHNOLOGY:
        return [_("Uptime is not measured here: enter it by hand from your monitoring.")]
    return []


def _entered(one: StatFigure) -> Entered:
    def number(value: Any) -> str:
        if value is None:
            return NOTHING
        text = number_format(value.normalize(), None, force_grouping=True)
        return f"{text} {one.unit}".strip()

    return Entered(
        one.name,
        number(one.target),
        number(one.actual),
        one.note,
        str(one.entered_by or ""),
        one.entered_at,
    )


def _follow_ups(review: Review | None) -> list[tuple[str, list[ReviewAction]]]:
    if review is None:
        parts = [(_("Open from earlier meetings"), open_stat_actions())]
    else:
        agenda = agenda_of(review)
        parts = [
            (_("Open from earlier meetings"), list(agenda.carried)),
            (_("Closed since the meeting before"), list(agenda.done)),
            (_("From this meeting"), list(agenda.new)),
        ]
    return [(heading, found) for heading, found in parts if found]
