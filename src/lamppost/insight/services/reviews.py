"""Review meetings: opened when due, prepared, held, and then a record that stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.insight.choices import Decision, SubjectKind
from lamppost.insight.models import (
    Review,
    ReviewAttendance,
    ReviewFigure,
    ReviewSubject,
)
from lamppost.insight.period import Period
from lamppost.insight.selectors.calendar import (
    STAT_DAYS,
    due_days,
    due_quarter,
    today,
    with_last_held,
)
from lamppost.insight.selectors.evidence import live_figures
from lamppost.insight.services import telling
from lamppost.insight.services.access import require_for
from lamppost.insight.services.subjects import ensure_subjects
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.kernel.text import clean_text
from lamppost.people.actors import Actor
from lamppost.people.models import Membership

# A review is opened this many days before it is due, so that both sides find a date in time.
LEAD_DAYS = 30
MAX_TEXT = 20_000


def open_due_reviews(*, on: date | None = None) -> int:
    """Open, in the city in scope, the reviews that fall due soon; return how many.

    Both sides are told: the center, and the department's managers. Reviews whose day has
    passed since are told of once more. ``on`` is a local day, today by default. Safe to run
    twice and to be cut off.
    """
    day = on or today()
    ensure_subjects()
    not_held = Review.objects.filter(subject=OuterRef("pk"), held_at__isnull=True)
    subjects = list(with_last_held(ReviewSubject.objects.filter(~Exists(not_held))))
    dues = due_days(subjects, day)
    with transaction.atomic():  # none is opened without its notices
        opened = [
            review
            for subject in subjects
            if (due_on := dues[subject.pk]) is not None
            and (review := _open_if_due(subject, due_on, day)) is not None
        ]
        telling.opened(opened)
    telling.overdue(on=day)
    return len(opened)


def open_now(*, subject_id: int, actor: Actor) -> Review:
    """Open a review of a subject before it is due; return it, or the one that is open.

    Raises ``NotFound`` for an unknown subject and ``Forbidden`` for somebody else's.
    """
    subject = with_last_held(ReviewSubject.objects.filter(pk=subject_id)).first()
    if subject is None:
        raise NotFound(_("This is not on the review calendar."))
    require_for(subject, actor)
    found = Review.objects.filter(subject=subject, held_at__isnull=True).first()
    if found is not None:
        return found
    day = today()
    due_on = due_days([subject], day)[subject.pk]
    if subject.kind == SubjectKind.STAT and due_on is None:
        raise Conflict(_("The stat meeting about the last quarter has been held."))
    review = _open(subject, due_on or day, day)
    if review is None:
        raise Conflict(_("A review of this period has been held already."))
    return review


def schedule(
    *, review_id: int, at: datetime | None, place: str, actor: Actor, seen: str | None = None
) -> Review:
    """Set when and where the review is held; return it. Raises ``Conflict`` once it was.

    ``seen``, here and below, is the ``version_of`` the reader looked at; when the review has
    changed since, nothing is done and ``Conflict`` is raised.
    """
    with _open_review(review_id, actor, seen) as review:
        review.scheduled_at = at
        review.place = clean_text(place)[:200]
        return review


def write_minutes(*, review_id: int, minutes: str, actor: Actor, seen: str | None = None) -> Review:
    """Keep the minutes as far as they are written; return the review."""
    with _open_review(review_id, actor, seen) as review:
        review.minutes = _checked(minutes, "minutes")
        return review


def set_attendance(
    *, review_id: int, user_ids: Collection[int], actor: Actor, seen: str | None = None
) -> Review:
    """Say who was there: these people and nobody else; return the review.

    Each counts for the department where they work; who was written down before stays, even
    if they have left since. Raises ``Invalid`` for anybody else who is not an active member of
    the staff of the city in scope.
    """
    with _open_review(review_id, actor, seen) as review:
        members = {
            member.user_id: member.department_id
            for member in Membership.objects.filter(
                user_id__in=user_ids, is_active=True, user__is_active=True
            )
        }
        written = ReviewAttendance.objects.filter(review=review)
        if set(user_ids) - set(members) - set(written.values_list("user_id", flat=True)):
            raise Invalid(_("One of these people does not work here."), field="attendance")
        written.exclude(user_id__in=user_ids).delete()
        ReviewAttendance.objects.bulk_create(
            [
                ReviewAttendance(review=review, user_id=user_id, department_id=department_id)
                for user_id, department_id in members.items()
            ],
            ignore_conflicts=True,
        )
        return review


def hold(
    *,
    review_id: int,
    decision: str,
    decision_text: str,
    minutes: str,
    actor: Actor,
    at: datetime | None = None,
    seen: str | None = None,
) -> Review:
    """Close the meeting: its figures, minutes and decision stay as they are now; return it.

    An agreement needs a decision to keep or to change it. Raises ``Invalid`` without it,
    without minutes or when nobody was there, ``Conflict`` when it was held already.
    """
    with _open_review(review_id, actor, seen) as review:
        review.minutes = _checked(minutes, "minutes") or review.minutes
        if not review.minutes:
            raise Invalid(_("Write the minutes first."), field="minutes")
        review.decision = _checked_decision(review.subject, decision)
        review.decision_text = _checked(decision_text, "decision_text")
        if not ReviewAttendance.objects.filter(review=review).exists():
            raise Invalid(_("Say who was there first."), field="attendance")
        ReviewFigure.objects.bulk_create(
            ReviewFigure(
                review=review,
                section=one.section,
                measure=one.measure,
                group_kind=one.group_kind,
                group_code=one.group_code,
                group_name=dict(one.group_name),
                value=one.value,
                n=one.n,
            )
            for one in live_figures(review)
        )
        review.held_at = at or timezone.now()
        review.held_by_id = actor.user_id
        return review


def version_of(review: Review) -> str:
    """Return what a form carries to say which state of the review its reader has seen."""
    return review.updated_at.isoformat()


@contextmanager
def _open_review(review_id: int, actor: Actor, seen: str | None) -> Iterator[Review]:
    """Lock a review that was not held yet, and save what the caller changed."""
    subject = ReviewSubject.objects.filter(reviews=review_id).first()
    if subject is None:
        raise NotFound(_("This review does not exist here."))
    require_for(subject, actor)
    with transaction.atomic():
        review = Review.objects.select_for_update().get(pk=review_id)
        if review.held_at is not None:
            raise Conflict(_("This review was held: its record is closed."))
        if seen is not None and seen != version_of(review):
            raise Conflict(
                _(
                    "This review was changed while you had it open. Look at what is new, then "
                    "send your change again: what you typed is still here."
                )
            )
        yield review
        review.updated_at = timezone.now()
        review.save()


def _open_if_due(subject: ReviewSubject, due_on: date, day: date) -> Review | None:
    lead = STAT_DAYS if subject.kind == SubjectKind.STAT else LEAD_DAYS
    if due_on - timedelta(days=lead) > day:
        return None
    return _open(subject, due_on, day)


def _open(subject: ReviewSubject, due_on: date, day: date) -> Review | None:
    period = Period.months_before(day, subject.every_months)
    if subject.kind == SubjectKind.STAT:
        period = due_quarter(subject, day).period
    now = timezone.now()
    try:
        with transaction.atomic():
            return Review.objects.create(
                subject=subject,
                due_on=due_on,
                period_from=period.first,
                period_to=period.last,
                opened_at=now,
                updated_at=now,
            )
    except IntegrityError:  # another worker was faster, or the period had its review
        return None


def _checked(text: str, field: str) -> str:
    text = clean_text(text)
    if len(text) > MAX_TEXT:
        raise Invalid(_("Use at most %(limit)d characters.") % {"limit": MAX_TEXT}, field=field)
    return text


def _checked_decision(subject: ReviewSubject, decision: str) -> str:
    if subject.kind != SubjectKind.AGREEMENT:
        return ""
    if decision not in Decision.values:
        raise Invalid(_("Choose whether the agreement stays as it is."), field="decision")
    return decision
