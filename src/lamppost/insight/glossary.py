"""Every measure, defined once: what it is called, how it is worked out, in what, from where.

A page that shows a figure shows its entry here beside it; a stored figure names its code. The
arithmetic itself stands in one place too: ``figures`` and the queries of ``services.daily``.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lamppost.insight.center_glossary import CENTER_ENTRIES
from lamppost.insight.measure import Measure, MeasureUnit

__all__ = ["GLOSSARY", "MIN_GROUP", "Measure", "MeasureUnit", "entries"]

# Groups with fewer cases than this are not shown: their figures say more about chance, and
# perhaps about one person, than about a district or a language.
MIN_GROUP = 10

_CLOCKS = _("Service level clocks")
_CASES = _("Cases")
_EVENTS = _("History of the cases")
_STAFF = _("Staff list")
_ANSWERS = _("Articles, searches and answers to whether they helped")

_ENTRIES = (
    Measure(
        "received",
        _("Requests received"),
        _("Service requests made in the period. Questions answered at once are not counted."),
        MeasureUnit.CASES,
        _CASES,
    ),
    Measure(
        "on_time",
        _("On time"),
        _(
            "Closed on time ÷ (closed on time + closed late + open and overdue), of the requests "
            "made in the period. Left out: not yet due, waived, replaced by another promise, "
            "without a promise, duplicates. Closed exactly at the due time is on time."
        ),
        MeasureUnit.SHARE,
        _CLOCKS,
    ),
    Measure(
        "closed_on_time", _("Closed on time"),
        _("Requests of the period whose promise was kept."), MeasureUnit.CASES, _CLOCKS,
    ),
    Measure(
        "closed_late", _("Closed late"),
        _("Requests of the period that were closed after they were due."),
        MeasureUnit.CASES, _CLOCKS,
    ),
    Measure(
        "open_overdue", _("Open and overdue"),
        _(
            "Requests of the period that are open and were due before now. A promise that was "
            "paused in time does not become overdue while it is paused, nor does one of a case "
            "whose closing the 311 center is looking at."
        ),
        MeasureUnit.CASES, _CLOCKS,
    ),
    Measure(
        "median", _("Median time to close"),
        _(
            "Half of the requests closed in the period took at most this long, from request to "
            "the last closing, nights, weekends and pauses included (percentile_disc 0.5). "
            "Duplicates are left out."
        ),
        MeasureUnit.DAYS, _CASES,
    ),
    Measure(
        "p90", _("90th percentile of time to close"),
        _(
            "Nine of ten requests closed in the period took at most this long, counted as for "
            "the median (percentile_disc 0.9)."
        ),
        MeasureUnit.DAYS, _CASES,
    ),
    Measure(
        "reopened", _("Reopened"),
        _(
            "Requests of the period that were opened again ÷ those that were closed at least "
            "once."
        ),
        MeasureUnit.SHARE, _EVENTS,
    ),
    Measure(
        "disputed", _("Said to be not fixed"),
        _(
            "Requests of the period about which the resident said “not fixed” ÷ those that were "
            "closed at least once."
        ),
        MeasureUnit.SHARE, _EVENTS,
    ),
    Measure(
        "waived", _("Waived"),
        _("Requests of the period whose promise was excused ÷ those that had a promise."),
        MeasureUnit.SHARE, _CLOCKS,
    ),
    Measure(
        "paused", _("Paused"),
        _(
            "Requests of the period whose promise stood still at least once for a listed reason "
            "÷ those that had a promise."
        ),
        MeasureUnit.SHARE, _CLOCKS,
    ),
    Measure(
        "transfers", _("Transfers"),
        _("How often requests of the period were accepted by another department."),
        MeasureUnit.CASES, _EVENTS,
    ),
    Measure(
        "ping_pong", _("Sent back and forth"),
        _("Requests of the period that came back to a department that had given them away."),
        MeasureUnit.CASES, _EVENTS,
    ),
    Measure(
        "group_on_time", _("On time, by group"),
        _(
            "The on-time share of the requests of one area, language or department. Groups with "
            "fewer than 10 requests that count are not shown."
        ),
        MeasureUnit.SHARE, _CLOCKS,
    ),
    Measure(
        "group_median", _("Median time to close, by group"),
        _(
            "The median over the requests made in the period that are closed, duplicates left "
            "out. Groups with fewer than 10 of them are not shown."
        ),
        MeasureUnit.DAYS, _CASES,
    ),
    Measure(
        "backlog", _("Open now"),
        _("Requests that are not closed at the moment the figure is made, whenever made."),
        MeasureUnit.CASES, _CASES,
    ),
    Measure(
        "backlog_overdue", _("Open and overdue now"),
        _("Of the requests open now, those due before now whose promise is not paused."),
        MeasureUnit.CASES, _CASES,
    ),
    Measure(
        "backlog_age", _("Median age of what is open"),
        _("Half of the requests open now were made at most this long ago (percentile_disc 0.5)."),
        MeasureUnit.DAYS, _CASES,
    ),
    Measure(
        "backlog_old", _("Open for more than 90 days"),
        _("Requests open now that were made more than 90 days ago."),
        MeasureUnit.CASES, _CASES,
    ),
    Measure(
        "workers", _("Department staff"),
        _("Active workers and managers of the department, now."),
        MeasureUnit.PEOPLE, _STAFF,
    ),
    Measure(
        "open_per_worker", _("Open requests per member of staff"),
        _("Requests open now ÷ active workers and managers of the department."),
        MeasureUnit.CASES, _STAFF,
    ),
    Measure(
        "team_open", _("Open with a team"),
        _("Requests open now that are with the team. People are not ranked."),
        MeasureUnit.CASES, _CASES,
    ),
    Measure(
        "team_closed", _("Closed by a team"),
        _("Requests closed in the period that were with the team. People are not ranked."),
        MeasureUnit.CASES, _CASES,
    ),
    Measure(
        "absent_days", _("Days of absence"),
        _("Local days in the period on which members of the department were entered as away."),
        MeasureUnit.DAYS, _STAFF,
    ),
    Measure(
        "channel_share", _("Share by channel"),
        _("Requests of the period that came in by the channel ÷ all of them."),
        MeasureUnit.SHARE, _CASES,
    ),
    Measure(
        "language_share", _("Share by language"),
        _("Requests of the period in the language ÷ all of them."),
        MeasureUnit.SHARE, _CASES,
    ),
    Measure(
        "failed_deliveries", _("Failed deliveries"),
        _(
            "Deliveries to partner systems made in the period that failed for good, were lost or "
            "given up."
        ),
        MeasureUnit.CASES, _("Partner deliveries"),
    ),
    Measure(
        "first_answer", _("Median time to first answer"),
        _(
            "Half of the requests of the period that were answered had the first public word of "
            "the staff within this time, nights and weekends included (percentile_disc 0.5)."
        ),
        MeasureUnit.HOURS, _EVENTS,
    ),
    Measure(
        "article_opened", _("Answers opened"),
        _("How often articles of the department were opened in the period, on all channels."),
        MeasureUnit.OPENINGS, _ANSWERS,
    ),
    Measure(
        "article_helped", _("Answers that helped"),
        _("Yes ÷ (yes + no) to \"did this answer your question?\", of the period."),
        MeasureUnit.SHARE, _ANSWERS,
    ),
    Measure(
        "search_nothing", _("Searches that found nothing"),
        _("Searches of the answers without any result ÷ all searches, of the whole city."),
        MeasureUnit.SHARE, _ANSWERS,
    ),
    Measure(
        "report_spared", _("Reports spared"),
        _("People who said while reporting that an answer was all they needed."),
        MeasureUnit.OPENINGS, _ANSWERS,
    ),
    Measure(
        "article_due", _("Articles due for review"),
        _("Published articles whose day to be checked has come ÷ published articles."),
        MeasureUnit.SHARE, _ANSWERS,
    ),
    Measure(
        "translation_stale", _("Stale translations"),
        _("Published translations of an older version than the one that is published."),
        MeasureUnit.OPENINGS, _ANSWERS,
    ),
    Measure(
        "questions", _("Questions answered"),
        _("Inquiries received in the period: answered from knowledge, never with a due date."),
        MeasureUnit.CASES, _CASES,
    ),
    *CENTER_ENTRIES,
)  # fmt: skip

GLOSSARY: dict[str, Measure] = {entry.code: entry for entry in _ENTRIES}


def entries(codes: list[str]) -> list[Measure]:
    """Return the entries of these codes in the glossary's order, each once.

    Raises ``KeyError`` for a code the glossary does not have.
    """
    wanted = {GLOSSARY[code].code for code in codes}
    return [entry for entry in _ENTRIES if entry.code in wanted]
