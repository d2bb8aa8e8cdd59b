"""Requests whose bodies arrive slowly, kept from taking every thread.

The web server hands a request to a thread when its headers are there, and reading the body
blocks that thread for as long as the sender likes. A few clients that never finish would stop
the whole city's work. So a body is read here, whole, before the application sees the request;
only some threads may do that, and the connections of senders that stand still are closed.

The server gives no way to stop a read, and the thread that waits cannot be woken from Python,
but a socket of this process can be shut down: its read then ends. Which socket a request came
by is not told either; those of the same sender on which nothing arrives are meant. An idle
connection kept for later requests may go with them, as HTTP allows at any time.
"""

from __future__ import annotations

import io
import logging
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any, TypeAlias, cast

logger = logging.getLogger(__name__)

Environ: TypeAlias = dict[str, Any]
Application: TypeAlias = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Ten photos as large as a photo may be, and the form around them.
MAX_BODY_BYTES = 160_000_000
_IN_MEMORY_BYTES = 1_000_000
_CHUNK_BYTES = 64 * 1024
_WAIT_S = 2.0
_LOOK_EVERY_S = 0.5
# How long nothing may arrive; when half of the readers wait, how long then, and how long a
# body may drip in.
_STALL_S = 30.0
_STALL_CROWDED_S = 2.0
_DRIP_CROWDED_S = 15.0
_DRIP_BYTES = 150_000
# Where Linux' struct tcp_info (linux/tcp.h) has tcpi_last_data_recv, in milliseconds, and
# tcpi_bytes_received.
_LAST_RECEIVED = struct.Struct("52xI")
_BYTES_RECEIVED = struct.Struct("128xQ")


class _Stopped(Exception):
    """The body cannot be had: the status to answer with."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Gate:
    """A WSGI application in front of another: whole bodies only, and so many at work.

    ``threads`` are what the server has for us, ``at_work`` how many of them may be inside
    the application at a time. Three quarters may read bodies, the rest never wait for one.
    """

    def __init__(self, inner: Application, *, threads: int, at_work: int) -> None:
        self._inner = inner
        self._readers = max(1, threads * 3 // 4)
        self._slots = threading.BoundedSemaphore(self._readers)
        self._at_work = threading.BoundedSemaphore(at_work)
        self._reading: dict[int, tuple[str, float]] = {}
        threading.Thread(target=self._keep_cutting, name="bodies", daemon=True).start()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer; 413 for a body too large, 400 for half of one, 503 when all readers wait."""
        body: IO[bytes] | None = None
        try:
            if _has_body(environ):
                body = self._whole(environ)
                environ["CONTENT_LENGTH"] = str(body.seek(0, io.SEEK_END))
                environ["wsgi.input"] = body
                body.seek(0)
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
        with self._slot(str(environ.get("REMOTE_ADDR", ""))):
            return _read(environ["wsgi.input"], length)

    @contextmanager
    def _slot(self, sender: str) -> Iterator[None]:
        if not self._slots.acquire(timeout=_WAIT_S):
            raise _Stopped("503 Service Unavailable")
        me = threading.get_ident()
        self._reading[me] = (sender, time.monotonic())
        try:
            yield
        finally:
            del self._reading[me]
            self._slots.release()

    def _keep_cutting(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY_S)
            try:
                self._cut()
            except Exception:
                logger.exception("looking for bodies that stand still failed; trying again")

    def _cut(self) -> None:
        reading = list(self._reading.values())
        crowded = len(reading) > self._readers // 2
        limit = _STALL_CROWDED_S if crowded else _STALL_S
        now = time.monotonic()
        waiting = {sender for sender, since in reading if now - since >= limit}
        dripping = {
            sender for sender, since in reading if crowded and now - since >= _DRIP_CROWDED_S
        }
        cut = 0
        for connection, sender in _connections() if waiting else ():
            if sender in waiting and _silent(connection, limit, drip=sender in dripping):
                connection.shutdown(socket.SHUT_RDWR)
                cut += 1
        if cut:
            logger.warning("%d connections closed whose requests did not arrive", cut)


def _connections() -> Iterator[tuple[socket.socket, str]]:
    """The clients' connections to this process, and the addresses they come from.

    A database over TCP is a connection too, perhaps from the address of the proxy all clients
    come by: only those to the port we listen on are meant.
    """
    with ExitStack() as opened:
        found = [opened.enter_context(one) for one in _sockets()]
        ports = {one.getsockname()[1] for one in found if _listens(one)}
        for one in found:
            try:
                peer = one.getpeername()
            except OSError:
                continue
            if one.getsockname()[1] in ports:
                yield one, str(peer[0])


def _sockets() -> Iterator[socket.socket]:
    """Every TCP socket of this process, by a descriptor of its own for the caller to close."""
    for name in os.listdir("/dev/fd"):
        try:
            copy = os.dup(int(name))
        except OSError:
            continue
        try:
            one = socket.socket(fileno=copy)
        except OSError:
            # No socket. The descriptor is still ours to close: one left open for each file at
            # each look, copied again at the next, would take all there are in seconds.
            os.close(copy)
            continue
        if one.family in (socket.AF_INET, socket.AF_INET6):
            yield one
        else:
            one.close()


def _listens(one: socket.socket) -> bool:
    return bool(one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _silent(connection: socket.socket, limit_s: float, *, drip: bool) -> bool:
    """Whether nothing came for so long, or, of a drip, too little. Linux tells; others not."""
    option = getattr(socket, "TCP_INFO", None)
    if option is None:
        return False
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, option, 256)
    except OSError:
        return False
    if len(info) < _BYTES_RECEIVED.size:
        return False
    if _LAST_RECEIVED.unpack_from(info)[0] >= limit_s * 1000:
        return True
    return drip and _BYTES_RECEIVED.unpack_from(info)[0] < _DRIP_BYTES


def _read(source: IO[bytes], length: int | None) -> IO[bytes]:
    spooled = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115
    body = cast(IO[bytes], spooled)
    size = 0
    for chunk in _chunks(source, length):
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise _Stopped("413 Content Too Large")
        body.write(chunk)
    if length is not None and size < length:
        raise _Stopped("400 Bad Request")
    return body


def _chunks(source: IO[bytes], length: int | None) -> Iterator[bytes]:
    left = MAX_BODY_BYTES + 1 if length is None else length
    while left > 0:
        chunk = source.read(min(left, _CHUNK_BYTES))
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


def _has_body(environ: Environ) -> bool:
    return _length(environ) != 0


def _length(environ: Environ) -> int | None:
    """The declared length; None for a body that comes in chunks, without one."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    raw = str(environ.get("CONTENT_LENGTH") or "0")
    return int(raw) if raw.isascii() and raw.isdigit() else 0


def _refuse(status: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
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
