"""Writing, signing and publishing a version; the one place that changes what readers see."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from lamppost.cities.selectors import city_in_scope
from lamppost.knowledge.choices import Readers, VersionState
from lamppost.knowledge.models import (
    Article,
    ArticleVersion,
    VersionAnswer,
    VersionLink,
    VersionRelated,
    VersionStep,
)
from lamppost.knowledge.services.indexing import index_article


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a version says: ``steps`` (code, text), ``links`` (code, text, address), ``answers``
    (question, value) and ``related`` codes, each in order.

    A translation says words only: the fields after ``links`` are the original's.
    """

    question: str
    answer: str
    keywords: str = ""
    spoken: str = ""
    eligibility: str = ""
    steps: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()
    readers: str = Readers.PUBLIC
    topic: str = ""
    is_featured: bool = False
    review_months: int = 12
    service_id: int | None = None
    answers: tuple[tuple[str, str], ...] = ()
    related: tuple[str, ...] = ()


PLAIN_FIELDS = (
    "question",
    "answer",
    "keywords",
    "spoken",
    "eligibility",
    "readers",
    "topic",
    "is_featured",
    "review_months",
    "service_id",
)


def said(version: ArticleVersion) -> Said:
    """Return what ``version`` says."""
    return Said(
        **{name: getattr(version, name) for name in PLAIN_FIELDS},
        steps=tuple((row.code, row.text) for row in version.steps.all()),
        links=tuple((row.code, row.text, row.url) for row in version.links.all()),
        answers=tuple((row.question, row.value) for row in version.answers.all()),
        related=tuple(row.code for row in version.related.all()),
    )


def write_version(
    article: Article,
    language: str,
    what: Said,
    *,
    state: VersionState,
    now: datetime,
    translates: ArticleVersion | None = None,
    written_by_id: int | None = None,
    is_of_pack: bool = False,
    note: str = "",
) -> ArticleVersion:
    """Write the next version of ``article`` in ``language``, in the caller's transaction."""
    rows = ArticleVersion.objects.filter(article=article, language=language)
    last = rows.order_by("-n").values_list("n", flat=True).first()
    version = ArticleVersion.objects.create(
        article=article,
        language=language,
        n=(last or 0) + 1,
        translates=translates,
        state=state,
        note=note,
        written_by_id=written_by_id,
        written_at=now,
        is_of_pack=is_of_pack,
        **{name: getattr(what, name) for name in PLAIN_FIELDS},
    )
    write_parts(version, what)
    return version


def put_in_force(version: ArticleVersion, *, now: datetime, signed_by_id: int | None) -> None:
    """Publish ``version`` in place of the one before, and have the search find it.

    Takes a version whose parts are written, under a lock of its article. Publishing the
    original is a review of it: the next is due ``review_months`` later.
    """
    article = version.article
    ArticleVersion.objects.filter(
        article=article, language=version.language, state=VersionState.PUBLISHED
    ).update(state=VersionState.REPLACED, replaced_at=now)
    version.state = VersionState.PUBLISHED
    version.published_at = now
    version.signed_by_id = signed_by_id
    version.save(update_fields=["state", "published_at", "signed_by"])
    if version.translates_id is None:
        article.current = version
        article.reviewed_at = now
        article.reviewed_by_id = signed_by_id
        article.review_by = next_review(version, now=now)
        article.save(update_fields=["current", "reviewed_at", "reviewed_by", "review_by"])
    index_article(article)


def next_review(version: ArticleVersion, *, now: datetime) -> date:
    """Return the day of the city by which ``version`` is to be checked, if checked ``now``."""
    today = timezone.localdate(now, city_in_scope().zone)
    month = today.month - 1 + version.review_months
    year, month = today.year + month // 12, month % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def write_parts(version: ArticleVersion, what: Said) -> None:
    """Write the steps, links, answers and related articles of a version that has none yet."""
    VersionStep.objects.bulk_create(
        VersionStep(version=version, order=at, code=code, text=text)
        for at, (code, text) in enumerate(what.steps, start=1)
    )
    VersionLink.objects.bulk_create(
        VersionLink(version=version, order=at, code=code, text=text, url=url)
        for at, (code, text, url) in enumerate(what.links, start=1)
    )
    VersionAnswer.objects.bulk_create(
        VersionAnswer(version=version, question=question, value=value)
        for question, value in what.answers
    )
    VersionRelated.objects.bulk_create(
        VersionRelated(version=version, order=at, code=code)
        for at, code in enumerate(what.related, start=1)
    )
