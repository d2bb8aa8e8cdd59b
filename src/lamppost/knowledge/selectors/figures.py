"""How the knowledge of a department did in a span of time: counts, no definitions of shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Q, Sum

from lamppost.cities.selectors import city_in_scope
from lamppost.knowledge.choices import VersionState
from lamppost.knowledge.models import (
    Article,
    ArticleFeedback,
    ArticleUse,
    ArticleVersion,
    KnowledgeSearch,
)


@dataclass(frozen=True, slots=True)
class KnowledgeCounts:
    """Counts from ``first`` to ``last`` (days of the city, both included), and what stands now.

    ``searches`` and ``found_nothing`` are the whole city's: a search has no department.
    ``articles``, ``due`` (review day passed) and ``stale`` (translations of an older version)
    are as they stand.
    """

    opened: int
    helped: int
    not_helped: int
    spared: int
    searches: int
    found_nothing: int
    articles: int
    due: int
    stale: int


def knowledge_counts(
    first: date, last: date, *, department_id: int | None = None
) -> KnowledgeCounts:
    """Return the counts of a department's articles, or of all. Five queries."""
    zone = city_in_scope().zone
    since = datetime.combine(first, time.min, zone)
    until = datetime.combine(last + timedelta(days=1), time.min, zone)
    own = Q() if department_id is None else Q(article__department=department_id)
    opened = ArticleUse.objects.filter(own, day__gte=first, day__lte=last)
    said = ArticleFeedback.objects.filter(own, at__gte=since, at__lt=until).aggregate(
        yes=Count("pk", filter=Q(helped=True)),
        no=Count("pk", filter=Q(helped=False)),
        spared=Count("pk", filter=Q(spared_report=True)),
    )
    searched = KnowledgeSearch.objects.filter(at__gte=since, at__lt=until).aggregate(
        all=Count("pk"), nothing=Count("pk", filter=Q(hits=0))
    )
    live = Article.objects.filter(is_active=True, current__isnull=False)
    if department_id is not None:
        live = live.filter(department=department_id)
    stands = live.aggregate(all=Count("pk"), due=Count("pk", filter=Q(review_by__lte=last)))
    stale = ArticleVersion.objects.filter(
        own, state=VersionState.PUBLISHED, translates__isnull=False, article__is_active=True
    ).exclude(translates=F("article__current"))
    return KnowledgeCounts(
        opened=opened.aggregate(n=Sum("opened"))["n"] or 0,
        helped=said["yes"],
        not_helped=said["no"],
        spared=said["spared"],
        searches=searched["all"],
        found_nothing=searched["nothing"],
        articles=stands["all"],
        due=stands["due"],
        stale=stale.count(),
    )
