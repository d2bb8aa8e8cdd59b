"""Who gets a case: ordered rules, first match wins, always an owner."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel


class RoutingRule(TenantModel):
    """One rule. Empty services, areas, answers or times mean 'any'.

    Conditions refer to rows by id, so renaming a service or an area breaks no rule.
    ``weekdays`` is a string of digits, 0 for Monday; times are minutes after local midnight
    in the city's zone, and a window may run past midnight.
    """

    code = models.SlugField(max_length=63)
    order = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="routing_rules"
    )
    services = models.ManyToManyField(
        "catalog.Service", through="RoutingService", related_name="routing_rules"
    )
    areas = models.ManyToManyField(
        "places.Area", through="RoutingArea", related_name="routing_rules"
    )
    answers = models.ManyToManyField(
        "catalog.QuestionValue", through="RoutingAnswer", related_name="routing_rules"
    )
    weekdays = models.CharField(max_length=7, blank=True)
    from_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    to_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    hazard_only = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="routingrule_code")]

    def __str__(self) -> str:
        return self.code


class RoutingService(TenantModel):
    """A rule's service."""

    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE)
    service = models.ForeignKey("catalog.Service", on_delete=models.PROTECT)


class RoutingArea(TenantModel):
    """A rule's area."""

    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE)
    area = models.ForeignKey("places.Area", on_delete=models.PROTECT)


class RoutingAnswer(TenantModel):
    """A rule's answer; values of one question are 'or', questions are 'and'."""

    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE)
    value = models.ForeignKey("catalog.QuestionValue", on_delete=models.PROTECT)
