"""Who decided by hand what of a text the public reads, and which old texts were looked at."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel


class TextMark(TenantModel):
    """Characters of a text staff has hidden, or shown again; holds places, never words.

    Of the description without an ``event``, else of that event's text.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    event = models.ForeignKey(
        "cases.CaseEvent", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    is_hidden = models.BooleanField()
    by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="textmark_order", condition=models.Q(end__gt=models.F("start"))
            ),
        ]

    def __str__(self) -> str:
        return f"mark {self.start}-{self.end} of case {self.case_id}"


class TextCheck(TenantModel):
    """How far the texts there were when the rules changed have been looked at again."""

    table = models.CharField(max_length=10)
    rules = models.PositiveSmallIntegerField()
    last_id = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "table", "rules"], name="textcheck_once"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.rules}: {self.last_id}"
