"""Closings that get a second look, and what second looks have found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from lamppost.cases.choices import SamplePool, Verdict
from lamppost.cases.models import (
    Attachment,
    BulkRun,
    EventText,
    QualityDay,
    QualitySample,
)
from lamppost.cases.selectors.redress import Place

PAGE = 50
# Below this many looks a share says nothing.
LEAST = 10


@dataclass(frozen=True, slots=True)
class SamplePage:
    """Some samples in order, with their cases at hand; ``next`` is the id to go on after."""

    rows: list[QualitySample]
    next: int | None


@dataclass(frozen=True, slots=True)
class QualityCount:
    """What was found at one department, among all closings or those done many at once."""

    department_id: int
    pool: SamplePool
    looked_at: int
    ok: int
    wording: int
    wrong: int
    reopened: int

    @property
    def is_enough(self) -> bool:
        """Whether there are enough looks for a share to say anything."""
        return self.looked_at >= LEAST

    @property
    def wrong_percent(self) -> int:
        """Untrue closings in a hundred; 0 of none."""
        return round(100 * self.wrong / self.looked_at) if self.looked_at else 0


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some bulk runs, the newest first."""

    rows: Sequence[BulkRun]
    next: Place | None


def waiting_samples(
    *, user_id: int | None = None, after: int | None = None, limit: int = PAGE
) -> SamplePage:
    """Return samples nobody has looked at, in the order drawn; of one person when given."""
    rows = QualitySample.objects.filter(verdict="")
    if user_id is not None:
        rows = rows.filter(assigned_to_id=user_id)
    if after is not None:
        rows = rows.filter(id__gt=after)
    rows = rows.select_related("case", "closing", "closed_by", "assigned_to").order_by("id")
    found = list(rows[: limit + 1])
    return SamplePage(found[:limit], found[limit - 1].pk if len(found) > limit else None)


def one_sample(sample_id: int) -> QualitySample | None:
    """Return a sample with its case, closing and people at hand."""
    return (
        QualitySample.objects.select_related("case", "closing", "closed_by", "reviewed_by")
        .filter(pk=sample_id)
        .first()
    )


def sentence_of(sample: QualitySample) -> str:
    """Return what the resident read when the case was closed; '' when it was removed."""
    text = EventText.objects.filter(event_id=sample.closing_id).values_list("text", flat=True)
    return text.first() or ""


def staff_photos(sample: QualitySample) -> list[Attachment]:
    """Return the city's own photos of the case that are not hidden, oldest first."""
    rows = Attachment.objects.filter(case_id=sample.case_id, by_staff=True, is_hidden=False)
    return list(rows.order_by("id"))


def quality_counts(*, since: date) -> list[QualityCount]:
    """Return what looks at closings of days since ``since`` found; one query.

    Closings drawn out of bulk runs stand apart: they are drawn more often than others, and
    together the two would say nothing of either.
    """
    rows = (
        QualitySample.objects.filter(day__gte=since)
        .exclude(verdict="")
        .values("department_id", "pool")
        .order_by("department_id", "pool")
        .annotate(
            looked_at=Count("id"),
            ok=Count("id", filter=Q(verdict=Verdict.OK)),
            wording=Count("id", filter=Q(verdict=Verdict.WORDING)),
            wrong=Count("id", filter=Q(verdict=Verdict.WRONG)),
            again=Count("id", filter=Q(reopened=True)),
        )
    )
    return [
        QualityCount(
            row["department_id"], SamplePool(row["pool"]), row["looked_at"], row["ok"],
            row["wording"], row["wrong"], row["again"],
        )
        for row in rows
    ]  # fmt: skip


def recent_draws(limit: int = 14) -> list[QualityDay]:
    """Return the last days that were drawn from, the newest first."""
    return list(QualityDay.objects.order_by("-day")[:limit])


def bulk_runs(*, before: Place | None = None, limit: int = PAGE) -> RunPage:
    """Return steps done to many cases, the newest first, each with ``done_count``; one query."""
    rows = BulkRun.objects.select_related("user").annotate(done_count=Count("cases"))
    if before is not None:
        rows = rows.filter(Q(started_at__lt=before.at) | Q(started_at=before.at, id__lt=before.id))
    found = list(rows.order_by("-started_at", "-id")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return RunPage(found[:limit], Place(last.started_at, last.pk) if last else None)
