"""What a partner does through a signed link: one way in, the link proved and locked first.

A partner's words are for the staff; the resident reads what the department makes of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case
from lamppost.cases.services.events import record
from lamppost.cases.services.lifecycle import (
    check_outcome,
    check_status,
    close_locked,
    move_locked,
    need_photo,
    next_statuses,
)
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.cases.services.partners import without_contact_details
from lamppost.cases.services.photos import (
    MAX_PHOTOS_PER_REPORT,
    AnyPhoto,
    attach,
    prepared,
)
from lamppost.catalog.book import OutcomeEntry, StatusEntry, book
from lamppost.catalog.choices import OutcomeKind, State
from lamppost.cities.selectors import city_in_scope
from lamppost.fieldwork.choices import LinkLevel, PartnerStep, Verdict
from lamppost.fieldwork.models import CompletionReport, PartnerEntry, PartnerLink
from lamppost.fieldwork.services.partner_links import is_live
from lamppost.kernel.images import Photo
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.denials import keep
from lamppost.people.models import User
from lamppost.people.notices import staff_of, tell
from lamppost.people.permissions import Permission

_LEVELS = list(LinkLevel)
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
_MAX_REFERENCE = 100
# How a partner may say that its work ended; the rest is for the city to say.
PROPOSED = (OutcomeKind.DONE, OutcomeKind.NOT_DONE, OutcomeKind.NOT_FOUND, OutcomeKind.REFERRED)
_SEES_WORK = (State.OPEN, State.WAITING)


@dataclass(frozen=True, slots=True)
class _Held:
    """A case and a link, both locked and checked; who acts; the key of the form."""

    case: Case
    link: PartnerLink
    actor: Actor
    key: str


def allows(link: PartnerLink, level: LinkLevel) -> bool:
    """Return whether the link may do what belongs to ``level``."""
    return _LEVELS.index(LinkLevel(link.level)) >= _LEVELS.index(level)


def note_opened(link: PartnerLink) -> None:
    """Remember when the partner first opened the link."""
    PartnerLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=timezone.now())


def accept(*, link_id: int, key: str) -> bool:
    """The partner takes the work on. Returns whether it was new; all steps do.

    Every step of this module raises ``NotFound`` for an unknown link, ``Forbidden`` for one
    that ended or may not do this, ``Conflict`` for a closed case, ``Invalid`` naming a field.
    The same ``key`` again is the same step and changes nothing.
    """

    def step(held: _Held) -> PartnerStep:
        if held.link.accepted_at is None:
            held.link.accepted_at = timezone.now()
            held.link.save(update_fields=["accepted_at"])
        _record(held, PartnerStep.ACCEPT)
        return PartnerStep.ACCEPT

    return _run(link_id, key, LinkLevel.NOTE, step)


def add_note(*, link_id: int, key: str, text: str, photos: Sequence[AnyPhoto] = ()) -> bool:
    """Keep the partner's words for the staff and their photos with the case; see ``accept``."""
    text, ready = _text(text), _photos(photos)
    if not text and not ready:
        raise Invalid(_("Write a note or add a photo."), field="text")

    def step(held: _Held) -> PartnerStep:
        kind = PartnerStep.NOTE if text else PartnerStep.PHOTO
        _attach(held, ready)
        _record(held, kind, text)
        return kind

    return _run(link_id, key, LinkLevel.NOTE, step)


def set_reference(*, link_id: int, key: str, reference: str) -> bool:
    """Keep the number the work has at the partner's; '' takes it away. See ``accept``."""
    reference = clean_line(reference)
    if len(reference) > _MAX_REFERENCE:
        message = _("Use at most %(limit)d characters.") % {"limit": _MAX_REFERENCE}
        raise Invalid(message, field="reference")

    def step(held: _Held) -> PartnerStep:
        held.link.reference = reference
        held.link.save(update_fields=["reference"])
        _record(held, PartnerStep.REFERENCE)
        return PartnerStep.REFERENCE

    return _run(link_id, key, LinkLevel.NOTE, step)


