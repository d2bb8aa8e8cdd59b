"""The answer to the question whether it is fixed: marks, no words, so nothing of a person."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.catalog.choices import State
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid
from lamppost.notify.models import Subscription, SurveyAnswer

RATINGS = range(1, 6)


def answer_survey(
    *,
    subscription: Subscription,
    is_fixed: bool | None,
    rating: int | None,
    now: datetime | None = None,
) -> SurveyAnswer:
    """Keep what the reporter says about a closed case; the last answer counts.

    ``rating`` is 1 (very dissatisfied) to 5. Raises ``Forbidden`` for who did not report it,
    ``Conflict`` while it is open, ``Invalid`` without any answer or with a wrong one.
    """
    case = subscription.case
    if case is None or not subscription.is_reporter:
        raise Forbidden(_("This link is not for that."))
    if case.state != State.CLOSED:
        raise Conflict(_("This case is not closed."))
    if rating is not None and rating not in RATINGS:
        raise Invalid(_("Choose one of the five."), field="rating")
    if rating is None and is_fixed is None:
        raise Invalid(_("Answer one of the questions."), field="is_fixed")
    row, _is_new = SurveyAnswer.objects.update_or_create(
        subscription=subscription,
        case=case,
        defaults={
            "service_id": case.service_id,
            "department_id": case.department_id,
            "is_fixed": is_fixed,
            "rating": rating,
            "language": subscription.language,
            "channel": subscription.recipient.channel,
            "at": now or timezone.now(),
        },
    )
    return row
