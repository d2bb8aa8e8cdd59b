"""How long personal data is kept. Rows of the city pack; nothing is removed without one."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.people.choices import Retained


class RetentionRule(TenantModel):
    """Personal data of one kind goes once it is older than ``after_months``.

    ``removed`` and ``last_at`` tell what the last run that found something did.
    """

    what = models.CharField(max_length=30, choices=Retained.choices)
    after_months = models.PositiveSmallIntegerField()
    removed = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["what"]
        constraints = [
            models.UniqueConstraint(fields=["city", "what"], name="retentionrule_once"),
            models.CheckConstraint(
                name="retentionrule_months", condition=models.Q(after_months__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} after {self.after_months} months"
