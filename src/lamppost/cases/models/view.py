"""Parts of the queue somebody comes back to."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel


class SavedView(TenantModel):
    """A named filter of the queue: one person's, or a department's for all its people.

    ``query`` is the filter as it stands in the queue's address, normalized, without words that
    were searched for (they may name a resident). It is read again at each use, so a filter of
    something that is gone is refused there in words and never matches something else.
    """

    owner = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    department = models.ForeignKey(
        "people.Department", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=400, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    is_default = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["order", "name", "id"]
        constraints = [
            models.CheckConstraint(
                name="savedview_one_holder",
                condition=models.Q(owner__isnull=True, department__isnull=False)
                | models.Q(owner__isnull=False, department__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["city", "owner", "name"],
                condition=models.Q(owner__isnull=False),
                name="savedview_name",
            ),
            models.UniqueConstraint(
                fields=["city", "department", "name"],
                condition=models.Q(department__isnull=False),
                name="savedview_department_name",
            ),
            models.UniqueConstraint(
                fields=["city", "owner"],
                condition=models.Q(owner__isnull=False, is_default=True),
                name="savedview_one_default",
            ),
            models.UniqueConstraint(
                fields=["city", "department"],
                condition=models.Q(department__isnull=False, is_default=True),
                name="savedview_department_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name
