"""What an entry of the glossary is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class MeasureUnit(StrEnum):
    """What a value counts. Money is in the city's own currency, with two places."""

    CASES = "cases"
    SHARE = "share"
    DAYS = "days"
    HOURS = "hours"
    PEOPLE = "people"
    OPENINGS = "openings"
    CONTACTS = "contacts"
    SECONDS = "seconds"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Measure:
    """One entry: its code, its name, its formula in words, its unit and its source."""

    code: str
    name: str | Promise
    formula: str | Promise
    unit: MeasureUnit
    source: str | Promise
