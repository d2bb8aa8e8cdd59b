"""Targets running on cases."""

from __future__ import annotations

from django.db import models

from lamppost.cases.choices import ClockEventKind, ClockState
from lamppost.database.models import TenantModel, city_of_its_case
from lamppost.sla.choices import TargetKind


class Clock(TenantModel):
    """One target running on one case. ``due_at`` is computed, never typed.

    ``target`` is empty on an imported promise whose agreement we never knew.
    """

    city = city_of_its_case()
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=15, choices=TargetKind.choices)
    target = models.ForeignKey(
        "sla.SlaTarget", null=True, on_delete=models.PROTECT, related_name="clocks", db_index=False
    )
    # The case's own at that moment, as on its events.
    department = models.ForeignKey(
        "people.Department",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    state = models.CharField(max_length=12, choices=ClockState.choices)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=~models.Q(state__in=[ClockState.SUPERSEDED, ClockState.CANCELLED]),
                name="clock_one_live",
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "next_check_at"],
                condition=models.Q(next_check_at__isnull=False),
                name="clock_next_check",
            ),
            models.Index(
                fields=["target"],
                condition=models.Q(target__isnull=False),
                name="clock_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} clock of {self.case_id}"


class ClockEvent(TenantModel):
    """What happened to a clock: append-only, replayed by the engine."""

    city = city_of_its_case()
    clock = models.ForeignKey(
        Clock, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    kind = models.CharField(max_length=10, choices=ClockEventKind.choices)
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    reason = models.ForeignKey(
        "sla.PauseReason", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.CharField(max_length=300, blank=True)
    user = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["clock", "at", "id"]
        indexes = [
            models.Index(fields=["clock", "at"], name="clockevent_clock"),
            models.Index(
                fields=["city", "-at", "-id"],
                condition=models.Q(kind=ClockEventKind.WAIVE),
                name="clockevent_waived",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.kind} {self.at}"
