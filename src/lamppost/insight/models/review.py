"""Reviews: what is looked at and how often, each meeting, and what came of it."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel
from lamppost.insight.choices import Decision, GroupKind, Section, SubjectKind


class ReviewSubject(TenantModel):
    """What is reviewed every so many months.

    An agreement, an area of knowledge that a department answers for, or the city's own stat
    meeting, which belongs to no department. ``first_due_on`` is set where somebody has chosen
    the first day; else it follows from the agreement.
    """

    kind = models.CharField(max_length=10, choices=SubjectKind.choices)
    agreement = models.OneToOneField(
        "sla.Agreement", null=True, blank=True, on_delete=models.PROTECT, related_name="review"
    )
    department = models.ForeignKey(
        "people.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = TranslatedField()
    every_months = models.PositiveSmallIntegerField()
    first_due_on = models.DateField(null=True, blank=True)
    year_starts_month = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city"],
                condition=models.Q(kind=SubjectKind.STAT),
                name="reviewsubject_one_stat",
            ),
            models.CheckConstraint(
                name="reviewsubject_kind",
                condition=models.Q(
                    kind=SubjectKind.AGREEMENT, agreement__isnull=False, department__isnull=False
                )
                | models.Q(
                    kind=SubjectKind.KNOWLEDGE, agreement__isnull=True, department__isnull=False
                )
                | models.Q(kind=SubjectKind.STAT, agreement__isnull=True, department__isnull=True),
            ),
            models.CheckConstraint(
                name="reviewsubject_months",
                condition=models.Q(every_months__gte=1, every_months__lte=60)
                & models.Q(year_starts_month__gte=1, year_starts_month__lte=12),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Review(TenantModel):
    """One meeting about a subject: opened when it is due, a record once it was held.

    The period is in local days, both included.
    """

    subject = models.ForeignKey(ReviewSubject, on_delete=models.PROTECT, related_name="reviews")
    due_on = models.DateField()
    period_from = models.DateField()
    period_to = models.DateField()
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    scheduled_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=200, blank=True)
    minutes = models.TextField(blank=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decision_text = models.TextField(blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "subject", "period_from"], name="review_subject_period"
            ),
            models.UniqueConstraint(
                fields=["city", "subject"],
                condition=models.Q(held_at__isnull=True),
                name="review_one_open",
            ),
            models.CheckConstraint(
                name="review_period", condition=models.Q(period_to__gte=models.F("period_from"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "due_on", "id"],
                condition=models.Q(held_at__isnull=True),
                name="review_due",
            ),
            models.Index(
                fields=["city", "-held_at", "-id"],
                condition=models.Q(held_at__isnull=False),
                name="review_held",
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.subject_id} due {self.due_on}"


class ReviewFigure(TenantModel):
    """One figure as it stood when the review was held; never changed afterwards.

    ``measure`` is a code of the glossary. ``value`` is in the measure's unit, None where there
    was nothing to divide by; ``n`` is what it is a share or a median of.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="figures")
    section = models.CharField(max_length=12, choices=Section.choices)
    measure = models.SlugField(max_length=40)
    group_kind = models.CharField(max_length=12, choices=GroupKind.choices, blank=True)
    group_code = models.CharField(max_length=100, blank=True)
    group_name = TranslatedField()
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    n = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.measure} of review {self.review_id}"


class ReviewAttendance(TenantModel):
    """Somebody was at the meeting, for a department where they work for one."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="attendance")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        "people.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "review", "user"], name="attendance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at review {self.review_id}"


class ReviewAction(TenantModel):
    """What was agreed on: by whom, until when. On every agenda until it is done."""

    subject = models.ForeignKey(ReviewSubject, on_delete=models.PROTECT, related_name="actions")
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="actions")
    text = models.CharField(max_length=500)
    owner = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    done_note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(
                fields=["city", "subject", "due_on"],
                condition=models.Q(done_at__isnull=True),
                name="reviewaction_open",
            ),
        ]

    def __str__(self) -> str:
        return f"action {self.pk} of review {self.review_id}"


class StatFigure(TenantModel):
    """A figure no system of ours knows, entered by hand for one period: who and when.

    Entering it again adds a row; the last one counts, the earlier ones stay.
    """

    section = models.CharField(max_length=12, choices=Section.choices)
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=30, blank=True)
    period_from = models.DateField()
    period_to = models.DateField()
    target = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    actual = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    note = models.CharField(max_length=300, blank=True)
    entered_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["city", "period_from", "section", "name", "-id"], name="statfigure_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} from {self.period_from}"
