"""When an office is open, and the only reasons for which a clock may stand still."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel


class BusinessCalendar(TenantModel):
    """Opening hours and holidays, in a zone of its own."""

    code = models.SlugField(max_length=63)
    name = TranslatedField()
    time_zone = models.CharField(max_length=64)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="calendar_code"),
            models.UniqueConstraint(
                fields=["city"], condition=models.Q(is_default=True), name="calendar_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CalendarHours(TenantModel):
    """One open stretch of one weekday (0 is Monday), in minutes after local midnight.

    Minutes, because a day may close at 24:00, which a time of day cannot say.
    """

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="calendarhours_order",
                condition=models.Q(weekday__lte=6)
                & models.Q(closes__gt=models.F("opens"))
                & models.Q(closes__lte=1440),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}-{self.closes}"


class CalendarDay(TenantModel):
    """A day unlike its weekday: a holiday, or special hours when opens and closes are set."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    name = TranslatedField()
    opens = models.PositiveSmallIntegerField(null=True, blank=True)
    closes = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["city", "calendar", "day"], name="calendarday_day"),
        ]

    def __str__(self) -> str:
        return str(self.day)


class PauseReason(TenantModel):
    """The only reasons a clock may stop. Public, so that a pause can be questioned."""

    code = models.SlugField(max_length=63)
    name = TranslatedField()

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="pausereason_code")]

    def __str__(self) -> str:
        return self.code


class PausingStatus(TenantModel):
    """A status in which clocks stand still, and the reason the public is given."""

    status = models.OneToOneField(
        "catalog.Status", on_delete=models.CASCADE, related_name="pausing"
    )
    reason = models.ForeignKey(PauseReason, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "pausing statuses"

    def __str__(self) -> str:
        return f"{self.status_id}: {self.reason_id}"
