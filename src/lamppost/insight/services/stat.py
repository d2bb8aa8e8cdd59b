"""Entering the figures of a stat meeting that no system here knows."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.insight.choices import STAT_SECTIONS, Section, SubjectKind
from lamppost.insight.models import ReviewSubject, StatFigure
from lamppost.insight.period import Quarter
from lamppost.insight.services.access import require_for
from lamppost.insight.services.subjects import ensure_subjects
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.kernel.text import clean_text
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

_LIMIT = Decimal(10) ** 13


def enter_figure(
    *,
    quarter: Quarter,
    section: str,
    name: str,
    unit: str,
    target: Decimal | None,
    actual: Decimal | None,
    note: str,
    actor: Actor,
) -> StatFigure:
    """Write down a figure of one quarter with who entered it and when; return it.

    The same name again replaces it on the page; what was entered before is kept. Raises
    ``Invalid`` for an unknown section, without a name, or without any number.
    """
    require(actor, Permission.REVIEW_HOLD)
    ensure_subjects()
    require_for(ReviewSubject.objects.get(kind=SubjectKind.STAT), actor)
    name, unit, note = clean_text(name), clean_text(unit), clean_text(note)
    problems = []
    if section not in STAT_SECTIONS:
        problems.append(Problem("section", _("Choose a section.")))
    if not name or len(name) > 120:
        problems.append(Problem("name", _("Give the figure a name of at most 120 characters.")))
    if target is None and actual is None:
        problems.append(Problem("actual", _("Enter the target, the actual figure, or both.")))
    for field, number in (("target", target), ("actual", actual)):
        if number is not None and not -_LIMIT < number < _LIMIT:
            problems.append(Problem(field, _("This number is too large.")))
    if problems:
        raise Invalid(problems)
    return StatFigure.objects.create(
        section=Section(section),
        name=name,
        unit=unit[:30],
        period_from=quarter.period.first,
        period_to=quarter.period.last,
        target=target,
        actual=actual,
        note=note[:300],
        entered_by_id=actor.user_id,
        entered_at=timezone.now(),
    )
