"""Departments let into a case they do not own. Called under the case's lock, or at intake."""

from __future__ import annotations

from datetime import datetime

from lamppost.cases.models import Case, Participant


def let_in(case: Case, department_id: int, *, at: datetime) -> None:
    """Let a department read the case from now on; once is enough."""
    Participant.objects.get_or_create(
        case=case, department_id=department_id, defaults={"since": at}
    )


def let_out(case: Case, department_id: int) -> None:
    """End a department's part in the case; its own cases it reads anyway."""
    Participant.objects.filter(case=case, department_id=department_id).delete()
