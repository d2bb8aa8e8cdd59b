"""Where a partner's address may lead: the public internet, and networks the operator names.

An address typed at the desk makes our server call it. Without this guard it could be made to
call what only our server reaches: its own ports, the machine next to it, a cloud's metadata.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

_PORTS = {"https": 443, "http": 80}
_NO_TLS = "Only https:// addresses are called outside the city's own networks."
_NAT64 = IPv6Network("64:ff9b::/96")


class BadAddress(ValueError):
    """An address that is none, or that we do not call. Its text may be shown."""


class NoSuchHost(OSError):
    """The name cannot be resolved just now."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart and checked. ``host`` is as written, ``ip`` is where to connect."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str


@dataclass(frozen=True, slots=True)
class _Parts:
    scheme: str
    host: str
    port: int
    path: str


def check_url(url: str) -> None:
    """Check what can be said of ``url`` without asking a name server. Raises ``BadAddress``."""
    parts = _split(url)
    try:
        literal = ip_address(parts.host)
    except ValueError:
        if parts.scheme != "https" and not settings.PARTNER_NETWORKS:
            raise BadAddress(_NO_TLS) from None
        return
    _check(parts, literal)


def target_of(url: str, *, resolve: Resolver | None = None) -> Target:
    """Return where ``url`` leads, each address of its name checked.

    The connection is made to the address checked here, so that a name server cannot answer
    differently a moment later. Raises ``BadAddress`` for one that is refused, ``NoSuchHost``
    when the name is not known.
    """
    parts = _split(url)
    found = (resolve or _resolve)(parts.host, parts.port)
    if not found:
        raise NoSuchHost(f"{parts.host} has no address")
    for text in found:
        _check(parts, ip_address(text))
    return Target(parts.scheme, parts.host, parts.port, parts.path, found[0])


def _split(url: str) -> _Parts:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("This is not a web address.") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.fragment:
        raise BadAddress("Write the address as https://…")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("Leave name and password out of the address.")
    if not url.isascii() or not url.isprintable() or any(sign in url for sign in " \\"):
        raise BadAddress("This is not a web address.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Parts(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path)


def _check(parts: _Parts, address: Address) -> None:
    plain = _embedded(address)
    if any(plain in network for network in settings.PARTNER_NETWORKS):
        return
    if parts.scheme != "https":
        raise BadAddress(_NO_TLS)
    if not plain.is_global or plain.is_multicast:
        raise BadAddress(
            "This address is not on the public internet. An operator can allow a network of "
            "the city's own with LAMPPOST_PARTNER_NETWORKS."
        )


def _embedded(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only wraps it."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def _resolve(host: str, port: int) -> list[str]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoSuchHost(f"{host} cannot be found") from error
    return [str(row[4][0]).partition("%")[0] for row in rows]
