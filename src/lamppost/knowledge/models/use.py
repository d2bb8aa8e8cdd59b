"""What people looked for, read, and said about it. Never who."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from lamppost.catalog.choices import Channel
from lamppost.database.models import TenantModel
from lamppost.knowledge.choices import AskedAt, GapKind, GapState
from lamppost.knowledge.models.article import Article, ArticleVersion


class ArticleUse(TenantModel):
    """How often an article was opened on one day of the city, by channel and language."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=20)
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "day", "article", "channel", "language"], name="articleuse_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} on {self.day}: {self.opened}"


class ArticleFeedback(TenantModel):
    """One answer to "did this answer it?", of the version that was read.

    ``spared_report``: said yes in the middle of filing a request, which was not filed then.
    ``words`` is free text without numbers and addresses.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    asked_at = models.CharField(max_length=10, choices=AskedAt.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=20)
    helped = models.BooleanField()
    spared_report = models.BooleanField(default=False)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "article feedback"
        indexes = [
            models.Index(fields=["city", "article", "-at"], name="articlefeedback_article"),
            models.Index(fields=["city", "-at"], name="articlefeedback_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.helped}"


class KnowledgeSearch(TenantModel):
    """One search: what was asked, folded and without numbers and addresses, and what came.

    ``opened`` is the article the person went on to, once they did.
    """

    at = models.DateTimeField()
    query = models.CharField(max_length=200)
    language = models.CharField(max_length=20)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    asked_at = models.CharField(max_length=10, choices=AskedAt.choices)
    hits = models.PositiveSmallIntegerField()
    opened = models.ForeignKey(
        Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "knowledge searches"
        indexes = [
            models.Index(fields=["city", "-at", "-id"], name="knowledgesearch_newest"),
            models.Index(
                fields=["city", "query"],
                condition=models.Q(hits=0),
                name="knowledgesearch_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"search {self.pk}"


class Gap(TenantModel):
    """Something people want to know and are not told: for an editor to answer or dismiss.

    ``query`` is what was searched; ``article`` the one that did not help. The same gap again
    counts up ``times``.
    """

    kind = models.CharField(max_length=10, choices=GapKind.choices)
    query = models.CharField(max_length=200, blank=True)
    article = models.ForeignKey(
        Article, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    language = models.CharField(max_length=20)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=GapState.choices, default=GapState.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answered_with = models.ForeignKey(
        Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "kind", "query", "language"],
                condition=models.Q(state=GapState.OPEN, article__isnull=True),
                name="gap_one_open_search",
            ),
            models.UniqueConstraint(
                fields=["city", "kind", "article", "language"],
                condition=models.Q(state=GapState.OPEN, article__isnull=False),
                name="gap_one_open_article",
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "-times", "-id"],
                condition=models.Q(state=GapState.OPEN),
                name="gap_open",
            ),
        ]

    def __str__(self) -> str:
        return f"gap {self.pk}"
