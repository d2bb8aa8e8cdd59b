"""Photos, place, and whether somebody has reported the same already."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lamppost.cases.models import DraftPhoto
from lamppost.cases.selectors.duplicates import Duplicate, possible_duplicates
from lamppost.cases.services import drafts
from lamppost.cases.services.drafts import Content, OpenDraft
from lamppost.cases.services.photos import MAX_PHOTOS_PER_REPORT, photo_url
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import LocationRule, State
from lamppost.database.fields import Point
from lamppost.faces.portal import wizard
from lamppost.faces.portal.distances import away
from lamppost.faces.portal.drafting import (
    draft_of,
    onward,
    service_of,
    step_page,
    to_step,
    with_step,
)
from lamppost.faces.portal.views.follow import to_follow
from lamppost.faces.portal.web import PortalRequest, by_field, resident_of, told
from lamppost.kernel.geo import parse_place
from lamppost.kernel.refusals import Invalid, NotFound, Problem
from lamppost.kernel.text import clean_line, in_language
from lamppost.places.geocoding.lookup import place_from_text
from lamppost.places.locate import is_outside


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def photos(request: PortalRequest, code: str) -> HttpResponseBase:
    """Step 2: up to five photos, each told what is wrong with it."""
    service = service_of(request, code)
    draft = draft_of(request, service)
    if draft is None or "photos" not in wizard.steps_of(service):
        return to_step("details", service)
    errors: list[str] = []
    if request.method == "POST":
        uploads = request.FILES.getlist("photos")
        refused = drafts.add_photos(draft, list(uploads))
        errors = [problem.message for one in refused for problem in one.problems]
        if not errors:
            drafts.save_draft(draft, with_step(draft.content, "photos"))
            if request.POST.get("next") == "add":
                return to_step("photos", service, "?edit=1" if _is_editing(request) else "")
            return to_step(onward(request, service, "photos"), service)
    shown = [{"photo": one, "url": photo_url(one, small=True)} for one in draft.photos]
    field = {
        "name": "photos",
        "label": "",
        "errors": list(dict.fromkeys(errors)),
    }
    context = {
        "photos": shown,
        "field": field,
        "summary": [field],
        "left": MAX_PHOTOS_PER_REPORT - len(shown),
        "most": MAX_PHOTOS_PER_REPORT,
        "editing": request.GET.get("edit", "") or request.POST.get("editing", ""),
    }
    return step_page(request, service, "photos", context, status=422 if errors else 200)


@require_POST
@told
def remove_photo(request: PortalRequest, code: str) -> HttpResponseBase:
    """Take one photo out of the report."""
    service = service_of(request, code)
    draft = draft_of(request, service)
    if draft is None:
        return to_step("details", service)
    drafts.remove_photo(draft, clean_line(request.POST.get("photo", ""))[:60])
    return to_step("photos", service, "?edit=1" if _is_editing(request) else "")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def where(request: PortalRequest, code: str) -> HttpResponseBase:
    """Step 3: an address, a point on the map, or the place a photo remembers."""
    service = service_of(request, code)
    draft = draft_of(request, service)
    if draft is None or "where" not in wizard.steps_of(service):
        return to_step("details", service)
    if request.method != "POST":
        return _where_page(request, service, draft, draft.content, [])
    content, problems = _place_sent(request, draft)
    if not problems:
        _checked, found = wizard.checked_so_far(content, resident_of(request))
        problems = [one for one in found if one.field in wizard.PLACE_FIELDS]
    if problems:
        return _where_page(request, service, draft, content, problems)
    draft = drafts.save_draft(draft, with_step(content, "where"))
    triage = wizard.full_triage(content, resident_of(request))
    if triage is not None and not triage.is_accepted:
        drafts.divert(draft, triage, service)
        return to_step("stopped", service)
    if not content.dismissed and _duplicates(service, content):
        return to_step("similar", service, "?edit=1" if _is_editing(request) else "")
    return to_step(onward(request, service, "where"), service)


def _place_sent(request: PortalRequest, draft: OpenDraft) -> tuple[Content, list[Problem]]:
    sent = request.POST
    content = replace(draft.content, address=clean_line(sent.get("address", "")))
    try:
        point = _point_sent(request, draft)
    except Invalid as refusal:
        return content, list(refusal.problems)
    if point is None and content.address:
        point = place_from_text(request.city, content.address)
    return replace(content, point=point, dismissed=content.dismissed and point == content.point), []


def _point_sent(request: PortalRequest, draft: OpenDraft) -> Point | None:
    token = request.POST.get("photo_place", "")
    for photo in draft.photos:
        if photo.token == token and photo.offered_long is not None:
            return Point(photo.offered_long, photo.offered_lat or 0.0)
    lat, long = request.POST.get("lat", "").strip(), request.POST.get("long", "").strip()
    if not (lat or long):
        return None
    return Point(*parse_place(long, lat))


def _where_page(
    request: PortalRequest,
    service: ServiceEntry,
    draft: OpenDraft,
    content: Content,
    problems: list[Problem],
) -> HttpResponse:
    errors = by_field(problems)
    about_point = [one.message for one in problems if one.field in ("location", "lat", "long")]
    field = wizard.address_field(content, about_point + errors.get("address", []))
    offered = _offered(request, draft)
    context = {
        "field": field,
        "summary": [field],
        "point": content.point,
        "offered": offered,
        "map_at": content.point or (offered[0]["point"] if offered else request.city.center),
        "is_optional": service.location is not LocationRule.REQUIRED,
        "editing": request.GET.get("edit", "") or request.POST.get("editing", ""),
    }
    return step_page(request, service, "where", context, status=422 if problems else 200)


def _offered(request: PortalRequest, draft: OpenDraft) -> list[dict[str, object]]:
    """Places photos remember, those inside the city only."""
    return [
        {"token": one.token, "url": photo_url(one, small=True), "point": place}
        for one in draft.photos
        if (place := _remembered(one)) and not is_outside(request.city, place)
    ]


def _remembered(photo: DraftPhoto) -> Point | None:
    if photo.offered_long is None or photo.offered_lat is None:
        return None
    return Point(photo.offered_long, photo.offered_lat)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def similar(request: PortalRequest, code: str) -> HttpResponseBase:
    """Show what may be the same problem: follow that, or say that mine is different."""
    service = service_of(request, code)
    draft = draft_of(request, service)
    if draft is None:
        return to_step("details", service)
    if request.method == "POST":
        number = clean_line(request.POST.get("follow", ""))[:40]
        if number:
            if number not in {one.case.number for one in _duplicates(service, draft.content)}:
                raise NotFound(_("This case does not exist here."))
            token = drafts.follow_instead(draft, number=number, actor=resident_of(request))
            return to_follow(number, token)
        drafts.save_draft(draft, replace(draft.content, dismissed=True))
        return to_step(onward(request, service, "where"), service)
    found = _duplicates(service, draft.content)
    if not found:
        return to_step(onward(request, service, "where"), service)
    language = get_language() or "en"
    rows = [
        {
            "case": one.case,
            "away": away(one.distance_m, request.city.units),
            "photo_url": f"/photos/{one.photo_token}-small.jpg" if one.photo_token else "",
            "status": in_language(book().statuses[one.case.status_id].name, language),
            "is_closed": one.case.state == State.CLOSED,
        }
        for one in found
    ]
    context = {"rows": rows, "editing": request.GET.get("edit", "")}
    return step_page(request, service, "where", context, template="similar")


def _duplicates(service: ServiceEntry, content: Content) -> list[Duplicate]:
    if content.point is None:
        return []
    return possible_duplicates(service, content.point, now=timezone.now(), text=content.description)


def _is_editing(request: PortalRequest) -> bool:
    return request.POST.get("editing") == "1"
