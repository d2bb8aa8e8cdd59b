"""The trace of a message that is being handed over: it outlives a killed worker.

Between the last byte handed to a mail server and the commit that says "sent" lies time in
which a worker can be killed. Nobody who comes after can ask a mail server what it took. So
the worker leaves a mark in a file just before that last byte: one system call before the
other. Who finds a claim whose owner is gone looks for the mark. With it the message has gone,
without it it has not. The file is locked while its worker lives: one that still waits for the
answer is not taken for dead. The file outlives the process, not the machine's power:
docs/decisions/0025-handing-over-once.md.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from django.conf import settings

from lamppost.kernel.secrets import secret

_FOLDER = "handing"


@cache
def home_name() -> str:
    """Return the name of this data folder: only who shares it can read the marks in it."""
    return secret(settings.HOME, "home-name", 15)


class Mark:
    """The open mark of one message."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.is_set = False
        # Locked for as long as we live and wait. Who overslept a claim may hold it still, or the
        # disk knows no locks: then a late answer is not heard, and the mark alone counts.
        with suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def set(self) -> None:
        """Say that the next thing that happens is the handing over."""
        os.write(self._descriptor, b"1")
        self.is_set = True

    def take_back(self) -> None:
        """Say that it was not taken after all: the receiver said so, or hung up before."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self.is_set = False

    def close(self) -> None:
        """Let go of the file; it stays until ``forget``."""
        os.close(self._descriptor)


@contextmanager
def mark_of(key: str) -> Iterator[Mark]:
    """Open the mark of the message with this key."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = Mark(folder / key)
    try:
        yield mark
    finally:
        mark.close()


def is_marked(key: str) -> bool:
    """Return whether the handing over of this message had begun."""
    with suppress(FileNotFoundError):
        return (_folder() / key).stat().st_size > 0
    return False


def is_in_hand(key: str) -> bool:
    """Return whether a living worker holds this message's mark."""
    try:
        descriptor = os.open(_folder() / key, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def forget(key: str) -> None:
    """Remove the mark: the database knows now. Call it after the commit."""
    (_folder() / key).unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.HOME) / _FOLDER
