"""Services a file has and the city has not: counted while reading, offered as a draft."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from lamppost.cases.importing.rows import UnknownService
from lamppost.kernel.text import fold

# A column that is no service at all has a value per row: memory must not grow with it.
MOST_SERVICES = 2000
_MOST_AGENCIES = 20
_MOST_SPELLINGS = 20
_SAMPLE = 500
_CODE_LENGTH = 60
OTHERS = "…"


@dataclass(slots=True)
class Seen:
    """What rows said of one unknown service; ``lasted`` is a sample of days until closing.

    ``names`` are its spellings, which the catalogue would take for one.
    """

    count: int = 0
    names: Counter[str] = field(default_factory=Counter)
    closed: int = 0
    agencies: Counter[str] = field(default_factory=Counter)
    lasted: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The usual spelling; of two as usual the first that came."""
        return self.names.most_common(1)[0][0]


@dataclass(frozen=True, slots=True)
class DraftService:
    """One service as a draft for the pack: days until closing are None where none closed."""

    code: str
    name: str
    department: str
    agency: str
    count: int
    median_days: float | None
    ninth_decile_days: float | None


class UnknownServices:
    """Counts unknown services in bounded memory."""

    def __init__(self) -> None:
        self.seen: dict[str, Seen] = {}
        # Seeded: the same file gives the same draft.
        self._random = random.Random(311)  # noqa: S311

    def add(self, problem: UnknownService) -> None:
        """Count one row."""
        key, name = fold(problem.service), problem.service
        if key not in self.seen and len(self.seen) >= MOST_SERVICES:
            key = name = OTHERS
        seen = self.seen.setdefault(key, Seen())
        seen.count += 1
        if name in seen.names or len(seen.names) < _MOST_SPELLINGS:
            seen.names[name] += 1
        if problem.agency and (
            problem.agency in seen.agencies or len(seen.agencies) < _MOST_AGENCIES
        ):
            seen.agencies[problem.agency] += 1
        if problem.lasted is not None:
            self._sample(seen, problem.lasted)

    def _sample(self, seen: Seen, lasted: timedelta) -> None:
        # Reservoir sampling (Vitter 1985, algorithm R): every row has the same chance.
        seen.closed += 1
        days = lasted / timedelta(days=1)
        if len(seen.lasted) < _SAMPLE:
            seen.lasted.append(days)
            return
        place = self._random.randrange(seen.closed)
        if place < _SAMPLE:
            seen.lasted[place] = days

    @property
    def counts(self) -> dict[str, int]:
        """Rows per name."""
        return {seen.name: seen.count for seen in self.seen.values()}

    def draft(
        self, *, taken: set[str], catch_all: str, department_of: Callable[[str], str]
    ) -> list[DraftService]:
        """Return a service for each name, the most frequent first.

        ``taken`` are codes the city uses; a department is guessed from the agency's name,
        ``catch_all`` where none fits.
        """
        taken = set(taken)
        drafts = []
        for seen in sorted(self.seen.values(), key=lambda seen: (-seen.count, seen.name)):
            name = seen.name
            if name == OTHERS:
                continue
            agency = seen.agencies.most_common(1)[0][0] if seen.agencies else ""
            days = sorted(seen.lasted)
            drafts.append(
                DraftService(
                    code=_free_code(name, taken),
                    name=name[:200],
                    department=department_of(agency) or catch_all,
                    agency=agency,
                    count=seen.count,
                    median_days=_quantile(days, 0.5),
                    ninth_decile_days=_quantile(days, 0.9),
                )
            )
        return drafts


def draft_file(drafts: list[DraftService], *, group: str) -> str:
    """Return a ``services/*.yaml`` of a city pack, all in the group with this code."""
    lines = [
        "# Services found in an import and not in the catalogue: a draft to be edited.",
        "# Copy it to the pack's services/ and run `lamppost pack check`.",
        f"group: {group}",
        "services:",
    ]
    for draft in drafts:
        lines += [
            f"  # {_remark(draft)}",
            f"  - code: {draft.code}",
            f"    name: {_quoted(draft.name)}",
            f"    description: {_quoted(draft.name)}",
            f"    department: {draft.department}",
            "    location: optional",
        ]
    return "\n".join(lines) + "\n"


def _remark(draft: DraftService) -> str:
    parts = [f"{draft.count:,} rows"]
    if draft.agency:
        parts.append(f"agency in the file: {draft.agency[:80]}")
    if draft.median_days is not None and draft.ninth_decile_days is not None:
        parts.append(
            f"closed after {draft.median_days:.1f} days (median), "
            f"{draft.ninth_decile_days:.1f} days (90th percentile)"
        )
    return "; ".join(parts)


def _free_code(name: str, taken: set[str]) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", fold(name).replace("ß", "ss")).strip("-")
    slug = slug[:_CODE_LENGTH].strip("-") or "service"
    code, number = slug, 2
    while code in taken:
        code, number = f"{slug[: _CODE_LENGTH - 4]}-{number}", number + 1
    taken.add(code)
    return code


def _quantile(ordered: list[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
