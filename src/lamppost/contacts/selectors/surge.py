"""Whether the center is overrun just now, and what every channel says then."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from lamppost.contacts.models import Surge


def current_surge(*, now: datetime | None = None) -> Surge | None:
    """Return the surge that is on in the city in scope, or None; one query.

    One whose end has passed is over at that moment, whether or not anybody has written so.
    """
    now = now or timezone.now()
    on = Surge.objects.filter(ended_at=None, started_at__lte=now)
    return on.filter(Q(ends_at=None) | Q(ends_at__gt=now)).first()
