"""Who wants to hear about what, how soon, and when not."""

from __future__ import annotations

from datetime import time

from django.db import models

from lamppost.database.models import TenantModel
from lamppost.notify.choices import MessageChannel, Pace, SubscriptionKind

DIGEST_AT = time(7, 0)


class PushDevice(TenantModel):
    """A browser that asked for push messages: where its push service takes them, and its keys."""

    endpoint = models.TextField()
    endpoint_digest = models.CharField(max_length=64)
    public_key = models.CharField(max_length=120)
    auth = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "endpoint_digest"], name="pushdevice_endpoint"),
        ]

    def __str__(self) -> str:
        return f"device {self.pk}"


class Recipient(TenantModel):
    """One address that hears from the city, and what its holder chose.

    Times are in the city's zone. Quiet hours run from ``quiet_from`` to ``quiet_to``, over
    midnight when the first is the later; both or neither is set. ``proven_at``: somebody who
    reads this address opened a link that was sent to it.
    """

    channel = models.CharField(max_length=10, choices=MessageChannel.choices)
    address = models.CharField(max_length=254, blank=True)
    device = models.OneToOneField(
        PushDevice, null=True, blank=True, on_delete=models.CASCADE, related_name="recipient"
    )
    contact = models.ForeignKey(
        "people.Contact",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    language = models.CharField(max_length=20, blank=True)
    pace = models.CharField(max_length=10, choices=Pace.choices, default=Pace.NOW)
    digest_at = models.TimeField(default=DIGEST_AT)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "channel", "address"],
                condition=~models.Q(address=""),
                name="recipient_address",
            ),
            models.CheckConstraint(
                name="recipient_quiet_both",
                condition=models.Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_to__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "contact"],
                condition=models.Q(contact__isnull=False),
                name="recipient_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"recipient {self.pk}"


class QuietHours(TenantModel):
    """When nothing goes out by ``channel`` to who has not chosen otherwise. Of the city pack.

    Times of the city's zone, over midnight when the first is the later; none when both are the
    same. Without a row, the software's own.
    """

    channel = models.CharField(max_length=10, choices=MessageChannel.choices)
    quiet_from = models.TimeField()
    quiet_to = models.TimeField()

    class Meta:
        verbose_name_plural = "quiet hours"
        constraints = [
            models.UniqueConstraint(fields=["city", "channel"], name="quiethours_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.quiet_from}-{self.quiet_to}"


class Subscription(TenantModel):
    """A recipient wants to hear about one thing.

    Not in force before ``confirmed_at`` nor after ``ended_at``. ``is_reporter``: of the
    recipient's own report, so its link opens what only the reporter sees. ``through``: the
    repeat they follow, which brought them here.
    """

    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="subscriptions")
    kind = models.CharField(max_length=10, choices=SubscriptionKind.choices)
    case = models.ForeignKey(
        "cases.Case",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    area = models.ForeignKey(
        "places.Area",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    service = models.ForeignKey(
        "catalog.Service",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    article = models.SlugField(max_length=63, blank=True)
    through = models.ForeignKey(
        "cases.Case",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    is_reporter = models.BooleanField(default=False)
    language = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "recipient", "kind", "case", "area", "service", "article"],
                condition=models.Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="subscription_once",
            ),
            models.CheckConstraint(
                name="subscription_target",
                condition=(
                    models.Q(kind="case", case__isnull=False)
                    | models.Q(kind="area", area__isnull=False, case__isnull=True)
                    | models.Q(kind="service", service__isnull=False, case__isnull=True)
                    | models.Q(kind="article", case__isnull=True) & ~models.Q(article="")
                    | models.Q(kind="news", case__isnull=True)
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "case"],
                condition=models.Q(case__isnull=False, ended_at__isnull=True),
                name="subscription_case",
            ),
            models.Index(
                fields=["city", "kind", "area", "service"],
                condition=models.Q(case__isnull=True, ended_at__isnull=True),
                name="subscription_wide",
            ),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"


class SurveyAnswer(TenantModel):
    """What somebody said, when asked, about how their report ended; no words, so no person."""

    subscription = models.ForeignKey(
        Subscription, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    case = models.ForeignKey(
        "cases.Case", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    service = models.ForeignKey(
        "catalog.Service", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    department = models.ForeignKey(
        "people.Department", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_fixed = models.BooleanField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    language = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=10, choices=MessageChannel.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "case", "subscription"], name="surveyanswer_once"
            ),
            models.CheckConstraint(
                name="surveyanswer_rating",
                condition=models.Q(rating__isnull=True) | models.Q(rating__range=(1, 5)),
            ),
        ]
        indexes = [models.Index(fields=["city", "at"], name="surveyanswer_at")]

    def __str__(self) -> str:
        return f"answer about {self.case_id}"


class DigestItem(TenantModel):
    """Something a recipient hears about in the next digest; ``message`` is the one it went in."""

    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="items")
    subscription = models.ForeignKey(
        Subscription, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    case = models.ForeignKey(
        "cases.Case",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    template = models.SlugField(max_length=63)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    path = models.CharField(max_length=200, blank=True)
    once_key = models.CharField(max_length=160)
    created_at = models.DateTimeField()
    message = models.ForeignKey(
        "notify.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="items"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "recipient", "once_key"], name="digestitem_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "recipient", "id"],
                condition=models.Q(message__isnull=True, dropped_at__isnull=True),
                name="digestitem_open",
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"
