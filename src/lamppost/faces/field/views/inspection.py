"""One inspection: what was reported, and the form for what was found."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.selectors.desk import answers_of, photos_of
from lamppost.cases.services.photos import photo_url
from lamppost.faces.field.access import actor_at, in_the_field, status_of, wants_json
from lamppost.faces.field.forms import Typed, inspection_fields, new_key, seen_in
from lamppost.faces.field.views.round import row_of
from lamppost.fieldwork.choices import InspectionState
from lamppost.fieldwork.selectors.rounds import RoundStop, inspection_for
from lamppost.fieldwork.services.recording import Recorded, record_inspection
from lamppost.kernel.refusals import Forbidden, NotFound, Refusal


@in_the_field("GET", "HEAD", "POST")
def show(request: HttpRequest, inspection_id: str) -> HttpResponse:
    """Show an inspection of one's own; POST records what was found.

    A script is answered in JSON: what was kept and what the inspector has to know.
    """
    actor = actor_at(request)
    if request.method != "POST":
        stop = inspection_for(int(inspection_id), actor)
        return render(request, "field/inspection.html", _page(request, stop, Typed()))
    try:
        recorded = record_inspection(
            inspection_id=int(inspection_id),
            key=request.POST.get("key", ""),
            seen=seen_in(request.POST.dict()),
            actor=actor,
            photos=list(request.FILES.getlist("photos")),
        )
    except (Forbidden, NotFound):
        raise
    except Refusal as refusal:
        if wants_json(request):
            raise
        stop = inspection_for(int(inspection_id), actor)
        page = _page(request, stop, Typed(request.POST, refusal.problems))
        return render(request, "field/inspection.html", page, status=status_of(refusal))
    return _answer(request, recorded)


def _answer(request: HttpRequest, recorded: Recorded) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(
            {
                "record": recorded.record.pk,
                "repeated": recorded.repeated,
                "standing": recorded.record.standing,
                "told": recorded.told,
            }
        )
    messages.success(request, _("Inspection recorded."))
    for sentence in recorded.told:
        messages.warning(request, sentence)
    return HttpResponseRedirect(reverse("field:round"))


def _page(request: HttpRequest, stop: RoundStop, typed: Typed) -> dict[str, Any]:
    language = get_language() or "en"
    fields = inspection_fields(stop.case, typed, language)
    shown = [*(one["name"] for one in fields), "photos"]
    return {
        "row": row_of(stop),
        "case": stop.case,
        "inspection": stop.inspection,
        "is_open": stop.inspection.state == InspectionState.PLANNED,
        "is_cancelled": stop.inspection.state == InspectionState.CANCELLED,
        "record": stop.inspection.record,
        "answers": answers_of(stop.case, language=language),
        "photos": [
            {"url": photo_url(photo, small=True), "full_url": photo_url(photo), "alt": photo.alt}
            for photo in photos_of(stop.case)
            if not photo.is_hidden
        ],
        "fields": fields,
        "errors": typed.other_errors(shown),
        "photo_errors": typed.errors("photos"),
        "form_key": new_key(),
        "user_key": str(request.user.pk),
        "account_name": actor_at(request).name,
    }
