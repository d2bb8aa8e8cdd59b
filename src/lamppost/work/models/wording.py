"""What is said and done again and again: reply templates and macros."""

from __future__ import annotations

from django.db import models

from lamppost.cases.choices import Priority
from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel
from lamppost.work.choices import StepKind


class ReplyTemplate(TenantModel):
    """A sentence for residents, with placeholders (``work.wording``).

    For one service or all, one outcome or all, one department's desk or everybody's.
    """

    code = models.SlugField(max_length=63)
    order = models.PositiveSmallIntegerField(default=0)
    department = models.ForeignKey(
        "people.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    service = models.ForeignKey(
        "catalog.Service", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    outcome = models.ForeignKey(
        "catalog.Outcome", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    title = TranslatedField()
    text = TranslatedField()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="replytemplate_code"),
        ]

    def __str__(self) -> str:
        return self.code


class Macro(TenantModel):
    """Steps done to a case at one stroke, all or none. For one service or all, as replies."""

    code = models.SlugField(max_length=63)
    order = models.PositiveSmallIntegerField(default=0)
    department = models.ForeignKey(
        "people.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    service = models.ForeignKey(
        "catalog.Service", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    title = TranslatedField()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="macro_code"),
        ]

    def __str__(self) -> str:
        return self.code


class MacroStep(TenantModel):
    """One step; the kind says which of the columns it needs."""

    macro = models.ForeignKey(Macro, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    status = models.ForeignKey(
        "catalog.Status", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.ForeignKey(
        "catalog.Outcome", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reply = models.ForeignKey(
        ReplyTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    template = models.ForeignKey(
        "work.WorkTemplate", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(
        "people.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    priority = models.CharField(max_length=10, choices=Priority.choices, blank=True)
    text = TranslatedField()
    is_public = models.BooleanField(default=False)

    class Meta:
        ordering = ["macro", "order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "macro", "order"], name="macrostep_order"),
            models.CheckConstraint(
                name="macrostep_has_what_it_needs",
                condition=(models.Q(kind=StepKind.MOVE) & models.Q(status__isnull=False))
                | models.Q(kind=StepKind.TAKE)
                | (models.Q(kind=StepKind.TEAM) & models.Q(team__isnull=False))
                | (models.Q(kind=StepKind.PRIORITY) & ~models.Q(priority=""))
                | (models.Q(kind=StepKind.ITEM) & models.Q(template__isnull=False))
                | (models.Q(kind=StepKind.CLOSE) & models.Q(outcome__isnull=False))
                | models.Q(kind=StepKind.NOTE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.macro_id}.{self.order} {self.kind}"
