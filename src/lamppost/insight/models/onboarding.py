"""What a department has to have before it works with the 311 center, as far as people say it."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.insight.choices import OnboardingItem


class OnboardingRecord(TenantModel):
    """Somebody wrote down that a department has an item, or, ``done_on`` empty, no more.

    The newest row of an item counts; the ones before are its history. ``person`` is the
    liaison where the item is one.
    """

    department = models.ForeignKey(
        "people.Department", on_delete=models.CASCADE, related_name="onboarding"
    )
    item = models.CharField(max_length=15, choices=OnboardingItem.choices)
    done_on = models.DateField(null=True, blank=True)
    person = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["department", "item", "-recorded_at", "-id"]
        indexes = [
            models.Index(
                fields=["city", "department", "item", "-recorded_at", "-id"],
                name="onboarding_newest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} of department {self.department_id}"
