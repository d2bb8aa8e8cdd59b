"""What a pack says of messages to people, as plain values. See ``content``."""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.packs.content import Row, Texts


@dataclass(frozen=True, kw_only=True)
class Notice(Row):
    """The city's own words; what is empty is said in the words shipped."""

    code: str
    subject: Texts
    text: Texts
    sms: Texts
