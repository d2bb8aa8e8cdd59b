"""Writing over two connections at once: for each PostgreSQL uses a processor of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Protocol, TypeVar

from django.db import connection, connections

PartT = TypeVar("PartT")
DoneT = TypeVar("DoneT")


class Lanes(Protocol):
    """Calls a function with each of two parts and returns what it gave for them, in order."""

    def __call__(self, write: Callable[[PartT], DoneT], parts: Sequence[PartT]) -> list[DoneT]:
        """Raise what ``write`` raised; by then it has returned from both."""
        ...


@contextmanager
def two_lanes() -> Iterator[Lanes]:
    """Give lanes of which one has a thread and a connection of its own, until the block ends.

    Each call of ``write`` must be a transaction of its own, and neither may need what the
    other writes. Within a larger transaction there is one connection only, and one lane.
    """
    if connection.in_atomic_block:
        yield _in_turn
        return
    with ThreadPoolExecutor(1, thread_name_prefix="lane") as second:

        def side_by_side(write: Callable[[PartT], DoneT], parts: Sequence[PartT]) -> list[DoneT]:
            first, other = parts
            # With the context goes the city in scope.
            later = second.submit(copy_context().run, write, other)
            try:
                done = write(first)
            finally:
                # Whatever happened here, nothing goes on behind the caller's back.
                later.exception()
            return [done, later.result()]

        try:
            yield side_by_side
        finally:
            second.submit(connections.close_all).result()


def _in_turn(write: Callable[[PartT], DoneT], parts: Sequence[PartT]) -> list[DoneT]:
    return [write(part) for part in parts]
