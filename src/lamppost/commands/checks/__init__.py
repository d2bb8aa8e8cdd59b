"""What `lamppost doctor` looks at, a module per part of the installation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Level(StrEnum):
    """How bad it is: a failure keeps the city from being served well, now or soon."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, and what to do unless it is well."""

    check: str
    level: Level
    found: str
    mend: str = ""


Check: TypeAlias = Callable[[], Iterator[Finding]]


def fine(check: str, found: str) -> Finding:
    """A finding that needs nothing done."""
    return Finding(check, Level.OK, found)


def warning(check: str, found: str, mend: str) -> Finding:
    """A finding to see to some day."""
    return Finding(check, Level.WARNING, found, mend)


def failure(check: str, found: str, mend: str) -> Finding:
    """A finding to see to now."""
    return Finding(check, Level.FAILURE, found, mend)
