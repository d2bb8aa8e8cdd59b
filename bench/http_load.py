"""Load over real HTTP from one process: keep-alive connections that ask, wait and ask again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

MakeRequest = Callable[[], bytes]
# People come one after another. Connections opened in one burst would all be taken by
# whichever worker process wakes first, and the other would stand idle for the whole measure.
_APART_S = 0.03


@dataclass(frozen=True, slots=True)
class Load:
    """What a load measured: answers a second, latencies in milliseconds, refusals."""

    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    answers: int
    failures: int


class _Asker(asyncio.Protocol):
    def __init__(self, make: MakeRequest, until: float, latencies: list[float]) -> None:
        self.make, self.until, self.latencies = make, until, latencies
        self.failures = 0
        self.buffer = b""
        self.asked_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._ask()

    def _ask(self) -> None:
        self.asked_at = time.perf_counter()
        self.transport.write(self.make())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, mark, body = self.buffer.partition(b"\r\n\r\n")
        if not mark or len(body) < _length(head):
            return
        now = time.perf_counter()
        self.latencies.append(now - self.asked_at)
        self.failures += not head.startswith(b"HTTP/1.1 2")
        self.buffer = b""
        if now >= self.until:
            self.transport.close()
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def load(port: int, make: MakeRequest, *, connections: int, seconds: float) -> Load:
    """Ask ``connections`` at once on loopback for ``seconds``; each waits for its answer."""
    return asyncio.run(_load(port, make, connections, seconds))


async def _load(port: int, make: MakeRequest, connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    start = time.perf_counter()
    until = start + connections * _APART_S + seconds
    askers = []
    for _ in range(connections):
        _transport, asker = await loop.create_connection(
            lambda: _Asker(make, until, latencies), "127.0.0.1", port
        )
        askers.append(asker)
        await asyncio.sleep(_APART_S)
    await asyncio.wait([asker.done for asker in askers], timeout=seconds + 30)
    took = time.perf_counter() - start
    latencies.sort()
    return Load(
        per_second=len(latencies) / took,
        p50_ms=_quantile(latencies, 0.50),
        p95_ms=_quantile(latencies, 0.95),
        p99_ms=_quantile(latencies, 0.99),
        answers=len(latencies),
        failures=sum(asker.failures for asker in askers),
    )


def _quantile(ordered: list[float], share: float) -> float:
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def get(path: str) -> bytes:
    """Return a GET request for ``path``."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n".encode()


def post(path: str, body: str, headers: str = "") -> bytes:
    """Return a form POST of ``body``; ``headers`` are further lines, each ended by CR LF."""
    data = body.encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
        f"{headers}Content-Length: {len(data)}\r\n\r\n"
    ).encode() + data
