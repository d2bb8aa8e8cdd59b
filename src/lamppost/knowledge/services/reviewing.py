"""The daily look at what is due for review."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from lamppost.cities.selectors import city_in_scope
from lamppost.knowledge.models import Article
from lamppost.knowledge.services.telling import tell_review_due


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
