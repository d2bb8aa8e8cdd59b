"""The queue of promised call backs."""

from __future__ import annotations

from lamppost.contacts.models import CallBack

MOST = 200


def open_call_backs() -> list[CallBack]:
    """Return the promises not yet settled, the one due first on top; one query."""
    rows = CallBack.objects.filter(done_at=None, given_up_at=None)
    return list(
        rows.select_related("contact", "promised_by", "taken_by", "interaction__service").order_by(
            "due_at", "id"
        )[:MOST]
    )


def open_count() -> int:
    """Return how many promises are open."""
    return CallBack.objects.filter(done_at=None, given_up_at=None).count()
