"""Published articles for tests, without the desk."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from lamppost.knowledge.models import Article, ArticleVersion
from lamppost.knowledge.services.indexing import index_articles
from lamppost.knowledge.services.publishing import Publication, Said, publish_packed
from lamppost.people.models import Department


def publish(
    code: str, question: str, *, department: str = "center", language: str = "en", **more: Any
) -> ArticleVersion:
    """Publish the next version of an article, or of its translation, and return it."""
    article = Article.objects.filter(code=code).select_related("current").first()
    if article is None:
        owner = Department.objects.get(code=department)
        article = Article.objects.create(code=code, department=owner)
    what = Said(question=question, **{"answer": "As it is.", **more})
    original = article.current if language != "en" else None
    now = timezone.now()
    publish_packed([Publication(article, language, what, original)], now=now)
    index_articles([article])
    return ArticleVersion.objects.get(article=article, language=language, state="published")
