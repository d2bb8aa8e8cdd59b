"""The public list of requests, as page, map points and feed; one request; the map; nearby."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lamppost.cases.selectors.public import (
    CaseRow,
    Cursor,
    Filters,
    cases_near,
    place_of_address,
    public_cases,
    public_points,
)
from lamppost.cases.selectors.public_case import case_for_public, page_of
from lamppost.catalog.book import Book, book
from lamppost.cities.models import City
from lamppost.database.fields import Point
from lamppost.faces.portal.listing import (
    Asked,
    asked_of,
    cursor_of,
    cursor_text,
    filter_fields,
    filters_of,
    in_words,
)
from lamppost.faces.portal.numbers import number_of
from lamppost.faces.portal.views.follow import case_context
from lamppost.faces.portal.web import PortalRequest, by_field, not_found, page, told
from lamppost.kernel.geo import Box, parse_place
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.kernel.text import clean_line, in_language
from lamppost.places.geocoding.lookup import geocode

_NEAR_M = 800.0
_MAX_ADDRESS = 200


@require_safe
@told
def request_list(request: PortalRequest) -> HttpResponseBase:
    """Show the list, newest first, filtered; a number typed as words leads to the request."""
    asked = asked_of(request.GET)
    number = number_of(asked.values["q"])
    if number and any(char.isdigit() for char in number) and case_for_public(number):
        return redirect("portal:request", number)
    pages, errors = book(), {}
    try:
        listed = public_cases(
            filters_of(asked, pages, request.city.zone),
            older_than=cursor_of(request.GET.get("older", ""), field="older"),
            newer_than=cursor_of(request.GET.get("newer", ""), field="newer"),
        )
    except Invalid as refusal:
        listed, errors = public_cases(Filters(), limit=0), by_field(refusal.problems)
    context = {
        "asked": asked,
        "fields": filter_fields(asked, pages, errors),
        "rows": in_words(listed.rows, pages),
        "searched": listed.searched,
        "newer_url": _page_url(request, asked, newer=listed.newer),
        "older_url": _page_url(request, asked, older=listed.older),
        "feed_url": f"{reverse('portal:feed')}?{asked.query()}",
        "map_url": f"{reverse('portal:map')}?{asked.query()}",
        "errors": [{"name": name, "label": "", "errors": found} for name, found in errors.items()],
    }
    return page(request, "requests", context, status=400 if errors else 200)


def _page_url(request: PortalRequest, asked: Asked, **way: Cursor | None) -> str:
    cursors = {name: cursor_text(cursor) for name, cursor in way.items() if cursor}
    return f"{request.path}?{asked.query(**cursors)}" if cursors else ""


@require_safe
@told
def one_request(request: PortalRequest, number: str) -> HttpResponseBase:
    """Show one request, its history in words; a page that helps when there is none."""
    wanted = number_of(number)
    case = case_for_public(wanted) if wanted else None
    if case is None:
        return not_found(request, clean_line(number)[:40])
    if number != case.number:
        return redirect("portal:request", case.number)
    shown = page_of(case)
    return page(request, "request", case_context(case.number, shown))


@require_safe
@told
def find(request: PortalRequest) -> HttpResponseBase:
    """Lead from a typed number to its request."""
    typed = clean_line(request.GET.get("number", ""))[:100]
    number = number_of(typed)
    if not typed:
        return redirect("portal:requests")
    if not number or case_for_public(number) is None:
        return not_found(request, typed)
    return redirect("portal:request", number)


@require_safe
def points(request: PortalRequest) -> HttpResponseBase:
    """Answer the places of the same list as GeoJSON, at most a thousand, newest first."""
    asked = asked_of(request.GET)
    pages = book()
    try:
        filters = filters_of(asked, pages, request.city.zone, box=request.GET.get("bbox", ""))
    except Refusal as refusal:
        problems = [{"field": one.field, "message": one.message} for one in refusal.problems]
        return JsonResponse({"errors": problems}, status=400)
    if filters.box and _holds_city(filters.box, request.city):
        # No condition at all is quicker than one that everything fulfills.
        filters = replace(filters, box=None)
    features = [_feature(row, pages) for row in public_points(filters)]
    return JsonResponse(
        {"type": "FeatureCollection", "features": features}, content_type="application/geo+json"
    )


def _holds_city(box: Box, city: City) -> bool:
    sides = (city.west, city.south, city.east, city.north)
    if None in sides or box.west > box.east:
        return False
    west, south, east, north = (side or 0.0 for side in sides)
    return box.west <= west and box.south <= south and box.east >= east and box.north >= north


def _feature(row: CaseRow, pages: Book) -> dict[str, Any]:
    language = get_language() or "en"
    return {
        "type": "Feature",
        "id": row.id,
        "geometry": {"type": "Point", "coordinates": list(row.location or ())},
        "properties": {
            "id": row.number,
            "number": row.number,
            "title": in_language(pages.services_by_id[row.service_id].name, language),
            "status": in_language(pages.statuses[row.status_id].name, language),
            "state": row.state,
            "requested_at": row.requested_at.isoformat(),
            "url": reverse("portal:request", args=[row.number]),
        },
    }


@require_safe
@told
def map_page(request: PortalRequest) -> HttpResponseBase:
    """Show requests on a map, and the newest of them in a list that needs no map."""
    asked = asked_of(request.GET)
    if not asked.is_filtered:
        asked = Asked({**asked.values, "state": "open"})
    pages = book()
    listed = public_cases(filters_of(asked, pages, request.city.zone))
    context = {
        "asked": asked,
        "fields": filter_fields(asked, pages, {}),
        "rows": in_words(listed.rows, pages),
        "searched": listed.searched,
        "source": f"{reverse('portal:points')}?{asked.query()}",
        "list_url": f"{reverse('portal:requests')}?{asked.query()}",
    }
    return page(request, "map", context)


@require_safe
@told
def near(request: PortalRequest) -> HttpResponseBase:
    """List what was reported around a place: a point, or an address other requests have."""
    address = clean_line(request.GET.get("address", ""))[:_MAX_ADDRESS]
    errors: list[str] = []
    place, around = None, ""
    try:
        place, around = _place_asked(request, address)
    except Invalid as refusal:
        errors = [one.message for one in refusal.problems]
    if address and place is None and not errors:
        errors = [_("No request here has this address. Mark the place on the map instead.")]
    rows = cases_near(place, radius_m=_NEAR_M) if place else []
    field = {
        "name": "address",
        "label": _("Address, corner or landmark"),
        "value": address,
        "errors": errors,
        "attrs": {"maxlength": _MAX_ADDRESS},
    }
    context = {
        "field": field,
        "summary": [field],
        "place": place,
        "around": around,
        "rows": in_words(rows, book()),
        "meters": int(_NEAR_M),
    }
    return page(request, "near", context, status=400 if errors else 200)


def _place_asked(request: PortalRequest, address: str) -> tuple[Point | None, str]:
    # An address that is known counts before the point: the form still holds the last one.
    known = geocode(request.city, address, limit=1) if address else ()
    if known:
        return known[0].point, known[0].label
    found = place_of_address(address) if address else None
    if found:
        return found[1], found[0]
    lat, long = request.GET.get("lat", "").strip(), request.GET.get("long", "").strip()
    return (Point(*parse_place(long, lat)) if lat or long else None), ""
