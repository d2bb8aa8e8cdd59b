"""Who is told when a promise is about to be missed, or is."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel
from lamppost.sla.choices import Audience, StepMoment, TargetKind, UnitChoice
from lamppost.sla.models.agreement import Agreement


class EscalationStep(TenantModel):
    """One step of the ladder of an agreement, or of the city where it has none of its own.

    ``since`` is when the step was made: it never tells of a moment before that.
    """

    agreement = models.ForeignKey(
        Agreement, null=True, blank=True, on_delete=models.CASCADE, related_name="steps"
    )
    code = models.SlugField(max_length=40)
    kind = models.CharField(max_length=15, choices=TargetKind.choices, blank=True)
    moment = models.CharField(max_length=10, choices=StepMoment.choices)
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=20, choices=UnitChoice.choices)
    wording = TranslatedField()
    since = models.DateTimeField()

    class Meta:
        ordering = ["agreement", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "agreement", "code"],
                nulls_distinct=False,
                name="escalationstep_code",
            ),
            models.CheckConstraint(
                name="escalationstep_in_working_time",
                condition=models.Q(unit__in=[UnitChoice.BUSINESS_HOURS, UnitChoice.BUSINESS_DAYS]),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class EscalationAudience(TenantModel):
    """Somebody a step tells."""

    step = models.ForeignKey(EscalationStep, on_delete=models.CASCADE, related_name="audiences")
    whom = models.CharField(max_length=12, choices=Audience.choices)

    class Meta:
        ordering = ["step", "whom"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "step", "whom"], name="escalationaudience_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.whom}"
