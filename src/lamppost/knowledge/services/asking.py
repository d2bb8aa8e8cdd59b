"""Noting what people looked for and whether it helped. Nothing here says who they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from lamppost.catalog.choices import Channel
from lamppost.knowledge.choices import AskedAt, GapKind, GapState
from lamppost.knowledge.models import Article, ArticleFeedback, ArticleVersion, Gap, KnowledgeSearch
from lamppost.knowledge.privacy import asked, without_numbers
from lamppost.knowledge.selectors.articles import article
from lamppost.people.rates import TooManyCalls, count_call

# A flood of searches or answers is counted no further; people are answered all the same.
_PER_MINUTE = 600
_SALT = "knowledge.search"
_HALF_DAY = 12 * 3600


@dataclass(frozen=True, slots=True)
class Asking:
    """Where somebody asks: the channel they came by, the place in it, and their language."""

    channel: Channel
    asked_at: AskedAt
    language: str


def note_search(query: str, *, hits: int, asking: Asking) -> str:
    """Note one search somebody sent off; return a token for what they open, or ''.

    Not for every letter typed: that would count one question many times. A search that found
    nothing goes into the queue of gaps.
    """
    words = asked(query)
    if not words or not _is_counted("knowledge-search"):
        return ""
    now = timezone.now()
    row = KnowledgeSearch.objects.create(
        at=now,
        query=words,
        language=asking.language,
        channel=asking.channel,
        asked_at=asking.asked_at,
        hits=min(hits, 1000),
    )
    if not hits:
        _gap(GapKind.NO_HIT, words, None, asking.language)
    return signing.dumps(row.pk, salt=_SALT)


def note_opened(token: str, article_code: str) -> None:
    """Note which article somebody opened after a search; a bad or old token is nothing."""
    try:
        search_id = signing.loads(token, salt=_SALT, max_age=_HALF_DAY)
    except signing.BadSignature:
        return
    opened = Article.objects.filter(code=article_code).first()
    if opened is not None:
        KnowledgeSearch.objects.filter(pk=search_id, opened=None).update(
            opened=opened, opened_at=timezone.now()
        )


def say_helped(
    article_code: str, *, helped: bool, asking: Asking, words: str = "", staff: bool = False
) -> None:
    """Note whether an article answered somebody's question, with their words if any.

    A "no" goes into the queue of gaps. A "yes" in the middle of reporting counts as a report
    that was spared. Raises ``NotFound`` for an article this reader cannot see.
    """
    shown = article(article_code, language=asking.language, staff=staff)
    if not _is_counted("knowledge-feedback"):
        return
    row = Article.objects.get(pk=shown.id)
    with transaction.atomic():
        ArticleFeedback.objects.create(
            article=row,
            version=ArticleVersion.objects.get(pk=shown.version_id),
            at=timezone.now(),
            asked_at=asking.asked_at,
            channel=asking.channel,
            language=asking.language,
            helped=helped,
            spared_report=helped and asking.asked_at == AskedAt.REPORT,
            words=without_numbers(words),
        )
        if not helped:
            _gap(GapKind.NOT_HELPED, "", row, asking.language)


def _is_counted(subject: str) -> bool:
    try:
        count_call(subject, per_minute=_PER_MINUTE)
    except TooManyCalls:
        return False
    return True


def _gap(kind: GapKind, query: str, row: Article | None, language: str) -> None:
    now = timezone.now()
    same = Gap.objects.filter(
        kind=kind, query=query, article=row, language=language, state=GapState.OPEN
    )
    if same.update(times=F("times") + 1, last_at=now):
        return
    try:
        with transaction.atomic():
            Gap.objects.create(
                kind=kind, query=query, article=row, language=language, first_at=now, last_at=now
            )
    except IntegrityError:  # somebody else asked the same in this moment
        same.update(times=F("times") + 1, last_at=now)
