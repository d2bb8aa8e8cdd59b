"""What the person who reported a case may do with its secret link.

The face has proved that the actor holds the link; staff use the services of the desk.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamppost.cases.choices import EventAudience, EventKind
from lamppost.cases.models import Case, Follower
from lamppost.cases.services.events import record
from lamppost.cases.services.lifecycle import close_locked
from lamppost.cases.services.locking import locked
from lamppost.cases.services.notes import checked_note
from lamppost.cases.services.photos import Upload, attach
from lamppost.cases.services.redress import withdraw_open
from lamppost.catalog.book import book
from lamppost.catalog.choices import Channel, OutcomeKind, State
from lamppost.kernel.ids import digest
from lamppost.kernel.images import reencode
from lamppost.kernel.refusals import Conflict, Invalid
from lamppost.people.actors import Actor


def comment(
    *,
    case_id: int,
    text: str,
    actor: Actor,
    photos: Sequence[Upload] = (),
    channel: Channel | None = None,
) -> Case:
    """Add words and photos of the reporter; return the case.

    The words are for the staff and the reporter; photos are shown like those of the report.
    ``channel`` is how they came, by default the web.
    Raises ``Invalid`` when there is neither or a photo cannot be read: nothing is kept then.
    """
    text = checked_note(text, field="text")
    if not text and not photos:
        raise Invalid(_("Write something or choose a photo."), field="text")
    encoded = [reencode(photo) for photo in photos]
    with locked(case_id, None, actor) as case:
        now = timezone.now()
        if text:
            case.updated_at = now
            case.save(update_fields=["updated_at"])
            record(
                case,
                EventKind.RESIDENT_COMMENT,
                actor=actor,
                audience=EventAudience.STAFF,
                at=now,
                channel=channel,
                text=text,
                language=get_language() or "",
            )
        for photo in encoded:
            attach(case, photo, actor=actor, by_staff=False, at=now)
        return case


def withdraw(*, case_id: int, actor: Actor, text: str = "") -> Case:
    """The reporter takes the report back: it closes as withdrawn; return the case.

    A promise that was still ahead is gone without a verdict; one already broken stays
    broken. Raises ``Conflict`` for a closed case.
    """
    text = checked_note(text, field="text")
    with locked(case_id, None, actor) as case:
        if case.state == State.CLOSED:
            raise Conflict(_("This case is already closed."))
        now = timezone.now()
        withdraw_open(case, actor=actor, at=now)
        is_late = case.due_at is not None and now > case.due_at
        close_locked(
            case,
            book().outcome_of_kind(OutcomeKind.WITHDRAWN),
            text or _("The person who reported it took the report back."),
            actor=actor,
            at=now,
            keep_clocks=is_late,
        )
        return case


def stop_following(*, case_id: int, token: str, actor: Actor) -> None:
    """Forget a follower; doing it again changes nothing."""
    with locked(case_id, None, actor) as case:
        gone, _rows = Follower.objects.filter(case=case, token_digest=digest(token)).delete()
        if gone:
            Case.objects.filter(pk=case.pk, follower_count__gt=0).update(
                follower_count=F("follower_count") - 1
            )
