"""What can be asked for, what is asked back, and how it may end. Rows of the city pack."""

from __future__ import annotations

from django.db import models

from lamppost.catalog.choices import (
    CaseKind,
    Datatype,
    LocationRule,
    OutcomeKind,
    PhotoRule,
    ServiceType,
    State,
    TriageOutcome,
    Visibility,
)
from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel


class ServiceGroup(TenantModel):
    """A heading services stand under."""

    code = models.SlugField(max_length=63)
    name = TranslatedField()
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="servicegroup_code")]

    def __str__(self) -> str:
        return self.code


class Service(TenantModel):
    """What can be asked for: Open311's service, known by its code."""

    code = models.CharField(max_length=63)
    name = TranslatedField()
    description = TranslatedField()
    keywords = TranslatedField()
    group = models.ForeignKey(ServiceGroup, on_delete=models.PROTECT, related_name="services")
    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="services"
    )
    kind = models.CharField(
        max_length=20, choices=CaseKind.choices, default=CaseKind.SERVICE_REQUEST
    )
    type = models.CharField(
        max_length=10, choices=ServiceType.choices, default=ServiceType.REALTIME
    )
    location = models.CharField(
        max_length=10, choices=LocationRule.choices, default=LocationRule.REQUIRED
    )
    photos = models.CharField(max_length=10, choices=PhotoRule.choices, default=PhotoRule.OPTIONAL)
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    notice = TranslatedField()
    duplicate_radius_m = models.PositiveSmallIntegerField(default=50)
    duplicate_days = models.PositiveSmallIntegerField(default=14)
    reopen_days = models.PositiveSmallIntegerField(default=30)
    order = models.PositiveSmallIntegerField(default=0)
    is_public = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="service_code")]

    def __str__(self) -> str:
        return self.code


class Question(TenantModel):
    """One question of a service's form: Open311's attribute.

    ``is_variable`` false is a text to read, not a question. A question with ``only_if``
    values is asked only when one of them was chosen.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="questions")
    code = models.SlugField(max_length=63)
    order = models.PositiveSmallIntegerField()
    text = TranslatedField()
    help = TranslatedField()
    datatype = models.CharField(max_length=20, choices=Datatype.choices)
    is_variable = models.BooleanField(default=True)
    is_required = models.BooleanField(default=False)
    is_public = models.BooleanField(default=False)

    class Meta:
        ordering = ["service", "order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "service", "code"], name="question_code"),
            models.UniqueConstraint(fields=["city", "service", "order"], name="question_order"),
        ]

    def __str__(self) -> str:
        return self.code


class QuestionValue(TenantModel):
    """One choice of a list question."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="values")
    key = models.SlugField(max_length=63)
    name = TranslatedField()
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["question", "order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "question", "key"], name="questionvalue_key"),
        ]

    def __str__(self) -> str:
        return self.key


class QuestionCondition(TenantModel):
    """A question is asked only when another was answered with one of these values."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="only_if")
    value = models.ForeignKey(QuestionValue, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "question", "value"], name="questioncondition_value"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} if {self.value_id}"


class TriageRule(TenantModel):
    """One row of a service's triage table: if all of these answers, then this outcome.

    Rules are read in order, the first match wins; no match means accept. ``is_hazard`` on an
    accepting rule flags the case for immediate notice to the crew.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="triage_rules")
    code = models.SlugField(max_length=63)
    order = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=TriageOutcome.choices)
    text = TranslatedField()
    refer_to = TranslatedField()
    refer_phone = models.CharField(max_length=40, blank=True)
    refer_url = models.URLField(blank=True)
    is_hazard = models.BooleanField(default=False)

    class Meta:
        ordering = ["service", "order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "service", "code"], name="triagerule_code"),
        ]

    def __str__(self) -> str:
        return self.code


class TriageCondition(TenantModel):
    """A rule needs one of these values for this question; rows of one question are 'or'."""

    rule = models.ForeignKey(TriageRule, on_delete=models.CASCADE, related_name="conditions")
    value = models.ForeignKey(QuestionValue, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "rule", "value"], name="triagecondition_value"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} if {self.value_id}"


class TriageArea(TenantModel):
    """A rule holds only in these areas."""

    rule = models.ForeignKey(TriageRule, on_delete=models.CASCADE, related_name="areas")
    area = models.ForeignKey("places.Area", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "rule", "area"], name="triagearea_area"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} in {self.area_id}"


class Status(TenantModel):
    """A name the city gives one kind of state. Several per state, one default each."""

    code = models.SlugField(max_length=63)
    state = models.CharField(max_length=10, choices=State.choices)
    name = TranslatedField()
    description = TranslatedField()
    is_default = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]
        verbose_name_plural = "statuses"
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="status_code"),
            models.UniqueConstraint(
                fields=["city", "state"],
                condition=models.Q(is_default=True),
                name="status_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Move(TenantModel):
    """A step a case may take from one status to another."""

    from_status = models.ForeignKey(Status, on_delete=models.CASCADE, related_name="moves")
    to_status = models.ForeignKey(Status, on_delete=models.CASCADE, related_name="+")
    needs_reason = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "from_status", "to_status"], name="move_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.from_status_id} -> {self.to_status_id}"


class Outcome(TenantModel):
    """A way a case may end, with a sentence offered to the closer."""

    code = models.SlugField(max_length=63)
    kind = models.CharField(max_length=10, choices=OutcomeKind.choices)
    name = TranslatedField()
    sentence = TranslatedField()
    invites_reply = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="outcome_code")]

    def __str__(self) -> str:
        return self.code
