"""Steps the tests of reviews share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import (
    Review,
)
from lamppost.insight.services import reviews
from lamppost.people.actors import Actor
from lamppost.sla.models import Agreement, AgreementVersion


def hold(review: Review, *present: Actor, by: Actor, **more: Any) -> Review:
    """Hold a review with these people."""
    people = [one.user_id for one in present or (by,) if one.user_id is not None]
    reviews.set_attendance(review_id=review.pk, user_ids=people, actor=by)
    fields: dict[str, Any] = {
        "decision": "keep" if review.subject.kind == SubjectKind.AGREEMENT else "",
        "decision_text": "As it is.",
        "minutes": "We talked.",
    }
    return reviews.hold(review_id=review.pk, actor=by, **(fields | more))


def effective(agreement: Agreement, day: date) -> None:
    """Let the agreement be in force since ``day``; published versions are guarded rows."""
    AgreementVersion.objects.create(
        agreement=agreement,
        effective_from=day,
        calendar=AgreementVersion.objects.filter(agreement=agreement)[0].calendar,
        approved_by="Council",
        published_at=timezone.now(),
    )
