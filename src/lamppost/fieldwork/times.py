"""When something noted on a phone happened. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

# How far a phone's clock may be ahead of ours and still be believed.
SKEW = timedelta(minutes=5)


def believed_time(
    device_at: datetime | None, *, received_at: datetime, requested_at: datetime
) -> datetime:
    """Return when it happened, from what the device's clock said; all times are aware.

    The device's time holds unless it cannot be true: in the future (more than ``SKEW`` after
    ``received_at``; within it, ours) or before the case itself. Then, and without one, it is
    ``received_at``.
    """
    if device_at is None or device_at < requested_at or device_at > received_at + SKEW:
        return received_at
    return min(device_at, received_at)
