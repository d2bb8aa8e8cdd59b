"""A case of the past as a plain value: what every file format is read into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lamppost.catalog.choices import Channel, OutcomeKind
from lamppost.database.fields import Point


@dataclass(frozen=True, slots=True)
class PastCase:
    """One row of history, read and checked, times in UTC.

    ``service_code`` is a service of the city in scope; ``agency`` a department's code or
    empty for the service's own. ``due_at`` is the promise that was given, None where there was
    none. ``outcome`` is how it ended, None while it is open; ``outcome_code`` names one of
    the city's own instead, where the source knows it; so does ``status_code`` of statuses, open
    for an open case and closed for a closed one. ``note`` is the last public sentence,
    ``duplicate_of`` the number of the case it repeats.
    """

    number: str
    service_code: str
    requested_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    due_at: datetime | None = None
    outcome: OutcomeKind | None = None
    note: str = ""
    agency: str = ""
    description: str = ""
    subject: str = ""
    address: str = ""
    zipcode: str = ""
    point: Point | None = None
    media_url: str = ""
    channel: Channel = Channel.IMPORT
    language: str = ""
    is_private: bool = False
    duplicate_of: str = ""
    outcome_code: str = ""
    note_language: str = ""
    status_code: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: where it stands, its number if it has one, and why."""

    line: int
    number: str
    reason: str
