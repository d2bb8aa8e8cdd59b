"""Taking a case to change it: permission first, then the lock, then the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.kernel.refusals import Conflict, NotFound, Refusal
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require


@contextmanager
def locked(case_id: int, permission: Permission | None, actor: Actor) -> Iterator[Case]:
    """Open a transaction, lock the case and hand it over.

    ``permission`` None is for steps whose face has already proved the actor's right (a
    reporter with the secret link, the system). The permission is checked against the
    department that owns the case, before the lock for the denial's sake and again under it,
    since the owner may have changed. Raises ``NotFound`` for an unknown case, ``Forbidden``
    or ``Unauthenticated`` without the right.
    """
    if permission is not None and not actor.is_system:
        department_id = (
            Case.objects.filter(pk=case_id).values_list("department_id", flat=True).first()
        )
        require(actor, permission, department_id=department_id)
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
        if case is None:
            raise NotFound(_("This case does not exist here."))
        if permission is not None and not actor.is_system:
            require(actor, permission, department_id=case.department_id)
        yield case


def version_of(case: Case) -> str:
    """Return what a form carries to say which state of the case its reader has seen."""
    return case.updated_at.isoformat()


def on_seen_case(*, case_id: int, seen: str, step: Callable[[], object]) -> None:
    """Run ``step``, a service call, if the case still is as its reader saw it.

    ``seen`` is what ``version_of`` gave. Raises ``NotFound`` for an unknown case, ``Conflict``
    when it was changed meanwhile, and whatever refusal ``step`` ends with; a denial that step
    wrote down is kept.
    """
    refused: Refusal | None = None
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
        if case is None:
            raise NotFound(_("This case does not exist here."))
        if version_of(case) != seen:
            raise Conflict(
                _(
                    "This case was changed while you had it open. Look at what is new, then "
                    "send your change again: what you typed is still here."
                )
            )
        try:
            step()
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused
