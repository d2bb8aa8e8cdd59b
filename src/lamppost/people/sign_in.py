"""Slowing down whoever guesses passwords, with counters that survive a restart."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from lamppost.people.models import RateWindow

# Failures within the window after which further tries are refused: for one account from one
# address, and for one address whatever the account.
MAX_FAILURES = 5
MAX_FAILURES_OF_ADDRESS = 50
WINDOW = timedelta(minutes=15)


def is_blocked(*, email: str, address: str) -> bool:
    """Return whether a try to sign in must be refused unread.

    ``address`` is the network address it comes from. Somebody else's failures against an
    account never lock its owner out from another address.
    """
    since = timezone.now() - WINDOW
    limits = {
        _subject(email, address): MAX_FAILURES,
        _subject("", address): MAX_FAILURES_OF_ADDRESS,
    }
    for subject, limit in limits.items():
        failures = RateWindow.objects.filter(subject=subject, minute__gt=since).aggregate(
            sum=Coalesce(Sum("count"), 0)
        )["sum"]
        if failures >= limit:
            return True
    return False


def note_failure(*, email: str, address: str) -> None:
    """Count one failed try."""
    minute = timezone.now().replace(second=0, microsecond=0)
    for subject in (_subject(email, address), _subject("", address)):
        _count(subject, minute)


def forget_failures(*, email: str, address: str) -> None:
    """Start anew after the right password; the address as such keeps its count."""
    RateWindow.objects.filter(subject=_subject(email, address)).delete()


def _count(subject: str, minute: datetime) -> None:
    row, _made = RateWindow.objects.get_or_create(
        subject=subject, minute=minute, defaults={"count": 0}
    )
    RateWindow.objects.filter(pk=row.pk).update(count=F("count") + 1)


def _subject(email: str, address: str) -> str:
    # A digest: the table tells nobody who tried from where.
    spelled = f"{email.strip().casefold()}\n{address}"
    return "sign-in:" + hashlib.sha256(spelled.encode()).hexdigest()[:48]
