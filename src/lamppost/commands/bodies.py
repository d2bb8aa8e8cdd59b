"""Requests whose bodies arrive slowly, kept from taking every thread.

The web server hands a request to a thread when its headers are there, and reading the body
blocks that thread for as long as the sender likes. A few clients that never finish would stop
the whole city's work. So a body is read here, whole, before the application sees the request;
only some threads may do that, and the connections of senders that stand still are closed. So
are connections nothing is asked on, before they are as many as the server takes.

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
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import IO, Any, TypeAlias, cast

logger = logging.getLogger(__name__)

Environ: TypeAlias = dict[str, Any]
Application: TypeAlias = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Ten photos as large as a photo may be, and the form around them.
MAX_BODY_BYTES = 160_000_000
# Bodies larger than this lie in a file.
_IN_MEMORY_BYTES = 256_000
# No form without a photo is larger. Photos take long: those with them may not take every place at
# work, or a page would wait behind all that came before it.
_PHOTO_BYTES = 16_000
# What bodies that are here and not yet answered may have declared, together.
_ROOM_BYTES = 2_000_000_000
_CHUNK_BYTES = 64 * 1024
_WAIT_S = 2.0
_LOOK_EVERY_S = 0.5
# How long nothing may arrive; when half of the places for bodies are taken, how long then, and
# how long a body may drip in.
_STALL_S = 30.0
# A machine that is busy makes honest clients pause too: their answers would be lost with them.
_STALL_CROWDED_S = 5.0
_DRIP_CROWDED_S = 5.0
_DRIP_BYTES = 50_000
# The server takes no new connection when it has so many; idle ones may be half of them.
MOST_CONNECTIONS = 512
_UNASKED_S = 2.0
_IDLE_CROWDED_S = 10.0
# Where Linux' struct tcp_info (linux/tcp.h) has tcpi_last_data_sent and tcpi_last_data_recv, in
# milliseconds ago, and tcpi_bytes_received.
_LAST_SENT = struct.Struct("44xI")
_LAST_RECEIVED = struct.Struct("52xI")
_BYTES_RECEIVED = struct.Struct("128xQ")


class _Stopped(Exception):
    """The body cannot be had: the status to answer with."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class _Places:
    """Places for requests with a body, from the first byte of it to the answer."""

    def __init__(self, count: int, *, waiting: int) -> None:
        self.count = count
        self._free = count
        self._room = _ROOM_BYTES
        self._may_wait = waiting
        self._changed = threading.Condition()

    @contextmanager
    def one(self, size: int) -> Iterator[None]:
        """Hold a place for a body of so many bytes; 503 when there is none soon."""
        with self._changed:
            if not self._fits(size):
                self._wait(size)
            self._free -= 1
            self._room -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._room += size
                self._changed.notify_all()

    def _fits(self, size: int) -> bool:
        return self._free > 0 and self._room >= size

    def _wait(self, size: int) -> None:
        # Whoever waits holds a thread: a crowd that did would leave none for the others.
        if self._may_wait <= 0:
            raise _Stopped("503 Service Unavailable")
        self._may_wait -= 1
        try:
            if not self._changed.wait_for(lambda: self._fits(size), timeout=_WAIT_S):
                raise _Stopped("503 Service Unavailable")
        finally:
            self._may_wait += 1


class Gate:
    """A WSGI application in front of another: whole bodies only, and so many at work.

    ``threads`` are what the server has for us, ``at_work`` how many of them may be inside
    the application at a time. Three quarters may be busy with requests that have a body, some
    wait a moment for one of those places, and the rest are for requests without a body alone.
    Of the places at work large bodies, as photos are, get half: pages go on beside them.
    """

    def __init__(self, inner: Application, *, threads: int, at_work: int) -> None:
        self._inner = inner
        self._places = _Places(max(1, threads * 3 // 4), waiting=threads // 12)
        self._at_work = threading.BoundedSemaphore(at_work)
        self._large = threading.BoundedSemaphore(max(1, at_work // 2))
        self._reading: dict[int, tuple[str, float]] = {}
        threading.Thread(target=self._keep_cutting, name="bodies", daemon=True).start()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer; 413 for a body too large, 400 for half of one, 503 when there is no place."""
        if not _has_body(environ):
            with self._at_work:
                return self._inner(environ, start_response)
        length = _length(environ)
        if length is not None and length > MAX_BODY_BYTES:
            return _refuse("413 Content Too Large", start_response)
        try:
            with (
                self._places.one(MAX_BODY_BYTES if length is None else length),
                self._whole(environ, length) as body,
            ):
                return self._answer(environ, start_response, body)
        except _Stopped as stopped:
            return _refuse(stopped.status, start_response)

    def _answer(
        self, environ: Environ, start_response: Callable[..., Any], body: IO[bytes]
    ) -> Iterable[bytes]:
        size = body.seek(0, io.SEEK_END)
        body.seek(0)
        environ["CONTENT_LENGTH"] = str(size)
        environ["wsgi.input"] = body
        with self._large if size > _PHOTO_BYTES else nullcontext(), self._at_work:
            return self._inner(environ, start_response)

    def _whole(self, environ: Environ, length: int | None) -> IO[bytes]:
        me = threading.get_ident()
        self._reading[me] = (str(environ.get("REMOTE_ADDR", "")), time.monotonic())
        try:
            return _read(environ["wsgi.input"], length)
        finally:
            del self._reading[me]

    def _keep_cutting(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY_S)
            try:
                self._cut()
            except Exception:
                logger.exception("looking for bodies that stand still failed; trying again")

    def _cut(self) -> None:
        reading = list(self._reading.values())
        crowded = len(reading) > self._places.count // 2
        limit = _STALL_CROWDED_S if crowded else _STALL_S
        now = time.monotonic()
        waiting = {sender for sender, since in reading if now - since >= limit}
        dripping = {
            sender for sender, since in reading if crowded and now - since >= _DRIP_CROWDED_S
        }
        many = len(os.listdir("/dev/fd")) > MOST_CONNECTIONS // 2
        cut = 0
        for connection, sender in _connections() if waiting or many else ():
            figures = _figures(connection)
            if figures is None:
                continue
            if (many and figures.is_idle()) or (
                sender in waiting and figures.is_silent(limit, drip=sender in dripping)
            ):
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


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the kernel knows of a connection: bytes received, and seconds of silence."""

    received: int
    received_ago_s: float
    sent_ago_s: float

    def is_silent(self, limit_s: float, *, drip: bool) -> bool:
        """Whether nothing came for so long, or, of a drip, too little."""
        return self.received_ago_s >= limit_s or (drip and self.received < _DRIP_BYTES)

    def is_idle(self) -> bool:
        """Whether nothing was ever asked on it, or nothing since the last answer.

        Where something came after the last we sent, somebody waits for an answer.
        """
        if not self.received:
            return self.received_ago_s >= _UNASKED_S
        return _IDLE_CROWDED_S <= self.sent_ago_s < self.received_ago_s


def _figures(connection: socket.socket) -> _Figures | None:
    """The figures of a connection. Linux tells; others not."""
    option = getattr(socket, "TCP_INFO", None)
    if option is None:
        return None
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, option, 256)
    except OSError:
        return None
    if len(info) < _BYTES_RECEIVED.size:
        return None
    return _Figures(
        received=_BYTES_RECEIVED.unpack_from(info)[0],
        received_ago_s=_LAST_RECEIVED.unpack_from(info)[0] / 1000,
        sent_ago_s=_LAST_SENT.unpack_from(info)[0] / 1000,
    )


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
