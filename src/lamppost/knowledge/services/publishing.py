"""Writing, signing and publishing a version; the one place that changes what readers see."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max
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
from lamppost.knowledge.services.indexing import index_articles


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


Reader = Callable[[ArticleVersion], None]
_READERS: list[Reader] = []


def call_on_published(reader: Reader) -> None:
    """Have ``reader`` called with every version that is published, in that transaction.

    For floors above: who follows an article is told of its new wording.
    """
    if reader not in _READERS:
        _READERS.append(reader)


@dataclass(frozen=True, slots=True)
class Publication:
    """A version to be published without a draft before it; ``translates`` for a translation."""

    article: Article
    language: str
    what: Said
    translates: ArticleVersion | None = None


def write_draft(
    article: Article,
    language: str,
    what: Said,
    *,
    now: datetime,
    written_by_id: int | None,
    translates: ArticleVersion | None = None,
    note: str = "",
) -> ArticleVersion:
    """Write the next version of ``article`` in ``language`` as a draft and return it."""
    version = _version(Publication(article, language, what, translates), _next(article, language))
    version.written_by_id = written_by_id
    version.written_at = now
    version.note = note
    version.save()
    write_parts([(version, what)])
    return version


def publish_packed(publications: Sequence[Publication], *, now: datetime) -> None:
    """Publish what a pack brings, many at once: the originals, or then their translations.

    In the caller's transaction, which indexes the articles when all is written.
    """
    last = {
        (row["article_id"], row["language"]): row["last"]
        for row in ArticleVersion.objects.filter(article__in=[one.article for one in publications])
        .values("article_id", "language")
        .order_by()
        .annotate(last=Max("n"))
    }
    made = []
    for one in publications:
        version = _version(one, last.get((one.article.pk, one.language), 0) + 1)
        version.state = VersionState.PUBLISHED
        version.written_at = version.published_at = now
        version.is_of_pack = True
        made.append((version, one.what))
    for language in {one.language for one in publications}:
        _make_way([one.article for one in publications if one.language == language], language, now)
    ArticleVersion.objects.bulk_create(version for version, _what in made)
    write_parts(made)
    for version, _what in made:
        _call_readers(version)
    originals = [version for version, _what in made if version.translates_id is None]
    for version in originals:
        _stand_on(version, now=now, reviewed_by_id=None)
    Article.objects.bulk_update([version.article for version in originals], _STANDING)


def put_in_force(version: ArticleVersion, *, now: datetime, signed_by_id: int) -> None:
    """Publish the draft ``version`` in place of the one before, and have the search find it.

    Under a lock of its article. Publishing the original is a review of it, too: the next is
    due ``review_months`` later.
    """
    article = version.article
    _make_way([article], version.language, now)
    version.state = VersionState.PUBLISHED
    version.published_at = now
    version.signed_by_id = signed_by_id
    version.save(update_fields=["state", "published_at", "signed_by"])
    if version.translates_id is None:
        _stand_on(version, now=now, reviewed_by_id=signed_by_id)
        article.save(update_fields=_STANDING)
    index_articles([article])
    _call_readers(version)


def _call_readers(version: ArticleVersion) -> None:
    for reader in _READERS:
        reader(version)


_STANDING = ["current", "reviewed_at", "reviewed_by", "review_by"]


def _stand_on(version: ArticleVersion, *, now: datetime, reviewed_by_id: int | None) -> None:
    version.article.current = version
    version.article.reviewed_at = now
    version.article.reviewed_by_id = reviewed_by_id
    version.article.review_by = next_review(version, now=now)


def _make_way(articles: Sequence[Article], language: str, now: datetime) -> None:
    ArticleVersion.objects.filter(
        article__in=articles, language=language, state=VersionState.PUBLISHED
    ).update(state=VersionState.REPLACED, replaced_at=now)


def _next(article: Article, language: str) -> int:
    rows = ArticleVersion.objects.filter(article=article, language=language)
    return (rows.aggregate(last=Max("n"))["last"] or 0) + 1


def _version(one: Publication, n: int) -> ArticleVersion:
    return ArticleVersion(
        article=one.article,
        language=one.language,
        n=n,
        translates=one.translates,
        state=VersionState.DRAFT,
        **{name: getattr(one.what, name) for name in PLAIN_FIELDS},
    )


def next_review(version: ArticleVersion, *, now: datetime) -> date:
    """Return the day of the city by which ``version`` is to be checked, if checked ``now``."""
    today = timezone.localdate(now, city_in_scope().zone)
    month = today.month - 1 + version.review_months
    year, month = today.year + month // 12, month % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def write_parts(written: Sequence[tuple[ArticleVersion, Said]]) -> None:
    """Write the steps, links, answers and related articles of versions that have none yet."""
    VersionStep.objects.bulk_create(
        VersionStep(version=version, order=at, code=code, text=text)
        for version, what in written
        for at, (code, text) in enumerate(what.steps, start=1)
    )
    VersionLink.objects.bulk_create(
        VersionLink(version=version, order=at, code=code, text=text, url=url)
        for version, what in written
        for at, (code, text, url) in enumerate(what.links, start=1)
    )
    VersionAnswer.objects.bulk_create(
        VersionAnswer(version=version, question=question, value=value)
        for version, what in written
        for question, value in what.answers
    )
    VersionRelated.objects.bulk_create(
        VersionRelated(version=version, order=at, code=code)
        for version, what in written
        for at, code in enumerate(what.related, start=1)
    )
