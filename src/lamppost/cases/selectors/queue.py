"""A department's queue: its open cases, the one due first on top, page by page.

Pages are found by keyset, never by offset: a position is (due time, id), cases without a due
time stand after all others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils import timezone

from lamppost.cases.choices import TransferState
from lamppost.cases.models import Case, CaseArea, Transfer
from lamppost.cases.selectors.words import all_words
from lamppost.catalog.choices import State

PAGE_SIZE = 50
# Counting stops here: "2000+" says as much to a person and keeps the page's cost bounded.
COUNT_LIMIT = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# By hand: building eight counts with their conditions cost Django more than PostgreSQL's work.
# In the order of _COUNTED; overdue and today are what `due_is` says of them.
_COUNTS = """
SELECT count(*),
  count(*) FILTER (WHERE NOT is_paused AND due_at < %s),
  count(*) FILTER (WHERE NOT is_paused AND due_at >= %s AND due_at < %s),
  count(*) FILTER (WHERE is_paused),
  count(*) FILTER (WHERE assignee_id IS NULL),
  count(*) FILTER (WHERE assignee_id = %s),
  count(*) FILTER (WHERE team_id = ANY(%s)),
  count(*) FILTER (WHERE is_hazard){views}
FROM ({rows}) AS most_urgent"""
_COUNTED = (
    "total", "overdue", "today", "paused", "unassigned", "mine", "my_teams", "hazard",
)  # fmt: skip


class DueFilter(StrEnum):
    """Which part of the queue by its due time."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    PAUSED = "paused"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which open cases; what is empty does not restrict.

    ``department_id`` None means every department. ``assignee_id`` 0 means nobody. ``team_ids``
    are those of which the case is in one; an empty tuple means cases of no team.
    """

    department_id: int | None = None
    state: State | None = None
    service_id: int | None = None
    assignee_id: int | None = None
    due: DueFilter | None = None
    area_id: int | None = None
    hazard_only: bool = False
    team_ids: tuple[int, ...] | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a case stands in the queue."""

    due_at: datetime | None
    case_id: int

    @classmethod
    def of(cls, case: Case) -> Position:
        """Return the position of ``case``."""
        return cls(case.due_at, case.pk)

    @classmethod
    def parse(cls, text: str) -> Position:
        """Return the position ``str()`` spelled. Raises ``ValueError`` for anything else."""
        due, _, case_id = text.partition("-")
        if not (case_id.isdecimal() and len(case_id) < 19 and len(due) < 18):
            raise ValueError(f"{text!r} is not a position")
        if not due:
            return cls(None, int(case_id))
        if not due.isdecimal():
            raise ValueError(f"{text!r} is not a position")
        return cls(_EPOCH + int(due) * _MICROSECOND, int(case_id))

    def __str__(self) -> str:
        due = "" if self.due_at is None else str((self.due_at - _EPOCH) // _MICROSECOND)
        return f"{due}-{self.case_id}"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some rows in order. The positions lead to the pages around, None where there is none."""

    cases: tuple[Case, ...]
    before: Position | None
    after: Position | None


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many cases wait in a queue; counted up to ``COUNT_LIMIT`` of the most urgent ones."""

    total: int
    overdue: int
    today: int
    paused: int
    unassigned: int
    mine: int
    my_teams: int
    hazard: int
    views: tuple[int, ...] = ()

    @property
    def is_capped(self) -> bool:
        """Whether there are more cases than were counted."""
        return self.total >= COUNT_LIMIT


def queue_page(
    wanted: QueueFilter,
    *,
    after: Position | None = None,
    before: Position | None = None,
    now: datetime | None = None,
    size: int = PAGE_SIZE,
) -> QueuePage:
    """Return one page of the queue: the first, or the one after or before a position.

    One statement, two where a page begins among cases with a due time and ends among those
    without. Rows carry ``is_offered`` (a transfer awaits an answer) and their assignee.
    """
    rows = _for_list(matching(wanted, now=now or timezone.now()))
    if before is not None:
        found = _before(rows, before, size + 1)
        more_before, cases = len(found) > size, found[:size][::-1]
        more_after = True
    else:
        found = _after(rows, after, size + 1)
        more_after, cases = len(found) > size, found[:size]
        more_before = after is not None
    return QueuePage(
        cases=tuple(cases),
        before=Position.of(cases[0]) if cases and more_before else None,
        after=Position.of(cases[-1]) if cases and more_after else None,
    )


def neighbors(wanted: QueueFilter, case: Case) -> tuple[str, str]:
    """Return the numbers of the cases before and after ``case`` in the queue, or ''.

    Works for a case that has left the queue meanwhile: its place is by its due time.
    """
    rows = matching(wanted, now=timezone.now()).exclude(pk=case.pk).only("number", "due_at")
    place = Position.of(case)
    previous, following = _before(rows, place, 1), _after(rows, place, 1)
    return (
        previous[0].number if previous else "",
        following[0].number if following else "",
    )


def queue_counts(
    wanted: QueueFilter,
    *,
    user_id: int | None,
    team_ids: Collection[int] = (),
    views: Sequence[QueueFilter] = (),
    now: datetime | None = None,
) -> QueueCounts:
    """Count the queue of ``wanted.department_id`` by what a desk asks first; one statement.

    ``team_ids`` are the teams of ``user_id``, ``views`` further
    parts of the same queue to count beside; they cost no statement of
    their own.
    """
    now = now or timezone.now()
    rows = matching(QueueFilter(department_id=wanted.department_id), now=now)
    of_views = {f"view_{at}": _is(condition_of(view, now=now)) for at, view in enumerate(views)}
    most_urgent = (
        rows.annotate(**of_views)
        .order_by("due_at", "id")
        .values_list("due_at", "is_paused", "assignee_id", "team_id", "is_hazard", *of_views)
    )
    counted, given = most_urgent[:COUNT_LIMIT].query.sql_with_params()
    columns = "".join(f", count(*) FILTER (WHERE {name})" for name in of_views)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTS.format(views=columns, rows=counted),
            [now, now, _midnight(now) + timedelta(days=1), user_id, list(team_ids), *given],
        )
        found = cursor.fetchone() or ()
    fixed = dict(zip(_COUNTED, found, strict=False))
    return QueueCounts(**fixed, views=tuple(found[len(_COUNTED) :]))