def set_status(*, link_id: int, key: str, status_code: str, text: str = "") -> bool:
    """Take the case to a status in which work goes on or waits, as the city's moves allow.

    See ``accept``; also ``Conflict`` for a step the city does not allow.
    """
    status, text = check_status(status_code), _text(text)
    if status.state not in _SEES_WORK:
        raise Invalid(_("Choose one of the statuses listed."), field="status")

    def step(held: _Held) -> PartnerStep:
        move_locked(held.case, status, text, actor=held.actor, at=timezone.now(), public=False)
        _record(held, PartnerStep.STATUS, to=status.id)  # the words came with the move
        return PartnerStep.STATUS

    return _run(link_id, key, LinkLevel.STATUS, step)


def report_done(
    *, link_id: int, key: str, outcome_code: str, text: str, photos: Sequence[AnyPhoto] = ()
) -> bool:
    """The partner says the work is done and how it ended.

    The case stays open and goes to the link's status for that (if a step leads there); its
    assignee and the department's managers are told to confirm. A link of level ``close``
    closes the case, when the outcome is that it was done and a photo of the work is with the
    report; else it is a report like any other. See ``accept``; also ``Conflict`` while an
    earlier report waits for its answer.
    """
    outcome, text, ready = check_outcome(outcome_code), _text(text), _photos(photos)
    if outcome.kind not in PROPOSED:
        raise Invalid(_("Choose how the work ended."), field="outcome")
    if not text:
        raise Invalid(_("Say in a sentence what was done."), field="text")

    def step(held: _Held) -> PartnerStep:
        if CompletionReport.objects.filter(case=held.case, verdict="").exists():
            raise Conflict(_("It is reported done already; the department is looking at it."))
        _attach(held, ready)
        if ready and outcome.kind is OutcomeKind.DONE and _closed(held, outcome, text):
            return PartnerStep.CLOSE
        _report(held, outcome, text)
        return PartnerStep.DONE

    return _run(link_id, key, LinkLevel.DONE, step)


def decide(*, report_id: int, confirmed: bool, actor: Actor, text: str = "") -> CompletionReport:
    """The department's answer to a report that the work is done; return the report.

    Confirming does not close the case: closing stays a step of its own, with the sentence for
    the resident. Sending back needs ``text``. Raises ``NotFound``, ``Conflict`` when it is
    answered already, ``Invalid`` without the text, ``Forbidden`` without the right to the case.
    """
    found = CompletionReport.objects.filter(pk=report_id).first()
    if found is None:
        raise NotFound(_("This report does not exist here."))
    text = checked_note(text, field="text")
    if not confirmed and not text:
        raise Invalid(_("Say what is still to be done."), field="text")
    with locked(found.case_id, Permission.CASE_WORK, actor) as case:
        report = CompletionReport.objects.select_for_update(of=("self",)).get(pk=found.pk)
        if report.verdict:
            raise Conflict(_("This report was answered already."))
        report.verdict = Verdict.CONFIRMED if confirmed else Verdict.SENT_BACK
        report.answer = text
        report.decided_by_id = actor.user_id
        report.decided_at = timezone.now()
        report.save(update_fields=["verdict", "answer", "decided_by", "decided_at"])
        record(
            case,
            EventKind.PARTNER_UPDATE,
            actor=actor,
            audience=EventAudience.STAFF,
            text=text,
            data={"change": report.verdict, "link": report.link_id, "report": report.pk},
        )
        return report


def statuses_for(case: Case) -> list[StatusEntry]:
    """Return the statuses a partner may choose: where the city's moves lead from here."""
    return [status for status in next_statuses(case) if status.state in _SEES_WORK]


def _run(link_id: int, key: str, level: LinkLevel, step: Callable[[_Held], PartnerStep]) -> bool:
    if not _KEY.match(key):
        raise Invalid(_("This form has no valid key. Open the page again."), field="key")
    with _held(link_id, key, level) as held:
        if PartnerEntry.objects.filter(link=held.link, key=key).exists():
            return False
        if held.case.state == State.CLOSED:
            raise Conflict(_("This case is closed. Thank you, nothing is left to do."))
        kind = step(held)
        now = timezone.now()
        PartnerEntry.objects.create(link=held.link, key=key, step=kind, at=now)
        held.case.updated_at = max(held.case.updated_at, now)
        held.case.save(update_fields=["updated_at"])
        return True


