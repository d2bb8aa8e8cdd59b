"""The folder a partner's files are exchanged in: ``out/`` is ours to fill, ``in/`` theirs."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from lamppost.cities.selectors import city_in_scope
from lamppost.partners.addresses import BadAddress
from lamppost.partners.models import Connection


def folder_of(address: str) -> Path:
    """Return the folder ``address`` means, which need not exist yet.

    A plain name lies in ``LAMPPOST_HOME/drops/<city>/``; a full path must lie in a folder the
    operator has named in ``LAMPPOST_DROP_ROOTS``. Raises ``BadAddress`` for anything else.
    """
    own = settings.HOME / "drops" / city_in_scope().slug
    path = Path(address)
    root = own
    if path.is_absolute():
        root = next((root for root in settings.DROP_ROOTS if path.is_relative_to(root)), own)
    whole = Path(os.path.realpath(own / path))
    if not address or not whole.is_relative_to(os.path.realpath(root)) or whole == root:
        raise BadAddress(
            "Name a folder without .. in it; a full path only in one of LAMPPOST_DROP_ROOTS."
        )
    return whole


def ready(connection: Connection) -> Path:
    """Return the connection's folder with ``in/`` and ``out/`` in it, made when missing."""
    folder = folder_of(connection.address)
    for name in ("out", "in", "in/done", "in/refused"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return folder


def write_whole(path: Path, text: str) -> None:
    """Put a file in place with all of its content at once, on the disk for good."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
