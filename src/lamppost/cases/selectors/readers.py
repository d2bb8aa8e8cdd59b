"""Who may read a case at the desk: the people a note can mention."""

from __future__ import annotations

from django.db.models import Q

from lamppost.cases.choices import TransferState
from lamppost.cases.models import Case, Participant, Transfer
from lamppost.people.models import Membership
from lamppost.people.permissions import ALL_DEPARTMENTS, MATRIX, Permission

_AT_DESK = [role for role, granted in MATRIX.items() if Permission.DESK_SEE in granted]
_MOST_SAME = 20


def case_readers(case: Case) -> list[Membership]:
    """Return the active staff who may read ``case``, with their accounts, by name; one query.

    Its department, those with a part in it, the one it is offered to, and roles of all
    departments: the same people ``selectors.desk.readable`` lets read it.
    """
    offered = Transfer.objects.filter(case=case, state=TransferState.OFFERED)
    taking_part = Participant.objects.filter(case=case)
    near = (
        Q(department_id=case.department_id)
        | Q(department__in=offered.values("to_department_id"))
        | Q(department__in=taking_part.values("department_id"))
        | Q(role__in=ALL_DEPARTMENTS)
    )
    rows = Membership.objects.filter(
        near, role__in=_AT_DESK, is_active=True, user__is_active=True
    ).select_related("user")
    return list(rows.order_by("user__name", "user_id"))


def staff_by_name(first: str) -> list[Membership]:
    """Return staff of any department whose name begins with ``first``, a few at most."""
    if not first:
        return []
    rows = Membership.objects.filter(
        role__in=_AT_DESK, is_active=True, user__is_active=True, user__name__istartswith=first
    )
    return list(rows.select_related("user").order_by("user_id")[:_MOST_SAME])
