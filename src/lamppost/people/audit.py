"""The log of what staff changed in the city's set-up and which personal data they looked at.

What happens to cases stands in their events; refusals stand in ``denials``. Services call
``note`` in the transaction of the change.
"""

from __future__ import annotations

from django.utils import timezone

from lamppost.people.actors import Actor
from lamppost.people.choices import AuditWhat
from lamppost.people.models import AuditEntry


def note(*, what: AuditWhat, label: str, actor: Actor, detail: str = "") -> AuditEntry:
    """Write down that ``actor`` did ``what`` to the thing called ``label``; return the entry.

    ``label`` is a code, a number or a title of the city's own (at most 200 characters are
    kept), ``detail`` says what changed from what to what. Neither may hold a resident's
    personal data. Rows can be added and never changed.
    """
    return AuditEntry.objects.create(
        at=timezone.now(),
        user_id=actor.user_id,
        role="" if actor.is_system else actor.role,
        what=what,
        label=label[:200],
        detail=detail[:2000],
    )
