"""Handing a case to another department: offered, then accepted or refused.

Until it is accepted the giver owns the case and its clock.
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind, TransferState
from lamppost.cases.models import Case, Transfer
from lamppost.cases.services import clocks
from lamppost.cases.services.events import record
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.cases.services.telling import tell_about
from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.notices import staff_of
from lamppost.people.permissions import Permission, require

# From so many on the 311 center hears of it: it is time somebody decides.
MANY_TRANSFERS = 3


def offer_transfer(*, case_id: int, department_id: int, reason: str, actor: Actor) -> Transfer:
    """Offer the case to another department; return the offer.

    Raises ``Invalid`` for an unknown or the same department or without a reason,
    ``Conflict`` for a closed case or one already offered.
    """
    reason = checked_note(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why the case belongs to another department."), field="reason")
    department = book().departments.get(department_id)
    if department is None or not department.is_active:
        raise Invalid(_("This department does not exist here."), field="department")
    with locked(case_id, Permission.CASE_TRANSFER, actor) as case:
        if case.state == State.CLOSED:
            raise Conflict(_("A closed case cannot be transferred."))
        if case.department_id == department_id:
            raise Invalid(_("The case is already with this department."), field="department")
        if Transfer.objects.filter(case=case, state=TransferState.OFFERED).exists():
            raise Conflict(_("The case is already offered to a department."))
        now = timezone.now()
        transfer = Transfer.objects.create(
            case=case,
            from_department_id=case.department_id,
            to_department_id=department_id,
            state=TransferState.OFFERED,
            reason=reason,
            offered_by_id=actor.user_id,
            offered_at=now,
        )
        case.updated_at = now
        case.save()
        _record(case, EventKind.TRANSFER_OFFERED, actor, reason, transfer)
        return transfer


def accept_transfer(*, transfer_id: int, actor: Actor) -> Case:
    """Take over an offered case: owner and clocks change together; return the case."""
    transfer = _open_offer(transfer_id)
    require(actor, Permission.CASE_TRANSFER, department_id=transfer.to_department_id)
    with locked(transfer.case_id, None, actor) as case:
        _decide(transfer, TransferState.ACCEPTED, actor, "")
        case.department_id = transfer.to_department_id
        case.assignee_id = None
        case.team_id = None
        case.routed_by_id = None
        case.routing_reason = f"transfer:{transfer.pk}"
        now = timezone.now()
        clocks.restart_clocks(case, at=now, actor=actor)
        case.updated_at = now
        case.save()
        _record(case, EventKind.TRANSFER_ACCEPTED, actor, "", transfer)
        _tell_giver(case, transfer, actor, accepted=True)
        _tell_of_wandering(case)
        return case


def refuse_transfer(*, transfer_id: int, reason: str, actor: Actor) -> Case:
    """Send an offer back with a reason; the giver keeps the case. Return the case."""
    reason = checked_note(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why the case does not belong to your department."), field="reason")
    transfer = _open_offer(transfer_id)
    require(actor, Permission.CASE_TRANSFER, department_id=transfer.to_department_id)
    with locked(transfer.case_id, None, actor) as case:
        _decide(transfer, TransferState.REFUSED, actor, reason)
        case.updated_at = timezone.now()
        case.save()
        _record(case, EventKind.TRANSFER_REFUSED, actor, reason, transfer)
        _tell_giver(case, transfer, actor, accepted=False)
        return case


def take_back_offer(*, transfer_id: int, actor: Actor) -> Case:
    """End an offer of one's own department before it is answered; return the case.

    Raises ``Conflict`` when it has been answered meanwhile, ``Forbidden`` for another
    department's, ``NotFound``.
    """
    transfer = _open_offer(transfer_id)
    require(actor, Permission.CASE_TRANSFER, department_id=transfer.from_department_id)
    with locked(transfer.case_id, None, actor) as case:
        _decide(transfer, TransferState.WITHDRAWN, actor, "")
        case.updated_at = timezone.now()
        case.save()
        _record(case, EventKind.TRANSFER_WITHDRAWN, actor, "", transfer)
        return case


def _open_offer(transfer_id: int) -> Transfer:
    transfer = Transfer.objects.select_related("offered_by").filter(pk=transfer_id).first()
    if transfer is None:
        raise NotFound(_("This transfer does not exist here."))
    return transfer


def _decide(transfer: Transfer, state: TransferState, actor: Actor, answer: str) -> None:
    # Under the case's lock: two people deciding at once get one decision.
    changed = Transfer.objects.filter(pk=transfer.pk, state=TransferState.OFFERED).update(
        state=state, answer=answer, decided_by_id=actor.user_id, decided_at=timezone.now()
    )
    if not changed:
        raise Conflict(_("This transfer has already been decided."))


def _tell_giver(case: Case, transfer: Transfer, actor: Actor, *, accepted: bool) -> None:
    if transfer.offered_by is None or transfer.offered_by_id == actor.user_id:
        return

    def subject() -> str:
        words = (
            _("%(department)s took over case %(number)s")
            if accepted
            else _("%(department)s sent case %(number)s back to you")
        )
        department = _name(transfer.to_department_id)
        return words % {"department": department, "number": case.number}

    tell_about(
        case,
        [transfer.offered_by],
        NoticeKind.TRANSFER,
        subject=subject,
        once_key=f"transfer:{transfer.pk}:answer",
    )


def _tell_of_wandering(case: Case) -> None:
    """Tell the 311 supervisors of a case nobody keeps."""
    times = Transfer.objects.filter(case=case, state=TransferState.ACCEPTED).count()
    if times < MANY_TRANSFERS:
        return
    tell_about(
        case,
        staff_of(roles=[Role.SUPERVISOR]),
        NoticeKind.TRANSFER,
        subject=lambda: (
            _("Case %(number)s was handed on %(times)d times")
            % {"number": case.number, "times": times}
        ),
        once_key=f"wandering:{case.pk}:{times}",
    )


def _name(department_id: int) -> str:
    entry = book().departments.get(department_id)
    return in_language(entry.name, get_language() or "en") or entry.code if entry else ""


def _record(case: Case, kind: EventKind, actor: Actor, text: str, transfer: Transfer) -> None:
    record(
        case,
        kind,
        actor=actor,
        audience=EventAudience.STAFF
        if kind is not EventKind.TRANSFER_ACCEPTED
        else EventAudience.PUBLIC,
        text=text,
        language=get_language() or "",
        data={
            "transfer": transfer.pk,
            "from": transfer.from_department_id,
            "to": transfer.to_department_id,
        },
    )
