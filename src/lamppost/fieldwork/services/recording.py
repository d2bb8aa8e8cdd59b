"""Writing down what an inspector saw, from a phone that may have been without a network."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case
from lamppost.cases.services import clocks
from lamppost.cases.services.events import record
from lamppost.cases.services.lifecycle import check_status, move_locked
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.cases.services.photos import MAX_PHOTOS_PER_REPORT, AnyPhoto, attach, prepared
from lamppost.catalog.choices import State
from lamppost.database.fields import Point
from lamppost.fieldwork.choices import Condition, InspectionState, Standing
from lamppost.fieldwork.models import Inspection, InspectionPhoto, InspectionRecord
from lamppost.fieldwork.selectors.rounds import is_theirs
from lamppost.fieldwork.times import believed_time
from lamppost.kernel.geo import Place, check_place
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound, Refusal
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.denials import keep
from lamppost.people.notices import staff_of, tell
from lamppost.people.permissions import Permission, may, require
from lamppost.sla.choices import TargetKind

MAX_SIZE = 100
# Half the earth's circumference: what no position can be off by.
_MAX_ACCURACY_M = 20_000_000.0
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}\Z")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the inspector wrote down.

    ``device_at`` (aware) is the time of the phone, ``place`` where it was, in degrees
    ``(long, lat)``, right to ``accuracy_m`` meters. ``status_code`` is the status the case is
    to take, '' for none.
    """

    condition: str
    size: str = ""
    note: str = ""
    device_at: datetime | None = None
    place: Place | None = None
    accuracy_m: float | None = None
    status_code: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The record kept; ``repeated`` when it was here already. ``told`` is for the inspector:
    what did not go as they may think."""

    record: InspectionRecord
    repeated: bool = False
    told: list[str] = field(default_factory=list)


def record_inspection(
    *, inspection_id: int, key: str, seen: Seen, actor: Actor, photos: Sequence[AnyPhoto] = ()
) -> Recorded:
    """Keep what was seen at an inspection; return the record.

    ``key`` is the device's own for this record: the same again gives the same record. What
    was seen later holds, in whatever order records arrive. A case that was closed, given to
    another department or planned anew meanwhile keeps the record as well, flagged, and the
    inspector is told. The clock of the inspection is met at the device's time when that can
    be true (``times.believed_time``), else at ours.

    Raises ``Invalid`` naming the field, also for a file that is no photo; ``NotFound`` for an
    unknown inspection, ``Forbidden`` for somebody else's, ``Conflict`` for a key used for
    something else.
    """
    require(actor, Permission.CASE_WORK)
    key, seen = _checked(key, seen)
    inspection = Inspection.objects.filter(pk=inspection_id).first()
    if inspection is None:
        raise NotFound(_("This inspection does not exist here."))
    if not is_theirs(inspection, actor):
        keep(actor, "inspection.record", detail=f"inspection {inspection_id}")
        raise Forbidden(_("This inspection is somebody else's."))
    if len(photos) > MAX_PHOTOS_PER_REPORT:
        message = _("Send at most %(limit)d photos.") % {"limit": MAX_PHOTOS_PER_REPORT}
        raise Invalid(message, field="photos")
    ready = [prepared(photo) for photo in photos]
    fingerprint = _fingerprint(inspection_id, seen)
    with locked(inspection.case_id, None, actor) as case:
        repeated = _repeated(key, fingerprint, actor)
        if repeated is not None:
            return Recorded(repeated, repeated=True)
        inspection = Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
        row = _kept(case, inspection, key, fingerprint, seen, actor)
        told = _told_of_standing(row, seen)
        told += _with_photos(case, row, ready, actor)
        _take(case, inspection, row, actor)
        if row.standing == Standing.TAKEN and seen.status_code:
            told += _moved(case, seen, row, actor)
        return Recorded(row, told=told)


def _checked(key: str, seen: Seen) -> tuple[str, Seen]:
    if not _KEY.match(key):
        raise Invalid(_("This form has no valid key. Open it again."), field="key")
    if seen.condition not in Condition.values:
        raise Invalid(_("Choose what you found."), field="condition")
    size = clean_line(seen.size)
    if len(size) > MAX_SIZE:
        message = _("Use at most %(limit)d characters.") % {"limit": MAX_SIZE}
        raise Invalid(message, field="size")
    if seen.status_code and check_status(seen.status_code).state is State.CLOSED:
        raise Invalid(_("An inspection does not close a case."), field="status")
    if seen.place is not None:
        check_place(*seen.place)
    accuracy = seen.accuracy_m
    if accuracy is not None and not (math.isfinite(accuracy) and 0 <= accuracy < _MAX_ACCURACY_M):
        raise Invalid(_("This accuracy cannot be."), field="accuracy")
    note = checked_note(seen.note, field="note")
    return key, Seen(
        condition=seen.condition,
        size=size,
        note=note,
        device_at=seen.device_at,
        place=seen.place,
        accuracy_m=accuracy if seen.place is not None else None,
        status_code=seen.status_code,
    )


def _fingerprint(inspection_id: int, seen: Seen) -> str:
    said = [
        inspection_id,
        seen.condition,
        seen.size,
        seen.note,
        seen.status_code,
        seen.device_at.isoformat() if seen.device_at else "",
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _repeated(key: str, fingerprint: str, actor: Actor) -> InspectionRecord | None:
    row = InspectionRecord.objects.filter(key=key).first()
    if row is not None and (row.fingerprint, row.user_id) != (fingerprint, actor.user_id):
        raise Conflict(_("This key was used for another record."), field="key")
    return row


def _kept(
    case: Case,
    inspection: Inspection,
    key: str,
    fingerprint: str,
    seen: Seen,
    actor: Actor,
) -> InspectionRecord:
    received_at = timezone.now()
    at = believed_time(seen.device_at, received_at=received_at, requested_at=case.requested_at)
    return InspectionRecord.objects.create(
        inspection=inspection,
        key=key,
        fingerprint=fingerprint,
        user_id=actor.user_id or 0,
        standing=_standing(case, inspection, at, actor),
        condition=seen.condition,
        size=seen.size,
        note=seen.note,
        device_at=seen.device_at,
        at=at,
        received_at=received_at,
        location=Point(*seen.place) if seen.place else None,
        accuracy_m=seen.accuracy_m,
    )


def _standing(case: Case, inspection: Inspection, at: datetime, actor: Actor) -> Standing:
    if inspection.record is not None and inspection.record.at > at:
        return Standing.OLDER
    if case.state == State.CLOSED:
        return Standing.CASE_CLOSED
    if not may(actor, Permission.CASE_WORK, department_id=case.department_id):
        return Standing.ELSEWHERE
    if inspection.state == InspectionState.CANCELLED:
        return Standing.REPLANNED
    return Standing.TAKEN


def _told_of_standing(row: InspectionRecord, seen: Seen) -> list[str]:
    sentences = {
        Standing.OLDER: _("A newer record of this inspection was here already. Yours is kept."),
        Standing.CASE_CLOSED: _(
            "The case was closed before your record reached us. It is kept with the case, and "
            "the department has been told."
        ),
        Standing.ELSEWHERE: _(
            "The case went to another department before your record reached us. It is kept "
            "with the case."
        ),
        Standing.REPLANNED: _(
            "The inspection was planned anew before your record reached us. It is kept with "
            "the case, and the department has been told."
        ),
    }
    told = [text for standing, text in sentences.items() if row.standing == standing]
    if seen.device_at is not None and row.at == row.received_at and seen.device_at != row.at:
        told.append(_("The clock of your phone is wrong; we noted the time it reached us."))
    return told


def _with_photos(
    case: Case, row: InspectionRecord, photos: Sequence[AnyPhoto], actor: Actor
) -> list[str]:
    """Attach the photos; those the case has no room for are told, and the record stays."""
    lost = 0
    for photo in photos:
        try:
            with transaction.atomic():
                # Not "by staff": such a photo would stand for the finished work.
                attachment = attach(case, photo, actor=actor, by_staff=False, at=row.at)
        except Invalid:
            lost += 1
        else:
            InspectionPhoto.objects.get_or_create(record=row, attachment=attachment)
    if not lost:
        return []
    return [
        ngettext(
            "%(count)d photo was not kept: the case has as many as it may.",
            "%(count)d photos were not kept: the case has as many as it may.",
            lost,
        )
        % {"count": lost}
    ]


def _take(case: Case, inspection: Inspection, row: InspectionRecord, actor: Actor) -> None:
    """Let the record count for the inspection, its clock and the case's history."""
    if row.standing != Standing.OLDER:
        inspection.record = row
        if inspection.state == InspectionState.PLANNED:
            inspection.state = InspectionState.DONE
            inspection.ended_at = row.received_at
        inspection.save(update_fields=["record", "state", "ended_at"])
        clocks.meet(case, TargetKind.INSPECT, at=row.at, actor=actor)
    is_taken = row.standing == Standing.TAKEN
    case.updated_at = max(case.updated_at, row.received_at)
    case.save(update_fields=["updated_at"])
    record(
        case,
        EventKind.INSPECTED,
        actor=actor,
        audience=EventAudience.PUBLIC if is_taken else EventAudience.STAFF,
        at=row.at,
        data={
            "change": "recorded",
            "inspection": inspection.pk,
            "record": row.pk,
            "condition": row.condition,
            "standing": row.standing,
        },
    )
    if row.standing in {Standing.CASE_CLOSED, Standing.REPLANNED} or (
        is_taken and row.condition == Condition.UNSAFE
    ):
        _tell_managers(case, row, actor)


def _moved(case: Case, seen: Seen, row: InspectionRecord, actor: Actor) -> list[str]:
    """Take the status the inspector chose; where that is no longer possible, say so."""
    status = check_status(seen.status_code)
    if status.id == case.status_id:
        return []
    try:
        move_locked(case, status, seen.note, actor=actor, at=row.received_at, public=False)
    except Refusal as refusal:
        return [_("The status was not changed: %(why)s") % {"why": refusal}]
    return []


def _tell_managers(case: Case, row: InspectionRecord, actor: Actor) -> None:
    people = staff_of(roles={Role.MANAGER}, department_id=case.department_id)
    number = case.number

    def subject() -> str:
        if row.standing == Standing.TAKEN:
            return _("%(number)s: the inspector found it dangerous") % {"number": number}
        return _("%(number)s: an inspection reached us late") % {"number": number}

    tell(
        [user for user in people if user.pk != actor.user_id],
        NoticeKind.WORK,
        subject=subject,
        path=f"/desk/cases/{number}/",
        once_key=f"inspection-record:{row.pk}",
        case_number=number,
    )
