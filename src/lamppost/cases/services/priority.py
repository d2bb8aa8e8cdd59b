"""How urgently a case is handled; its promises follow."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind, Priority
from lamppost.cases.models import Case
from lamppost.cases.services import clocks
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.catalog.choices import State
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission


def set_priority(*, case_id: int, priority: str, reason: str, actor: Actor) -> Case:
    """Give the case another priority, with a reason the resident reads; return the case.

    Its clocks start anew: from the original request by the promise for that priority, with
    the same pauses; the old ones stay as superseded. Raises ``Invalid`` for an unknown
    priority, the one it has or no reason, ``Conflict`` for a closed case, ``Forbidden``.
    """
    if priority not in Priority.values:
        raise Invalid(_("Choose a priority."), field="priority")
    reason = checked_note(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why the priority is changed."), field="reason")
    with locked(case_id, Permission.CASE_PRIORITY, actor) as case:
        if case.state == State.CLOSED:
            raise Conflict(_("This case is closed: reopen it first."))
        if case.priority == priority:
            raise Invalid(_("The case has this priority already."), field="priority")
        previous, case.priority = case.priority, priority
        now = timezone.now()
        clocks.restart_clocks(case, at=now, actor=actor)
        case.updated_at = now
        case.save()
        record(
            case,
            EventKind.PRIORITY,
            actor=actor,
            audience=EventAudience.PUBLIC,
            at=now,
            text=reason,
            language=get_language() or "",
            data={"from": previous, "to": priority},
        )
        return case
