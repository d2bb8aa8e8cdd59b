"""Reading reviews: what is to be held, what was held, what it left to do, who takes part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils import timezone

from lamppost.cities.selectors import city_in_scope
from lamppost.insight.choices import SubjectKind
from lamppost.insight.models import Review, ReviewAction, ReviewAttendance, ReviewSubject
from lamppost.insight.period import Period, add_months, midnight
from lamppost.people.actors import Actor
from lamppost.people.models import Department
from lamppost.people.permissions import ALL_DEPARTMENTS

PAGE_SIZE = 50
_YEAR = 12


@dataclass(frozen=True, slots=True)
class HeldPage:
    """Some held reviews, newest first; ``after`` leads to older ones, None at the end."""

    reviews: tuple[Review, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Agenda:
    """The actions on the table: carried over from earlier meetings and still open, done since
    the meeting before, and agreed on in this one."""

    carried: tuple[ReviewAction, ...]
    done: tuple[ReviewAction, ...]
    new: tuple[ReviewAction, ...]


@dataclass(frozen=True, slots=True)
class Participation:
    """A department's part in the reviews of the last twelve months.

    ``held`` reviews were about it; at ``attended`` of them somebody of it was present.
    ``meetings`` counts every review and stat meeting it was present at.
    """

    department: Department
    held: int
    attended: int
    meetings: int
    open_actions: int
    late_actions: int


def reviews_for(actor: Actor) -> QuerySet[Review]:
    """Return the reviews the actor may read: all, or the own department's and the city's."""
    found = Review.objects.select_related("subject__agreement__service", "subject__department")
    if actor.role in ALL_DEPARTMENTS:
        return found
    return found.filter(
        Q(subject__department_id=actor.department_id) | Q(subject__kind=SubjectKind.STAT)
    )


def subjects_for(actor: Actor) -> QuerySet[ReviewSubject]:
    """Return the subjects on the calendar whose reviews the actor may read."""
    found = ReviewSubject.objects.select_related("agreement__service", "department")
    if actor.role not in ALL_DEPARTMENTS:
        found = found.filter(Q(department_id=actor.department_id) | Q(kind=SubjectKind.STAT))
    return found.order_by("kind", "department__code", "agreement__service__code", "id")


def to_hold(actor: Actor) -> list[Review]:
    """Return the reviews that were not held yet, the one due first on top. One query.

    At most one for each subject on the calendar.
    """
    return list(reviews_for(actor).filter(held_at__isnull=True).order_by("due_on", "id"))


def held_page(actor: Actor, *, after: str = "") -> HeldPage:
    """Return held reviews, newest first, from the position ``after``. One query.

    A position nobody was given is the beginning.
    """
    found = reviews_for(actor).filter(held_at__isnull=False).order_by("-held_at", "-id")
    position = _position(after)
    if position is not None:
        found = found.filter(TupleLessThan(Tuple("held_at", "id"), position))
    rows = list(found[: PAGE_SIZE + 1])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    mark = f"{last.held_at.timestamp():.6f}-{last.pk}" if last and last.held_at else None
    return HeldPage(tuple(rows[:PAGE_SIZE]), mark)


def agenda_of(review: Review) -> Agenda:
    """Return the actions on the table of a review. One query.

    An open action of an earlier review of the same subject is there by itself.
    """
    until = review.held_at or timezone.now()
    carried, done, new = [], [], []
    for action in (
        ReviewAction.objects.filter(subject_id=review.subject_id, created_at__lte=timezone.now())
        .select_related("owner", "done_by", "review", "subject")
        .order_by("due_on", "id")
    ):
        if action.review_id == review.pk:
            new.append(action)
        elif action.review.period_from > review.period_from or action.created_at > until:
            continue
        elif action.done_at is None or action.done_at > until:
            carried.append(action)
        elif action.done_at >= review.opened_at:
            done.append(action)
    return Agenda(tuple(carried), tuple(done), tuple(new))


def present_at(review: Review) -> list[ReviewAttendance]:
    """Return who was there, with department and name. One query."""
    found = ReviewAttendance.objects.filter(review=review).select_related("user", "department")
    return list(found.order_by("department__code", "user__name", "id"))


def participation(*, on: date) -> list[Participation]:
    """Return each active department's part in the twelve months up to ``on``. Four queries."""
    since = midnight(add_months(on, -_YEAR), city_in_scope().zone)
    rows = (
        Review.objects.filter(held_at__gte=since, subject__department__isnull=False)
        .values_list("pk", "subject__department_id")
        .order_by("pk")
    )
    about = dict(rows)
    present = set(
        ReviewAttendance.objects.filter(
            review__held_at__gte=since, department__isnull=False
        ).values_list("department_id", "review_id")
    )
    held = Counter(about.values())
    attended = Counter(one for one, review in present if about.get(review) == one)
    meetings = Counter(one for one, _review in present)
    actions = _open_actions(on)
    return [
        Participation(
            department,
            held[department.pk],
            attended[department.pk],
            meetings[department.pk],
            *actions.get(department.pk, (0, 0)),
        )
        for department in Department.objects.filter(is_active=True).order_by("code")
    ]


def stat_review(period: Period) -> Review | None:
    """Return the stat meeting about a quarter, if it was opened."""
    found = Review.objects.select_related("subject").filter(
        subject__kind=SubjectKind.STAT, period_from=period.first, period_to=period.last
    )
    return found.first()


def open_stat_actions() -> list[ReviewAction]:
    """Return what earlier stat meetings left to do, for a quarter without a meeting yet."""
    found = ReviewAction.objects.filter(
        subject__kind=SubjectKind.STAT, done_at__isnull=True
    ).select_related("owner", "review", "subject")
    return list(found.order_by("due_on", "id"))


def _open_actions(on: date) -> dict[int, tuple[int, int]]:
    """Open actions by the department of their owner, and how many are past their day."""
    rows = (
        ReviewAction.objects.filter(
            done_at__isnull=True,
            owner__memberships__city_id=city_in_scope().pk,
            owner__memberships__department__isnull=False,
        )
        .values_list("owner__memberships__department_id")
        .annotate(number=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))
        .order_by("owner__memberships__department_id")
    )
    found: Iterable[tuple[int | None, int, int]] = rows
    return {key: (number, late) for key, number, late in found if key is not None}


def _position(text: str) -> tuple[datetime, int] | None:
    stamp, _, key = text.partition("-")
    try:
        at = datetime.fromtimestamp(float(stamp), tz=city_in_scope().zone)
    except (ValueError, OverflowError, OSError):
        return None
    return (at, int(key)) if key.isascii() and key.isdecimal() and len(key) < 19 else None
