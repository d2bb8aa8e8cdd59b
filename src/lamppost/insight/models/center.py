"""Counts of the contact center by half hour and by day: what its pages read.

Nothing here is a source, but for the costs, which somebody enters. ``services.center_counts``
writes whole local days from interactions and agents' states and can write all of them again.
A half hour is counted from the local midnight on, so a day has 46, 48 or 50 of them.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lamppost.catalog.choices import Channel
from lamppost.database.models import TenantModel


class CenterHalfHour(TenantModel):
    """The interactions offered in one half hour, in whole seconds, as they stand now.

    ``waits`` are the waits of those answered, one by one, so that a service level over any
    span and for any number of seconds is exact; who was called by hand, without a line that
    knows the wait, is in ``by_hand`` and not in ``waits``. ``known`` and ``resolved`` belong
    to first-contact resolution.
    """

    day = models.DateField()
    starts_at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=20, blank=True)
    answered = models.PositiveIntegerField()
    by_hand = models.PositiveIntegerField()
    abandoned = models.PositiveIntegerField()
    short = models.PositiveIntegerField()
    deflected = models.PositiveIntegerField()
    asked_call_back = models.PositiveIntegerField()
    left_menu = models.PositiveIntegerField()
    waits = ArrayField(models.IntegerField())
    abandon_seconds = models.BigIntegerField()
    handled = models.PositiveIntegerField()
    talk_seconds = models.BigIntegerField()
    hold_seconds = models.BigIntegerField()
    wrap_seconds = models.BigIntegerField()
    coded = models.PositiveIntegerField()
    transferred = models.PositiveIntegerField()
    emergencies = models.PositiveIntegerField()
    interpreted = models.PositiveIntegerField()
    known = models.PositiveIntegerField()
    resolved = models.PositiveIntegerField()
    outgoing = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "day", "starts_at", "channel", "language"],
                name="centerhalfhour_cell",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} from {self.starts_at}"


class CenterCoding(TenantModel):
    """The answered interactions of one local day by what they were about."""

    day = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    disposition = models.ForeignKey(
        "contacts.Disposition", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    contacts = models.PositiveIntegerField()
    handle_seconds = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "day", "channel", "disposition"], name="centercoding_cell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disposition_id} on {self.day}"


class AgentHalfHour(TenantModel):
    """How many seconds of one half hour an agent spent in each state.

    ``planned`` are the seconds of it the agent was to be on the line, ``kept`` those of them
    the agent was signed on.
    """

    day = models.DateField()
    starts_at = models.DateTimeField()
    agent = models.ForeignKey(
        "people.User", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    ready = models.PositiveSmallIntegerField()
    talking = models.PositiveSmallIntegerField()
    wrapping = models.PositiveSmallIntegerField()
    on_break = models.PositiveSmallIntegerField()
    meeting = models.PositiveSmallIntegerField()
    planned = models.PositiveSmallIntegerField()
    kept = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "day", "starts_at", "agent"], name="agenthalfhour_cell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} from {self.starts_at}"


class CenterMark(TenantModel):
    """Up to which moment a city's interactions have been counted; one row a city."""

    counted_until = models.DateTimeField()
    rebuilt_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city"], name="centermark_city")]

    def __str__(self) -> str:
        return f"center counted until {self.counted_until}"


class ChannelCost(TenantModel):
    """What a channel cost in one month, as the books say. The last entry counts, all stay."""

    month = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    note = models.CharField(max_length=300, blank=True)
    entered_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="channelcost_amount", condition=models.Q(amount__gte=0, month__day=1)
            ),
        ]
        indexes = [
            models.Index(fields=["city", "month", "channel", "-id"], name="channelcost_month")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.month}"
