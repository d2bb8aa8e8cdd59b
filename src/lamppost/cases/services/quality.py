"""A second look at closings: drawn each night, reviewed by somebody who did not close them."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cases.choices import ActorKind, EventAudience, EventKind, SamplePool, Verdict
from lamppost.cases.models import (
    Attachment,
    BulkCase,
    Case,
    CaseEvent,
    QualityDay,
    QualitySample,
)
from lamppost.cases.sampling import Closing, draw, reviewer_of
from lamppost.cases.services.events import record
from lamppost.cases.services.lifecycle import reopen_locked
from lamppost.cases.services.locking import is_own_case, locked
from lamppost.cases.services.notes import checked_note
from lamppost.catalog.choices import CaseKind, Channel, State
from lamppost.cities.models import City
from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.kernel.secrets import secret
from lamppost.people import denials
from lamppost.people.actors import Actor
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import Membership, User
from lamppost.people.notices import staff_of, tell
from lamppost.people.permissions import MATRIX, Permission, require

# How many days back a draw that did not run is made up for.
_CATCH_UP_DAYS = 7
PAGE = "/desk/quality/"


def sample_missing_days(*, now: datetime) -> int:
    """Draw from every recent day of the city that has ended and was not drawn from.

    Return how many closings were drawn. Run every night; a day is drawn from once, whatever
    is killed or run twice. The first draw of a city takes yesterday alone.
    """
    city = city_in_scope()
    today = now.astimezone(city.zone).date()
    last = QualityDay.objects.order_by("-day").values_list("day", flat=True).first()
    first = today - timedelta(days=_CATCH_UP_DAYS if last else 1)
    first = max(first, last + timedelta(days=1)) if last else first
    drawn = 0
    for offset in range((today - first).days):
        drawn += sample_day(first + timedelta(days=offset), now=now)
    return drawn


def sample_day(day: date, *, now: datetime) -> int:
    """Draw from the closings recorded on the local ``day``; return how many, 0 if done before.

    One transaction: the day's row and its samples are there together or not at all.
    """
    city = city_in_scope()
    key = sampling_key(city)
    with transaction.atomic():
        closings = _closings(day, city)
        samples = _drawn(closings, day, city, key)
        row, made = QualityDay.objects.get_or_create(
            day=day,
            defaults={
                "drawn_at": now,
                "closed_count": len(closings),
                "bulk_count": sum(one.is_bulk for one in closings),
                "sample_count": len(samples),
            },
        )
        if not made:
            return 0
        rows = _rows(samples, row, key)
        QualitySample.objects.bulk_create(rows)
        _tell_reviewers(rows, day)
    return len(rows)


def review(
    *,
    sample_id: int,
    is_true: bool,
    is_clear: bool,
    is_shown: bool | None,
    actor: Actor,
    note: str = "",
    reopen: bool = False,
) -> QualitySample:
    """Say what a second look at a closing found; return the sample with its verdict.

    ``is_true``: what the outcome says is so. ``is_clear``: the sentence can be understood.
    ``is_shown``: the photo shows it, None without one. An untrue closing may be opened again
    with ``note`` as the public reason. Raises ``Invalid`` when the note is missing where it is
    needed, ``Conflict`` for a sample reviewed before, ``Forbidden`` without the right and for
    who closed the case, ``NotFound`` for an unknown sample.
    """
    note = checked_note(note, field="note")
    found = QualitySample.objects.select_related("case").filter(pk=sample_id).first()
    about = f"case {found.case.number}" if found else ""
    require(actor, Permission.QUALITY_REVIEW, detail=about)
    if found is None:
        raise NotFound(_("This does not exist here."))
    verdict = verdict_of(is_true=is_true, is_clear=is_clear, is_shown=is_shown)
    _check_note(verdict, note, reopen=reopen)
    with locked(found.case_id, None, actor) as case:
        sample = QualitySample.objects.select_for_update(of=("self",)).get(pk=sample_id)
        sample.case = case
        _refuse_closer(sample, actor)
        if sample.verdict:
            raise Conflict(_("Somebody has looked at this already."))
        now = timezone.now()
        if reopen:
            _reopen(sample, note, actor, now)
        sample.is_true, sample.is_clear, sample.is_shown = is_true, is_clear, is_shown
        sample.verdict = verdict
        sample.note = note
        sample.reviewed_by_id, sample.reviewed_at = actor.user_id, now
        sample.reopened = reopen
        sample.save()
        _record(sample, actor, now)
        return sample


def verdict_of(*, is_true: bool, is_clear: bool, is_shown: bool | None) -> Verdict:
    """Return what three answers come to; a photo that shows something else proves nothing."""
    if not is_true or is_shown is False:
        return Verdict.WRONG
    return Verdict.OK if is_clear else Verdict.WORDING


def sampling_key(city: City) -> bytes:
    """Return the secret the city's draws are made with, made on first use."""
    own = secret(settings.HOME, "quality-sampling")
    return hmac.new(own.encode(), city.slug.encode(), hashlib.sha256).digest()


