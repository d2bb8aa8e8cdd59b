"""Cases that belong together. A duplicate keeps its number and reporter and is closed
through: the canonical case answers for both."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind, LinkKind
from lamppost.cases.models import Case, CaseLink, Follower
from lamppost.cases.services import clocks
from lamppost.cases.services.events import record
from lamppost.cases.services.lifecycle import close_locked, reopen_locked
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.catalog.book import book
from lamppost.catalog.choices import OutcomeKind, State, Visibility
from lamppost.kernel.ids import digest, new_token
from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission


def mark_duplicate(*, case_id: int, of_number: str, actor: Actor) -> Case:
    """Close the case as a repeat of another one; return it.

    Its clocks end without a verdict; its reporter hears of the other case from now on.
    Raises ``NotFound`` for an unknown number, ``Invalid`` for itself, ``Conflict`` for a
    closed case. A duplicate of a duplicate is linked to the canonical case.
    """
    target = _canonical(_by_number(of_number))
    if target.pk == case_id:
        raise Invalid(_("A case cannot repeat itself."), field="number")
    with locked(case_id, Permission.CASE_CLOSE, actor) as case:
        if case.state == State.CLOSED:
            raise Conflict(_("This case is already closed."))
        now = timezone.now()
        CaseLink.objects.create(
            kind=LinkKind.DUPLICATE_OF, from_case=case, to_case=target, created_at=now
        )
        # What repeated this one repeats the canonical case now: one step, never a chain.
        repeats = CaseLink.objects.filter(kind=LinkKind.DUPLICATE_OF, to_case=case)
        moved = repeats.update(to_case=target)
        outcome = book().outcome_of_kind(OutcomeKind.DUPLICATE)
        text = _("This was already reported. Follow case %(number)s.") % {"number": target.number}
        close_locked(case, outcome, text, actor=actor, at=now, keep_clocks=False)
        Case.objects.filter(pk=target.pk).update(follower_count=F("follower_count") + 1 + moved)
        case.follower_count = max(case.follower_count - moved, 0)
        case.save(update_fields=["follower_count"])
        _record_link(case, target, LinkKind.DUPLICATE_OF, actor, now)
        return case


def unmark_duplicate(*, case_id: int, reason: str, actor: Actor) -> Case:
    """Undo ``mark_duplicate``: the case opens again and runs its own clocks; return it."""
    reason = checked_note(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why the two are not the same."), field="reason")
    with locked(case_id, Permission.CASE_CLOSE, actor) as case:
        link = CaseLink.objects.filter(kind=LinkKind.DUPLICATE_OF, from_case=case).first()
        if link is None:
            raise Conflict(_("This case is not marked as a repeat."))
        now = timezone.now()
        Case.objects.filter(pk=link.to_case_id, follower_count__gt=0).update(
            follower_count=F("follower_count") - 1
        )
        data = {"other": link.to_case_id, "kind": link.kind}
        marked_at = link.created_at
        link.delete()
        record(
            case, EventKind.UNLINKED, actor=actor, audience=EventAudience.STAFF, at=now, data=data
        )
        reopen_locked(case, reason, actor=actor, at=now)
        # Marking ended the clocks without a verdict: they start again from the request, and
        # the time the case was thought a repeat counts as a pause, as with any reopening.
        clocks.restart_clocks(case, at=now, actor=actor)
        clocks.pause_clocks(case, at=marked_at, reason_id=None, actor=actor)
        clocks.resume_clocks(case, at=now, actor=actor)
        case.save()
        return case


def relate(*, case_id: int, to_number: str, kind: LinkKind, actor: Actor) -> CaseLink:
    """Link the case to another as related or following; return the link.

    Raises ``NotFound`` for an unknown number, ``Invalid`` for the case itself.
    """
    if kind is LinkKind.DUPLICATE_OF:
        return CaseLink.objects.get(
            from_case=mark_duplicate(case_id=case_id, of_number=to_number, actor=actor),
            kind=kind,
        )
    target = _by_number(to_number)
    if target.pk == case_id:
        raise Invalid(_("A case cannot be linked to itself."), field="number")
    with locked(case_id, Permission.CASE_EDIT, actor) as case:
        now = timezone.now()
        link, made = CaseLink.objects.get_or_create(
            kind=kind, from_case=case, to_case=target, defaults={"created_at": now}
        )
        if made:
            case.updated_at = now
            case.save()
            _record_link(case, target, kind, actor, now)
        return link


def follow(*, number: str, actor: Actor, contact_id: int | None = None) -> str:
    """Add somebody who has seen the same thing ('me too'); return their secret token.

    Raises ``NotFound`` for a case the public cannot see, ``Conflict`` for a closed one.
    """
    case = Case.objects.filter(number=number, visibility=Visibility.PUBLIC).first()
    if case is None:
        raise NotFound(_("This case does not exist here."))
    token = new_token()
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=_canonical(case).pk)
        if case.state == State.CLOSED:
            raise Conflict(
                _("This case is closed. If the problem is back, please report it again.")
            )
        now = timezone.now()
        Follower.objects.create(
            case=case, contact_id=contact_id, token_digest=digest(token), created_at=now
        )
        case.follower_count += 1
        case.updated_at = now
        case.save()
        record(
            case,
            EventKind.FOLLOWED,
            actor=actor,
            audience=EventAudience.PUBLIC,
            at=now,
            data={"followers": case.follower_count},
        )
    return token


def _canonical(case: Case) -> Case:
    link = (
        CaseLink.objects.select_related("to_case")
        .filter(kind=LinkKind.DUPLICATE_OF, from_case=case)
        .first()
    )
    return link.to_case if link else case


def _by_number(number: str) -> Case:
    case = Case.objects.filter(number=clean_line(number)).first()
    if case is None:
        raise NotFound(_("There is no case with this number."), field="number")
    return case


def _record_link(case: Case, target: Case, kind: LinkKind, actor: Actor, at: datetime) -> None:
    for one, other in ((case, target), (target, case)):
        record(
            one,
            EventKind.LINKED,
            actor=actor,
            audience=EventAudience.STAFF,
            at=at,
            data={"other": other.pk, "kind": kind, "from": case.pk},
        )
