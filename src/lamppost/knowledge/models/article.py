"""Articles, their versions and what a version says."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from lamppost.database.fields import TranslatedField
from lamppost.database.models import TenantModel
from lamppost.knowledge.choices import Readers, VersionState


class Topic(TenantModel):
    """A heading articles stand under. Rows of the city pack."""

    code = models.SlugField(max_length=63)
    name = TranslatedField()
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="topic_code")]

    def __str__(self) -> str:
        return self.code


class Article(TenantModel):
    """One question the city answers, known by its code for good.

    What it says stands in its versions. ``current`` is the published version of the original;
    without one nobody but editors sees the article. ``reviewed_at`` is when somebody last
    said that it is right, ``review_by`` (a day of the city) until when that holds.
    ``retired_at`` is when an editor took it out of use: a pack that still has it leaves it so.
    """

    code = models.SlugField(max_length=63)
    department = models.ForeignKey("people.Department", on_delete=models.PROTECT, related_name="+")
    current = models.ForeignKey(
        "knowledge.ArticleVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    order = models.PositiveSmallIntegerField(default=0)
    review_by = models.DateField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_of_pack = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order", "code"]
        constraints = [models.UniqueConstraint(fields=["city", "code"], name="article_code")]
        indexes = [
            models.Index(
                fields=["city", "review_by"],
                condition=models.Q(is_active=True),
                name="article_review_by",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ArticleVersion(TenantModel):
    """One wording of an article in one language; never changed once it was published.

    A version of the original says whom the article is for, what it leads to and when it is to
    be checked again. A translation says which version of the original it translates: it is
    stale when that is no longer the published one. ``n`` counts per article and language.
    ``written_by`` is empty when the pack brought it. ``note`` says why it was changed,
    ``returned_note`` why it was sent back instead of signed.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    language = models.CharField(max_length=20)
    n = models.PositiveIntegerField()
    translates = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="translations"
    )
    state = models.CharField(max_length=10, choices=VersionState.choices)
    readers = models.CharField(max_length=10, choices=Readers.choices, default=Readers.PUBLIC)
    topic = models.SlugField(max_length=63, blank=True)
    is_featured = models.BooleanField(default=False)
    review_months = models.PositiveSmallIntegerField(default=12)
    service = models.ForeignKey(
        "catalog.Service", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    question = models.CharField(max_length=300)
    keywords = models.CharField(max_length=1000, blank=True)
    spoken = models.TextField(blank=True)
    answer = models.TextField()
    eligibility = models.TextField(blank=True)
    note = models.TextField(blank=True)
    returned_note = models.TextField(blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    written_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    published_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)
    is_of_pack = models.BooleanField(default=False)

    class Meta:
        ordering = ["article", "language", "-n"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "article", "language", "n"], name="articleversion_n"
            ),
            models.UniqueConstraint(
                fields=["city", "article", "language"],
                condition=models.Q(state=VersionState.PUBLISHED),
                name="articleversion_one_published",
            ),
            models.UniqueConstraint(
                fields=["city", "article", "language"],
                condition=models.Q(state__in=[VersionState.DRAFT, VersionState.PROPOSED]),
                name="articleversion_one_in_work",
            ),
            # Who writes it never signs it.
            models.CheckConstraint(
                name="articleversion_two_people",
                condition=models.Q(signed_by__isnull=True)
                | ~models.Q(signed_by=models.F("written_by")),
            ),
            models.CheckConstraint(
                name="articleversion_published_at",
                condition=models.Q(
                    state__in=[VersionState.PUBLISHED, VersionState.REPLACED],
                    published_at__isnull=False,
                )
                | models.Q(
                    state__in=[VersionState.DRAFT, VersionState.PROPOSED, VersionState.DROPPED],
                    published_at__isnull=True,
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["city", "state", "-written_at"],
                condition=models.Q(state__in=[VersionState.DRAFT, VersionState.PROPOSED]),
                name="articleversion_in_work",
            ),
            models.Index(
                fields=["city", "-published_at", "-id"],
                condition=models.Q(published_at__isnull=False),
                name="articleversion_newest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {self.language} {self.n}"


class VersionAuthor(TenantModel):
    """Somebody who wrote on a version; none of them may sign it."""

    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="authors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "version", "user"], name="versionauthor_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.user_id}"


class VersionStep(TenantModel):
    """What is asked or done, in order, by an agent or the resident."""

    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=63)
    text = models.TextField()

    class Meta:
        ordering = ["version", "order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "version", "code"], name="versionstep_code"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.code}"


class VersionLink(TenantModel):
    """A page elsewhere that says more."""

    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="links")
    order = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=63)
    text = models.CharField(max_length=200)
    url = models.CharField(max_length=200)

    class Meta:
        ordering = ["version", "order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "version", "code"], name="versionlink_code"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.code}"


class VersionAnswer(TenantModel):
    """An answer of the service's form that is filled in when the article starts a report.

    By code, not by key: the form may change later, a published version does not.
    """

    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="answers")
    question = models.SlugField(max_length=63)
    value = models.SlugField(max_length=63)

    class Meta:
        ordering = ["version", "question", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "version", "question", "value"], name="versionanswer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.question}={self.value}"


class VersionRelated(TenantModel):
    """The code of another article worth reading with this one."""

    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="related")
    order = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=63)

    class Meta:
        ordering = ["version", "order"]
        constraints = [
            models.UniqueConstraint(fields=["city", "version", "code"], name="versionrelated_code"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.code}"
