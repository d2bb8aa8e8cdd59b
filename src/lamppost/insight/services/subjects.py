"""What is reviewed and how often: the review calendar."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import ReviewSubject
from lamppost.insight.selectors.calendar import EVERY_MONTHS_DEFAULT
from lamppost.insight.services.access import require_for
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.kernel.text import clean_text
from lamppost.people import audit
from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.models import Department
from lamppost.people.permissions import Permission, require
from lamppost.sla.models import Agreement

EVERY_MONTHS = EVERY_MONTHS_DEFAULT
STAT_MONTHS = 3
_MAX_MONTHS = 60


def ensure_subjects() -> int:
    """Put every agreement of the city in scope, and its stat meeting, on the calendar.

    Returns how many were missing. An agreement is reviewed every twelve months until somebody
    chooses otherwise. Safe to run twice and at once.
    """
    now = timezone.now()
    missing = Agreement.objects.filter(review__isnull=True).only("pk", "department_id")
    rows = [
        ReviewSubject(
            kind=SubjectKind.AGREEMENT,
            agreement_id=agreement.pk,
            department_id=agreement.department_id,
            every_months=EVERY_MONTHS,
            created_at=now,
        )
        for agreement in missing
    ]
    if not ReviewSubject.objects.filter(kind=SubjectKind.STAT).exists():
        rows.append(ReviewSubject(kind=SubjectKind.STAT, every_months=STAT_MONTHS, created_at=now))
    ReviewSubject.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def set_cadence(
    *, subject_id: int, every_months: int, first_due_on: date | None, actor: Actor
) -> ReviewSubject:
    """Choose how often a subject is reviewed and when first; return it.

    ``first_due_on``, a local day, holds until the first review was held; None follows the
    agreement. Raises ``Invalid`` for a number of months outside 1 to 60.
    """
    subject = ReviewSubject.objects.filter(pk=subject_id).exclude(kind=SubjectKind.STAT).first()
    if subject is None:
        raise NotFound(_("This is not on the review calendar."))
    require_for(subject, actor)
    _check_months(every_months)
    subject.every_months = every_months
    subject.first_due_on = first_due_on
    with transaction.atomic():
        subject.save(update_fields=["every_months", "first_due_on"])
        first = f", first due {first_due_on}" if first_due_on else ""
        audit.note(
            what=AuditWhat.REVIEW, label=str(subject), actor=actor,
            detail=f"every {every_months} months{first}",
        )  # fmt: skip
    return subject


def set_fiscal_year(*, starts: int, actor: Actor) -> None:
    """Say with which month (1 is January) the city's fiscal year starts.

    Raises ``Invalid`` for anything but 1 to 12; quarters already held stay as they are.
    """
    require(actor, Permission.REVIEW_HOLD)
    ensure_subjects()
    subject = ReviewSubject.objects.get(kind=SubjectKind.STAT)
    require_for(subject, actor)
    if not 1 <= starts <= 12:
        raise Invalid(_("Choose a month."), field="starts")
    subject.year_starts_month = starts
    with transaction.atomic():
        subject.save(update_fields=["year_starts_month"])
        audit.note(
            what=AuditWhat.REVIEW, label=str(subject), actor=actor,
            detail=f"fiscal year starts in month {starts}",
        )  # fmt: skip


def add_knowledge_area(
    *, name: str, department_id: int, every_months: int, actor: Actor
) -> ReviewSubject:
    """Put an area of knowledge, for which a department answers, on the calendar.

    Raises ``Invalid`` without a name, for an unknown department or months outside 1 to 60.
    """
    require(actor, Permission.REVIEW_HOLD, department_id=department_id or None)
    name = clean_text(name)
    if not name or len(name) > 200:
        raise Invalid(_("Give the area a name of at most 200 characters."), field="name")
    if not Department.objects.filter(pk=department_id, is_active=True).exists():
        raise Invalid(_("This department does not exist here."), field="department")
    _check_months(every_months)
    language = get_language() or city_in_scope().default_language
    with transaction.atomic():
        return ReviewSubject.objects.create(
            kind=SubjectKind.KNOWLEDGE,
            department_id=department_id,
            name={language: name, city_in_scope().default_language: name},
            every_months=every_months,
            created_at=timezone.now(),
        )


def _check_months(months: int) -> None:
    if not 1 <= months <= _MAX_MONTHS:
        raise Invalid(_("Choose between 1 and 60 months."), field="every_months")
