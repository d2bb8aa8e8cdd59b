"""The center's figures: the whole, by channel, language and coding, by day or half hour."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from io import StringIO
from typing import Any, cast

from django.conf.locale import LANG_INFO
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.selectors.rules import center_rules
from lamppost.faces.console.access import actor_at, at_console
from lamppost.faces.console.asked import day_of
from lamppost.faces.console.center import glossary_of, tabs, tile
from lamppost.faces.console.frame import frame, localized
from lamppost.insight.center import AgentSeconds, CenterCounts, contact_figures, mean
from lamppost.insight.figures import share
from lamppost.insight.glossary import GLOSSARY
from lamppost.insight.measure import MeasureUnit
from lamppost.insight.period import Period
from lamppost.insight.selectors import center_export
from lamppost.insight.selectors.center import (
    agents_by,
    center_counted_until,
    center_figures,
    codings,
    contacts_by,
)
from lamppost.insight.wording import in_words
from lamppost.kernel.refusals import NotFound
from lamppost.kernel.spreadsheet import safe_cell
from lamppost.people.permissions import Permission

SPANS = (1, 7, 28, 90, 365)
_COLUMNS = (
    "offered", "answered", "abandon_rate", "service_level", "speed_of_answer", "handle_time",
)  # fmt: skip
_MORE_COLUMNS = ("occupancy", "agents_on")
_HALF_HOUR = 1800


@never_cache
@at_console("GET", "HEAD", permission=Permission.CENTER_SUPERVISE)
def figures(request: HttpRequest) -> HttpResponse:
    """Show the figures of one day or of the days up to it. A fixed number of queries."""
    actor = actor_at(request)
    period, span = _asked(request)
    found = center_figures(period)
    by_time = _by_time(period)
    page = {
        **frame(actor, here="board"),
        "tabs": tabs(actor, "figures"),
        "period": period,
        "span": span,
        "spans": [(one, _span_name(one)) for one in SPANS],
        "rules": center_rules(),
        "tiles": [tile(one) for one in found],
        "time_heading": _("Half hour") if span == 1 else _("Day"),
        "columns": [GLOSSARY[code].name for code in (*_COLUMNS, *_MORE_COLUMNS)],
        "by_time": by_time,
        "channels": _simple(contacts_by(period, "channel"), _channel_name),
        "languages": _simple(contacts_by(period, "language"), _language_name),
        "codings": [
            {
                "name": localized(one.name) or one.code,
                "contacts": one.contacts,
                "mean": in_words(mean(one.handle_seconds, one.contacts), MeasureUnit.SECONDS),
            }
            for one in codings(period)
        ],
        "glossary": glossary_of([*(one.measure for one in found), "channel_contacts"]),
        "counted_until": center_counted_until(),
    }
    return render(request, "console/center/figures.html", page)


@at_console("GET", "HEAD", permission=Permission.CENTER_SUPERVISE)
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """Give the half hours or the interactions of a period as a file to recount from."""
    period, _span = _asked(request)
    tables: dict[str, tuple[Sequence[str], Iterable[Sequence[Any]]]] = {
        "intervals": (center_export.HALF_HOUR_COLUMNS, center_export.half_hours(period)),
        "interactions": (center_export.INTERACTION_COLUMNS, center_export.interactions(period)),
    }
    if kind not in tables:
        raise NotFound(_("This page does not exist."))
    header, rows = tables[kind]
    response = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    name = f"{kind}-{period.first}-{period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    # The guard speaks of responses in general; this one is sent row by row.
    return cast(HttpResponse, response)


def _lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    for row in (header, *rows):
        line = StringIO()
        csv.writer(line).writerow([safe_cell(value) for value in row])
        yield line.getvalue()


def _asked(request: HttpRequest) -> tuple[Period, int]:
    today = timezone.now().astimezone(city_in_scope().zone).date()
    span = next((one for one in SPANS if str(one) == request.GET.get("days")), 7)
    last = day_of(request.GET.get("day", "")) or today
    last = min(max(last, date(1970, 1, 1) + timedelta(days=366)), today)
    return Period(last - timedelta(days=span - 1), last), span


def _span_name(days: int) -> str:
    return _("One day") if days == 1 else _("%(number)d days up to it") % {"number": days}


def _by_time(period: Period) -> list[dict[str, Any]]:
    """A row per half hour of a single day, else a row per day, of the telephone."""
    is_day = period.first == period.last
    if is_day:
        counts = contacts_by(period, "starts_at", channel=Channel.PHONE)
        agents = agents_by(period, "starts_at")
    else:
        counts = contacts_by(period, "day", channel=Channel.PHONE)
        agents = agents_by(period, "day")
    return [
        {
            "name": _moment_name(key),
            "values": _cells(
                counts.get(key, CenterCounts()),
                agents.get(key, AgentSeconds()),
                _HALF_HOUR if is_day else 48 * _HALF_HOUR,
            ),
        }
        for key in sorted(counts.keys() | agents.keys())
    ]


def _moment_name(key: Any) -> str:
    if isinstance(key, date) and not hasattr(key, "hour"):
        return date_format(key, "SHORT_DATE_FORMAT")
    return date_format(key.astimezone(city_in_scope().zone), "TIME_FORMAT")


def _cells(counts: CenterCounts, seconds: AgentSeconds, span: int) -> list[str]:
    by_code = {one.measure: one for one in contact_figures(counts)}
    cells = [in_words(by_code[code].value, GLOSSARY[code].unit) for code in _COLUMNS]
    return [
        *cells,
        in_words(seconds.occupancy, MeasureUnit.SHARE),
        in_words(mean(seconds.on_line, span), MeasureUnit.PEOPLE),
    ]


def _simple(counts: dict[str, CenterCounts], name: Any) -> list[dict[str, Any]]:
    number = {key: one.answered + one.deflected for key, one in counts.items()}
    total = sum(number.values())
    return [
        {
            "name": name(key),
            "contacts": number[key],
            "share": in_words(share(number[key], total), MeasureUnit.SHARE),
            "abandoned": counts[key].abandoned,
            "handle": in_words(
                mean(counts[key].handle_seconds, counts[key].handled), MeasureUnit.SECONDS
            ),
        }
        for key in sorted(number, key=lambda one: (-number[one], one))
    ]


def _channel_name(code: str) -> str:
    return str(Channel(code).label)


def _language_name(code: str) -> str:
    if not code:
        return _("Not stated")
    return str(get_language_info(code)["name_translated"]) if code in LANG_INFO else code
