"""Requests whose bodies arrive slowly, kept from taking every thread.

The web server hands a request to a thread when its headers are there, and reading the body
blocks that thread. A few clients that never finish their body would stop the whole city's
work. So a body is read here, whole, before the application sees the request, and the threads
that may do that are counted: half of them read as they like; a quarter read under watch, and
give up on a body that stands still; the rest are never taken by a body.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, TypeAlias, cast

logger = logging.getLogger(__name__)

Environ: TypeAlias = dict[str, Any]
Application: TypeAlias = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Ten photos as large as a photo may be, and the form around them.
MAX_BODY_BYTES = 160_000_000
_IN_MEMORY_BYTES = 1_000_000
_CHUNK_BYTES = 64 * 1024
_WAIT_S = 1.0
_STALL_S = 3.0


class _Stopped(Exception):
    """The body cannot be had: the status to answer with."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Gate:
    """A WSGI application in front of another: whole bodies only, and so many at work.

    ``threads`` are what the server has for us, ``at_work`` how many of them may be inside
    the application at a time.
    """

    def __init__(self, inner: Application, *, threads: int, at_work: int) -> None:
        self._inner = inner
        self._free = threading.BoundedSemaphore(max(1, threads // 2))
        self._watched = threading.BoundedSemaphore(max(1, threads // 4))
        self._at_work = threading.BoundedSemaphore(at_work)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer; 408 for a body that stands still, 413 for too large, 503 when all wait."""
        body: IO[bytes] | None = None
        try:
            if _has_body(environ):
                body = self._whole(environ)
                environ["wsgi.input"] = body
            with self._at_work:
                return self._inner(environ, start_response)
        except _Stopped as stopped:
            return _refuse(stopped.status, start_response)
        finally:
            if body is not None:
                body.close()

    def _whole(self, environ: Environ) -> IO[bytes]:
        length = _length(environ)
        if length is not None and length > MAX_BODY_BYTES:
            raise _Stopped("413 Content Too Large")
        if self._free.acquire(blocking=False):
            try:
                body = _read(environ["wsgi.input"], length)
            finally:
                self._free.release()
        else:
            body = self._under_watch(environ["wsgi.input"], length)
        environ["CONTENT_LENGTH"] = str(body.seek(0, io.SEEK_END))
        body.seek(0)
        return body

    def _under_watch(self, source: IO[bytes], length: int | None) -> IO[bytes]:
        if not self._watched.acquire(timeout=_WAIT_S):
            raise _Stopped("503 Service Unavailable")
        with contextlib.ExitStack() as held:
            held.callback(self._watched.release)
            reading = _Reading(source, length)
            return reading.result()


class _Reading:
    """A body read by a thread of its own, so that ours can leave when nothing arrives."""

    def __init__(self, source: IO[bytes], length: int | None) -> None:
        self._moved = threading.Event()
        self._body: IO[bytes] | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(
            target=self._run, args=(source, length), name="body", daemon=True
        )
        self._thread.start()

    def result(self) -> IO[bytes]:
        """The whole body. Raises what reading raised, or 408 when it stands still."""
        while self._moved.wait(_STALL_S):
            self._moved.clear()
            if self._error is not None:
                raise self._error
            if self._body is not None:
                return self._body
        # The server ends that thread's read when it closes the connection after our answer.
        raise _Stopped("408 Request Timeout")

    def _run(self, source: IO[bytes], length: int | None) -> None:
        try:
            self._body = _read(source, length, arrived=self._moved.set)
        except BaseException as error:
            self._error = error
        self._moved.set()


def _read(
    source: IO[bytes], length: int | None, *, arrived: Callable[[], None] = lambda: None
) -> IO[bytes]:
    spooled = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115
    body = cast(IO[bytes], spooled)
    size = 0
    for chunk in _chunks(source, length):
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise _Stopped("413 Content Too Large")
        body.write(chunk)
        arrived()
    if length is not None and size < length:
        raise _Stopped("400 Bad Request")
    return body


def _chunks(source: IO[bytes], length: int | None) -> Iterator[bytes]:
    left = MAX_BODY_BYTES + 1 if length is None else length
    while left > 0:
        try:
            chunk = source.read(min(left, _CHUNK_BYTES))
        except OSError:
            return
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


def _has_body(environ: Environ) -> bool:
    return _length(environ) != 0 or "HTTP_TRANSFER_ENCODING" in environ


def _length(environ: Environ) -> int | None:
    """The declared length; None for a body that comes in chunks, without one."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    raw = environ.get("CONTENT_LENGTH") or environ.get("HTTP_CONTENT_LENGTH") or "0"
    return int(raw) if raw.isascii() and raw.isdigit() else 0


def _refuse(status: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    logger.warning("a request whose body did not come: %s", status)
    text = (status.partition(" ")[2] + ". Please try again.\n").encode()
    start_response(
        status,
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(text))),
            ("Retry-After", "5"),
            ("Connection", "close"),
        ],
    )
    return [text]
