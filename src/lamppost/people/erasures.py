"""The list of who was erased, kept outside of the database: a restored backup is older than it.

One line of JSON for each erasure in ``LAMPPOST_HOME/erasures.jsonl``: city, contact numbers
and a keyed digest, no word of the person. Copy the file (and ``secrets/``) along to a new
machine before restoring there; docs/operator.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.secrets import secret
from lamppost.people.models import Contact, Erasure

_KEY_NAME = "erasure-key"


@dataclass(frozen=True, slots=True)
class Line:
    """One erasure as the list has it: contact ids with the digest of each."""

    city: str
    contacts: dict[int, str]
    elsewhere: bool


def digest_of(contact: Contact) -> str:
    """Return what tells this contact from another of the same number in another database."""
    key = secret(Path(settings.HOME), _KEY_NAME).encode()
    said = f"{city_in_scope().slug}|{contact.pk}|{contact.created_at.isoformat()}"
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


def keep(contacts: Sequence[Contact], erasure: Erasure, *, elsewhere: bool) -> None:
    """Add an erasure to the list; on disk when this returns."""
    line = {
        "at": erasure.at.isoformat(),
        "city": city_in_scope().slug,
        "contacts": {str(row.pk): digest_of(row) for row in contacts},
        "elsewhere": elsewhere,
    }
    path = list_path()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def list_path() -> Path:
    """Return where the list of erasures is."""
    return Path(settings.HOME) / "erasures.jsonl"


def lines() -> Iterator[Line]:
    """Yield the erasures on the list; a line cut off by a crash is passed over."""
    path = list_path()
    if not path.exists():
        return
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(text)
            contacts = {int(key): str(value) for key, value in row["contacts"].items()}
            yield Line(str(row["city"]), contacts, bool(row["elsewhere"]))
        except (ValueError, KeyError, AttributeError):
            continue


def forgotten(line: Line) -> list[int]:
    """Return the contacts of ``line`` that the database of the city in scope has not erased."""
    rows = Contact.objects.filter(pk__in=line.contacts, erased_at=None)
    return [row.pk for row in rows if hmac.compare_digest(digest_of(row), line.contacts[row.pk])]
