"""Writing down what a department has, where only people can know."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.insight.choices import OnboardingItem
from lamppost.insight.models import OnboardingRecord
from lamppost.insight.selectors.calendar import today
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.audit import note as audit
from lamppost.people.choices import AuditWhat
from lamppost.people.models import Department, Membership
from lamppost.people.permissions import Permission, require


def record_onboarding(
    *,
    department_id: int,
    item: str,
    done_on: date | None,
    actor: Actor,
    note: str = "",
    person_id: int | None = None,
) -> OnboardingRecord:
    """Write down that a department has ``item`` since the local day ``done_on``; None: no more.

    A liaison is an active member of the department. Raises ``Forbidden`` unless the actor may
    hold the department's reviews, ``Invalid`` naming every wrong field.
    """
    require(actor, Permission.REVIEW_HOLD, department_id=department_id)
    department = Department.objects.filter(pk=department_id, is_active=True).first()
    problems = []
    if department is None:
        problems.append(Problem("department", _("This department does not exist here.")))
    if item not in OnboardingItem.values:
        problems.append(Problem("item", _("Choose what is written down.")))
    if done_on is not None and done_on > today():
        problems.append(Problem("done_on", _("This day is still to come.")))
    names_somebody = item == OnboardingItem.LIAISON and done_on is not None
    if names_somebody and not _works_there(person_id, department_id):
        problems.append(Problem("person", _("Choose somebody who works in the department.")))
    if department is None or problems:
        raise Invalid(problems)
    with transaction.atomic():
        record = OnboardingRecord.objects.create(
            department=department,
            item=item,
            done_on=done_on,
            person_id=person_id if names_somebody else None,
            note=clean_line(note)[:300],
            recorded_at=timezone.now(),
            recorded_by_id=actor.user_id,
        )
        said = done_on.isoformat() if done_on else "withdrawn"
        audit(what=AuditWhat.SETTING, label=f"{department.code}: {item}", actor=actor, detail=said)
    return record


def _works_there(person_id: int | None, department_id: int) -> bool:
    return (
        person_id is not None
        and Membership.objects.filter(
            user_id=person_id, department_id=department_id, is_active=True, user__is_active=True
        ).exists()
    )
