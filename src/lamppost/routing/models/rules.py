"""Who gets a case: ordered rules, first match wins, always an owner."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.routing.choices import ConditionKind, SetState


class RuleSet(TenantModel):
    """A version of the city's rules: drafted, in force, replaced. Only a draft ever changes.

    ``changed_at`` moves with every edit of a draft, so that two editors notice each other.
    ``pack_digest`` is the digest of the routing of a city pack that says the same as this set;
    empty for a set made at the desk that no pack knows yet
    (docs/decisions/0014-routing-sets.md).
    """

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=SetState.choices)
    title = models.CharField(max_length=200, blank=True)
    based_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    pack_digest = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()
    activated_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    activated_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["city", "number"], name="ruleset_number"),
            models.UniqueConstraint(
                fields=["city", "state"],
                condition=~models.Q(state=SetState.RETIRED),
                name="ruleset_one_draft_one_active",
            ),
        ]

    def __str__(self) -> str:
        return f"rules {self.number}"


class RoutingRule(TenantModel):
    """One rule. Empty services, areas, answers or times mean 'any'.

    Conditions refer to rows by id, so renaming a service or an area breaks no rule.
    ``weekdays`` is a string of digits, 0 for Monday; times are minutes after local midnight
    in the city's zone, and a window may run past midnight. ``wording`` is the rule as a
    sentence, kept when its set is replaced: the history of a case stays readable after what
    the rule named is gone.
    """

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="rules")
    code = models.SlugField(max_length=63)
    order = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="routing_rules"
    )
    team = models.ForeignKey(
        "people.Team",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="routing_rules",
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
    wording = models.TextField(blank=True)

    class Meta:
        ordering = ["rule_set", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "rule_set", "code"], name="routingrule_code")
        ]

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


class PastCondition(TenantModel):
    """What a replaced rule asked for, by code.

    Conditions of replaced rules hold on to nothing, so an area or an answer can vanish; the
    codes let an earlier set be taken up again. ``path`` is ``service``, ``kind/area`` or
    ``service/question/value``.
    """

    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE, related_name="past_conditions")
    kind = models.CharField(max_length=10, choices=ConditionKind.choices)
    path = models.CharField(max_length=200)

    class Meta:
        ordering = ["rule", "kind", "path"]

    def __str__(self) -> str:
        return self.path
