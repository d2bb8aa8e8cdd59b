"""What the page of surge mode shows: texts prepared, surges before, and what they spared."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from lamppost.contacts.choices import InteractionEnd
from lamppost.contacts.models import Call, Surge, SurgeText

MOST = 20


def prepared_texts() -> list[SurgeText]:
    """Return the texts prepared for a surge, in the city's order."""
    return list(SurgeText.objects.filter(is_active=True))


def past_surges() -> list[Surge]:
    """Return the last surges, the newest first; one query."""
    rows = Surge.objects.select_related("started_by", "ended_by")
    return list(rows.order_by("-started_at", "-id")[:MOST])


@dataclass(frozen=True, slots=True)
class Heard:
    """How many calls heard the recorded message, and how many of them needed nobody then."""

    calls: int
    helped: int


def heard(surge: Surge) -> Heard:
    """Return what the message of ``surge`` did on the line so far; one query."""
    rows = Call.objects.filter(heard_surge=True, began_at__gte=surge.started_at)
    if surge.ended_at is not None:
        rows = rows.filter(began_at__lt=surge.ended_at)
    found = rows.aggregate(
        calls=Count("pk"),
        helped=Count("pk", filter=Q(interaction__end=InteractionEnd.DEFLECTED)),
    )
    return Heard(found["calls"], found["helped"])
