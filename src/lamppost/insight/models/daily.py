"""Counts by local day: what a page of measures reads instead of the history.

Nothing here is a source. ``services.daily`` writes whole days from cases and clocks and can
write all of them again.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lamppost.catalog.choices import Channel
from lamppost.database.models import TenantModel


class DailyRequests(TenantModel):
    """The requests made on one local day, as they stand now.

    ``on_time``, ``late``, ``overdue``, ``not_due`` and ``waived`` count the verdicts of the
    clocks that wait for the solution; replaced and cancelled clocks are in none of them.
    """

    day = models.DateField()
    service = models.ForeignKey(
        "catalog.Service", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    department = models.ForeignKey(
        "people.Department", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    language = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    received = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()
    closed_once = models.PositiveIntegerField()
    on_time = models.PositiveIntegerField()
    late = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField()
    not_due = models.PositiveIntegerField()
    waived = models.PositiveIntegerField()
    paused = models.PositiveIntegerField()
    reopened = models.PositiveIntegerField()
    disputed = models.PositiveIntegerField()
    transfers = models.PositiveIntegerField()
    ping_pong = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "day", "service", "department", "language", "channel"],
                name="dailyrequests_cell",
            ),
        ]
        indexes = [
            models.Index(fields=["city", "service", "day"], name="dailyrequests_service"),
        ]

    def __str__(self) -> str:
        return f"requests of {self.day}"


class DailyClosings(TenantModel):
    """What was closed on one local day: how many seconds each request had waited.

    Kept one by one, so that a median over any span of days is exact.
    """

    day = models.DateField()
    service = models.ForeignKey(
        "catalog.Service", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    department = models.ForeignKey(
        "people.Department", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    seconds = ArrayField(models.IntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "day", "service", "department"], name="dailyclosings_cell"
            ),
        ]
        indexes = [
            models.Index(fields=["city", "service", "day"], name="dailyclosings_service"),
        ]

    def __str__(self) -> str:
        return f"closings of {self.day}"


class MeasureMark(TenantModel):
    """Up to which moment a city's events have been counted; one row a city."""

    counted_until = models.DateTimeField()
    rebuilt_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city"], name="measuremark_city")]

    def __str__(self) -> str:
        return f"counted until {self.counted_until}"
