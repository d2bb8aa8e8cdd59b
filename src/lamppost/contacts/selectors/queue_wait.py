"""What somebody in the queue is told of it: their place, and an honest guess of the wait."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from lamppost.catalog.choices import Channel
from lamppost.contacts.models import Interaction

_LOOK_BACK = timedelta(minutes=30)
# From fewer answers than this no pace can be read.
_ENOUGH = 3
LONGEST_SAID = 60


@dataclass(frozen=True, slots=True)
class Wait:
    """``place`` counts from one. ``minutes`` is None where nothing can honestly be said."""

    place: int
    minutes: int | None


def wait_of(interaction: Interaction, *, now: datetime) -> Wait:
    """Return the place of a waiting call and about how many minutes are left.

    Place times the mean time between two answers of the last half hour (Little's law with the
    pace observed), rounded up; at most ``LONGEST_SAID``. Two queries.
    """
    calls = Interaction.objects.filter(channel=Channel.PHONE)
    earlier = Q(offered_at__lt=interaction.offered_at)
    earlier |= Q(offered_at=interaction.offered_at, pk__lt=interaction.pk)
    ahead = calls.filter(earlier, answered_at=None, ended_at=None, agent=None).count()
    answered = calls.filter(
        offered_at__gt=now - 2 * _LOOK_BACK,
        answered_at__gt=now - _LOOK_BACK,
        answered_at__lte=now,
    ).count()
    place = ahead + 1
    if answered < _ENOUGH:
        return Wait(place, None)
    seconds = place * _LOOK_BACK.total_seconds() / answered
    return Wait(place, min(max(1, math.ceil(seconds / 60)), LONGEST_SAID))
