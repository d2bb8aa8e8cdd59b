"""Who may hold, and who may read, the reviews of a subject."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import ReviewSubject
from lamppost.kernel.refusals import Forbidden
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, may, require


def require_for(subject: ReviewSubject, actor: Actor) -> None:
    """Raise ``Forbidden`` or ``Unauthenticated`` unless the actor may hold these reviews.

    A department's own people and those of every department hold its reviews; the stat
    meeting belongs to the city, so only the latter do.
    """
    require(actor, Permission.REVIEW_HOLD, department_id=subject.department_id)
    if not may_hold(subject, actor):
        denials.keep(actor, Permission.REVIEW_HOLD.value, detail="stat meeting")
        raise Forbidden(_("The stat meeting is held by the 311 center."))


def may_hold(subject: ReviewSubject, actor: Actor) -> bool:
    """Return whether ``require_for`` would let the actor through."""
    if subject.kind == SubjectKind.STAT and actor.role not in ALL_DEPARTMENTS:
        return False
    return may(actor, Permission.REVIEW_HOLD, department_id=subject.department_id)


def require_to_read(subject: ReviewSubject, actor: Actor) -> None:
    """Raise a refusal unless the actor may see these reviews and their figures.

    Everybody who reads measures sees the stat meeting; of reviews only the own department's.
    """
    require(actor, Permission.MEASURES_READ, department_id=subject.department_id)
