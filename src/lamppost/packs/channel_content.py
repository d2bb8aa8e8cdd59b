"""What a pack says about the city's SMS and voice lines, as plain values. See ``content``."""

from __future__ import annotations

from dataclasses import dataclass, field

from lamppost.packs.content import Row, Texts


@dataclass(frozen=True, kw_only=True)
class PhoneLine(Row):
    """Wording and hours; what is empty is said by default, no calendar means always."""

    welcome: Texts = field(default_factory=dict)
    sms_welcome: Texts = field(default_factory=dict)
    closed: Texts = field(default_factory=dict)
    music: str = ""
    calendar: str = ""


@dataclass(frozen=True, kw_only=True)
class SpokenLanguage(Row):
    code: str
    tag: str
    voice: str = ""


@dataclass(frozen=True, kw_only=True)
class Keyword(Row):
    """``words`` are separated by commas."""

    code: str
    words: Texts
    text: Texts = field(default_factory=dict)
    article: str = ""
