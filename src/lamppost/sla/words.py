"""Promises in words, in the active language: one target, what changes, a whole history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lamppost.sla.choices import DayEndRule, Priority, StepMoment, TargetKind
from lamppost.sla.explain import length
from lamppost.sla.target import DayEnd, Target, Unit


@dataclass(frozen=True, slots=True)
class Told:
    """One target as it is told: ``area`` is a name, empty for everywhere; no priority: any."""

    kind: TargetKind
    target: Target
    area: str = ""
    priority: Priority | None = None

    @property
    def scope(self) -> tuple[TargetKind, str, Priority | None]:
        """For which cases it holds."""
        return (self.kind, self.area, self.priority)

    @property
    def is_general(self) -> bool:
        """Whether it holds everywhere and for every priority."""
        return not self.area and self.priority is None


@dataclass(frozen=True, slots=True)
class Era:
    """What was promised between two local days, both included; ``until`` None: no end is set."""

    since: date
    until: date | None
    told: tuple[Told, ...]
    approved_by: str = ""


def told(
    kind: str, amount: int, unit: str, *, day_end: str = DayEndRule.CLOSE, area: str = "",
    priority: str = "",
) -> Told:  # fmt: skip
    """Return stored values as a target to tell. Raises ``ValueError`` for an amount of 0."""
    target = Target.optional(amount, Unit(unit), day_end=DayEnd(day_end))
    if target is None:
        raise ValueError("an amount of 0 promises nothing")
    return Told(TargetKind(kind), target, area, Priority(priority) if priority else None)


def in_order(targets: Iterable[Told]) -> list[Told]:
    """Return targets as they are listed: by kind, the general one first."""
    kinds, priorities = list(TargetKind), [None, *Priority]
    return sorted(
        targets,
        key=lambda one: (kinds.index(one.kind), one.area, priorities.index(one.priority)),
    )


def line(one: Told) -> str:
    """Return one promise as a sentence of its own: `Done within 3 business days, if urgent`."""
    sentences = {
        TargetKind.ACKNOWLEDGE: _("First answer within %(length)s"),
        TargetKind.INSPECT: _("Inspected within %(length)s"),
        TargetKind.RESOLVE: _("Done within %(length)s"),
    }
    words = sentences[one.kind] % {"length": length_of(one)}
    limits = scope_words(one)
    return (
        f"{words}{pgettext('between a promise and for whom it holds', ', ')}{limits}"
        if (limits)
        else words
    )


def length_of(one: Told) -> str:
    """Return the length in words, with the time of day where that counts."""
    words = length(one.target)
    if one.target.unit.counts_days and one.target.day_end is DayEnd.SAME_TIME:
        return _("%(length)s, to the same time of day") % {"length": words}
    return words


def scope_words(one: Told) -> str:
    """Return for which cases a target holds, empty when for all."""
    priorities = {
        Priority.NORMAL: _("for normal priority"),
        Priority.HIGH: _("for high priority"),
        Priority.URGENT: _("if urgent"),
    }
    parts = [_("in %(area)s") % {"area": one.area}] if one.area else []
    if one.priority is not None:
        parts.append(priorities[one.priority])
    return pgettext("between the items of a list", ", ").join(parts)


def changes(before: Iterable[Told], after: Iterable[Told]) -> list[str]:
    """Return what a new promise changes, line by line; empty when nothing."""
    old = {one.scope: one for one in before}
    new = {one.scope: one for one in after}
    lines = []
    for one in in_order([*new.values(), *(old[key] for key in old.keys() - new.keys())]):
        was, will = old.get(one.scope), new.get(one.scope)
        if was is None:
            lines.append(_("New: %(line)s") % {"line": line(one)})
        elif will is None:
            lines.append(_("No longer promised: %(line)s") % {"line": line(one)})
        elif was.target != will.target:
            lines.append(
                _("%(line)s instead of %(before)s") % {"line": line(will), "before": length_of(was)}
            )
    return lines


def history(eras: Sequence[Era], *, today: date, kind: TargetKind = TargetKind.RESOLVE) -> str:
    """Return the general promise of one kind through all ``eras`` in one sentence.

    ``eras`` come oldest first: `3 business days until Jan 31, 2026; 46 business days since,
    approved by the council`. Empty when it never was promised.
    """
    parts = []
    for era in eras:
        general = next((one for one in era.told if one.kind is kind and one.is_general), None)
        if general is None:
            continue
        parts.append(_era(era, length_of(general), today))
    return pgettext("between the parts of a history", "; ").join(parts)


def _era(era: Era, words: str, today: date) -> str:
    facts = {"length": words, "day": day(era.since), "until": day(era.until) if era.until else ""}
    if era.since > today:
        text = _("%(length)s from %(day)s on") % facts
    elif era.until is not None:
        text = _("%(length)s until %(until)s") % facts
    else:
        text = _("%(length)s since %(day)s") % facts
    if era.approved_by:
        text = _("%(text)s, approved by %(who)s") % {"text": text, "who": era.approved_by}
    return text


def day(when: date) -> str:
    """Return a local date as it is written."""
    return date_format(when, "DATE_FORMAT")


def step_words(moment: StepMoment, amount: int, unit: Unit) -> str:
    """Return when a step of escalation is taken: `4 business hours before it is due`."""
    target = Target.optional(amount, unit)
    if target is None:
        return _("when it is due")
    if moment is StepMoment.BEFORE:
        return _("%(length)s before it is due") % {"length": length(target)}
    return _("%(length)s after it was due") % {"length": length(target)}
