"""What a channel cost: a row per month, entered from the books by who answers for the money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.catalog.choices import Channel
from lamppost.cities.selectors import city_in_scope
from lamppost.insight.models import ChannelCost
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

_LIMIT = Decimal(10) ** 10
_CENT = Decimal("0.01")


def enter_cost(
    *, month: date, channel: str, amount: Decimal, note: str, actor: Actor
) -> ChannelCost:
    """Write down what a channel cost in the month of ``month``, and return the row.

    ``amount`` is in the city's currency. Entered again, the last row counts and the earlier
    ones stay. Raises ``Invalid`` for an unknown channel, a month to come, an amount below
    nothing, too large or finer than a cent; ``Forbidden`` without the right.
    """
    require(actor, Permission.CENTER_COST)
    today = timezone.now().astimezone(city_in_scope().zone).date()
    problems = []
    if channel not in Channel.values:
        problems.append(Problem("channel", _("Choose a channel of the list.")))
    if month.replace(day=1) > today:
        problems.append(Problem("month", _("This month has not begun.")))
    if not (amount.is_finite() and 0 <= amount < _LIMIT and amount == amount.quantize(_CENT)):
        problems.append(Problem("amount", _("Enter an amount with at most two decimals.")))
    if problems:
        raise Invalid(problems)
    return ChannelCost.objects.create(
        month=month.replace(day=1),
        channel=Channel(channel),
        amount=amount,
        note=clean_line(note)[:300],
        entered_by_id=actor.user_id,
        entered_at=timezone.now(),
    )
