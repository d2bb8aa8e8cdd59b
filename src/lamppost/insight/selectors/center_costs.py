"""Cost per contact: what was entered for whole months over the contacts of the same months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from lamppost.catalog.choices import Channel
from lamppost.insight.center import mean
from lamppost.insight.models import CenterHalfHour, ChannelCost, DailyRequests
from lamppost.insight.period import Period, add_months

# Channels on which every contact is an interaction; of the others requests are counted.
OF_CENTER = frozenset({Channel.PHONE, Channel.WALK_IN, Channel.SMS, Channel.EMAIL})


@dataclass(frozen=True, slots=True)
class ChannelMonth:
    """One channel in one month: its contacts, and what it cost where somebody entered it."""

    month: date
    channel: Channel
    contacts: int
    amount: Decimal | None

    @property
    def per_contact(self) -> Decimal | None:
        """Cost ÷ contacts, to the cent."""
        return None if self.amount is None else mean(self.amount, self.contacts)


@dataclass(frozen=True, slots=True)
class ChannelCosts:
    """One channel over several months. Cost per contact leaves out months without a cost."""

    channel: Channel
    contacts: int
    amount: Decimal | None
    per_contact: Decimal | None


def channel_months(first: date, months: int) -> list[ChannelMonth]:
    """Return every channel with contacts or costs, month by month from ``first`` on.

    Three queries.
    """
    period = Period(first, add_months(first, months) - timedelta(days=1))
    contacts = _contacts(period)
    costs = _costs(period)
    return [
        ChannelMonth(month, Channel(code), contacts.get((month, code), 0), costs.get((month, code)))
        for month, code in sorted(contacts.keys() | costs.keys())
    ]


def channel_costs(found: list[ChannelMonth]) -> list[ChannelCosts]:
    """Return the channels of ``found`` over all its months, those with most contacts first."""
    totals = []
    for channel in Channel:
        months = [one for one in found if one.channel == channel]
        if not months:
            continue
        priced = [one for one in months if one.amount is not None]
        amount = sum((one.amount or Decimal(0) for one in priced), Decimal(0)) if priced else None
        served = sum(one.contacts for one in priced)
        per_contact = None if amount is None else mean(amount, served)
        contacts = sum(one.contacts for one in months)
        totals.append(ChannelCosts(channel, contacts, amount, per_contact))
    return sorted(totals, key=lambda one: (-one.contacts, one.channel))


def _contacts(period: Period) -> dict[tuple[date, str], int]:
    span = (period.first, period.last)
    center = (
        CenterHalfHour.objects.filter(day__range=span, channel__in=OF_CENTER)
        .values_list(TruncMonth("day"), "channel")
        .annotate(answered=Sum("answered"), deflected=Sum("deflected"))
        .order_by()
    )
    requests = (
        DailyRequests.objects.filter(day__range=span)
        .exclude(channel__in=OF_CENTER)
        .values_list(TruncMonth("day"), "channel")
        .annotate(number=Sum("received"))
        .order_by()
    )
    found = {(month, code): answered + helped for month, code, answered, helped in center}
    found.update({(month, code): number for month, code, number in requests})
    return found


def _costs(period: Period) -> dict[tuple[date, str], Decimal]:
    rows = (
        ChannelCost.objects.filter(month__range=(period.first, period.last))
        .order_by("month", "channel", "-id")
        .distinct("month", "channel")
    )
    return {(row.month, row.channel): row.amount for row in rows}
