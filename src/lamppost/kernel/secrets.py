"""Secrets an installation makes for itself on first start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret(home: Path, name: str, length: int = 48) -> str:
    """Return the secret ``name`` of the installation at ``home``, made when it is missing.

    Kept in ``home/secrets/name``, readable by its owner only. Two processes that start
    together agree: the file is put in place whole, and the first one wins.
    """
    folder = home / "secrets"
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(length))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def secret_key(home: Path) -> str:
    """Return Django's signing key for the installation at ``home``."""
    return secret(home, "signing-key")
