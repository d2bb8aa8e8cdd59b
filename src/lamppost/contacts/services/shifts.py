"""When agents are to be on the line: the plan that adherence is measured against."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.contacts.models import Shift
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.choices import Role
from lamppost.people.models import Membership
from lamppost.people.permissions import MATRIX, Permission, require

LONGEST = timedelta(hours=12)


def plan_shift(*, agent_id: int, starts_at: datetime, ends_at: datetime, actor: Actor) -> Shift:
    """Plan when an agent is to be on the line, and return the shift.

    Raises ``Invalid`` for one that has begun (a plan is not written afterwards), runs
    backwards or is longer than twelve hours, for somebody who takes no calls; ``Conflict``
    when it overlaps another of the same agent; ``Forbidden`` without the right.
    """
    require(actor, Permission.CENTER_SUPERVISE)
    if starts_at <= timezone.now():
        raise Invalid(_("A shift is planned before it begins."), field="starts_at")
    if not timedelta(0) < ends_at - starts_at <= LONGEST:
        raise Invalid(_("A shift ends after it begins, within twelve hours."), field="ends_at")
    with transaction.atomic():
        member = (
            Membership.objects.select_for_update()
            .filter(user_id=agent_id, is_active=True, user__is_active=True)
            .first()
        )
        if member is None or Permission.CONSOLE_USE not in MATRIX[Role(member.role)]:
            raise Invalid(_("Choose somebody who takes calls."), field="agent")
        if Shift.objects.filter(
            agent_id=agent_id, starts_at__lt=ends_at, ends_at__gt=starts_at
        ).exists():
            raise Conflict(_("This agent has a shift at that time already."))
        return Shift.objects.create(agent_id=agent_id, starts_at=starts_at, ends_at=ends_at)


def drop_shift(*, shift_id: int, actor: Actor) -> None:
    """Take a shift out of the plan. Raises ``NotFound``, and ``Conflict`` once it has begun."""
    require(actor, Permission.CENTER_SUPERVISE)
    with transaction.atomic():
        row = Shift.objects.select_for_update().filter(pk=shift_id).first()
        if row is None:
            raise NotFound(_("This shift does not exist here."))
        if row.starts_at <= timezone.now():
            raise Conflict(_("This shift has begun: it stays in the plan."))
        row.delete()
