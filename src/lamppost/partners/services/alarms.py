"""Telling somebody in time: a partner that is away, a dead delivery, silence, a strange word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.partners.choices import ConnectionState, DeliveryState, Purpose
from lamppost.partners.models import Connection, Delivery, InboundUpdate, Reconciliation
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import User
from lamppost.people.notices import staff_of, tell
from lamppost.people.permissions import MATRIX, Permission

_DELIVERIES = "/desk/partners/deliveries/"
_INBOUND = "/desk/partners/inbound/"


def tell_broken(connection: Connection) -> None:
    """A partner does not answer and is left alone for a while."""
    since = connection.broken_since
    _tell(
        connection,
        lambda: _("%(name)s does not answer: its cases wait") % {"name": connection.name},
        path=f"/desk/partners/connections/{connection.code}/",
        key=f"partner-broken:{connection.pk}:{since.isoformat() if since else ''}",
    )


def tell_dead(delivery: Delivery) -> None:
    """A delivery failed for good."""
    connection = delivery.connection
    number = delivery.handoff.case.number
    _tell(
        connection,
        lambda: (
            _("Case %(number)s could not be delivered to %(name)s")
            % {"number": number, "name": connection.name}
        ),
        path=f"{_DELIVERIES}{delivery.pk}/",
        key=f"partner-dead:{delivery.pk}:{delivery.tries}",
        case_number=number,
    )


def tell_inbound(update: InboundUpdate) -> None:
    """A partner said something that could not be taken as it is."""
    connection = update.connection
    _tell(
        connection,
        lambda: _("%(name)s sent something that needs a look") % {"name": connection.name},
        path=_INBOUND,
        # One notice per word or reason and connection, not one per case.
        key=f"partner-inbound:{connection.pk}:{update.result}:{update.word}:{update.reason}"[:120],
    )


def tell_lost(run: Reconciliation) -> None:
    """A day's comparison found something amiss."""
    connection = run.connection
    _tell(
        connection,
        lambda: (
            _("%(name)s: the daily comparison found cases that are lost or differ")
            % {"name": connection.name}
        ),
        path=f"/desk/partners/reconciliation/{run.pk}/",
        key=f"partner-reconciled:{run.pk}",
    )


def sound_age_alarms(*, now: datetime) -> int:
    """Tell of connections where something waits longer than their limit; return how many.

    Waiting is: handed over and not acknowledged, or not handed over at all.
    """
    sounded = 0
    for connection in Connection.objects.filter(acknowledge_within_min__isnull=False):
        oldest = oldest_overdue(connection, now)
        if oldest is None:
            continue
        sounded += 1
        _tell_late(connection, oldest)
    return sounded


def oldest_overdue(connection: Connection, now: datetime) -> Delivery | None:
    """Return the oldest new case this partner has not acknowledged within its limit."""
    if connection.acknowledge_within_min is None:
        return None
    limit = now - timedelta(minutes=connection.acknowledge_within_min)
    states = [DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.SENT]
    return (
        Delivery.objects.filter(
            connection=connection, purpose=Purpose.NEW, state__in=states, created_at__lt=limit
        )
        .order_by("id")
        .first()
    )


def _tell_late(connection: Connection, oldest: Delivery) -> None:
    paused = connection.state == ConnectionState.PAUSED
    words = _paused_words if paused else _late_words
    _tell(
        connection,
        words(connection),
        path=f"{_DELIVERIES}?connection={connection.code}&state=late",
        key=f"partner-late:{connection.pk}:{oldest.pk}",
    )


def _paused_words(connection: Connection) -> Callable[[], str]:
    return lambda: _("%(name)s is paused and cases wait") % {"name": connection.name}


def _late_words(connection: Connection) -> Callable[[], str]:
    return lambda: (
        _("%(name)s has not acknowledged cases for %(minutes)d minutes")
        % {"name": connection.name, "minutes": connection.acknowledge_within_min}
    )


def _tell(
    connection: Connection,
    subject: Callable[[], str],
    *,
    path: str,
    key: str,
    case_number: str = "",
) -> None:
    tell(
        _who(connection),
        NoticeKind.PARTNER,
        subject=subject,
        path=path,
        once_key=key,
        case_number=case_number,
        default_language=city_in_scope().default_language,
    )


def _who(connection: Connection) -> list[User]:
    """Whoever may manage partners, and the managers of the department."""
    managing = [role for role, rights in MATRIX.items() if Permission.PARTNER_MANAGE in rights]
    people = staff_of(roles=managing)
    if connection.department_id in book().departments:
        people += staff_of(roles=[Role.MANAGER], department_id=connection.department_id)
    return list({user.pk: user for user in people}.values())