def _closings(day: date, city: City) -> list[Closing]:
    """Closings by staff and partners, by when they were written down: no date set back helps."""
    since = datetime.combine(day, time.min, tzinfo=city.zone)
    until = datetime.combine(day + timedelta(days=1), time.min, tzinfo=city.zone)
    rows = CaseEvent.objects.filter(
        recorded_at__gte=since,
        recorded_at__lt=until,
        kind=EventKind.CLOSED,
        actor__in=[ActorKind.STAFF, ActorKind.PARTNER],
        case__kind=CaseKind.SERVICE_REQUEST,
    ).exclude(channel=Channel.IMPORT)
    found = list(rows.values_list("pk", "case_id", "user_id"))
    ids = [event_id for event_id, _case_id, _user_id in found]
    in_bulk = set(BulkCase.objects.filter(event__in=ids).values_list("event_id", flat=True))
    return [
        Closing(event_id, case_id, user_id, event_id in in_bulk)
        for event_id, case_id, user_id in found
    ]


def _drawn(closings: list[Closing], day: date, city: City, key: bytes) -> dict[Closing, SamplePool]:
    bulk = [one for one in closings if one.is_bulk]
    drawn = dict.fromkeys(
        draw(bulk, day=day, key=key, percent=city.quality_bulk_percent), SamplePool.BULK
    )
    for one in draw(closings, day=day, key=key, percent=city.quality_percent):
        drawn.setdefault(one, SamplePool.ALL)
    return drawn


def _rows(drawn: dict[Closing, SamplePool], row: QualityDay, key: bytes) -> list[QualitySample]:
    reviewers = _reviewers(row.day)
    actors = [Actor(role=role, user_id=user_id) for user_id, role in reviewers.items()]
    events = CaseEvent.objects.in_bulk([one.event_id for one in drawn])
    cases = Case.objects.select_related("contact").in_bulk({one.case_id for one in drawn})
    rows = []
    for one, pool in drawn.items():
        case = cases[one.case_id]
        barred = [actor.user_id for actor in actors if is_own_case(case, actor)]
        rows.append(
            QualitySample(
                case=case,
                closing_id=one.event_id,
                day=row.day,
                pool=pool,
                department_id=events[one.event_id].department_id,
                closed_by_id=one.closer_id,
                assigned_to_id=reviewer_of(
                    one,
                    reviewers,
                    day=row.day,
                    key=key,
                    barred=[user_id for user_id in barred if user_id is not None],
                ),
                drawn_at=row.drawn_at,
            )
        )
    return rows


def _reviewers(day: date) -> dict[int, Role]:
    """Who may review, by user id; administrators only where nobody else is there."""
    roles = [role for role, may in MATRIX.items() if Permission.QUALITY_REVIEW in may]
    rows = Membership.objects.filter(role__in=roles, is_active=True, user__is_active=True)
    away = rows.filter(
        user__absences__first_day__lte=day + timedelta(days=1),
        user__absences__last_day__gte=day + timedelta(days=1),
    ).values_list("user_id", flat=True)
    found = {user_id: Role(role) for user_id, role in rows.values_list("user_id", "role")}
    here = {user_id: role for user_id, role in found.items() if user_id not in set(away)} or found
    return {user_id: role for user_id, role in here.items() if role != Role.ADMIN} or here


def _tell_reviewers(rows: Iterable[QualitySample], day: date) -> None:
    counts = Counter(row.assigned_to_id for row in rows)
    users = User.objects.in_bulk([user_id for user_id in counts if user_id is not None])
    for user_id, user in users.items():
        tell(
            [user],
            NoticeKind.QUALITY,
            subject=_how_many(counts[user_id]),
            path=PAGE,
            once_key=f"quality-{day.isoformat()}",
            default_language=city_in_scope().default_language,
        )


def _how_many(count: int) -> Callable[[], str]:
    return lambda: (
        ngettext("%(count)d closed case to look at", "%(count)d closed cases to look at", count)
        % {"count": count}
    )


def _check_note(verdict: Verdict, note: str, *, reopen: bool) -> None:
    if verdict is not Verdict.OK and not note:
        raise Invalid(_("Say what is wrong with it."), field="note")
    if reopen and verdict is not Verdict.WRONG:
        raise Invalid(_("Only an untrue closing is opened again."), field="reopen")


def _refuse_closer(sample: QualitySample, actor: Actor) -> None:
    if actor.user_id is None or actor.user_id != sample.closed_by_id:
        return
    about = f"case {sample.case.number}: closed the case"
    denials.keep(actor, Permission.QUALITY_REVIEW, department_id=sample.department_id, detail=about)
    raise Forbidden(_("You closed this case yourself: a colleague has to look at it."))


def _reopen(sample: QualitySample, note: str, actor: Actor, at: datetime) -> None:
    if sample.case.state != State.CLOSED:
        raise Conflict(_("This case is not closed any more."), field="reopen")
    reopen_locked(sample.case, note, actor=actor, at=at, because={"sample": sample.pk})
    number = sample.case.number
    tell(
        staff_of(roles={Role.MANAGER}, department_id=sample.case.department_id),
        NoticeKind.QUALITY,
        subject=lambda: _("Opened again after a second look: %(number)s") % {"number": number},
        path=f"/desk/cases/{number}/",
        once_key=f"quality-{sample.pk}-reopened",
        case_number=number,
        default_language=city_in_scope().default_language,
    )


def _record(sample: QualitySample, actor: Actor, at: datetime) -> None:
    record(
        sample.case,
        EventKind.QUALITY,
        actor=actor,
        audience=EventAudience.STAFF,
        at=at,
        text=sample.note,
        data={
            "sample": sample.pk,
            "verdict": sample.verdict,
            "pool": sample.pool,
            "department": sample.department_id,
            "closer": sample.closed_by_id,
            "has_photo": Attachment.objects.filter(case=sample.case, by_staff=True).exists(),
        },
    )
