"""The page behind a partner's signed link: no account, nothing of the resident's person."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from lamppost.cases.selectors.desk import photos_of
from lamppost.cases.services.partners import without_contact_details
from lamppost.cases.services.photos import photo_url
from lamppost.catalog.book import book
from lamppost.catalog.choices import State, Visibility
from lamppost.cities.selectors import city_in_scope
from lamppost.faces.field.access import status_of
from lamppost.faces.field.forms import Typed, new_key, one_field, status_choices
from lamppost.fieldwork.choices import LinkLevel
from lamppost.fieldwork.models import PartnerLink
from lamppost.fieldwork.selectors.partner_work import work_of
from lamppost.fieldwork.services import partner_steps
from lamppost.fieldwork.services.partner_links import is_live, link_for
from lamppost.kernel.refusals import Forbidden, Invalid, NotFound, Refusal
from lamppost.kernel.text import in_language
from lamppost.people.models import Department
from lamppost.people.rates import TooManyCalls, count_call

# A person at a page; and somebody trying addresses.
_PER_MINUTE = 60
_WRONG_PER_MINUTE = 30


@csrf_exempt
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show the case to who holds the link; POST does one step.

    No check against forged requests: the address is the only credential, no cookie adds to
    it, and who does not know it can forge nothing. So the answer may forbid every referrer,
    which that check would need.
    """
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    try:
        response = _answer(request, token)
    except TooManyCalls as refusal:
        response = _ended(request, None, 429, str(refusal))
        response["Retry-After"] = str(refusal.retry_after)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    link = link_for(token)
    if link is None:
        count_call(_caller(request), per_minute=_WRONG_PER_MINUTE)
        return _ended(request, None, 404, "")
    count_call(f"partner:{link.pk}", per_minute=_PER_MINUTE)
    if not is_live(link, now=timezone.now()):
        return _ended(request, link, 410, "")
    if request.method != "POST":
        partner_steps.note_opened(link)
        return render(request, "partner/work.html", _page(request, link, token, Typed()))
    action = request.POST.get("action", "")
    try:
        _act(request, link, action)
    except (Forbidden, NotFound) as refusal:
        return _ended(request, link, status_of(refusal), str(refusal))
    except Refusal as refusal:
        link = link_for(token) or link
        typed = Typed(request.POST, refusal.problems)
        page = _page(request, link, token, typed)
        return render(request, "partner/work.html", page, status=status_of(refusal))
    return HttpResponseRedirect(f"{reverse('field:partner', args=[token])}?done={action}")


def _accept(request: HttpRequest, link: PartnerLink) -> None:
    partner_steps.accept(link_id=link.pk, key=request.POST.get("key", ""))


def _note(request: HttpRequest, link: PartnerLink) -> None:
    partner_steps.add_note(
        link_id=link.pk,
        key=request.POST.get("key", ""),
        text=request.POST.get("text", ""),
        photos=list(request.FILES.getlist("photos")),
    )


def _reference(request: HttpRequest, link: PartnerLink) -> None:
    partner_steps.set_reference(
        link_id=link.pk,
        key=request.POST.get("key", ""),
        reference=request.POST.get("reference", ""),
    )


def _status(request: HttpRequest, link: PartnerLink) -> None:
    partner_steps.set_status(
        link_id=link.pk,
        key=request.POST.get("key", ""),
        status_code=request.POST.get("status", ""),
        text=request.POST.get("text", ""),
    )


def _done(request: HttpRequest, link: PartnerLink) -> None:
    partner_steps.report_done(
        link_id=link.pk,
        key=request.POST.get("key", ""),
        outcome_code=request.POST.get("outcome", ""),
        text=request.POST.get("text", ""),
        photos=list(request.FILES.getlist("photos")),
    )


_ACTIONS: dict[str, Callable[[HttpRequest, PartnerLink], None]] = {
    "accept": _accept,
    "note": _note,
    "reference": _reference,
    "status": _status,
    "done": _done,
}
_SAID: dict[str, Callable[[], str]] = {
    "accept": lambda: _("Thank you. The department knows that you have taken it on."),
    "note": lambda: _("Thank you. The department sees what you added."),
    "reference": lambda: _("Your number is kept."),
    "status": lambda: _("The status is changed."),
    "done": lambda: _("Thank you. The department has been told."),
}


def _act(request: HttpRequest, link: PartnerLink, action: str) -> None:
    step = _ACTIONS.get(action)
    if step is None:
        raise Invalid(_("This form is not known here."), field="action")
    step(request, link)


