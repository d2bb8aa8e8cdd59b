"""Past cases as the rules of routing see them: facts again, as they were when owners were found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lamppost.cases.models import Case, CaseAnswer, CaseArea
from lamppost.cities.selectors import city_in_scope
from lamppost.routing.matcher import Facts

_BATCH = 500


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case, who has it today, and what is known for routing it."""

    number: str
    department_id: int
    team_id: int | None
    requested_at: datetime
    facts: Facts


def last_cases(count: int) -> Iterator[list[PastCase]]:
    """Yield the last ``count`` cases entered, newest first, in batches; three queries each.

    The facts are those of today: a corrected place or service counts as corrected.
    """
    zone = city_in_scope().zone
    before: int | None = None
    while count > 0:
        rows = Case.objects.order_by("-id")
        if before is not None:
            rows = rows.filter(pk__lt=before)
        batch = list(
            rows.values_list(
                "id", "number", "service_id", "department_id", "team_id", "requested_at",
                "is_hazard", named=True,
            )[: min(count, _BATCH)]
        )  # fmt: skip
        if not batch:
            return
        ids = [row.id for row in batch]
        chosen, areas = _answers(ids), _areas(ids)
        yield [
            PastCase(
                number=row.number,
                department_id=row.department_id,
                team_id=row.team_id,
                requested_at=row.requested_at,
                facts=Facts(
                    service_id=row.service_id,
                    chosen=frozenset(chosen[row.id]),
                    areas=frozenset(areas[row.id]),
                    local_time=row.requested_at.astimezone(zone),
                    is_hazard=row.is_hazard,
                ),
            )
            for row in batch
        ]
        before = ids[-1]
        count -= len(batch)


def _answers(ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = CaseAnswer.objects.filter(case__in=ids, value__isnull=False)
    for case_id, value_id in rows.values_list("case_id", "value_id"):
        if value_id is not None:
            found[case_id].append(value_id)
    return found


def _areas(ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for case_id, area_id in CaseArea.objects.filter(case__in=ids).values_list("case_id", "area_id"):
        found[case_id].append(area_id)
    return found
