"""Partner systems: where a department's cases go, each delivery, and what comes back."""

from __future__ import annotations

from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel
from lamppost.partners.choices import (
    WAITING,
    AttemptResult,
    ConnectionKind,
    ConnectionState,
    DeliveryState,
    FindingKind,
    InboundResult,
    Purpose,
    RunResult,
)


class Connection(TenantModel):
    """One way to one department's own system.

    ``address`` is an e-mail address, a URL, or a folder. ``secret`` is encrypted with the
    installation's key (``vault``) and never shown. ``acknowledge_within_min`` None: no
    acknowledgement is expected. ``api_key`` is who the partner is in the history of cases.
    ``failures`` and ``broken_until`` are the circuit: consecutive failures that may pass, and
    until when the partner is left alone.
    """

    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="connections"
    )
    code = models.SlugField(max_length=63)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=ConnectionKind.choices)
    address = models.CharField(max_length=500)
    secret = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=ConnectionState.choices)
    acknowledge_within_min = models.PositiveIntegerField(null=True, blank=True)
    interval_min = models.PositiveIntegerField(default=15)
    list_url = models.CharField(max_length=500, blank=True)
    jurisdiction_id = models.CharField(max_length=100, blank=True)
    takes_updates = models.BooleanField(default=True)
    is_number_public = models.BooleanField(default=False)
    api_key = models.OneToOneField("people.ApiKey", on_delete=models.PROTECT, related_name="+")
    failures = models.PositiveIntegerField(default=0)
    broken_since = models.DateTimeField(null=True, blank=True)
    broken_until = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="connection_code"),
        ]
        indexes = [models.Index(fields=["city", "department"], name="connection_department")]

    def __str__(self) -> str:
        return self.code


class ConnectionService(TenantModel):
    """The connection is for this service; a connection without any is for all of them."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="services")
    service = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "connection", "service"], name="connectionservice_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.service_id}"


class StatusWord(TenantModel):
    """What a partner's word means here: a status, an outcome with its sentence, or a note."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=100)
    status = models.ForeignKey(
        "catalog.Status", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    outcome = models.ForeignKey(
        "catalog.Outcome", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    sentence = TranslatedField()

    class Meta:
        ordering = ["word"]
        constraints = [
            models.UniqueConstraint(fields=["city", "connection", "word"], name="statusword_word"),
            models.CheckConstraint(
                name="statusword_one_meaning",
                condition=models.Q(status__isnull=True) | models.Q(outcome__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.word


class OutboxEntry(TenantModel):
    """An event some connection may have to hear of.

    Written by a trigger in the transaction of the event (docs/decisions/0015), deleted in the
    transaction that makes its deliveries: nothing can fall between.
    """

    event = models.ForeignKey(
        "cases.CaseEvent",
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        verbose_name_plural = "outbox entries"

    def __str__(self) -> str:
        return f"event {self.event_id}"


class HandOff(TenantModel):
    """One case at one partner: their number, their status, each with the partner's own time."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="handoffs")
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="handoffs")
    external_number = models.CharField(max_length=100, blank=True)
    external_number_at = models.DateTimeField(null=True, blank=True)
    external_token = models.CharField(max_length=200, blank=True)
    external_status = models.CharField(max_length=100, blank=True)
    external_status_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "case", "connection"], name="handoff_once"),
        ]
        indexes = [
            models.Index(
                fields=["city", "connection", "external_number"],
                condition=~models.Q(external_number=""),
                name="handoff_number",
            ),
            # What is with the partner now: asked about, compared every day.
            models.Index(
                fields=["city", "connection", "id"],
                condition=models.Q(ended_at__isnull=True),
                name="handoff_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} at {self.connection_id}"


class Drop(TenantModel):
    """One file for a partner that takes files; made before the file, so a crash repeats it."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="drops")
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "connection", "name"], name="drop_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(TenantModel):
    """One thing to tell a partner about one case. ``key`` is the same in every attempt."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="deliveries")
    handoff = models.ForeignKey(HandOff, on_delete=models.CASCADE, related_name="deliveries")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    event = models.ForeignKey("cases.CaseEvent", on_delete=models.CASCADE, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    key = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=12, choices=DeliveryState.choices)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    drop = models.ForeignKey(
        Drop, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_reason = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            # Once per event and purpose; `round` counts what a person sends again.
            models.UniqueConstraint(
                fields=["city", "handoff", "event", "purpose", "round"], name="delivery_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "connection", "id"],
                condition=models.Q(state__in=sorted(WAITING)),
                name="delivery_waiting",
            ),
            models.Index(fields=["city", "connection", "state", "-id"], name="delivery_list"),
            models.Index(fields=["city", "state", "-id"], name="delivery_state"),
            models.Index(
                fields=["city", "connection", "sent_at"],
                condition=models.Q(state=DeliveryState.SENT),
                name="delivery_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Attempt(TenantModel):
    """One try at a delivery. ``code`` is the HTTP or SMTP code, ``reason`` holds no person's
    data and no secret."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    result = models.CharField(max_length=10, choices=AttemptResult.choices)
    code = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.result}"


class InboundUpdate(TenantModel):
    """Something a partner told us, by its own id: the same id again changes nothing.

    Its words are with the case's event; of what was refused only status and reason are kept.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="inbound")
    handoff = models.ForeignKey(
        HandOff, null=True, blank=True, on_delete=models.CASCADE, related_name="inbound"
    )
    update_id = models.CharField(max_length=200)
    word = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    result = models.CharField(max_length=10, choices=InboundResult.choices)
    reason = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "connection", "update_id"], name="inboundupdate_id"
            ),
        ]
        indexes = [models.Index(fields=["city", "result", "-id"], name="inboundupdate_result")]

    def __str__(self) -> str:
        return self.update_id


class Reconciliation(TenantModel):
    """One connection on one local day: what was handed over against what the partner has."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="runs")
    day = models.DateField()
    at = models.DateTimeField()
    result = models.CharField(max_length=12, choices=RunResult.choices)
    reason = models.CharField(max_length=200, blank=True)
    handed_over = models.PositiveIntegerField()
    confirmed = models.PositiveIntegerField()

    class Meta:
        ordering = ["-day", "connection"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "day", "connection"], name="reconciliation_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.day}"


class Finding(TenantModel):
    """One case a reconciliation found amiss. ``ours`` and ``theirs`` are words of status."""

    run = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=12, choices=FindingKind.choices)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    external_number = models.CharField(max_length=100, blank=True)
    ours = models.CharField(max_length=100, blank=True)
    theirs = models.CharField(max_length=100, blank=True)
    sent_again_at = models.DateTimeField(null=True, blank=True)
    sent_again_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["city", "run", "case", "kind"], name="finding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.kind} {self.case_id}"
