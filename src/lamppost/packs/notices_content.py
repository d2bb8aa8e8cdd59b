"""What a pack says of messages to people, as plain values. See ``content``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from lamppost.packs.content import Row, Texts


@dataclass(frozen=True, kw_only=True)
class QuietHours(Row):
    """When nothing goes out by a channel: two times of day, the same for never."""

    channel: str
    hours: tuple[time, time]


@dataclass(frozen=True, kw_only=True)
class Notice(Row):
    """The city's own words; what is empty is said in the words shipped."""

    code: str
    subject: Texts
    text: Texts
    sms: Texts
