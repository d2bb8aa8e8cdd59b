"""Recurring work of measures and reviews: safe to run twice and to be cut off."""

from __future__ import annotations

from procrastinate.contrib.django import app

from lamppost.cities.rounds import each_city
from lamppost.insight.services.center_counts import refresh_center
from lamppost.insight.services.daily import refresh
from lamppost.insight.services.reviews import open_due_reviews


@app.periodic(cron="*/2 * * * *")
@app.task(queueing_lock="count_measures")
def count_measures(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Count again the days whose cases and contacts have changed, in every city."""
    for _city in each_city():
        refresh()
        refresh_center()


@app.periodic(cron="11 */6 * * *")
@app.task(queueing_lock="open_reviews")
def open_reviews(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Open the reviews that fall due, in every city, and tell both sides.

    Several times a day, since each city's day begins at another hour.
    """
    for _city in each_city():
        open_due_reviews()
