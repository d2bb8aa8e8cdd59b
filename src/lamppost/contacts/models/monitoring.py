"""Listening again: contacts drawn by lot, looked at with a form by somebody else."""

from __future__ import annotations

from django.db import models

from lamppost.contacts.models.interaction import Interaction
from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel


class MonitoringQuestion(TenantModel):
    """One line of the form: what is looked at, and the most points it can get. Of the pack."""

    code = models.SlugField(max_length=63)
    text = TranslatedField()
    points = models.PositiveSmallIntegerField()
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="monitoringquestion_code"),
            models.CheckConstraint(
                name="monitoringquestion_points", condition=models.Q(points__gte=1, points__lte=10)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class MonitoredContact(TenantModel):
    """A contact drawn from an agent's week (``week`` is its Monday), and what was found.

    ``answer`` is the agent's own word on the finding.
    """

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    week = models.DateField()
    drawn_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    comment = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "interaction"], name="monitored_once"),
            models.CheckConstraint(
                name="monitored_by_another",
                condition=models.Q(reviewed_by=None) | ~models.Q(reviewed_by=models.F("agent")),
            ),
        ]
        indexes = [
            models.Index(fields=["city", "agent", "-week"], name="monitored_agent"),
            models.Index(fields=["city", "-week", "id"], name="monitored_week"),
        ]

    def __str__(self) -> str:
        return f"monitored {self.pk}"


class MonitoringScore(TenantModel):
    """The points one question got; a question that did not apply has no row."""

    monitored = models.ForeignKey(MonitoredContact, on_delete=models.CASCADE, related_name="scores")
    question = models.ForeignKey(MonitoringQuestion, on_delete=models.PROTECT, related_name="+")
    points = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "monitored", "question"], name="monitoringscore_once"
            ),
            models.CheckConstraint(
                name="monitoringscore_range", condition=models.Q(points__lte=models.F("of"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} of {self.of}"
