"""The center's half hours and interactions as plain rows, for recounting. Nobody's name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.choices import InteractionEnd, TransferKind
from lamppost.contacts.models import Handover, Interaction
from lamppost.insight.models import CenterHalfHour
from lamppost.insight.period import Period

HALF_HOUR_COLUMNS = (
    "starts_at", "channel", "language", "answered", "by_hand", "abandoned", "short",
    "deflected", "asked_call_back", "left_menu", "wait_seconds", "abandon_seconds", "handled",
    "talk_seconds", "hold_seconds", "wrap_seconds", "coded", "transferred", "emergencies",
    "interpreted", "known", "resolved", "outgoing", "waits",
)  # fmt: skip
INTERACTION_COLUMNS = (
    "id", "channel", "direction", "language", "offered_at", "answered_at", "ended_at",
    "wrapped_at", "end", "wait_seconds", "talk_seconds", "hold_seconds", "wrap_seconds",
    "disposition", "kind", "closed_on_contact", "service", "agent", "passed_on", "emergency",
    "interpreter", "by_hand",
)  # fmt: skip
_AT_ONCE = 2000


def half_hours(period: Period) -> Iterator[list[Any]]:
    """Yield a row of ``HALF_HOUR_COLUMNS`` per half hour, channel and language, in order.

    Times are local with their offset; ``waits`` are the single waits, separated by spaces.
    """
    zone = city_in_scope().zone
    rows = CenterHalfHour.objects.filter(day__range=(period.first, period.last))
    for row in rows.order_by("starts_at", "channel", "language").iterator(_AT_ONCE):
        kept = {
            "starts_at": row.starts_at.astimezone(zone).isoformat(),
            "wait_seconds": sum(row.waits),
            "waits": " ".join(str(wait) for wait in row.waits),
        }
        yield [kept.get(name, getattr(row, name, None)) for name in HALF_HOUR_COLUMNS]


def interactions(period: Period) -> Iterator[list[Any]]:
    """Yield a row of ``INTERACTION_COLUMNS`` per interaction offered in the period, in order.

    Nothing of the caller but channel and language; agents stand as numbers.
    """
    zone = city_in_scope().zone
    start, stop = period.bounds(zone)
    passed = Handover.objects.filter(interaction=OuterRef("pk"))
    rows = (
        Interaction.objects.filter(offered_at__gte=start, offered_at__lt=stop)
        .select_related("disposition", "service")
        .annotate(
            passed_on=Exists(passed.exclude(kind=TransferKind.EMERGENCY)),
            emergency=Exists(passed.filter(kind=TransferKind.EMERGENCY)),
        )
        .order_by("offered_at", "id")
    )
    for row in rows.iterator(_AT_ONCE):
        yield _interaction(row)


def _interaction(row: Any) -> list[Any]:
    zone = city_in_scope().zone
    kind = row.disposition
    is_told = row.end != InteractionEnd.UNTOLD
    talk = whole_seconds(row.answered_at, row.ended_at) if is_told else None
    moments = (row.offered_at, row.answered_at, row.ended_at, row.wrapped_at)
    return [
        row.pk, row.channel, row.direction, row.language,
        *(one.astimezone(zone).isoformat() if one else "" for one in moments),
        row.end,
        whole_seconds(row.offered_at, row.answered_at or row.ended_at),
        None if talk is None else max(talk - row.hold_seconds, 0),
        row.hold_seconds,
        whole_seconds(row.ended_at, row.wrapped_at) if is_told else None,
        kind.code if kind else "", kind.kind if kind else "",
        int(kind.is_resolved) if kind else "",
        row.service.code if row.service else "",
        row.agent_id or "",
        int(row.passed_on), int(row.emergency), int(row.needs_interpreter),
        int(row.answered_at == row.offered_at),
    ]  # fmt: skip


def whole_seconds(start: datetime | None, stop: datetime | None) -> int | None:
    """Return the whole seconds between two moments, or None while one is not known."""
    return int((stop - start).total_seconds()) if start and stop else None
