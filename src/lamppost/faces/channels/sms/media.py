"""Pictures that come with an SMS: fetched from the provider and nobody else, re-encoded."""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lamppost.cases.services.photos import MAX_PHOTOS_PER_REPORT
from lamppost.faces.channels.provider import ProviderCall
from lamppost.kernel.images import Photo, reencode
from lamppost.kernel.refusals import Refusal
from lamppost.notify.models import Gateway
from lamppost.notify.selectors.gateways import secrets_of
from lamppost.partners.addresses import BadAddress
from lamppost.partners.web import NoAnswer, Unreachable
from lamppost.partners.web import call as fetch

logger = logging.getLogger(__name__)

# Where the provider keeps pictures; a gateway's own endpoint is trusted too.
_HOSTS = ("twilio.com", "twiliocdn.com")
_MAX_BYTES = 12_000_000
_MOST_HOPS = 3
# The provider waits fifteen seconds for our answer; what takes longer is done without.
_BUDGET_S = 8.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Taken:
    """The pictures that could be had, and how many could not."""

    photos: tuple[Photo, ...] = ()
    lost: int = 0


def pictures(call: ProviderCall, gateway: Gateway) -> Taken:
    """Return the pictures of a text. What is not the provider's is never fetched."""
    count = call.get("NumMedia")
    if not count.isdigit() or not int(count):
        return Taken()
    wanted = min(int(count), MAX_PHOTOS_PER_REPORT)
    until = time.monotonic() + _BUDGET_S
    photos = []
    for place in range(wanted):
        if time.monotonic() > until:
            break
        photo = _picture(call.get(f"MediaUrl{place}"), gateway)
        if photo is not None:
            photos.append(photo)
    return Taken(tuple(photos), int(count) - len(photos))


def is_the_providers(url: str, gateway: Gateway) -> bool:
    """Return whether ``url`` is an https address of the provider, or under its endpoint."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if gateway.endpoint:
        own = urlsplit(gateway.endpoint)
        if (parts.scheme, host, parts.port) == (own.scheme, own.hostname, own.port):
            return True
    return parts.scheme == "https" and any(
        host == one or host.endswith(f".{one}") for one in _HOSTS
    )


def _picture(url: str, gateway: Gateway) -> Photo | None:
    try:
        body = _fetched(url, gateway)
        return reencode(body) if body else None
    except (BadAddress, Unreachable, NoAnswer, Refusal, ValueError) as error:
        logger.warning("A picture of an SMS was not taken: %s", type(error).__name__)
        return None


def _fetched(url: str, gateway: Gateway) -> bytes:
    secret = next(iter(secrets_of([gateway])), "")
    name = f"{gateway.account}:{secret}".encode()
    headers = {"Authorization": f"Basic {b64encode(name).decode()}"}
    for _hop in range(_MOST_HOPS):
        if not is_the_providers(url, gateway):
            raise BadAddress("not the provider's")
        answer = fetch("GET", url, headers=headers, max_bytes=_MAX_BYTES)
        if answer.code not in _REDIRECTS:
            return answer.body if answer.code == 200 else b""
        # The pictures themselves lie elsewhere, behind an address that needs no name.
        url, headers = urljoin(url, answer.headers.get("location", "")), {}
    return b""
