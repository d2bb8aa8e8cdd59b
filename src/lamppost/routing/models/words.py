"""What words of past cases say about their service: counts, never anybody's text."""

from __future__ import annotations

from django.db import models

from lamppost.database.models import TenantModel


class WordCount(TenantModel):
    """How much a token speaks for a service, for tokens that at least three cases have."""

    token = models.CharField(max_length=40)
    service = models.ForeignKey(
        "catalog.Service", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    weight = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "token", "service"], name="wordcount_pair"),
        ]
        indexes = [models.Index(fields=["city", "service"], name="wordcount_service")]

    def __str__(self) -> str:
        return f"{self.token}: {self.weight}"


class WordHint(TenantModel):
    """The same for a token that fewer cases have: only a keyed digest of it is kept.

    When the third case comes its counts move to ``WordCount``, where the token can be read.
    """

    token_digest = models.CharField(max_length=32)
    service = models.ForeignKey(
        "catalog.Service", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    cases = models.PositiveSmallIntegerField()
    weight = models.PositiveIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "token_digest", "service"], name="wordhint_pair"
            ),
        ]
        indexes = [
            models.Index(fields=["city", "seen_at"], name="wordhint_seen"),
            models.Index(fields=["city", "service"], name="wordhint_service"),
        ]

    def __str__(self) -> str:
        return self.token_digest


class WordTotal(TenantModel):
    """How much was learned about a service: cases by weight, and the sum of its counts."""

    service = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="+")
    cases = models.PositiveIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "service"], name="wordtotal_service"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id}: {self.cases}"


class WordModel(TenantModel):
    """How far learning has read the events, and how many tokens are known; one per city."""

    up_to = models.DateTimeField(null=True, blank=True)
    event_id = models.BigIntegerField(default=0)
    vocabulary = models.PositiveIntegerField(default=0)
    learned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city"], name="wordmodel_one")]

    def __str__(self) -> str:
        return f"up to {self.up_to}"
