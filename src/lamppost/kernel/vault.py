"""Secrets of others at rest: encrypted with a key of the installation, never shown again."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from django.conf import settings

from lamppost.kernel.secrets import secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

# The file in LAMPPOST_HOME/secrets; a backup has it only with --with-secrets.
KEY_NAME = "partner-key"


class SecretLost(Exception):
    """The installation's key is another one than when the secret was entered."""


def locked_away(plain: str) -> str:
    """Return ``plain`` encrypted (Fernet: AES-128-CBC with HMAC-SHA256); '' stays ''."""
    return _fernet().encrypt(plain.encode()).decode() if plain else ""


def opened(kept: str) -> str:
    """Return what was locked away. Raises ``SecretLost`` when it cannot be read."""
    if not kept:
        return ""
    from cryptography.fernet import InvalidToken

    try:
        return _fernet().decrypt(kept.encode()).decode()
    except InvalidToken:
        raise SecretLost("the secret has to be entered again") from None


def _fernet() -> Fernet:
    # Only here: most cities' processes never open a secret, and this is 3 MB of each.
    from cryptography.fernet import Fernet

    key = hashlib.sha256(secret(settings.HOME, KEY_NAME).encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
