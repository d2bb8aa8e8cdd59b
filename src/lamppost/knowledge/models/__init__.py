"""What the city knows."""

from __future__ import annotations

from lamppost.knowledge.models.article import (
    Article,
    ArticleVersion,
    Topic,
    VersionAnswer,
    VersionAuthor,
    VersionLink,
    VersionRelated,
    VersionStep,
)
from lamppost.knowledge.models.directory import DirectoryEntry
from lamppost.knowledge.models.found import IndexedText, KnownWord
from lamppost.knowledge.models.use import ArticleFeedback, ArticleUse, Gap, KnowledgeSearch

__all__ = [
    "Article",
    "ArticleFeedback",
    "ArticleUse",
    "ArticleVersion",
    "DirectoryEntry",
    "Gap",
    "IndexedText",
    "KnowledgeSearch",
    "KnownWord",
    "Topic",
    "VersionAnswer",
    "VersionAuthor",
    "VersionLink",
    "VersionRelated",
    "VersionStep",
]