@contextmanager
def _held(link_id: int, key: str, level: LinkLevel) -> Iterator[_Held]:
    found = PartnerLink.objects.filter(pk=link_id).first()
    if found is None:
        raise NotFound(_("This link does not exist here."))
    actor = Actor(role=Role.RESIDENT, partner_link_id=found.pk, name=found.organization)
    with locked(found.case_id, None, actor) as case:
        link = PartnerLink.objects.select_for_update(of=("self",)).get(pk=found.pk)
        if not is_live(link, now=timezone.now()) or not allows(link, level):
            keep(actor, f"partner.link.{level}", detail=f"link {link.pk}")
            raise Forbidden(_("This link does not allow this."))
        yield _Held(case, link, actor, key)


def _text(text: str) -> str:
    return without_contact_details(checked_note(text, field="text"), city_in_scope().country)


def _photos(photos: Sequence[AnyPhoto]) -> list[Photo]:
    if len(photos) > MAX_PHOTOS_PER_REPORT:
        message = _("Send at most %(limit)d photos.") % {"limit": MAX_PHOTOS_PER_REPORT}
        raise Invalid(message, field="photos")
    ready = [prepared(photo) for photo in photos]
    return [photo for photo in ready if isinstance(photo, Photo)]


def _attach(held: _Held, photos: Sequence[Photo]) -> None:
    for photo in photos:
        attach(held.case, photo, actor=held.actor, by_staff=True, at=timezone.now())


def _record(held: _Held, step: PartnerStep, text: str = "", **data: int) -> None:
    record(
        held.case,
        EventKind.PARTNER_UPDATE,
        actor=held.actor,
        audience=EventAudience.STAFF,
        text=text,
        language=get_language() or "",
        data={"change": step, "link": held.link.pk, **data},
    )


def _closed(held: _Held, outcome: OutcomeEntry, text: str) -> bool:
    """Close the case if the link may; False when a colleague's work on it is still open."""
    if not allows(held.link, LinkLevel.CLOSE):
        return False
    need_photo(held.case, outcome)
    try:
        close_locked(held.case, outcome, text, actor=held.actor, at=timezone.now())
    except Conflict:
        return False
    _record(held, PartnerStep.CLOSE, outcome=outcome.id)
    return True


def _report(held: _Held, outcome: OutcomeEntry, text: str) -> None:
    report = CompletionReport.objects.create(
        link=held.link,
        case=held.case,
        outcome_id=outcome.id,
        text=text,
        at=timezone.now(),
    )
    _record(held, PartnerStep.DONE, text, outcome=outcome.id, report=report.pk)
    status = _status_when_done(held)
    if status is not None:
        move_locked(held.case, status, "", actor=held.actor, at=report.at)
    _tell(held, report)


def _status_when_done(held: _Held) -> StatusEntry | None:
    """The link's status for what is done; else, of a case that waits, one in which work goes
    on: the ball is with the department again, and so is the clock."""
    case, pages = held.case, book()
    wanted = pages.statuses.get(held.link.done_status_id or 0)
    if wanted is None and case.state == State.WAITING:
        wanted = pages.default_status(State.OPEN)
    # A step that asks for a reason is not taken: the words are the partner's, for the staff.
    free = wanted is not None and pages.moves.get((case.status_id, wanted.id)) is False
    return wanted if free else None


def _tell(held: _Held, report: CompletionReport) -> None:
    number, who = held.case.number, held.link.organization
    people = staff_of(roles={Role.MANAGER}, department_id=held.case.department_id)
    if held.case.assignee_id is not None:
        people += list(User.objects.filter(pk=held.case.assignee_id, is_active=True))

    def subject() -> str:
        return _("%(number)s: %(partner)s reports it done") % {"number": number, "partner": who}

    tell(
        {user.pk: user for user in people}.values(),
        NoticeKind.PARTNER,
        subject=subject,
        path=f"/desk/cases/{number}/",
        once_key=f"completion:{report.pk}",
        case_number=number,
    )
