"""Departments that work on a case another one owns."""

from __future__ import annotations

from django.db import models

from lamppost.cases.models.case import Case
from lamppost.database.models import TenantModel


class Participant(TenantModel):
    """A department that has a part in a case without owning it: its desk may read the case."""

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="participants", db_index=False
    )
    department = models.ForeignKey("people.Department", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "case", "department"], name="participant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} in {self.case_id}"
