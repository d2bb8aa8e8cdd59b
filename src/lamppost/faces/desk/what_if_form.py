"""The what-if of a review: what was asked in the address, worked out against the cases."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.faces.desk.fields import Typed
from lamppost.faces.desk.figures import in_words
from lamppost.insight.glossary import MeasureUnit
from lamppost.insight.models import Review
from lamppost.insight.period import Period
from lamppost.insight.selectors.calendar import today
from lamppost.insight.selectors.measures import Scope
from lamppost.insight.selectors.promised import promised_now
from lamppost.insight.selectors.what_if import WhatIf, what_if
from lamppost.kernel.refusals import Problem
from lamppost.sla.calendar import NeverOpen
from lamppost.sla.choices import UnitChoice
from lamppost.sla.explain import length
from lamppost.sla.models import Agreement
from lamppost.sla.target import Target, Unit

_MOST = 1000


def what_if_asked(
    asked: QueryDict, agreement: Agreement, review: Review
) -> tuple[Typed, list[dict[str, Any]]]:
    """Return the form as it was sent, and an answer for that promise and for the present one."""
    if "amount" not in asked:
        return Typed(), []
    promised = promised_now(agreement.pk, on=today())
    target = _target(asked)
    if target is None or promised is None:
        problem = Problem("amount", _("Enter a number from 1 to 1000 and what it counts."))
        return Typed(asked, (problem,)), []
    targets = [target]
    if promised.target is not None and promised.target != target:
        targets.append(promised.target)
    try:
        answers = what_if(
            Scope(agreement.service_id, agreement.department_id),
            Period(review.period_from, review.period_to),
            targets,
            promised.calendar,
            now=timezone.now(),
        )
    except NeverOpen:
        problem = Problem("amount", _("The calendar does not reach that far."))
        return Typed(asked, (problem,)), []
    return Typed(asked), [_shown(one, is_present=one.target == promised.target) for one in answers]


def _target(asked: QueryDict) -> Target | None:
    amount, unit = asked.get("amount", ""), asked.get("unit", "")
    if not (amount.isascii() and amount.isdecimal() and 0 < int(amount[:5]) <= _MOST):
        return None
    return Target.optional(int(amount[:5]), Unit(unit)) if unit in UnitChoice.values else None


def _shown(answer: WhatIf, *, is_present: bool) -> dict[str, Any]:
    counts = answer.counts
    return {
        "target": length(answer.target),
        "is_present": is_present,
        "share": in_words(answer.on_time_share, MeasureUnit.SHARE),
        "judged": counts.judged,
        "on_time": counts.on_time,
        "late": counts.late,
        "overdue": counts.overdue,
        "n": answer.n,
        "of": answer.of,
        "is_sample": answer.is_sample,
    }
