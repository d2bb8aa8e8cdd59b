"""The evidence of a review: live until it is held, as it stood then ever after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from lamppost.insight.choices import GroupKind, Section, SubjectKind
from lamppost.insight.figures import Figure, share
from lamppost.insight.models import Review, ReviewFigure
from lamppost.insight.period import Period
from lamppost.insight.selectors import measures
from lamppost.insight.selectors.measures import Scope
from lamppost.insight.selectors.stat import stat_figures
from lamppost.knowledge.selectors.figures import knowledge_counts


@dataclass(frozen=True, slots=True)
class Evidence:
    """The figures of a review. ``as_of`` is when they were true: the moment it was held, or
    up to when the daily counts are; None before the first count."""

    figures: tuple[Figure, ...]
    as_of: datetime | None
    is_frozen: bool

    def of(self, section: Section, kind: GroupKind = GroupKind.WHOLE) -> list[Figure]:
        """Return the figures of one section and kind of group, in order."""
        return [one for one in self.figures if one.section is section and one.group_kind is kind]


def evidence_of(review: Review) -> Evidence:
    """Return what there is to look at. One query for a held review, else at most seven."""
    if review.held_at is not None:
        return Evidence(tuple(_stored(review)), review.held_at, is_frozen=True)
    return Evidence(tuple(live_figures(review)), measures.counted_until(), is_frozen=False)


def live_figures(review: Review) -> list[Figure]:
    """Return the figures of the review's period as they stand now."""
    period = Period(review.period_from, review.period_to)
    subject = review.subject
    now = timezone.now()
    if subject.kind == SubjectKind.STAT:
        return stat_figures(period, now=now)
    if subject.kind == SubjectKind.KNOWLEDGE:
        return _of_knowledge(period, subject.department_id)
    if subject.agreement is None:
        return []
    scope = Scope(subject.agreement.service_id, subject.agreement.department_id)
    return [*measures.evidence(period, scope), *measures.equity(period, scope, now=now)]


def _of_knowledge(period: Period, department_id: int | None) -> list[Figure]:
    """How the articles of a department did: opened, helped, found, checked, translated."""
    counts = knowledge_counts(period.first, period.last, department_id=department_id)
    said = counts.helped + counts.not_helped
    return [
        Figure("article_opened", Decimal(counts.opened)),
        Figure("article_helped", share(counts.helped, said), said),
        Figure("search_nothing", share(counts.found_nothing, counts.searches), counts.searches),
        Figure("report_spared", Decimal(counts.spared)),
        Figure("article_due", share(counts.due, counts.articles), counts.articles),
        Figure("translation_stale", Decimal(counts.stale)),
    ]


def _stored(review: Review) -> Iterable[Figure]:
    for row in ReviewFigure.objects.filter(review=review).order_by("id"):
        yield Figure(
            row.measure,
            row.value,
            row.n,
            Section(row.section),
            GroupKind(row.group_kind),
            row.group_code,
            row.group_name,
        )
