"""Work that recurs: found by the worker, safe to run twice and to be cut off."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from lamppost.cases.services.clock_passes import mark_breaches, recompute_open_clocks
from lamppost.cases.services.drafts import purge_drafts
from lamppost.cases.services.escalation import escalate
from lamppost.cases.services.photos import sweep_photos
from lamppost.cases.services.quality import sample_missing_days
from lamppost.cases.services.redress import mark_late
from lamppost.cases.services.routing_watch import watch_routing
from lamppost.cases.services.text_marks import check_old_texts
from lamppost.cases.services.word_learning import forget_old_hints, learn_words
from lamppost.cities.rounds import each_city
from lamppost.database.scope import city_scope
from lamppost.sla.promises import promises

_BATCH = 500
# Batches of words learned in one run: a year's import is read in some hours, not in one job.
_MOST_LESSONS = 200
# A file younger than this may belong to a transaction that is still open.
_FILING_LASTS = timedelta(hours=2)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="mark_breaches")
def mark_breaches_everywhere(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Write down, in every city, the clocks whose due time has passed; then tell whom it concerns.

    One task for both: what is due stands in one index, ``next_check_at``.
    """
    for _city in each_city():
        while mark_breaches(now=timezone.now(), limit=_BATCH) == _BATCH:
            pass
        while escalate(now=timezone.now(), limit=_BATCH) == _BATCH:
            pass


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="drop_drafts")
def drop_expired_drafts(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
    """Delete reports that were begun and never sent; their words are nobody's business."""
    for _city in each_city():
        purge_drafts(now=timezone.now())


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="sweep_photos")
def sweep_photos_without_a_row(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Delete files of photos whose transaction failed after they were written."""
    for _city in each_city():
        sweep_photos(before=timezone.now() - _FILING_LASTS)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="check_old_texts")
def check_old_texts_everywhere(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Hide personal data in texts from before the rules of now; nothing to do once all are seen."""
    for _city in each_city():
        check_old_texts()


@app.periodic(cron="11 * * * *")
@app.task(queueing_lock="watch_routing")
def watch_routing_everywhere(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Open and close, in every city, the alarms of routing."""
    for _city in each_city():
        watch_routing(now=timezone.now())


@app.periodic(cron="26 * * * *")
@app.task(queueing_lock="learn_words")
def learn_words_everywhere(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Learn, in every city, which words speak for which service; an hour's share at most."""
    for _city in each_city():
        now = timezone.now()
        for _batch in range(_MOST_LESSONS):
            if not learn_words(now=now):
                break
        forget_old_hints(now=now)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="mark_late_redress")
def mark_late_redress(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Write down, in every city, which closings in doubt are past their time."""
    for _city in each_city():
        mark_late(now=timezone.now())


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="sample_closings")
def sample_closings(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Draw closings for a second look, in every city whose day has ended since the last draw."""
    for _city in each_city():
        sample_missing_days(now=timezone.now())


@app.task(queueing_lock="recompute_clocks")
def recompute_clocks(city_id: int) -> None:
    """Work out open due dates of a city again after its calendars were edited."""
    try:
        with city_scope(city_id):
            recompute_open_clocks(promises().calendars)
    finally:
        connection.close()
