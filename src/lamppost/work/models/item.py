"""A task of one department within a case, with its checklist and its own clock."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel
from lamppost.sla.choices import DayEndRule, UnitChoice
from lamppost.work.choices import LIVE, DropCause, ItemState

_IS_LIVE = models.Q(state__in=[state.value for state in LIVE])


class WorkItem(TenantModel):
    """What one department has to do within a case, whoever owns the case. Never public itself.

    ``public_label`` is all the public may read of it, and its state. ``due_at`` is computed
    from ``added_at`` (see ``work.clock``), never typed; without ``amount`` there is no target.
    """

    case = models.ForeignKey(
        "cases.Case", on_delete=models.CASCADE, related_name="work_items", db_index=False
    )
    template = models.ForeignKey(
        "work.WorkTemplate", null=True, on_delete=models.PROTECT, related_name="items"
    )
    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        "people.Team", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    assignee = models.ForeignKey(
        "people.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    title = TranslatedField()
    note = TranslatedField()
    public_label = TranslatedField()
    is_required = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.OPEN)
    amount = models.PositiveIntegerField(null=True)
    unit = models.CharField(max_length=20, choices=UnitChoice.choices, blank=True)
    day_end = models.CharField(max_length=10, choices=DayEndRule.choices, default=DayEndRule.CLOSE)
    calendar = models.ForeignKey(
        "sla.BusinessCalendar", null=True, on_delete=models.PROTECT, related_name="+"
    )
    due_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    added_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    added_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    finished_at = models.DateTimeField(null=True)
    drop_cause = models.CharField(max_length=20, choices=DropCause.choices, blank=True)
    drop_reason = models.TextField(blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["case", "order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "case", "template"],
                condition=models.Q(template__isnull=False) & ~models.Q(state=ItemState.DROPPED),
                name="workitem_once_per_template",
            ),
            models.CheckConstraint(
                name="workitem_ended_has_time",
                condition=_IS_LIVE | models.Q(finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="workitem_dropped_has_cause",
                condition=~models.Q(state=ItemState.DROPPED) | ~models.Q(drop_cause=""),
            ),
        ]
        indexes = [
            models.Index(fields=["city", "case", "order"], name="workitem_case"),
            # A department's list, everybody's, a person's and a team's: what is due first.
            models.Index(
                fields=["city", "department", "due_at", "id"],
                condition=_IS_LIVE,
                name="workitem_department",
            ),
            models.Index(fields=["city", "due_at", "id"], condition=_IS_LIVE, name="workitem_due"),
            models.Index(
                fields=["city", "assignee", "due_at", "id"],
                condition=_IS_LIVE & models.Q(assignee__isnull=False),
                name="workitem_assignee",
            ),
            models.Index(
                fields=["city", "team", "due_at", "id"],
                condition=_IS_LIVE & models.Q(team__isnull=False),
                name="workitem_team",
            ),
            models.Index(
                fields=["city", "due_at"],
                condition=_IS_LIVE
                & models.Q(breached_at__isnull=True)
                & models.Q(due_at__isnull=False),
                name="workitem_next_check",
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk} of {self.case_id}"


class ChecklistItem(TenantModel):
    """One line to check off within a work item."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="checklist")
    order = models.PositiveSmallIntegerField()
    text = TranslatedField()
    is_required = models.BooleanField(default=True)
    done_by = models.ForeignKey(
        "people.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["item", "order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "item", "order"], name="checklistitem_order"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}.{self.order}"


class WorkPause(TenantModel):
    """A span in which an item was ended: from its end until it was opened again."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="pauses")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()

    class Meta:
        ordering = ["from_at"]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.from_at} to {self.to_at}"
