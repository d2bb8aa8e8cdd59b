"""The daily look at what is due for review, and what is kept no longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from lamppost.cities.selectors import city_in_scope
from lamppost.knowledge.models import Article, KnowledgeSearch
from lamppost.knowledge.services.telling import tell_review_due

# Two years of searches show a season twice; the gaps they made stay.
KEEP_SEARCHES = timedelta(days=731)


def tell_due_reviews(*, now: datetime) -> int:
    """Tell owners of every article whose day has passed, once per day named; return how many.

    Safe to run any number of times: a person is told once for each ``review_by``.
    """
    today = timezone.localdate(now, city_in_scope().zone)
    due = Article.objects.filter(is_active=True, current__isnull=False, review_by__lt=today)
    return sum(
        tell_review_due(article, due=article.review_by)
        for article in due.select_related("current").order_by("review_by", "pk")
        if article.review_by is not None
    )


def forget_old_searches(*, now: datetime) -> int:
    """Delete searches older than `KEEP_SEARCHES`; return how many."""
    deleted, _by_model = KnowledgeSearch.objects.filter(at__lt=now - KEEP_SEARCHES).delete()
    return deleted
