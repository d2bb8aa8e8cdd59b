"""Which city the running code works for: the Python half of the two locks between cities.

The scope lives in a context variable, so it follows an asyncio task, never leaks between
threads, and a thread started without one is without a city (and is refused).
The database engine copies it to PostgreSQL before each statement (`backend/base.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_city_id: ContextVar[int | None] = ContextVar("lamppost_city_id", default=None)


class UnscopedQuery(RuntimeError):
    """A tenant row was about to be read or written with no city, or the wrong one, in scope."""


@contextmanager
def city_scope(city_id: int) -> Iterator[None]:
    """Work for one city until the block ends; scopes nest, the inner one wins.

    Takes the primary key of a `cities.City`. Raises `UnscopedQuery` when it is not a
    positive whole number, before anything can run under it.
    """
    if isinstance(city_id, bool) or not isinstance(city_id, int) or city_id < 1:
        raise UnscopedQuery(f"{city_id!r} is not the id of a city.")
    token = _city_id.set(city_id)
    try:
        yield
    finally:
        _city_id.reset(token)


@contextmanager
def no_city() -> Iterator[None]:
    """Leave any city scope until the block ends: tenant tables are then empty and refuse rows."""
    token = _city_id.set(None)
    try:
        yield
    finally:
        _city_id.reset(token)


def current_city_id() -> int | None:
    """The id of the city in scope, or None."""
    return _city_id.get()


def require_city_id() -> int:
    """The id of the city in scope. Raises `UnscopedQuery` when there is none."""
    city_id = _city_id.get()
    if city_id is None:
        raise UnscopedQuery(
            "A city's rows were asked for outside any city. "
            "Wrap the code in `with city_scope(city_id):`."
        )
    return city_id
