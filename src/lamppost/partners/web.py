"""Calling a partner over HTTP: checked address, no redirects, bounded time and size."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
)

from lamppost.partners.addresses import NoSuchHost, Target, target_of

CONNECT_S = 5.0
READ_S = 10.0
# The whole answer has to be here by then, however slowly it drips.
WHOLE_S = 20.0
MAX_BYTES = 20_000_000
_CHUNK = 65_536
_AGENT = "Lamppost (partner delivery)"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. ``headers`` have names in small letters."""

    code: int
    headers: Mapping[str, str]
    body: bytes


class Unreachable(Exception):
    """No connection: the partner cannot have seen the request."""


class NoAnswer(Exception):
    """The request went out and no whole answer came: the partner may have acted on it."""


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    fields: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
) -> Response:
    """Make one call and return the answer; ``fields`` are sent as a form.

    Raises ``BadAddress`` for an address we do not call, ``Unreachable`` when there was no
    connection, ``NoAnswer`` when what happened is not known or the answer exceeds
    ``max_bytes``.
    """
    sent = {"User-Agent": _AGENT, "Host": "", "Accept-Encoding": "identity", **(headers or {})}
    if fields is not None:
        body = urlencode(fields).encode()
        sent["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    try:
        target = target_of(url)
    except NoSuchHost as error:
        raise Unreachable(str(error)) from None
    sent["Host"] = _host_header(target)
    with _pool(target) as pool:
        return _exchange(pool, method, target.path, sent, body, max_bytes)


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(connect=CONNECT_S, read=READ_S)
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(target.ip, target.port, timeout=timeout, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        target.ip,
        target.port,
        timeout=timeout,
        maxsize=1,
        ssl_context=_context(),
        # The connection goes to the address we checked; the certificate is the name's.
        server_hostname=target.host,
        assert_hostname=target.host,
    )


@cache
def _context() -> ssl.SSLContext:
    # Once, and not at import: to read the authorities takes longer than a command.
    return ssl.create_default_context()


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = {"https": 443, "http": 80}[target.scheme]
    return host if target.port == usual else f"{host}:{target.port}"


def _exchange(
    pool: urllib3.HTTPConnectionPool,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None,
    max_bytes: int,
) -> Response:
    until = time.monotonic() + WHOLE_S
    try:
        answer = pool.urlopen(
            method, path, body=body, headers=dict(headers), retries=False, redirect=False,
            preload_content=False, decode_content=False,
        )  # fmt: skip
    except (ConnectTimeoutError, NewConnectionError, NameResolutionError) as error:
        raise Unreachable(_kind(error)) from None
    except urllib3.exceptions.SSLError as error:
        raise Unreachable(f"TLS: {_kind(error)}") from None
    except HTTPError as error:
        raise NoAnswer(_kind(error)) from None
    try:
        received = b""
        # read1 gives what is there: read would wait for a whole chunk, past any limit.
        while chunk := answer.read1(_CHUNK):
            received += chunk
            if len(received) > max_bytes:
                raise NoAnswer("the answer is too large")
            if time.monotonic() > until:
                raise NoAnswer("the answer took too long")
    except HTTPError as error:
        raise NoAnswer(_kind(error)) from None
    finally:
        answer.close()
    names = {name.lower(): value for name, value in answer.headers.items()}
    return Response(answer.status, names, received)


def _kind(error: Exception) -> str:
    # The text of these names addresses and queries; the kind says enough.
    return type(error).__name__
