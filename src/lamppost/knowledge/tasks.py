"""Work that recurs: found by the worker, safe to run twice and to be cut off."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from lamppost.cities.rounds import each_city
from lamppost.knowledge.services.reviewing import tell_due_reviews


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="review_articles")
def review_articles_everywhere(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Tell, in every city, whose articles are due for review.

    Hourly, because a city's day ends when it ends there.
    """
    for _city in each_city():
        tell_due_reviews(now=timezone.now())
