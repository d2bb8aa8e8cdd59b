"""What the channels cost by month, and so a contact: entered from the books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.faces.console.access import actor_at, at_console, status_of
from lamppost.faces.console.asked import Asked, day_of, number_of
from lamppost.faces.console.center import glossary_of, tabs
from lamppost.faces.console.frame import frame
from lamppost.insight.measure import MeasureUnit
from lamppost.insight.period import add_months
from lamppost.insight.selectors.center_costs import channel_costs, channel_months
from lamppost.insight.services.center_costs import enter_cost
from lamppost.insight.wording import in_words
from lamppost.kernel.refusals import Invalid
from lamppost.people.permissions import Permission, may, require

_MONTHS = 12
_MOST = Decimal(10) ** 9


@never_cache
@at_console("GET", "HEAD", "POST", permission=Permission.CENTER_SUPERVISE)
def costs(request: HttpRequest) -> HttpResponse:
    """Show twelve months of costs and cost per contact; enter one."""
    actor = actor_at(request)
    asked, status = Asked("cost"), 200
    if request.method == "POST":
        require(actor, Permission.CENTER_COST)
        try:
            month = day_of(f"{request.POST.get('month', '')}-01")
            if month is None:
                raise Invalid(_("Enter a year and a month, such as 2026-03."), field="month")
            enter_cost(
                month=month,
                channel=request.POST.get("channel", ""),
                amount=number_of(
                    request.POST.get("amount", ""), "amount", least=Decimal(0), most=_MOST
                ),
                note=request.POST.get("note", ""),
                actor=actor,
            )
            messages.success(request, _("The cost is entered."))
            return HttpResponseRedirect(reverse("console:costs"))
        except Invalid as refusal:
            asked, status = Asked("cost", request.POST, refusal.problems), status_of(refusal)
    this_month = timezone.now().astimezone(city_in_scope().zone).date().replace(day=1)
    months = channel_months(add_months(this_month, 1 - _MONTHS), _MONTHS)
    page = {
        **frame(actor, here="board"),
        "tabs": tabs(actor, "costs"),
        "since": add_months(this_month, 1 - _MONTHS),
        "channels": [
            {
                "name": one.channel.label,
                "contacts": one.contacts,
                "cost": in_words(one.amount, MeasureUnit.MONEY),
                "per_contact": in_words(one.per_contact, MeasureUnit.MONEY),
            }
            for one in channel_costs(months)
        ],
        "months": [
            {
                "month": one.month,
                "name": one.channel.label,
                "contacts": one.contacts,
                "cost": in_words(one.amount, MeasureUnit.MONEY),
                "per_contact": in_words(one.per_contact, MeasureUnit.MONEY),
            }
            for one in reversed(months)
            if one.amount is not None
        ],
        "fields": _fields(asked, add_months(this_month, -1))
        if may(actor, Permission.CENTER_COST)
        else [],
        "glossary": glossary_of(["channel_contacts", "channel_cost", "cost_per_contact"]),
    }
    return render(request, "console/center/costs.html", page, status=status)


def _fields(asked: Asked, month: date) -> list[dict[str, object]]:
    return [
        asked.text(
            "month", _("Month"), default=f"{month:%Y-%m}", required=True,
            hint=_("Year and month, such as 2026-03"),
            attrs={"maxlength": 7, "pattern": "[0-9]{4}-[0-9]{2}"},
        ),
        asked.select("channel", _("Channel"), Channel.choices, required=True),
        asked.text(
            "amount", _("Cost of the month"), required=True,
            hint=_("Everything that belongs to it: people, lines, rooms. In the city's currency."),
            attrs={"inputmode": "decimal", "maxlength": 14},
        ),
        asked.text("note", _("Remark, with the source"), attrs={"maxlength": 300}),
    ]  # fmt: skip