def _is(condition: Q) -> ExpressionWrapper[Q]:
    return ExpressionWrapper(condition, output_field=BooleanField())


def matching_ids(wanted: QueueFilter, *, limit: int, now: datetime | None = None) -> list[int]:
    """Return the ids of the cases ``wanted`` describes in the queue's order, at most ``limit``."""
    rows = matching(wanted, now=now or timezone.now()).order_by("due_at", "id")
    return list(rows.values_list("pk", flat=True)[:limit])


def matching(wanted: QueueFilter, *, now: datetime) -> QuerySet[Case]:
    """Return the open cases that ``wanted`` describes, in no order."""
    return Case.objects.exclude(state=State.CLOSED).filter(condition_of(wanted, now=now))


def condition_of(wanted: QueueFilter, *, now: datetime) -> Q:
    """Return what ``wanted`` asks of an open case, as a condition on its row."""
    exact = {
        "department_id": wanted.department_id,
        "state": wanted.state,
        "service_id": wanted.service_id,
    }
    found = Q(**{name: value for name, value in exact.items() if value is not None})
    if wanted.assignee_id is not None:
        found &= Q(assignee_id=wanted.assignee_id) if wanted.assignee_id else Q(assignee=None)
    if wanted.team_ids is not None:
        found &= Q(team_id__in=wanted.team_ids) if wanted.team_ids else Q(team=None)
    if wanted.due is not None:
        found &= due_is(wanted.due, now)
    if wanted.hazard_only:
        found &= Q(is_hazard=True)
    if wanted.area_id is not None:
        inside = CaseArea.objects.filter(case=OuterRef("pk"), area_id=wanted.area_id)
        found &= Q(Exists(inside))
    if wanted.text:
        found &= Q(number=wanted.text) | all_words(wanted.text)
    return found


def due_is(due: DueFilter, now: datetime) -> Q:
    """Return the condition for a part of the queue at ``now`` (aware).

    A paused case is not overdue: its clock stands still. Today ends at midnight of the
    active time zone; a week is seven times 24 hours from now.
    """
    running, tomorrow = Q(is_paused=False), _midnight(now) + timedelta(days=1)
    conditions = {
        DueFilter.OVERDUE: running & Q(due_at__lt=now),
        DueFilter.TODAY: running & Q(due_at__gte=now, due_at__lt=tomorrow),
        DueFilter.WEEK: running & Q(due_at__gte=now, due_at__lt=now + timedelta(days=7)),
        DueFilter.PAUSED: Q(is_paused=True),
        DueFilter.NONE: Q(due_at__isnull=True),
    }
    return conditions[due]


def _midnight(now: datetime) -> datetime:
    """The beginning of the day of ``now`` in the active time zone."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _for_list(rows: QuerySet[Case]) -> QuerySet[Case]:
    offers = Transfer.objects.filter(case=OuterRef("pk"), state=TransferState.OFFERED)
    return (
        rows.annotate(is_offered=Exists(offers), assignee_name=F("assignee__name"))
        .only(
            "number", "service_id", "department_id", "status_id", "state", "address", "unit",
            "due_at", "is_paused", "is_hazard", "is_boundary_doubtful", "photo_count",
            "follower_count", "reopen_count", "requested_at", "assignee_id", "visibility",
            "team_id", "priority",
        )
    )  # fmt: skip


def _after(rows: QuerySet[Case], place: Position | None, count: int) -> list[Case]:
    if place is None:
        return list(rows.order_by("due_at", "id")[:count])
    timeless = rows.filter(due_at__isnull=True).order_by("id")
    if place.due_at is None:
        return list(timeless.filter(id__gt=place.case_id)[:count])
    later = TupleGreaterThan(Tuple(F("due_at"), F("id")), (place.due_at, place.case_id))
    found = list(rows.filter(later).order_by("due_at", "id")[:count])
    if len(found) < count:
        found += timeless[: count - len(found)]
    return found


def _before(rows: QuerySet[Case], place: Position, count: int) -> list[Case]:
    """The rows before ``place``, nearest first."""
    timed = rows.filter(due_at__isnull=False).order_by("-due_at", "-id")
    if place.due_at is not None:
        sooner = TupleLessThan(Tuple(F("due_at"), F("id")), (place.due_at, place.case_id))
        return list(timed.filter(sooner)[:count])
    timeless = rows.filter(due_at__isnull=True, id__lt=place.case_id).order_by("-id")
    found = list(timeless[:count])
    if len(found) < count:
        found += timed[: count - len(found)]
    return found
