"""Links for partners without an account: made, shown once, renewed, ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import case_for_desk
from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized
from lamppost.faces.desk.rows import row_of
from lamppost.fieldwork.choices import LinkLevel
from lamppost.fieldwork.models import PartnerLink
from lamppost.fieldwork.selectors.partner_work import links_of
from lamppost.fieldwork.services.partner_links import (
    MAX_DAYS,
    MadeLink,
    Offer,
    is_live,
    make_link,
    renew_link,
    revoke_link,
)
from lamppost.kernel.refusals import Refusal
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may

_USUAL_DAYS = 30


@at_desk("GET", "HEAD", "POST")
def links(request: HttpRequest, number: str) -> HttpResponse:
    """Show a case's links; POST makes one and shows its address, this once."""
    actor = actor_at(request)
    case = case_for_desk(number, actor=actor)
    if request.method != "POST":
        return _shown(request, case, actor, Typed())
    try:
        made = make_link(case_id=case.pk, offer=_offer_in(request.POST), actor=actor)
    except Refusal as refusal:
        typed = Typed.of(request.POST, refusal)
        return _shown(request, case, actor, typed, status=status_of(refusal))
    return _shown(request, case, actor, Typed(), made=made)


@at_desk("POST")
def change(request: HttpRequest, link_id: str, step: str) -> HttpResponse:
    """Renew a link, which shows the new address, or end it."""
    actor = actor_at(request)
    if step == "renew":
        made = renew_link(link_id=int(link_id), days=_USUAL_DAYS, actor=actor)
        case = case_for_desk(made.link.case.number, actor=actor)
        return _shown(request, case, actor, Typed(), made=made)
    link = revoke_link(link_id=int(link_id), actor=actor)
    messages.success(request, _("The link has ended."))
    return HttpResponseRedirect(reverse("desk:partner_links", args=[link.case.number]))


def _offer_in(data: QueryDict) -> Offer:
    days = data.get("days", "")
    return Offer(
        organization=data.get("organization", ""),
        level=data.get("level", ""),
        days=int(days) if days.isdecimal() and len(days) < 6 else 0,
        email=data.get("email", ""),
        instruction=data.get("instruction", ""),
        done_status=data.get("done_status", ""),
    )


def _shown(
    request: HttpRequest,
    case: Case,
    actor: Actor,
    typed: Typed,
    *,
    made: MadeLink | None = None,
    status: int = 200,
) -> HttpResponse:
    works = may(actor, Permission.CASE_WORK, department_id=case.department_id)
    address = ""
    if made is not None:
        address = request.build_absolute_uri(reverse("field:partner", args=[made.token]))
    found = links_of(case)
    context = {
        **frame(actor),
        "case": case,
        "row": row_of(case),
        "links": [_link(link, works=works, renewed=found) for link in found],
        "fields": _fields(typed) if works and case.state != State.CLOSED else [],
        "errors": typed.other_errors(_NAMES),
        "made": made,
        "address": address,
        "case_url": reverse("desk:case", args=[case.number]),
    }
    response = render(request, "desk/partner_links.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


_NAMES = ("organization", "email", "level", "days", "instruction", "done_status")


def _fields(typed: Typed) -> list[dict[str, Any]]:
    fields = Fields("link", typed)
    statuses = [
        (one.code, localized(one.name))
        for one in book().statuses.values()
        if one.state is State.OPEN
    ]
    return [
        fields.text("organization", _("Who it is for"), required=True,
                    hint=_("The company or office. The link's page greets it by this name."),
                    attrs={"maxlength": 200}),
        fields.text("email", _("Their e-mail, for your own reference"), kind="email"),
        fields.radios("level", _("What they may do"), LinkLevel.choices,
                      default=LinkLevel.DONE.value, required=True),
        fields.text("days", _("For how many days"), kind="number", default=str(_USUAL_DAYS),
                    required=True, attrs={"min": 1, "max": MAX_DAYS}),
        fields.area("instruction", _("What they are to do"),
                    hint=_("Shown in place of the resident's own words. Without it they see the "
                           "description; never the resident's name, phone or e-mail.")),
        fields.select("done_status", _("Status once they report it done"),
                      [("", _("Leave it, or open if it waits")), *statuses]),
    ]  # fmt: skip


def _link(link: PartnerLink, *, works: bool, renewed: list[PartnerLink]) -> dict[str, Any]:
    live = is_live(link, now=timezone.now())
    return {
        "link": link,
        "level": LinkLevel(link.level).label,
        "is_live": live,
        "may_end": live and works,
        "may_renew": works and all(other.renews_id != link.pk for other in renewed),
    }
