"""The review calendar: what falls due when, and what was not reviewed in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from lamppost.cities.selectors import city_in_scope
from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import Review, ReviewSubject
from lamppost.insight.period import Quarter, add_months
from lamppost.sla.selectors import versions_in_force

EVERY_MONTHS_DEFAULT = 12
# A stat meeting about a quarter is to be held within this many days after its end.
STAT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the review of something stands, in local days.

    ``held_on`` is the last review, None where there was none. ``due_on`` is None only for an
    agreement that is not in force.
    """

    every_months: int
    held_on: date | None
    due_on: date | None
    is_overdue: bool
    decision: str = ""


def today() -> date:
    """Return the local day of the city in scope."""
    return timezone.now().astimezone(city_in_scope().zone).date()


def review_standing(agreement_id: int, *, on: date | None = None) -> Standing:
    """Return where the review of an agreement stands, for the public and for staff.

    ``on`` is a local day of the city, today by default. An agreement nobody has put on the
    calendar yet is reviewed every twelve months from the day it took effect. At most three
    queries.
    """
    day = on or today()
    subject = ReviewSubject.objects.filter(agreement_id=agreement_id).first()
    last = (
        Review.objects.filter(subject=subject, held_at__isnull=False).order_by("-held_at").first()
        if subject is not None
        else None
    )
    since = (
        versions_in_force(day)
        .filter(agreement_id=agreement_id)
        .values_list("effective_from", flat=True)
        .first()
    )
    months = subject.every_months if subject is not None else EVERY_MONTHS_DEFAULT
    held_on = _local_day(last.held_at) if last is not None and last.held_at else None
    due_on = _due_on(months, held_on, subject.first_due_on if subject is not None else None, since)
    return Standing(
        every_months=months,
        held_on=held_on,
        due_on=due_on,
        is_overdue=due_on is not None and due_on < day,
        decision=last.decision if last is not None else "",
    )


def review_context(agreement_id: int) -> dict[str, Standing]:
    """Return what ``portal/agreements/_review.html`` reads: the standing as ``review``."""
    return {"review": review_standing(agreement_id)}


def overdue_agreements(*, on: date | None = None) -> frozenset[int]:
    """Return the ids of the agreements overdue for review, for a list that marks them.

    Three queries, however many agreements there are.
    """
    day = on or today()
    subjects = ReviewSubject.objects.filter(kind=SubjectKind.AGREEMENT)
    dues = due_days(with_last_held(subjects), day)
    planned = {
        subject.agreement_id: dues[subject.pk] for subject in subjects if subject.agreement_id
    }
    unplanned = {
        agreement_id: add_months(since, EVERY_MONTHS_DEFAULT)
        for agreement_id, since in _in_force_since(day).items()
        if agreement_id not in planned
    }
    return frozenset(
        agreement_id
        for agreement_id, due_on in {**unplanned, **planned}.items()
        if due_on is not None and due_on < day
    )


def with_last_held(subjects: QuerySet[ReviewSubject]) -> QuerySet[ReviewSubject]:
    """Return the subjects with ``last_held_at``, when each was reviewed last."""
    held = Review.objects.filter(subject=OuterRef("pk"), held_at__isnull=False)
    return subjects.annotate(
        last_held_at=Subquery(held.order_by("-held_at").values("held_at")[:1]),
        last_period_from=Subquery(held.order_by("-period_from").values("period_from")[:1]),
    )


def due_days(subjects: Iterable[ReviewSubject], on: date) -> dict[int, date | None]:
    """Return when each subject, from ``with_last_held``, is due. One query for all of them."""
    since = _in_force_since(on)
    return {subject.pk: _due_of(subject, since, on) for subject in subjects}


def due_quarter(subject: ReviewSubject, on: date) -> Quarter:
    """Return the quarter the next stat meeting is about: the last one ended before ``on``."""
    return Quarter.of(on, subject.year_starts_month).before


def _due_of(subject: ReviewSubject, since: Mapping[int, date], on: date) -> date | None:
    if subject.kind == SubjectKind.STAT:
        quarter = due_quarter(subject, on).period
        last_seen: date | None = getattr(subject, "last_period_from", None)
        if last_seen is not None and last_seen >= quarter.first:
            return None
        return quarter.last + timedelta(days=STAT_DAYS)
    held: datetime | None = getattr(subject, "last_held_at", None)
    begun = (
        since.get(subject.agreement_id)
        if subject.agreement_id is not None
        else _local_day(subject.created_at)
    )
    held_on = _local_day(held) if held is not None else None
    return _due_on(subject.every_months, held_on, subject.first_due_on, begun)


def _due_on(
    months: int, held_on: date | None, first_due_on: date | None, begun: date | None
) -> date | None:
    if held_on is not None:
        # A version approved since then was looked at when it was approved.
        return None if begun is None else add_months(max(held_on, begun), months)
    if first_due_on is not None:
        return first_due_on
    return None if begun is None else add_months(begun, months)


def _in_force_since(on: date) -> dict[int, date]:
    return dict(versions_in_force(on).values_list("agreement_id", "effective_from"))


def _local_day(at: datetime) -> date:
    return at.astimezone(city_in_scope().zone).date()
