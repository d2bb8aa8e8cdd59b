"""What the holder of a secret link may see and do; following what somebody else reported."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lamppost.cases.choices import RedressSource
from lamppost.cases.models import Case
from lamppost.cases.reports import Reporter
from lamppost.cases.selectors.public_case import (
    Reader,
    case_for_public,
    case_for_token,
    page_of,
)
from lamppost.cases.services import links, redress, reporter
from lamppost.cases.services.answering import answer
from lamppost.cases.services.danger import stopped_by_words
from lamppost.catalog.book import book
from lamppost.catalog.choices import State, Visibility
from lamppost.database.fields import Point
from lamppost.faces.portal.numbers import number_of
from lamppost.faces.portal.views.subscribe import address_fields, ask
from lamppost.faces.portal.web import PortalRequest, by_field, page, private, resident_of, told
from lamppost.kernel.geo import parse_place
from lamppost.kernel.refusals import Forbidden, Invalid, NotFound, Refusal
from lamppost.kernel.text import clean_line
from lamppost.notify.choices import MessageChannel, SubscriptionKind
from lamppost.notify.links import Purpose, subscription_of
from lamppost.notify.selectors.reading import case_for_link
from lamppost.notify.senders.push import public_key
from lamppost.notify.services.devices import register_device
from lamppost.notify.services.subscribing import Target, end, subscribe
from lamppost.partners.selectors import public_work_orders
from lamppost.people.actors import Actor
from lamppost.people.contacts import contact_for
from lamppost.places.geocoding.lookup import place_from_text
from lamppost.work.selectors.items import public_steps

_YEAR = 365 * 24 * 3600
_MAX_PLACE = 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def follow(request: PortalRequest, number: str, token: str) -> HttpResponseBase:
    """Show a case to who holds its secret link; POST adds words, photos, a dispute."""
    case, reader = _held(number, token)
    problems: dict[str, list[str]] = {}
    action = request.POST.get("action", "")
    if request.method == "POST":
        try:
            _act(request, action, case, reader, token)
            warn_of_danger(request, request.POST.get("text", ""))
            return redirect(f"{reverse('portal:follow', args=[number, token])}?done={action}")
        except Refusal as refusal:
            problems = by_field(refusal.problems)
    return private(_page(request, case, reader, token, action, problems))


def warn_of_danger(request: PortalRequest, text: str) -> None:
    """Say at once to call for help when what was added sounds like danger; it was kept."""
    told = stopped_by_words(text)
    if told is not None:
        for line in told.text.splitlines():
            messages.error(request, line)


def _held(number: str, token: str) -> tuple[Case, Reader]:
    wanted = number_of(number)
    found = None
    if wanted:
        found = case_for_token(wanted, token) or case_for_link(wanted, token)
    if found is None:
        raise NotFound(_("This link does not lead to a request."))
    return found


def _act(request: PortalRequest, action: str, case: Case, reader: Reader, token: str) -> None:
    actor = resident_of(request)
    text = request.POST.get("text", "")
    if action == "stop":
        if not reader.is_follower:
            raise Forbidden(_("This link is not for that."))
        reporter.stop_following(case_id=case.pk, token=token, actor=actor)
        subscribed = subscription_of(token, Purpose.CASE)
        if subscribed is not None:
            end(subscription=subscribed)
        return
    if action == "push":
        _push(request, case)
        return
    if action == "dispute":
        source = RedressSource.REPORTER if reader.is_reporter else RedressSource.FOLLOWER
        redress.dispute(case_id=case.pk, text=text, actor=actor, source=source)
        return
    if not reader.is_reporter:
        raise Forbidden(_("This link is not for that."))
    _act_as_reporter(request, action, case)


def _act_as_reporter(request: PortalRequest, action: str, case: Case) -> None:
    actor, text = resident_of(request), request.POST.get("text", "")
    if action == "comment":
        uploads = list(request.FILES.getlist("photos"))
        reporter.comment(case_id=case.pk, text=text, photos=uploads, actor=actor)
    elif action == "answer":
        _answer(request, case, actor)
    elif action == "settled":
        redress.take_back(case_id=case.pk, actor=actor)
    elif action == "withdraw":
        reporter.withdraw(case_id=case.pk, text=text, actor=actor)
    else:
        raise Invalid(_("This form is not known here."), field="action")


def _push(request: PortalRequest, case: Case) -> None:
    device = register_device(
        endpoint=request.POST.get("endpoint", ""),
        public_key=request.POST.get("public_key", ""),
        auth=request.POST.get("auth", ""),
    )
    target = Target(kind=SubscriptionKind.CASE, case_id=case.pk)
    subscribe(target=target, channel=MessageChannel.PUSH, device=device)


def _answer(request: PortalRequest, case: Case, actor: Actor) -> None:
    """Words, a better place (a mark on the map, else an address), photos; any one will do."""
    text, place = request.POST.get("text", ""), clean_line(request.POST.get("place", ""))
    lat, long = request.POST.get("lat", ""), request.POST.get("long", "")
    point = Point(*parse_place(long, lat)) if lat.strip() or long.strip() else None
    if place:
        point = point or place_from_text(request.city, place[:_MAX_PLACE])
        # What could not be placed with certainty is at least read by somebody.
        text = f"{text}\n{place}".strip()
    answer(
        case_id=case.pk,
        text=text,
        point=point,
        photos=list(request.FILES.getlist("photos")),
        actor=actor,
    )


_DONE = {
    "comment": lambda: _("Thank you. We have added it."),
    "dispute": lambda: _("The request is open again. The 311 center looks at it and decides."),
    "answer": lambda: _("Thank you. The request is open again and back with the department."),
    "settled": lambda: _("Thank you. The request is closed again."),
    "withdraw": lambda: _("The request is withdrawn."),
    "followed": lambda: _("You now follow this request. Keep the address of this page."),
    "push": lambda: _("This browser shows a message when something happens."),
    "asked": lambda: _(
        "You now follow this request. We have sent you a message: open its link, and you hear "
        "from us."
    ),
}


def _page(
    request: PortalRequest,
    case: Case,
    reader: Reader,
    token: str,
    action: str,
    problems: dict[str, list[str]],
) -> HttpResponse:
    shown = page_of(case, reader)
    told_done = _DONE.get(request.GET.get("done", ""))
    context = {
        **case_context(shown.case.number, shown),
        "token": token,
        "push_key": public_key() if case.visibility == Visibility.PUBLIC else "",
        "done": told_done() if told_done else "",
        "problems": problems,
        "action": action,
        "text": request.POST.get("text", "") if problems else "",
        "place": request.POST.get("place", "") if problems else "",
        "asks": request.GET.get("ask", ""),
        "full_link": request.build_absolute_uri(
            reverse("portal:follow", args=[shown.case.number, token])
        ),
    }
    return page(request, "follow", context, status=422 if problems else 200)


def case_context(number: str, shown: Any) -> dict[str, Any]:
    """Return what both pages of a case, the public and the held one, draw."""
    point = shown.case.location if not shown.is_limited else None
    service = book().services_by_id[shown.case.service_id]
    return {
        "shown": shown,
        "agreement_url": reverse("portal:agreement", args=[service.code])
        if service.is_public
        else "",
        "case": shown.case,
        "point": point,
        "is_overdue": _is_overdue(shown.case),
        "steps": [] if shown.is_limited else public_steps(shown.case),
        "work_orders": [] if shown.is_limited else public_work_orders(shown.case),
        "crumbs": [(_("Requests"), reverse("portal:requests")), (f"#{number}", "")],
    }


def _is_overdue(case: Case) -> bool:
    return bool(
        case.due_at
        and case.state != State.CLOSED
        and not case.is_paused
        and timezone.now() > case.due_at
    )


@require_http_methods(["GET", "HEAD", "POST"])
@told
def me_too(request: PortalRequest, number: str) -> HttpResponseBase:
    """Join somebody else's report: counted once per browser, told of news if wished."""
    case = case_for_public(number_of(number)) if number_of(number) else None
    if case is None or case.visibility != Visibility.PUBLIC:
        raise NotFound(_("This case does not exist here."))
    shown = page_of(case)
    if shown.canonical_number:
        return redirect("portal:me_too", shown.canonical_number)
    held = request.COOKIES.get(_cookie(case), "")
    if held and case_for_token(case.number, held):
        return to_follow(case.number, held)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            return _joined(request, case)
        except Invalid as refusal:
            errors = by_field(refusal.problems)
    fields = address_fields(request, errors)
    fields[0]["hint"] = _(
        "Leave it out if you want no messages: you can look at the page any time."
    )
    context = {
        **case_context(case.number, shown),
        "fields": fields,
        "summary": [field for field in fields if field.get("errors")],
    }
    return page(request, "me_too", context, status=422 if errors else 200)


def _joined(request: PortalRequest, case: Case) -> HttpResponse:
    person = Reporter(email=_email_sent(request), language=get_language() or "", may_notify=True)
    actor = resident_of(request)
    contact_id = None
    if person.email:
        contact_id = contact_for(person, user_id=None, now=timezone.now())
    wants_messages = bool(person.email or request.POST.get("phone", "").strip())
    with transaction.atomic():
        token = links.follow(number=case.number, actor=actor, contact_id=contact_id)
        if wants_messages:
            ask(request, Target(kind=SubscriptionKind.CASE, case_id=case.pk))
    response = to_follow(case.number, token, done="asked" if wants_messages else "followed")
    response.set_cookie(
        _cookie(case),
        token,
        max_age=_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _email_sent(request: PortalRequest) -> str:
    email = clean_line(request.POST.get("email", ""))
    try:
        return str(forms.EmailField(required=False, max_length=254).clean(email))
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="email") from error


def to_follow(number: str, token: str, *, done: str = "followed") -> HttpResponse:
    """Return a redirect to a case's secret page, just followed."""
    return redirect(f"{reverse('portal:follow', args=[number, token])}?done={done}")


def _cookie(case: Case) -> str:
    return f"follow-{case.pk}"