def _page(request: HttpRequest, link: PartnerLink, token: str, typed: Typed) -> dict[str, Any]:
    pages, case, language = book(), link.case, get_language() or "en"
    said = _SAID.get(request.GET.get("done", ""))
    work = work_of(link)
    is_open = case.state != State.CLOSED
    forms = _forms(link, typed, language) if is_open else {}
    if work.waits:
        forms.pop("done", None)
    return {
        "link": link,
        "case": case,
        "here": reverse("field:partner", args=[token]),
        "service": in_language(pages.services_by_id[case.service_id].name, language),
        "status": in_language(pages.statuses[case.status_id].name, language),
        "department": in_language(pages.departments[case.department_id].name, language),
        "address": ", ".join(filter(None, (case.address, case.unit))),
        "words": link.instruction
        or without_contact_details(case.description, city_in_scope().country),
        "point": case.location,
        "photos": _photos(link),
        "work": work,
        "said": said() if said else "",
        "forms": forms,
        "refused": typed.value("action"),
        "may_act": is_open and partner_steps.allows(link, LinkLevel.NOTE),
        "errors": [str(one.message) for one in typed.problems],
        "form_key": new_key(),
    }


def _forms(link: PartnerLink, typed: Typed, language: str) -> dict[str, list[dict[str, Any]]]:
    """The fields of each form the link allows; what was typed stands in the form refused."""

    def of(name: str) -> Typed:
        return typed if typed.value("action") == name else Typed()

    forms: dict[str, list[dict[str, Any]]] = {}
    if not partner_steps.allows(link, LinkLevel.NOTE):
        return forms
    forms["note"] = [_words(of("note"), "note", _("Your note")), _files(of("note"), "note")]
    number = one_field(of("reference"), "reference", _("Your own number for this work"),
                       attrs={"maxlength": 100, "autocomplete": "off"})  # fmt: skip
    forms["reference"] = [number if number["value"] else {**number, "value": link.reference}]
    if partner_steps.allows(link, LinkLevel.STATUS):
        choices = status_choices(partner_steps.statuses_for(link.case), language)
        if choices:
            forms["status"] = [
                one_field(of("status"), "status", _("Status"), kind="select", choices=choices),
                _words(of("status"), "status", _("Why, for the department")),
            ]
    if partner_steps.allows(link, LinkLevel.DONE):
        outcomes = [
            (one.code, in_language(one.name, language))
            for one in book().outcomes.values()
            if one.kind in partner_steps.PROPOSED
        ]
        forms["done"] = [
            one_field(of("done"), "outcome", _("How did it end?"), kind="radios",
                      required=True, choices=outcomes),
            _words(of("done"), "done", _("What was done"), required=True),
            _files(of("done"), "done"),
        ]  # fmt: skip
    return forms


def _words(typed: Typed, form: str, label: str, **more: Any) -> dict[str, Any]:
    attrs = {"rows": 3, "maxlength": 4000}
    return one_field(typed, "text", label, kind="textarea", id=f"{form}-text", attrs=attrs, **more)


def _files(typed: Typed, form: str) -> dict[str, Any]:
    return {
        "name": "photos",
        "label": _("Photos"),
        "kind": "file",
        "id": f"{form}-photos",
        "errors": typed.errors("photos"),
        "attrs": {"accept": "image/*,.heic,.heif", "multiple": True},
    }


def _photos(link: PartnerLink) -> list[dict[str, str]]:
    """The case's photos, where anybody may see them; of other cases none."""
    if link.case.visibility != Visibility.PUBLIC:
        return []
    return [
        {"url": photo_url(photo, small=True), "full_url": photo_url(photo), "alt": photo.alt}
        for photo in photos_of(link.case)
        if not photo.is_hidden
    ]


def _ended(
    request: HttpRequest, link: PartnerLink | None, status: int, message: str
) -> HttpResponse:
    department = None
    if link is not None:
        department = Department.objects.filter(pk=link.case.department_id).first()
    context = {
        "department": department,
        "number": link.case.number if link else "",
        "message": message,
        "status": status,
    }
    return render(request, "partner/ended.html", context, status=status)


def _caller(request: HttpRequest) -> str:
    # A digest: the table tells nobody who tried from where.
    address = str(request.META.get("REMOTE_ADDR", ""))
    return "partner-wrong:" + hashlib.sha256(address.encode()).hexdigest()[:48]
