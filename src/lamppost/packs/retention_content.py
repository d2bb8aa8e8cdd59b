"""What a pack says about how long personal data is kept, as plain values. See ``content``."""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.packs.content import Row


@dataclass(frozen=True, kw_only=True)
class RetentionRule(Row):
    what: str
    after_months: int
