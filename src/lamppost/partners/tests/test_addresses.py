"""Where our server may be made to call, and where not."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from lamppost.partners.addresses import BadAddress, NoSuchHost, check_url, target_of

# (address, what its name resolves to, whether it is called, why)
ROWS: list[tuple[str, list[str], bool, str]] = [
    ("https://works.example/hook", ["93.184.216.34"], True, "the public internet"),
    ("https://works.example/hook", ["2606:2800:220:1::1"], True, "the same by IPv6"),
    ("https://works.example:8443/a?b=c", ["93.184.216.34"], True, "another port"),
    ("http://works.example/", ["93.184.216.34"], False, "no TLS"),
    ("https://works.example/", ["127.0.0.1"], False, "a name for ourselves"),
    ("https://works.example/", ["10.0.0.5"], False, "the inside"),
    ("https://works.example/", ["172.16.9.9"], False, "the inside"),
    ("https://works.example/", ["192.168.1.1"], False, "the inside"),
    ("https://works.example/", ["169.254.169.254"], False, "a cloud's metadata"),
    ("https://works.example/", ["100.64.0.1"], False, "a carrier's inside"),
    ("https://works.example/", ["0.0.0.0"], False, "any address of this machine"),
    ("https://works.example/", ["224.0.0.1"], False, "many at once"),
    ("https://works.example/", ["::1"], False, "ourselves by IPv6"),
    ("https://works.example/", ["fe80::1"], False, "the same cable"),
    ("https://works.example/", ["fd00::1"], False, "the inside by IPv6"),
    ("https://works.example/", ["::ffff:127.0.0.1"], False, "IPv4 in IPv6's clothes"),
    ("https://works.example/", ["64:ff9b::7f00:1"], False, "behind a translator"),
    ("https://works.example/", ["2002:7f00:1::"], False, "through a tunnel"),
    ("https://works.example/", ["93.184.216.34", "10.0.0.5"], False, "one of two is inside"),
    ("https://own.example/", ["10.77.0.9"], True, "a network the operator named"),
    ("http://own.example/", ["10.77.0.9"], True, "there even without TLS"),
    ("http://own.example/", ["10.78.0.9"], False, "the one beside it"),
    ("ftp://works.example/", ["93.184.216.34"], False, "not the web"),
    ("https://me:pw@works.example/", ["93.184.216.34"], False, "a password in it"),
    ("https:///nowhere", ["93.184.216.34"], False, "no host"),
    ("https://works.example:99999/", ["93.184.216.34"], False, "no port"),
    ("https://works.example/a b", ["93.184.216.34"], False, "a blank"),
    ("https://works.example\\@10.0.0.1/", ["93.184.216.34"], False, "a backslash"),
    ("https://works.example/\r\nX: y", ["93.184.216.34"], False, "a line of its own"),
    ("javascript:alert(1)", [], False, "no address at all"),
]


@pytest.mark.parametrize(("url", "found", "is_called", "why"), ROWS)
def test_who_is_called(
    settings: Any, url: str, found: list[str], is_called: bool, why: str
) -> None:
    settings.PARTNER_NETWORKS = [ip_network("10.77.0.0/16")]
    if is_called:
        assert target_of(url, resolve=lambda _host, _port: found).ip == found[0], why
        return
    with pytest.raises(BadAddress):
        target_of(url, resolve=lambda _host, _port: found)


def test_a_name_nobody_knows_may_be_known_later() -> None:
    with pytest.raises(NoSuchHost):
        target_of("https://works.example/", resolve=lambda _host, _port: [])


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://2130706433/x", "http://x.example/"]
)
def test_when_it_is_typed(settings: Any, url: str) -> None:
    settings.PARTNER_NETWORKS = []
    if url.startswith("https://2130706433"):
        check_url(url)  # only the resolver reads such a number; it is refused when called
        with pytest.raises(BadAddress):
            target_of(url)
        return
    with pytest.raises(BadAddress):
        check_url(url)
