"""Which closings get a second look: drawn so that nobody can know beforehand. Pure.

Each closing's rank is an HMAC of its case, its event and the day under the installation's
secret: even over all of them, the same whenever it is drawn again, and beyond the reach of
whoever closes a case, who does not know the secret.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing that may be drawn. ``closer_id`` is who closed it, None for a program."""

    event_id: int
    case_id: int
    closer_id: int | None = None
    is_bulk: bool = False


def draw(closings: Iterable[Closing], *, day: date, key: bytes, percent: int) -> list[Closing]:
    """Return ``percent`` in a hundred of ``closings``, rounded up, in the order of their ranks.

    At least one of any, none for 0 percent. The same arguments give the same result, in
    whatever order the closings come.
    """
    ranked = sorted(closings, key=lambda one: rank(one, day=day, key=key))
    wanted = -(-len(ranked) * percent // 100)
    return ranked[:wanted]


def rank(closing: Closing, *, day: date, key: bytes) -> bytes:
    """Return the place of ``closing`` in the draw of ``day``: HMAC-SHA256 under ``key``."""
    said = f"{day.isoformat()}:{closing.case_id}:{closing.event_id}".encode()
    return hmac.new(key, said, hashlib.sha256).digest()


def reviewer_of(
    closing: Closing, reviewers: Collection[int], *, day: date, key: bytes, barred: Collection[int]
) -> int | None:
    """Return which of ``reviewers`` (user ids) looks at ``closing``: never one of ``barred``.

    Evenly spread by rank; None when nobody is left.
    """
    left = sorted(set(reviewers) - set(barred) - {closing.closer_id})
    if not left:
        return None
    return left[int.from_bytes(rank(closing, day=day, key=key)[-8:], "big") % len(left)]
