"""Reading ahead in a thread: the next rows are parsed while the database writes the last."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")
_WAIT_S = 0.2


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


@dataclass(frozen=True, slots=True)
class _Ended:
    pass


@contextmanager
def read_ahead(items: Iterable[ItemT], *, depth: int = 1) -> Iterator[Iterator[ItemT]]:
    """Give an iterator over ``items`` that are made in a thread, at most ``depth`` waiting.

    What making them raises is raised here in its place. Leaving the block ends the thread.
    ``items`` must not touch the database: its connection is that of the caller's thread.
    """
    reader = _Reader(items, depth)
    reader.start()
    try:
        yield reader.taken()
    finally:
        reader.end()


class _Reader(Generic[ItemT]):
    def __init__(self, items: Iterable[ItemT], depth: int) -> None:
        self._items = items
        self._waiting: queue.Queue[ItemT | _Failed | _Ended] = queue.Queue(depth)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._read, name="read-ahead", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._is_over.set()
        self._thread.join()

    def taken(self) -> Iterator[ItemT]:
        while True:
            item = self._waiting.get()
            if isinstance(item, _Ended):
                return
            if isinstance(item, _Failed):
                raise item.error
            yield item

    def _read(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    return
        except BaseException as error:  # whatever it is, the caller's thread is to see it
            self._put(_Failed(error))
        else:
            self._put(_Ended())

    def _put(self, item: ItemT | _Failed | _Ended) -> bool:
        """Wait for a place; False when nobody takes any more."""
        while not self._is_over.is_set():
            try:
                self._waiting.put(item, timeout=_WAIT_S)
            except queue.Full:
                continue
            return True
        return False
