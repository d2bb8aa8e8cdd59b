"""What a trial of a set of rules on recent cases showed."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.routing.models.rules import RoutingRule, RuleSet


class RoutingTrial(TenantModel):
    """One run of a draft over the last cases, beside the set in force.

    ``digest`` says which content was tried: activation needs a trial of exactly what is
    activated, against the set then in force.
    """

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="trials")
    against = models.ForeignKey(
        RuleSet, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    digest = models.CharField(max_length=64)
    asked = models.PositiveIntegerField()
    cases = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    catch_all_now = models.PositiveIntegerField()
    catch_all_then = models.PositiveIntegerField()
    oldest_at = models.DateTimeField(null=True, blank=True)
    newest_at = models.DateTimeField(null=True, blank=True)
    run_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    run_at = models.DateTimeField()

    class Meta:
        ordering = ["-run_at", "-id"]
        indexes = [models.Index(fields=["city", "rule_set", "-run_at"], name="routingtrial_newest")]

    def __str__(self) -> str:
        return f"trial {self.pk}"


class TrialFlow(TenantModel):
    """How many cases would go to another department or team, from whom to whom.

    ``settled`` of them are with the new owner today: staff sent them there by hand.
    """

    trial = models.ForeignKey(RoutingTrial, on_delete=models.CASCADE, related_name="flows")
    from_department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="+"
    )
    from_team = models.ForeignKey(
        "people.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    to_department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="+"
    )
    to_team = models.ForeignKey(
        "people.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    count = models.PositiveIntegerField()
    settled = models.PositiveIntegerField()

    class Meta:
        ordering = ["trial", "-count", "id"]

    def __str__(self) -> str:
        return f"{self.from_department_id} -> {self.to_department_id}: {self.count}"


class TrialSample(TenantModel):
    """A case that shows what a flow is about, by its number; or, without a flow, one that
    would reach the catch-all."""

    trial = models.ForeignKey(RoutingTrial, on_delete=models.CASCADE, related_name="samples")
    flow = models.ForeignKey(
        TrialFlow, null=True, blank=True, on_delete=models.CASCADE, related_name="samples"
    )
    case_number = models.CharField(max_length=40)
    service = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="+")
    before = models.CharField(max_length=300, blank=True)
    after = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["trial", "id"]

    def __str__(self) -> str:
        return self.case_number


class TrialRule(TenantModel):
    """How many of the cases a rule decided."""

    trial = models.ForeignKey(RoutingTrial, on_delete=models.CASCADE, related_name="rules")
    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE, related_name="+")
    matched = models.PositiveIntegerField()

    class Meta:
        ordering = ["trial", "id"]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.matched}"
