"""What a resident may do with their own data, once they have proven an address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from lamppost.kernel.ids import digest
from lamppost.people import erasing
from lamppost.people.actors import SYSTEM
from lamppost.people.choices import PointKind, Proof
from lamppost.people.models import ContactPoint, Erasure, RateWindow

_REACHED = (PointKind.EMAIL, PointKind.PHONE, PointKind.SMS)
_AGAIN_AFTER = timedelta(minutes=30)


def reachable(contact_id: int) -> list[ContactPoint]:
    """Return the addresses of a contact something can be sent to; none of an erased one."""
    rows = ContactPoint.objects.filter(
        contact=contact_id, contact__erased_at=None, kind__in=_REACHED
    )
    return list(rows.order_by("id"))


def point(point_id: int) -> ContactPoint | None:
    """Return an address that still stands, or None."""
    rows = ContactPoint.objects.select_related("contact")
    return rows.filter(pk=point_id, contact__erased_at=None, kind__in=_REACHED).first()


def masked(point: ContactPoint) -> str:
    """Return enough of an address for its owner to know it: ``r•••@e•••.org``, ``••• 42``."""
    if point.kind != PointKind.EMAIL:
        return f"••• {point.value[-2:]}"
    name, _at, domain = point.value.partition("@")
    host, _dot, ending = domain.rpartition(".")
    return f"{name[:1]}•••@{host[:1]}•••.{ending}"


def may_send(point: ContactPoint) -> bool:
    """Return whether a link may be sent to this address now, and count it as sent."""
    subject = f"own-data:{digest(point.value)[:48]}"
    now = timezone.now()
    if RateWindow.objects.filter(subject=subject, minute__gt=now - _AGAIN_AFTER).exists():
        return False
    # Of two who ask in the same moment one makes the row and is sent the link.
    _row, is_first = RateWindow.objects.get_or_create(
        subject=subject, minute=now.replace(second=0, microsecond=0), defaults={"count": 1}
    )
    return is_first


def export(*, point_id: int) -> dict[str, Any]:
    """Return everything known of who has opened a link sent to this address."""
    row = _proven(point_id)
    return erasing.export(contact_id=row.contact_id, actor=SYSTEM, is_own_wish=True)


def erase(*, point_id: int, despite_open: bool) -> Erasure:
    """Erase who has opened a link sent to this address. Raises ``Conflict`` as ``erasing``."""
    with transaction.atomic():
        row = _proven(point_id)
        return erasing.erase(
            contact_id=row.contact_id,
            reason="own wish",
            actor=SYSTEM,
            is_own_wish=True,
            despite_open=despite_open,
        )


def _proven(point_id: int) -> ContactPoint:
    row = ContactPoint.objects.get(pk=point_id)
    if row.proven_at is None:
        row.proven_at, row.proven_by = timezone.now(), Proof.CODE
        row.save()
    return row
