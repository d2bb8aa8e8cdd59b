"""A resident's own data: proven by a link sent to their address, then given or erased."""

from __future__ import annotations

import json
import secrets

from django.core import signing
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lamppost.cases.selectors.public_case import case_for_token
from lamppost.database.scope import require_city_id
from lamppost.faces.portal.numbers import number_of
from lamppost.faces.portal.web import PortalRequest, page, private, told
from lamppost.kernel.refusals import Conflict, Invalid, NotFound, Refusal
from lamppost.notify.choices import MessageChannel
from lamppost.notify.services.outbox import queue
from lamppost.people import erasing, owning
from lamppost.people.choices import PointKind
from lamppost.people.models import ContactPoint

_SALT = "own-data"
_HOUR = 3600
_CHANNELS = {
    PointKind.EMAIL: MessageChannel.EMAIL,
    PointKind.PHONE: MessageChannel.SMS,
    PointKind.SMS: MessageChannel.SMS,
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def ask(request: PortalRequest, number: str, token: str) -> HttpResponseBase:
    """Offer who holds a report's link to have a link sent to the address given with it."""
    wanted = number_of(number)
    found = case_for_token(wanted, token) if wanted else None
    if found is None or not found[1].is_reporter:
        raise NotFound(_("This link does not lead to a request."))
    case = found[0]
    points = owning.reachable(case.contact_id) if case.contact_id else []
    here = reverse("portal:own_data", args=[case.number, token])
    if request.method == "POST":
        chosen = next((one for one in points if str(one.pk) == request.POST.get("point")), None)
        if chosen is None:
            raise Invalid(_("Choose one of the addresses."), field="point")
        _send(request, chosen)
        return redirect(f"{here}?sent=1")
    context = {
        "case": case,
        "back": reverse("portal:follow", args=[case.number, token]),
        "here": here,
        "points": [{"id": one.pk, "masked": owning.masked(one)} for one in points],
        "sent": "sent" in request.GET,
    }
    return private(page(request, "own_data_ask", context))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def proven(request: PortalRequest, key: str) -> HttpResponseBase:
    """Give everything known, or erase it: who reads the address has been sent this link."""
    point = _opened(key)
    if request.method == "POST" and request.POST.get("action") == "export":
        return _file(owning.export(point_id=point.pk))
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            if not request.POST.get("sure"):
                raise Invalid(_("Confirm that you know it cannot be undone."), field="sure")
            owning.erase(point_id=point.pk, despite_open=bool(request.POST.get("open")))
        except (Invalid, Conflict) as problem:
            refusal = problem
        else:
            return private(page(request, "own_data_gone", {}))
    context = {
        "here": request.path,
        "masked": owning.masked(point),
        "pending": erasing.pending(point.contact_id),
        "problems": [one.message for one in refusal.problems] if refusal else [],
    }
    return private(page(request, "own_data", context, status=422 if refusal else 200))


def _send(request: PortalRequest, point: ContactPoint) -> None:
    """Once in half an hour for one address at most: nobody is flooded."""
    if not owning.may_send(point):
        return
    key = signing.dumps([require_city_id(), point.pk], salt=_SALT)
    link = request.build_absolute_uri(reverse("portal:own_data_proven", args=[key]))
    queue(
        channel=_CHANNELS[PointKind(point.kind)],
        address=point.value,
        subject=_("Your data with the city"),
        text=_(
            "Somebody, probably you, asked for the data the city keeps of you. Open this link "
            "within an hour to download or erase it: %(link)s If it was not you, do nothing."
        )
        % {"link": link},
        once_key=f"own-data:{point.pk}:{secrets.token_hex(8)}",
        language=get_language() or "",
        template="own-data",
        contact_id=point.contact_id,
    )


def _opened(key: str) -> ContactPoint:
    try:
        city_id, point_id = signing.loads(key, salt=_SALT, max_age=_HOUR)
    except (signing.BadSignature, ValueError):
        raise NotFound(_("This link has expired. Ask for a new one.")) from None
    point = owning.point(point_id) if city_id == require_city_id() else None
    if point is None:
        raise NotFound(_("This link has expired. Ask for a new one."))
    return point


def _file(data: dict[str, object]) -> HttpResponse:
    text = json.dumps(data, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return private(response)
