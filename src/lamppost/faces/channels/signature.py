"""The signature a Twilio-compatible provider puts on its calls to us.

HMAC-SHA1, with the account's token, over the address called followed by every parameter's name
and value in the order of the names; base64 (Twilio, "Webhooks security: validating signatures").
Proved against the provider's own library in the tests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

Params = Mapping[str, Sequence[str]]
_USUAL = {"https": 443, "http": 80}


def signature_of(url: str, params: Params, token: str) -> str:
    """Return the signature of a call to ``url`` with form parameters ``params``."""
    said = url
    for name in sorted(params):
        for value in sorted(set(params[name])):
            said += name + value
    mac = hmac.new(token.encode(), said.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def is_signed(url: str, params: Params, signature: str, tokens: Iterable[str]) -> bool:
    """Return whether one of ``tokens`` made ``signature`` for this call.

    Proxies hide whether the caller used https and named the port, so the address is tried in
    each way it may have been written. All comparisons take the same time.
    """
    found = False
    for token in tokens:
        for written in _ways(url):
            right = signature_of(written, params, token)
            found |= hmac.compare_digest(right.encode(), signature.encode())
    return found


def _ways(url: str) -> list[str]:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    is_usual = parts.port in {None, *_USUAL.values()}
    ways = []
    for scheme, usual in _USUAL.items():
        for port in (None, usual) if is_usual else (parts.port,):
            place = f"{host}:{port}" if port else f"{host}"
            ways.append(urlunsplit((scheme, place, parts.path, parts.query, "")))
    return ways
