"""Asking for messages about an area, a kind of request or an answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import Visibility
from lamppost.faces.portal.web import PortalRequest, by_field, page, told
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.text import clean_line, in_language
from lamppost.knowledge.selectors.articles import article
from lamppost.notify.choices import MessageChannel, SubscriptionKind
from lamppost.notify.selectors.reading import is_offered
from lamppost.notify.services.subscribing import Target, subscribe
from lamppost.places.models import Area
from lamppost.places.selectors import NamedArea, named_areas

_LONGEST = 254


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def subscribe_page(request: PortalRequest) -> HttpResponseBase:
    """Show what can be followed; POST sends the question whether it is really them."""
    if request.method != "POST":
        return _page(request, {})
    try:
        target = target_of(request)
        ask(request, target)
    except Invalid as refusal:
        return _page(request, by_field(refusal.problems))
    return redirect("portal:asked")


@require_safe
@told
def asked(request: PortalRequest) -> HttpResponseBase:
    """Say that a question is on its way."""
    return page(request, "messages/asked")


def target_of(request: PortalRequest) -> Target:
    """Return what the form asks for. Raises ``Invalid`` when it is nothing that exists."""
    sent = request.POST
    if sent.get("article"):
        code = sent["article"][:63]
        article(code, language=get_language() or "")
        return Target(kind=SubscriptionKind.ARTICLE, article=code)
    area_id, service_id = _area(sent.get("area", "")), _service(sent.get("service", ""))
    if area_id is not None:
        return Target(kind=SubscriptionKind.AREA, area_id=area_id, service_id=service_id)
    if service_id is None:
        raise Invalid(_("Choose a place, a kind of request, or both."), field="area")
    return Target(kind=SubscriptionKind.SERVICE, service_id=service_id)


def ask(request: PortalRequest, target: Target) -> None:
    """Ask every address the form names. Raises ``Invalid`` when it names none."""
    email = clean_line(request.POST.get("email", ""))[:_LONGEST]
    phone = clean_line(request.POST.get("phone", ""))[:40]
    phone = phone if is_offered(MessageChannel.SMS) else ""
    if not (email or phone):
        raise Invalid(_("Give an e-mail address or a phone number."), field="email")
    if email:
        subscribe(target=target, channel=MessageChannel.EMAIL, address=email)
    if phone:
        subscribe(target=target, channel=MessageChannel.SMS, address=phone)


def address_fields(request: PortalRequest, errors: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return the fields for where to write: e-mail, and SMS where the city can send it."""
    fields: list[dict[str, Any]] = [
        {
            "name": "email",
            "label": _("E-mail"),
            "kind": "email",
            "value": request.POST.get("email", ""),
            "errors": errors.get("email", ()),
            "attrs": {"autocomplete": "email", "maxlength": _LONGEST},
        }
    ]
    if is_offered(MessageChannel.SMS):
        fields.append(
            {
                "name": "phone",
                "label": _("Mobile number, for SMS"),
                "kind": "tel",
                "value": request.POST.get("phone", ""),
                "errors": errors.get("phone", ()),
                "attrs": {"autocomplete": "tel", "maxlength": 40},
            }
        )
    return fields


def _page(request: PortalRequest, errors: dict[str, list[str]]) -> HttpResponse:
    language = get_language() or ""
    sent = request.POST or request.GET
    code = sent.get("article", "")[:63]
    question = article(code, language=language).question if code else ""
    fields = [] if question else _choices(sent.get("area", ""), sent.get("service", ""), errors)
    fields += address_fields(request, errors)
    context = {
        "article": code,
        "question": question,
        "fields": fields,
        "summary": [field for field in fields if field.get("errors")],
    }
    return page(request, "messages/subscribe", context, status=422 if errors else 200)


def _choices(area: str, service: str, errors: dict[str, list[str]]) -> list[dict[str, Any]]:
    language = get_language() or "en"
    services = sorted(
        (in_language(entry.name, language) or entry.code, entry.code)
        for entry in book().services.values()
        if _is_told(entry)
    )
    return [
        {
            "name": "area",
            "label": _("Place"),
            "kind": "select",
            "value": area,
            "choices": [
                ("", _("The whole city")),
                *((str(one.area_id), f"{one.kind_name}: {one.name}") for one in _areas(language)),
            ],
            "errors": errors.get("area", ()),
        },
        {
            "name": "service",
            "label": _("Kind of request"),
            "kind": "select",
            "value": service,
            "choices": [("", _("Every kind")), *((code, name) for name, code in services)],
            "errors": errors.get("service", ()),
        },
    ]


def _is_told(entry: ServiceEntry) -> bool:
    """Whether what is reported of this kind is public: nothing else is told to strangers."""
    return entry.is_active and entry.is_public and entry.visibility is Visibility.PUBLIC


def _areas(language: str) -> tuple[NamedArea, ...]:
    public = Area.objects.filter(kind__is_public=True, kind__is_limits=False)
    return named_areas(public.values_list("pk", flat=True), language=language)


def _area(text: str) -> int | None:
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    if not Area.objects.filter(pk=number, kind__is_public=True).exists():
        raise Invalid(_("Choose one of the places."), field="area")
    return number


def _service(code: str) -> int | None:
    if not code:
        return None
    entry = book().services.get(code)
    if entry is None or not _is_told(entry):
        raise Invalid(_("Choose one of the kinds of request."), field="service")
    return entry.id
