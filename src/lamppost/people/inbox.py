"""The notices of one person: read at the desk, and mailed when they stay unread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Forbidden, NotFound
from lamppost.people.actors import Actor
from lamppost.people.models import Membership, StaffNotice

PAGE_SIZE = 50
# Counting stops here: "99+" says as much to a person.
COUNT_LIMIT = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a notice stands in a person's list: unread ones first, then the newest."""

    is_read: bool
    at: datetime
    notice_id: int

    @classmethod
    def parse(cls, text: str) -> Place:
        """Return the place ``str()`` spelled. Raises ``ValueError`` for anything else."""
        parts = text.split("-")
        if len(parts) != 3 or not all(one.isdecimal() and len(one) < 19 for one in parts):
            raise ValueError(f"{text!r} is not a place")
        read, at, notice_id = map(int, parts)
        try:
            return cls(bool(read), _EPOCH + at * _MICROSECOND, notice_id)
        except OverflowError:
            raise ValueError(f"{text!r} is not a place") from None

    def __str__(self) -> str:
        return f"{int(self.is_read)}-{(self.at - _EPOCH) // _MICROSECOND}-{self.notice_id}"


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some notices in order; ``after`` leads on, None at the end."""

    notices: tuple[StaffNotice, ...]
    after: Place | None


def notice_page(user_id: int, *, after: Place | None = None, size: int = PAGE_SIZE) -> NoticePage:
    """Return notices of a person, unread ones first, each part newest first; ≤ 2 queries."""
    rows = StaffNotice.objects.filter(user_id=user_id).order_by("-created_at", "-id")
    found: list[StaffNotice] = []
    if after is None or not after.is_read:
        unread = rows.filter(read_at__isnull=True)
        if after is not None:
            unread = unread.filter(_older(after))
        found = list(unread[: size + 1])
    if len(found) <= size:
        read = rows.filter(read_at__isnull=False)
        if after is not None and after.is_read:
            read = read.filter(_older(after))
        found += read[: size + 1 - len(found)]
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return NoticePage(
        tuple(shown), Place(last.read_at is not None, last.created_at, last.pk) if last else None
    )


def mark_read(*, actor: Actor, notice_id: int | None = None) -> int:
    """Mark one of the actor's own notices as read, or all of them for None; return how many.

    Raises ``NotFound`` for a notice that is not the actor's, ``Forbidden`` without an account.
    """
    rows = StaffNotice.objects.filter(user_id=_own(actor))
    if notice_id is not None:
        rows = rows.filter(pk=notice_id)
        if not rows.exists():
            raise NotFound(_("This notice does not exist here."))
    return rows.filter(read_at__isnull=True).update(read_at=timezone.now())


def mark_case_read(*, actor: Actor, case_number: str) -> int:
    """Mark the actor's notices of one case as read, since they read the case; return how many."""
    return StaffNotice.objects.filter(
        user_id=_own(actor), case_number=case_number, read_at__isnull=True
    ).update(read_at=timezone.now())


def wants_mail(actor: Actor) -> bool:
    """Return whether the actor's unread notices are also mailed."""
    rows = Membership.objects.filter(user_id=_own(actor), is_active=True)
    return bool(rows.values_list("mails_notices", flat=True).first())


def choose_mail(*, actor: Actor, wanted: bool) -> None:
    """Switch the mailing of the actor's own unread notices on or off."""
    Membership.objects.filter(user_id=_own(actor)).update(mails_notices=wanted)


def _own(actor: Actor) -> int:
    if actor.user_id is None:
        raise Forbidden(_("Your role does not allow this."))
    return actor.user_id


def _older(place: Place) -> Q:
    return Q(TupleLessThan(Tuple("created_at", "id"), (place.at, place.notice_id)))
