"""Browsers that ask for push messages."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.kernel.ids import digest
from lamppost.kernel.refusals import Invalid
from lamppost.notify.models import PushDevice

_LONGEST = 2000


def register_device(
    *, endpoint: str, public_key: str, auth: str, now: datetime | None = None
) -> PushDevice:
    """Keep where a browser takes push messages and its keys; the same browser is one row.

    Raises ``Invalid`` for what no browser sends: an address without TLS, keys that are none.
    """
    parts = urlsplit(endpoint)
    is_address = parts.scheme == "https" and bool(parts.netloc) and len(endpoint) <= _LONGEST
    if not is_address or not _is_key(public_key, 65) or not _is_key(auth, 16):
        raise Invalid(_("Your browser did not say where messages go."), field="push")
    row, _is_new = PushDevice.objects.update_or_create(
        endpoint_digest=digest(endpoint),
        defaults={
            "endpoint": endpoint,
            "public_key": public_key,
            "auth": auth,
            "gone_at": None,
        },
        create_defaults={
            "endpoint": endpoint,
            "public_key": public_key,
            "auth": auth,
            "created_at": now or timezone.now(),
        },
    )
    return row


def _is_key(text: str, length: int) -> bool:
    try:
        return len(urlsafe_b64decode(text + "=" * (-len(text) % 4))) == length
    except ValueError:
        return False
