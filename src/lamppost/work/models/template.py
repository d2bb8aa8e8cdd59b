"""Which work a service calls for: items a case gets by itself, or that staff add."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel
from lamppost.sla.choices import DayEndRule, UnitChoice
from lamppost.work.choices import Begins


class WorkTemplate(TenantModel):
    """A work item as it is made for cases of one service.

    With answers (``TemplateAnswer``) it is made at intake only where one of them was chosen.
    """

    service = models.ForeignKey(
        "catalog.Service", on_delete=models.CASCADE, related_name="work_templates"
    )
    code = models.SlugField(max_length=63)
    order = models.PositiveSmallIntegerField()
    department = models.ForeignKey("people.Department", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(
        "people.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    title = TranslatedField()
    note = TranslatedField()
    public_label = TranslatedField()
    is_required = models.BooleanField(default=True)
    begins = models.CharField(max_length=10, choices=Begins.choices, default=Begins.INTAKE)
    amount = models.PositiveIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=20, choices=UnitChoice.choices, blank=True)
    day_end = models.CharField(max_length=10, choices=DayEndRule.choices, default=DayEndRule.CLOSE)
    calendar = models.ForeignKey(
        "sla.BusinessCalendar", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["service", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="worktemplate_code"),
            models.CheckConstraint(
                name="worktemplate_target_has_unit",
                condition=models.Q(amount__isnull=True)
                | (models.Q(amount__gt=0) & ~models.Q(unit="")),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class TemplateAnswer(TenantModel):
    """An answer that calls for the item; any one of a template's is enough."""

    template = models.ForeignKey(WorkTemplate, on_delete=models.CASCADE, related_name="answers")
    value = models.ForeignKey("catalog.QuestionValue", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "template", "value"], name="templateanswer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} if {self.value_id}"


class TemplateCheck(TenantModel):
    """One line of the checklist its items begin with."""

    template = models.ForeignKey(WorkTemplate, on_delete=models.CASCADE, related_name="checks")
    order = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=63)
    text = TranslatedField()
    is_required = models.BooleanField(default=True)

    class Meta:
        ordering = ["template", "order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "template", "code"], name="templatecheck_code"),
        ]

    def __str__(self) -> str:
        return f"{self.template_id}.{self.code}"
