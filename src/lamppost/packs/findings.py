"""What is wrong with a pack, and where: every finding carries file, line and column."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """An error stops `apply`; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A spot in a file of the pack: lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, and what to do about it."""

    severity: Severity
    mark: Mark
    message: str
    hint: str = ""

    def __str__(self) -> str:
        word = "" if self.severity is Severity.ERROR else "warning: "
        tail = f" {self.hint}" if self.hint else ""
        return f"{self.mark}: {word}{self.message}{tail}"


@dataclass(slots=True)
class Findings:
    """Collects findings, so that one run reports everything."""

    found: list[Finding] = field(default_factory=list)

    def error(self, mark: Mark, message: str, hint: str = "") -> None:
        """Note something that stops `apply`."""
        self.found.append(Finding(Severity.ERROR, mark, message, hint))

    def warn(self, mark: Mark, message: str, hint: str = "") -> None:
        """Note something a person should look at."""
        self.found.append(Finding(Severity.WARNING, mark, message, hint))

    @property
    def errors(self) -> list[Finding]:
        """Errors, by file and line."""
        return sorted(
            (each for each in self.found if each.severity is Severity.ERROR),
            key=lambda each: each.mark,
        )

    @property
    def warnings(self) -> list[Finding]:
        """Warnings, by file and line."""
        return sorted(
            (each for each in self.found if each.severity is Severity.WARNING),
            key=lambda each: each.mark,
        )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `Did you mean "x"?` for the nearest of the known words, or the list if short."""
    candidates = sorted(set(known))
    near = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{near[0]}"?'
    if 0 < len(candidates) <= 12:
        return "Known: " + ", ".join(candidates) + "."
    return ""
