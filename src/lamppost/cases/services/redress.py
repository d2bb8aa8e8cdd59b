"""The resident says a closed case is not fixed: opened again at once, decided by the 311 center.

Why it is so, and what keeps it fair: docs/decisions/0016-redress.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import (
    EventAudience,
    EventKind,
    RedressSource,
    RedressState,
)
from lamppost.cases.models import Case, CaseEvent, Redress
from lamppost.cases.services import clocks
from lamppost.cases.services.events import record
from lamppost.cases.services.lifecycle import close_locked, reopen_locked
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.cases.services.public_words import word_status
from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people import denials
from lamppost.people.actors import SYSTEM, Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import Membership, User
from lamppost.people.notices import staff_of, tell
from lamppost.people.permissions import MATRIX, Permission, require
from lamppost.sla.engine import compute
from lamppost.sla.promises import promises
from lamppost.sla.target import Target

NO_REDRESS = frozenset({OutcomeKind.DUPLICATE, OutcomeKind.WITHDRAWN})
QUEUE = "/desk/redress/"


def dispute(
    *,
    case_id: int,
    text: str,
    actor: Actor,
    source: RedressSource = RedressSource.REPORTER,
    at: datetime | None = None,
) -> Redress:
    """Say that a closed case is not fixed: it opens again and its closing is looked at.

    The face has proved that the actor is the reporter or a follower; staff may take it down
    for a caller. Raises ``Invalid`` without words, ``Conflict`` when the case is not closed,
    the city's days have passed or this closing has been looked at before, ``Forbidden`` for
    staff without the right to file for others.
    """
    text = checked_note(text, field="text")
    if not text:
        raise Invalid(_("Tell us what is still wrong."), field="text")
    now = at or timezone.now()
    permission = Permission.CASE_FILE_FOR_OTHERS if actor.is_staff else None
    source = RedressSource.CALLER if actor.is_staff else source
    with locked(case_id, permission, actor) as case:
        doubt = _closing_in_doubt(case, now)
        redress = Redress(
            case=case,
            closing=doubt.event,
            department_id=case.department_id,
            closed_by_id=doubt.event.user_id if doubt.event else None,
            closed_at=doubt.at,
            outcome_id=doubt.outcome_id,
            source=source,
            opened_by_id=actor.user_id,
            opened_at=now,
            due_at=_due(now),
            state=RedressState.OPEN,
        )
        redress.save()
        reopen_locked(case, "", actor=actor, at=now, because={"redress": redress.pk})
        clocks.put_off_breach(case)
        _record(redress, "opened", actor=actor, at=now, text=text, audience=EventAudience.STAFF)
        _tell_center(redress)
        return redress


def uphold(*, redress_id: int, text: str, actor: Actor, at: datetime | None = None) -> Redress:
    """Decide that the case is indeed not fixed: the department goes on with it.

    ``text`` is public and goes to the department too. Who closed the case may only decide
    like this, never the other way. Raises ``Invalid`` without words, ``Conflict`` when it is
    decided already, ``Forbidden`` without the right, ``NotFound`` for an unknown one.
    """
    with _deciding(redress_id, text, actor) as (redress, words):
        now = at or timezone.now()
        _decide(redress, RedressState.UPHELD, words, actor, now)
        case = redress.case
        word_status(case, words)
        case.updated_at = now
        case.save()
        clocks.expect_breach(case)
        _record(redress, "upheld", actor=actor, at=now, text=words)
        _tell_department(redress)
        return redress


def refuse(*, redress_id: int, text: str, actor: Actor, at: datetime | None = None) -> Redress:
    """Decide that the result stands: the case closes again as it was closed.

    The time it was open for this does not count against the department. ``text`` is the
    public sentence. Raises as ``uphold`` does, and ``Forbidden`` for who closed the case.
    """
    with _deciding(redress_id, text, actor, may_be_closer=False) as (redress, words):
        now = at or timezone.now()
        _decide(redress, RedressState.REFUSED, words, actor, now)
        _record(redress, "refused", actor=actor, at=now, text=words)
        _close_again(redress, words, actor, now)
        return redress


def take_back(*, case_id: int, actor: Actor, at: datetime | None = None) -> Redress:
    """The resident says that it is fixed after all: the case closes as it was closed.

    The face has proved that the actor is the reporter. Raises ``Conflict`` when nothing is
    being looked at.
    """
    with locked(case_id, None, actor) as case:
        redress = _open_redress(case)
        if redress is None:
            raise Conflict(_("Nothing is being looked at."))
        now = at or timezone.now()
        _decide(redress, RedressState.WITHDRAWN, "", actor, now)
        _record(redress, "withdrawn", actor=actor, at=now)
        text = _("The person who reported it says that it is settled.")
        _close_again(redress, text, actor, now)
        return redress


def withdraw_open(case: Case, *, actor: Actor, at: datetime) -> None:
    """End the open redress of a locked case whose report is taken back as a whole."""
    redress = _open_redress(case)
    if redress is not None:
        _decide(redress, RedressState.WITHDRAWN, "", actor, at)
        _record(redress, "withdrawn", actor=actor, at=at)


def mark_late(*, now: datetime) -> int:
    """Write down which open redresses of the city are past their time; return how many.

    The time of the breach is the due time, however late this runs. Safe to run twice.
    """
    marked = 0
    with transaction.atomic():
        # Their cases too: an event is written of each, and who works on a case waits for none.
        late = Redress.objects.select_for_update(skip_locked=True, of=("self", "case")).filter(
            state=RedressState.OPEN, breached_at=None, due_at__lt=now
        )
        for redress in late.select_related("case").order_by("due_at", "id"):
            redress.breached_at = redress.due_at
            redress.save(update_fields=["breached_at"])
            _record(redress, "late", actor=SYSTEM, at=redress.due_at, audience=EventAudience.STAFF)
            _tell_late(redress)
            marked += 1
    return marked


@dataclass(frozen=True)
class _Closing:
    event: CaseEvent | None
    at: datetime
    outcome_id: int


def _closing_in_doubt(case: Case, now: datetime) -> _Closing:
    if case.state != State.CLOSED or case.closed_at is None or case.outcome_id is None:
        raise Conflict(_("This case is not closed."))
    days = book().services_by_id[case.service_id].reopen_days
    if now > case.closed_at + timedelta(days=days):
        raise Conflict(
            _("This case was closed more than %(days)d days ago. Please make a new report.")
            % {"days": days}
        )
    if book().outcomes[case.outcome_id].kind in NO_REDRESS:
        raise Conflict(_("A repeated or withdrawn report is not looked at again."))
    closing = closing_of(case)
    if closing is not None and was_looked_at(closing):
        raise Conflict(
            _(
                "The 311 center has looked at this already. You can still add something, or make "
                "a new report if the problem is there."
            )
        )
    return _Closing(closing, case.closed_at, case.outcome_id)


def closing_of(case: Case) -> CaseEvent | None:
    """Return the event that closed ``case`` last; an imported case may have none."""
    closings = CaseEvent.objects.filter(case=case, kind=EventKind.CLOSED)
    return closings.order_by("-seq").first()


def was_looked_at(closing: CaseEvent) -> bool:
    """Return whether this closing is itself the answer to a redress."""
    return Redress.objects.filter(closed_again=closing).exists()


def _due(start: datetime) -> datetime:
    city = city_in_scope()
    calendar = promises().default_calendar
    if calendar is None:
        return start + timedelta(days=city.redress_days)
    due = compute(calendar, start, Target.business_days(city.redress_days))
    return due.at or start + timedelta(days=city.redress_days)


@contextmanager
def _deciding(
    redress_id: int, text: str, actor: Actor, *, may_be_closer: bool = True
) -> Iterator[tuple[Redress, str]]:
    words = checked_note(text, field="text")
    found = Redress.objects.select_related("case").filter(pk=redress_id).first()
    about = f"case {found.case.number}" if found else ""
    require(actor, Permission.REDRESS_DECIDE, detail=about)
    if found is None:
        raise NotFound(_("This does not exist here."))
    if not words:
        raise Invalid(_("Say in a sentence why, for everybody to read."), field="text")
    with locked(found.case_id, None, actor) as case:
        redress = Redress.objects.select_for_update(of=("self",)).get(pk=redress_id)
        redress.case = case
        _refuse_party(redress, actor, may_be_closer=may_be_closer)
        if redress.state != RedressState.OPEN:
            raise Conflict(_("This has been decided already."))
        yield redress, words


def _refuse_party(redress: Redress, actor: Actor, *, may_be_closer: bool) -> None:
    is_closer = actor.user_id is not None and actor.user_id == redress.closed_by_id
    is_opener = actor.user_id is not None and actor.user_id == redress.opened_by_id
    if is_opener or (is_closer and not may_be_closer):
        part = "opened it" if is_opener else "closed the case"
        about = f"case {redress.case.number}: {part}"
        denials.keep(
            actor, Permission.REDRESS_DECIDE, department_id=redress.department_id, detail=about
        )
        if is_opener:
            raise Forbidden(_("You took this down yourself: a colleague has to decide."))
        raise Forbidden(_("You closed this case yourself: a colleague has to decide."))


def _decide(redress: Redress, state: RedressState, words: str, actor: Actor, at: datetime) -> None:
    redress.state = state
    redress.decision = words
    redress.decided_by_id = actor.user_id if actor.is_staff else None
    redress.decided_at = at
    if redress.breached_at is None and at > redress.due_at:
        redress.breached_at = redress.due_at
    redress.save()


def _close_again(redress: Redress, text: str, actor: Actor, at: datetime) -> None:
    case = redress.case
    if case.state == State.CLOSED:
        raise Conflict(_("This case is already closed."))
    clocks.set_aside(case, since=redress.opened_at, actor=actor)
    outcome = book().outcomes[redress.outcome_id]
    close_locked(case, outcome, text, actor=actor, at=at)
    redress.closed_again = closing_of(case)
    redress.save(update_fields=["closed_again"])


def _open_redress(case: Case) -> Redress | None:
    redress = (
        Redress.objects.select_for_update(of=("self",))
        .filter(case=case, state=RedressState.OPEN)
        .first()
    )
    if redress is not None:
        redress.case = case
    return redress


def _record(
    redress: Redress,
    change: str,
    *,
    actor: Actor,
    at: datetime,
    text: str = "",
    audience: EventAudience = EventAudience.PUBLIC,
) -> None:
    record(
        redress.case,
        EventKind.REDRESS,
        actor=actor,
        audience=audience,
        at=at,
        text=text,
        language=(get_language() or "") if text else "",
        data={
            "redress": redress.pk,
            "change": change,
            "department": redress.department_id,
            "closer": redress.closed_by_id,
            "outcome": redress.outcome_id,
            "source": redress.source,
        },
    )


def _deciders() -> frozenset[Role]:
    return frozenset(role for role, may in MATRIX.items() if Permission.REDRESS_DECIDE in may)


def _tell_center(redress: Redress) -> None:
    number = redress.case.number
    tell(
        [user for user in staff_of(roles=_deciders()) if user.pk != redress.closed_by_id],
        NoticeKind.REDRESS,
        subject=lambda: _("Said to be not fixed: %(number)s") % {"number": number},
        path=QUEUE,
        once_key=f"redress-{redress.pk}-opened",
        case_number=number,
        default_language=city_in_scope().default_language,
    )


def _tell_late(redress: Redress) -> None:
    number = redress.case.number
    tell(
        staff_of(roles={Role.DIRECTOR}),
        NoticeKind.REDRESS,
        subject=lambda: _("Not decided in time: %(number)s") % {"number": number},
        path=QUEUE,
        once_key=f"redress-{redress.pk}-late",
        case_number=number,
        default_language=city_in_scope().default_language,
    )


def _tell_department(redress: Redress) -> None:
    case = redress.case
    number, decision = case.number, redress.decision
    tell(
        responsible_for(case, redress.closed_by_id),
        NoticeKind.REDRESS,
        subject=lambda: _("Not fixed, please go on: %(number)s") % {"number": number},
        text=lambda: decision,
        path=f"/desk/cases/{number}/",
        once_key=f"redress-{redress.pk}-upheld",
        case_number=number,
        default_language=city_in_scope().default_language,
    )


def responsible_for(case: Case, closer_id: int | None = None) -> list[User]:
    """Return who in the owning department is to know that ``case`` is back: no one twice.

    Its managers, who it is assigned to, and who closed it if they still work there.
    """
    people = staff_of(roles={Role.MANAGER}, department_id=case.department_id)
    named = Membership.objects.filter(
        user_id__in=[one for one in (case.assignee_id, closer_id) if one is not None],
        department_id=case.department_id,
        is_active=True,
        user__is_active=True,
    )
    people += [membership.user for membership in named.select_related("user")]
    return list({user.pk: user for user in people}.values())
