"""The originals of mail: files beside the uploads, so that a backup has them.

A file is complete and on the disk before the row that names it, and a row before anybody is
told that the mail was taken.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings

from lamppost.kernel.refusals import NotFound

_FOLDER = "uploads/mail"


def kept(raw: bytes, *, city: str, name: str, at: datetime) -> str:
    """Write ``raw`` to the disk for good and return its path under the data folder.

    The same name again writes the same place. Raises ``OSError`` when it cannot be written.
    """
    path = f"{_FOLDER}/{city}/{at:%Y-%m}/{name}.eml"
    target = Path(settings.HOME) / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_suffix(f".{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(raw)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    return path


def original(path: str) -> bytes:
    """Return the bytes of a stored mail. Raises ``NotFound`` when it is there no more."""
    try:
        return (Path(settings.HOME) / path).read_bytes()
    except OSError:
        raise NotFound("The original of this mail is not there.") from None


def removed(path: str) -> None:
    """Take an original away; one that is gone already is no harm."""
    if path:
        (Path(settings.HOME) / path).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # The name is in the folder: that too has to survive a power cut.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
