"""Identifiers that cannot be guessed, and digests of secrets that must not be kept."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return a URL-safe token of 144 random bits: who holds it, may."""
    return secrets.token_urlsafe(18)


def digest(secret: str) -> str:
    """Return the SHA-256 hex digest of a high-entropy ``secret`` (a key, a token).

    Plain SHA-256 is right for random keys; people's passwords go through Django's hasher.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
