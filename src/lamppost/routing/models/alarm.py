"""Alarms of the watch over routing: one row per episode."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.routing.choices import AlarmKind


class RoutingAlarm(TenantModel):
    """Something about routing that somebody should look at, from when until when.

    ``subject`` tells episodes of one kind apart: a rule's code with its fault, or the queue
    as ``department:CODE`` or ``team:DEPARTMENT/CODE``. ``hits`` of ``total`` recent cases
    against the share usual before; empty for a fault.
    """

    kind = models.CharField(max_length=10, choices=AlarmKind.choices)
    subject = models.CharField(max_length=200)
    detail = models.CharField(max_length=40, blank=True)
    rule = models.ForeignKey(
        "routing.RoutingRule", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    department = models.ForeignKey(
        "people.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(
        "people.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    hours = models.PositiveSmallIntegerField(null=True, blank=True)
    hits = models.PositiveIntegerField(null=True, blank=True)
    total = models.PositiveIntegerField(null=True, blank=True)
    usual_share = models.FloatField(null=True, blank=True)
    deviations = models.FloatField(null=True, blank=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "kind", "subject"],
                condition=models.Q(closed_at__isnull=True),
                name="routingalarm_one_episode",
            ),
        ]
        indexes = [
            models.Index(fields=["city", "-opened_at", "-id"], name="routingalarm_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
