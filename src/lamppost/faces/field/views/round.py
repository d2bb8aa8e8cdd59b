"""An inspector's round of today."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from lamppost.cases.services.photos import photo_url
from lamppost.catalog.book import book
from lamppost.catalog.choices import Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.faces.field.access import actor_at, in_the_field
from lamppost.fieldwork.choices import Condition, InspectionState
from lamppost.fieldwork.selectors.rounds import (
    RoundStop,
    in_walking_order,
    last_place,
    round_of,
)
from lamppost.fieldwork.selectors.rounds import (
    today as local_today,
)
from lamppost.kernel.geo import Place, is_place, parse_place
from lamppost.kernel.text import in_language

_START = "field_start"
_START_HOLDS = timedelta(hours=4)
PLAIN = "plain"


@in_the_field("GET", "HEAD")
def today(request: HttpRequest) -> HttpResponse:
    """Show today's inspections: nearest first, or in the plain order by urgency."""
    actor, day = actor_at(request), local_today()
    stops = round_of(actor, on=day)
    is_plain = request.GET.get("order") == PLAIN
    if not is_plain:
        midnight = datetime.combine(day, time(), tzinfo=city_in_scope().zone)
        start = _start_of(request) or last_place(actor, since=midnight)
        stops = in_walking_order(stops, start)
    rows = [row_of(stop) for stop in stops]
    context = {
        "day": day,
        "left": [row for row in rows if not row["is_done"]],
        "done": [row for row in rows if row["is_done"]],
        "is_plain": is_plain,
        "user_key": str(request.user.pk),
        "account_name": actor.name,
    }
    return render(request, "field/round.html", context)


@in_the_field("POST")
def start_here(request: HttpRequest) -> HttpResponse:
    """Order the round from where the phone is; kept in the session, in no address.

    Raises ``Invalid`` for what is no place.
    """
    place = parse_place(request.POST.get("long", ""), request.POST.get("lat", ""))
    request.session[_START] = [*place, timezone.now().timestamp()]
    return HttpResponseRedirect(reverse("field:round"))


def row_of(stop: RoundStop) -> dict[str, Any]:
    """Return what a list shows of one inspection; names come from the catalogue in memory."""
    pages, case, inspection = book(), stop.case, stop.inspection
    language = get_language() or "en"
    record = inspection.record
    return {
        "inspection": inspection,
        "case": case,
        "url": reverse("field:inspection", args=[inspection.pk]),
        "service": in_language(pages.services_by_id[case.service_id].name, language),
        "status": in_language(pages.statuses[case.status_id].name, language),
        "address": ", ".join(filter(None, (case.address, case.unit))),
        "photo": photo_url(stop.photo, small=True) if stop.photo else "",
        "is_done": inspection.state != InspectionState.PLANNED,
        "is_late": inspection.planned_on < local_today(),
        "condition": Condition(record.condition).label if record else "",
        "is_private": case.visibility != Visibility.PUBLIC,
    }


def _start_of(request: HttpRequest) -> Place | None:
    """Where the inspector said they are, while that is news."""
    kept = request.session.get(_START)
    if not kept or timezone.now().timestamp() - kept[2] > _START_HOLDS.total_seconds():
        return None
    place = (float(kept[0]), float(kept[1]))
    return place if is_place(place) else None
