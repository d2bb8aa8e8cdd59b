"""What the search reads: made from articles and directory entries, never edited itself."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from lamppost.database.models import TenantModel
from lamppost.knowledge.models.article import Article
from lamppost.knowledge.models.directory import DirectoryEntry


class IndexedText(TenantModel):
    """One published text of an article, or one directory entry, in one language.

    ``words`` are its distinct words as written, kept to know which to take out of
    ``KnownWord`` when the text changes.
    """

    article = models.ForeignKey(
        Article, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    entry = models.ForeignKey(
        DirectoryEntry, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    language = models.CharField(max_length=20)
    is_public = models.BooleanField()
    vector = SearchVectorField()
    words = ArrayField(models.TextField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "article", "language"], name="indexedtext_article"
            ),
            models.UniqueConstraint(fields=["city", "entry", "language"], name="indexedtext_entry"),
            models.CheckConstraint(
                name="indexedtext_one_thing",
                condition=models.Q(article__isnull=True, entry__isnull=False)
                | models.Q(article__isnull=False, entry__isnull=True),
            ),
        ]
        indexes = [
            GinIndex(fields=["vector"], name="indexedtext_vector"),
            models.Index(fields=["city", "language"], name="indexedtext_language"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id or self.entry_id} {self.language}"


class KnownWord(TenantModel):
    """A word of the texts in one language: what a typing error may have meant.

    ``letters`` is a set of bits, one per letter that occurs: words a slip or two apart differ
    in few of them, which a plain integer column tells without an extension. ``documents`` is
    how many texts have the word.
    """

    language = models.CharField(max_length=20)
    word = models.CharField(max_length=60, db_collation="C")
    stem = models.CharField(max_length=60, db_collation="C")
    letters = models.BigIntegerField()
    length = models.PositiveSmallIntegerField()
    documents = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "language", "word"], name="knownword_word"),
        ]
        indexes = [
            models.Index(fields=["city", "language", "stem"], name="knownword_stem"),
            models.Index(fields=["city", "language", "length"], name="knownword_length"),
        ]

    def __str__(self) -> str:
        return self.word
