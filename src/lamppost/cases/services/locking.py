"""Taking a case to change it: permission first, then the lock, then the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.catalog.choices import Channel
from lamppost.kernel.refusals import Conflict, Forbidden, NotFound, Refusal
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.models import Contact, User
from lamppost.people.permissions import Permission, require


@contextmanager
def locked(case_id: int, permission: Permission | None, actor: Actor) -> Iterator[Case]:
    """Open a transaction, lock the case and hand it over.

    ``permission`` None is for steps whose face has already proved the actor's right (a
    reporter with the secret link, the system). The permission is checked against the
    department that owns the case as it is under the lock. Staff never get hold of their own
    report (``refuse_own_case``), whatever proved their right. Raises ``NotFound`` for an
    unknown case, ``Forbidden`` or ``Unauthenticated`` without the right.
    """
    with denials.kept_to_the_end(), transaction.atomic():
        case = (
            Case.objects.select_for_update(of=("self",))
            .select_related("contact")
            .filter(pk=case_id)
            .first()
        )
        if permission is not None and not actor.is_system:
            department_id = case.department_id if case else None
            about = f"case {case.number}" if case else ""
            require(actor, permission, department_id=department_id, detail=about)
        if case is None:
            raise NotFound(_("This case does not exist here."))
        refuse_own_case(case, actor, permission)
        yield case


def refuse_own_case(case: Case, actor: Actor, permission: Permission | None = None) -> None:
    """Raise ``Forbidden`` when ``actor``, as staff, would act on a report of their own.

    The denial is kept. What the reporter's secret link allows stays open to them: there they
    act as a resident.
    """
    if not is_own_case(case, actor):
        return
    about = f"case {case.number}: own report"
    denials.keep(actor, permission or "own_case", department_id=case.department_id, detail=about)
    raise Forbidden(
        _("You reported this case yourself: a colleague has to handle it. Use your private link.")
    )


def is_own_case(case: Case, actor: Actor) -> bool:
    """Return whether ``actor`` is of the staff and reported ``case``; mostly without a query.

    Own is what was reported under the same account, what the person entered as an
    observation of their own, and what gives an e-mail or phone that is known as theirs.
    """
    if actor.user_id is None or not actor.is_staff:
        return False
    contact = case.contact
    if contact is None:
        return case.entered_by_id == actor.user_id and case.channel == Channel.STAFF
    if contact.user_id is not None:
        return contact.user_id == actor.user_id
    return _is_reachable_as(contact, actor.user_id)


def _is_reachable_as(contact: Contact, user_id: int) -> bool:
    if contact.email and User.objects.filter(pk=user_id, email__iexact=contact.email).exists():
        return True
    same = Q()
    if contact.email:
        same |= Q(email=contact.email)
    if contact.phone:
        same |= Q(phone=contact.phone)
    return bool(same) and Contact.objects.filter(same, user_id=user_id).exists()


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
