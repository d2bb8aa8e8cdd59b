"""When to try again, and when to leave a partner alone. Pure: times in, times out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=6)
# 30 s, 1, 2, 4 … minutes, then every six hours: about two and a half days in all.
MOST_TRIES = 18
# A server that asks for more patience than this is asked again anyway.
LONGEST_RETRY_AFTER = timedelta(hours=24)

BREAK_AFTER = 3
_FIRST_BREAK = timedelta(seconds=30)
_LONGEST_BREAK = timedelta(minutes=10)

# Answers in the 400s that say "not now" instead of "never".
_PASSING = frozenset({408, 409, 425, 429})

Chance = Callable[[], float]


def is_permanent(code: int) -> bool:
    """Return whether an HTTP answer means that trying again is of no use.

    400 to 499 but for 408, 409, 425 and 429; a redirect is permanent too, since none is
    followed: the address has to be corrected by a person.
    """
    return 300 <= code < 500 and code not in _PASSING


def delay_after(tries: int, chance: Chance) -> timedelta:
    """Return how long to wait after the ``tries``-th failure (1 is the first).

    Doubled each time up to ``LONGEST_DELAY``, then spread over its upper half by ``chance``
    (0 to 1): deliveries that failed together do not come back together.
    """
    whole: timedelta = min(LONGEST_DELAY, FIRST_DELAY * (1 << min(tries - 1, 20)))
    return whole * (0.5 + chance() / 2)


def break_after(failures: int, chance: Chance) -> timedelta | None:
    """Return how long to leave a partner alone after so many failures in a row, or None."""
    if failures < BREAK_AFTER:
        return None
    whole: timedelta = min(_LONGEST_BREAK, _FIRST_BREAK * (1 << min(failures - BREAK_AFTER, 20)))
    return whole * (0.5 + chance() / 2)


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Return the wait a ``Retry-After`` header asks for (RFC 9110, 10.2.3), at most a day.

    Seconds or a date; None when it is missing or makes no sense.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta()), LONGEST_RETRY_AFTER)
