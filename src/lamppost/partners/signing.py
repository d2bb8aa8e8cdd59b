"""Standard Webhooks: signed both ways, with the specification's own library.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

PREFIX = "whsec_"
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class BadSignature(Exception):
    """The message is not from who holds the secret, was changed, or is older than 5 minutes."""


def new_secret() -> str:
    """Return a fresh secret of 32 random bytes, written as the specification wants it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    """Return whether ``text`` is a secret of 24 to 64 bytes, as the specification asks."""
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        return False
    return 24 <= len(raw) <= 64


def signed(secret: str, *, message_id: str, at: datetime, body: str) -> dict[str, str]:
    """Return the three headers that go with ``body``; ``at`` is the time of this attempt (UTC)."""
    signature = Webhook(secret).sign(message_id, at, body)
    return dict(zip(_HEADERS, (message_id, str(int(at.timestamp())), signature), strict=True))


def check(secret: str, *, headers: Mapping[str, str], body: bytes) -> str:
    """Return the id of a message whose signature is right. Raises ``BadSignature``."""
    if not secret:
        raise BadSignature("no secret is set")
    given = {name: headers.get(name, "") for name in _HEADERS}
    try:
        Webhook(secret).verify(body, given, json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        # The library lets a malformed signature through as a ValueError of base64.
        raise BadSignature(type(error).__name__) from None
    return given["webhook-id"]
