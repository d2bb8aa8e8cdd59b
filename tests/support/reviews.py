"""Measures counted, a review held and one open, for an installation under test."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import (
    Review,
    ReviewAction,
    ReviewAttendance,
    ReviewFigure,
    ReviewSubject,
    StatFigure,
)
from lamppost.insight.services.daily import refresh
from lamppost.insight.services.reviews import open_due_reviews
from lamppost.people.models import Department, User


def add_reviews(slug: str) -> None:
    """Count the measures, open what is due and put an old review of agreements on record."""
    refresh()
    open_due_reviews()
    subject = ReviewSubject.objects.filter(kind=SubjectKind.AGREEMENT).order_by("pk")[0]
    reviewer = User.objects.create(email=f"reviewer@{slug}.example", name=f"Reviewer of {slug}")
    now = timezone.now()
    held = Review.objects.create(
        subject=subject, due_on=date(2024, 1, 1), period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31), opened_at=now, updated_at=now, held_at=now,
        held_by=reviewer, minutes=f"Minutes of {slug}", decision="keep",
    )  # fmt: skip
    ReviewFigure.objects.create(
        review=held, section="evidence", measure="on_time", value=Decimal("0.5"), n=2
    )
    ReviewAttendance.objects.create(review=held, user=reviewer, department=subject.department)
    ReviewAction.objects.create(
        subject=subject, review=held, text=f"Ask {slug}", owner=reviewer, due_on=date(2030, 1, 1),
        created_at=now,
    )  # fmt: skip
    StatFigure.objects.create(
        section="budget", name=f"Cost in {slug}", period_from=date(2026, 7, 1),
        period_to=date(2026, 9, 30), actual=Decimal("2.2"), entered_by=reviewer, entered_at=now,
    )  # fmt: skip


def add_review_of(department: Department) -> dict[str, str]:
    """Put an area of knowledge of ``department`` under review; return the ids by name."""
    now, today = timezone.now(), timezone.localdate()
    subject = ReviewSubject.objects.create(
        kind=SubjectKind.KNOWLEDGE, department=department, name={"en": "Heat"}, every_months=12,
        created_at=now,
    )  # fmt: skip
    review = Review.objects.create(
        subject=subject, due_on=today, period_from=today - timedelta(days=30),
        period_to=today, opened_at=now, updated_at=now,
    )  # fmt: skip
    return {"subject": str(subject.pk), "review": str(review.pk)}
