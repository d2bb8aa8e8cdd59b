"""Web Push: a message to a browser that asked for it (RFC 8030, 8291 and 8292).

The push service sees where it goes and how long it is, never what it says: that is encrypted for
the browser alone. The key that proves who sends is the installation's own.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils import timezone
from py_vapid import Vapid02

from lamppost.cities.selectors import city_in_scope, site_of
from lamppost.kernel.secrets import secret
from lamppost.notify.models import PushDevice
from lamppost.notify.senders import Answer, HandingOver, Outgoing, Result, Send, Sender
from lamppost.partners.addresses import BadAddress
from lamppost.partners.pacing import is_permanent, retry_after
from lamppost.partners.web import NoAnswer, Response, Unreachable, call

KEY_NAME = "push-key"
# RFC 8030, 7.2: a message of 4096 bytes is taken everywhere; what encrypting adds is taken off.
_MOST_TEXT = 1200
# What nobody could be given for a day is no news any more.
_KEEP_S = 24 * 3600
# RFC 8292, 2: a claim holds at most a day.
_CLAIM_S = 12 * 3600
_GONE = frozenset({404, 410})
_MAX_BYTES = 20_000


def is_on() -> bool:
    """Return whether push messages can be sent: always, they need nobody's account."""
    return True


def public_key() -> str:
    """Return the key browsers subscribe with: an uncompressed P-256 point in base64url."""
    point = (
        _private_key()
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return urlsafe_b64encode(point).rstrip(b"=").decode()


@contextmanager
def line() -> Iterator[Send]:
    """Send each message by a call of its own: every browser has its maker's push service."""
    yield _send


def _send(message: Outgoing, handing_over: HandingOver) -> Answer:
    device = PushDevice.objects.filter(recipient=int(message.address), gone_at=None).first()
    if device is None:
        return Answer(Result.REFUSED, reason="the browser is gone")
    try:
        body = encrypted(message, device)
        headers = _headers(device, message)
        handing_over()
        answer = call("POST", device.endpoint, headers=headers, body=body, max_bytes=_MAX_BYTES)
    except (BadAddress, ValueError) as error:
        return Answer(Result.REFUSED, reason=type(error).__name__)
    except (Unreachable, NoAnswer) as error:
        return Answer(Result.LATER, reason=f"push service: {type(error).__name__}")
    return _read(answer, device)


def encrypted(message: Outgoing, device: PushDevice) -> bytes:
    """Return what the browser's own worker reads, encrypted for it (RFC 8291, aes128gcm).

    Raises ``ValueError`` for keys that are none.
    """
    said = {
        "title": message.subject[:200],
        "body": message.text[:_MOST_TEXT],
        "url": message.url,
        "tag": message.about or message.key,
        "lang": message.language,
    }
    return bytes(
        http_ece.encrypt(
            json.dumps(said, ensure_ascii=False).encode(),
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=_bytes(device.public_key),
            auth_secret=_bytes(device.auth),
            version="aes128gcm",
        )
    )


def _headers(device: PushDevice, message: Outgoing) -> dict[str, str]:
    parts = urlsplit(device.endpoint)
    city = city_in_scope()
    # RFC 8292, 2.1: whom the push service writes to when something is wrong.
    contact = city.contact_email or f"postmaster@{urlsplit(site_of(city)).hostname}"
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "sub": f"mailto:{contact}",
        "exp": str(int(timezone.now().timestamp()) + _CLAIM_S),
    }
    signed: dict[str, str] = Vapid02(_private_key()).sign(claims)
    return {
        **signed,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(_KEEP_S),
        # The same message again replaces the one that waits (RFC 8030, 5.4).
        "Topic": message.key[:32],
        "Urgency": "normal",
    }


def _read(answer: Response, device: PushDevice) -> Answer:
    if 200 <= answer.code < 300:
        return Answer(Result.TAKEN, provider_id=answer.headers.get("location", "")[:200])
    reason = f"the push service answered {answer.code}"
    if answer.code in _GONE:
        PushDevice.objects.filter(pk=device.pk).update(gone_at=timezone.now())
        return Answer(Result.GONE, reason=reason)
    if is_permanent(answer.code):
        return Answer(Result.REFUSED, reason=reason)
    wait = retry_after(answer.headers.get("retry-after"), timezone.now())
    return Answer(Result.LATER, reason=reason, again_in=wait)


def _private_key() -> ec.EllipticCurvePrivateKey:
    """The installation's key, derived from a secret made on first start."""
    seed = hashlib.sha512(secret(settings.HOME, KEY_NAME).encode()).digest()
    # Of the group order of P-256 (SP 800-186, 3.2.1.3), never 0; 512 bits leave no bias.
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return ec.derive_private_key(int.from_bytes(seed, "big") % (order - 1) + 1, ec.SECP256R1())


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


SENDER = Sender(line=line, is_on=is_on, patience=timedelta(seconds=40))
