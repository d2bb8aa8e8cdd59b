"""Published articles for tests, without the desk."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from lamppost.knowledge.choices import VersionState
from lamppost.knowledge.models import Article, ArticleVersion
from lamppost.knowledge.services.publishing import Said, put_in_force, write_version
from lamppost.people.models import Department


def publish(
    code: str, question: str, *, department: str = "center", language: str = "en", **more: Any
) -> ArticleVersion:
    """Publish the next version of an article, or of its translation, and return it."""
    article = Article.objects.filter(code=code).select_related("current").first()
    if article is None:
        owner = Department.objects.get(code=department)
        article = Article.objects.create(code=code, department=owner)
    now = timezone.now()
    version = write_version(
        article,
        language,
        Said(question=question, **{"answer": "As it is.", **more}),
        state=VersionState.DRAFT,
        now=now,
        translates=article.current if language != "en" else None,
    )
    put_in_force(version, now=now, signed_by_id=None)
    return version
