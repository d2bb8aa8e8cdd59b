"""Answering the city: what was not done or not found is asked about, and the answer counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case
from lamppost.cases.services.corrections import set_place
from lamppost.cases.services.events import record
from lamppost.cases.services.lifecycle import reopen_locked
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.cases.services.photos import Upload, attach
from lamppost.cases.services.redress import closing_of, responsible_for, was_looked_at
from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel, OutcomeKind, State
from lamppost.cities.selectors import city_in_scope
from lamppost.database.fields import Point
from lamppost.kernel.geo import check_place
from lamppost.kernel.images import reencode
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind
from lamppost.people.notices import tell
from lamppost.places.locate import is_outside

# Ends that ask for an answer: the city says that it did nothing, and why.
INVITE_ANSWER = frozenset({OutcomeKind.NOT_DONE, OutcomeKind.NOT_FOUND})


def answer(
    *,
    case_id: int,
    actor: Actor,
    text: str = "",
    point: Point | None = None,
    photos: Sequence[Upload] = (),
    channel: Channel | None = None,
    at: datetime | None = None,
) -> Case:
    """Answer a case that ended as not done or not found: it goes back to its department.

    ``text`` is for the staff, ``point`` a better place, ``photos`` are shown like those of
    the report; one of the three is needed. ``channel`` is how it came, by default the web.
    The same clock runs on. The face has proved that the actor is the reporter. Raises
    ``Invalid`` naming the field, ``Conflict`` when the case ended otherwise, is open, or the
    city's days have passed.
    """
    text = checked_note(text, field="text")
    if not text and point is None and not photos:
        raise Invalid(_("Write something, mark a better place or choose a photo."), field="text")
    if point is not None:
        check_place(point.long, point.lat)
        if is_outside(city_in_scope(), point):
            raise Invalid(_("This place is outside the city."), field="location")
    encoded = [reencode(photo) for photo in photos]
    with locked(case_id, None, actor) as case:
        now = at or timezone.now()
        _check_open_for_answers(case, now)
        reopen_locked(case, "", actor=actor, at=now, because={"answer": True})
        if text:
            _say(case, text, actor, now, channel)
        if point is not None and point != case.location:
            _move_place(case, point, actor, now)
        for photo in encoded:
            attach(case, photo, actor=actor, by_staff=False, at=now)
        _tell_department(case)
        return case


def _check_open_for_answers(case: Case, now: datetime) -> None:
    if case.state != State.CLOSED or case.closed_at is None or case.outcome_id is None:
        raise Conflict(_("This case is not closed."))
    if book().outcomes[case.outcome_id].kind not in INVITE_ANSWER:
        raise Conflict(_("This request is done. Say that it is not fixed if it is not."))
    days = book().services_by_id[case.service_id].reopen_days
    if now > case.closed_at + timedelta(days=days):
        raise Conflict(
            _("This case was closed more than %(days)d days ago. Please make a new report.")
            % {"days": days}
        )
    closing = closing_of(case)
    if closing is not None and was_looked_at(closing):
        raise Conflict(
            _(
                "The 311 center has looked at this already. You can still add something, or make "
                "a new report if the problem is there."
            )
        )


def _say(case: Case, text: str, actor: Actor, at: datetime, channel: Channel | None) -> None:
    record(
        case,
        EventKind.RESIDENT_COMMENT,
        actor=actor,
        audience=EventAudience.STAFF,
        at=at,
        channel=channel,
        text=text,
        language=get_language() or "",
        data={"answer": True},
    )


def _move_place(case: Case, point: Point, actor: Actor, at: datetime) -> None:
    set_place(case, point)
    case.save()
    record(
        case,
        EventKind.EDITED,
        actor=actor,
        audience=EventAudience.STAFF,
        at=at,
        data={"fields": ["location"]},
    )


def _tell_department(case: Case) -> None:
    number, times = case.number, case.reopen_count
    tell(
        responsible_for(case),
        NoticeKind.REDRESS,
        subject=lambda: _("The reporter has answered: %(number)s") % {"number": number},
        path=f"/desk/cases/{number}/",
        once_key=f"answer-{case.pk}-{times}",
        case_number=number,
        default_language=city_in_scope().default_language,
    )
