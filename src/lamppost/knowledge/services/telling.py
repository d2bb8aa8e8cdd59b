"""Telling staff about articles: who has to sign, what came of it, what is due for review."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope
from lamppost.knowledge.models import Article, ArticleVersion
from lamppost.people.choices import NoticeKind, Role
from lamppost.people.models import User
from lamppost.people.notices import staff_of, tell


def path_of(article: Article) -> str:
    """Return where an article is edited, from the root of the site."""
    return f"/desk/knowledge/articles/{article.code}/"


def tell_proposed(version: ArticleVersion, *, but: int | None) -> None:
    """Tell those who may sign that a text waits for them."""
    _tell(
        version,
        [user for user in _signers(version.article) if user.pk != but],
        f"proposed:{version.proposed_at:%Y%m%d%H%M%S}",
        lambda: _("Sign-off: %(question)s") % {"question": version.question},
    )


def tell_signed(version: ArticleVersion, *, but: int | None) -> None:
    """Tell those who wrote it that it is published."""
    _tell(
        version,
        _writers(version, but=but),
        "signed",
        lambda: _("Published: %(question)s") % {"question": version.question},
    )


def tell_sent_back(version: ArticleVersion, *, but: int | None) -> None:
    """Tell those who wrote it that it came back, and why."""
    _tell(
        version,
        _writers(version, but=but),
        f"back:{version.proposed_at:%Y%m%d%H%M%S}",
        lambda: _("Sent back: %(question)s") % {"question": version.question},
        text=lambda: version.returned_note,
    )


def tell_review_due(article: Article, *, due: date) -> int:
    """Tell the owning department that an article is to be checked; return how many are new."""
    question = article.current.question if article.current else article.code
    owners = staff_of(roles={Role.MANAGER}, department_id=article.department_id)
    people = owners or staff_of(roles={Role.SUPERVISOR})
    return tell(
        people,
        NoticeKind.KNOWLEDGE,
        subject=lambda: _("Is this still right? %(question)s") % {"question": question},
        path=path_of(article),
        once_key=f"article:{article.pk}:review:{due.isoformat()}",
        default_language=city_in_scope().default_language,
    )


def _tell(
    version: ArticleVersion,
    people: Iterable[User],
    step: str,
    subject: Callable[[], str],
    text: Callable[[], str] = str,
) -> None:
    tell(
        people,
        NoticeKind.KNOWLEDGE,
        subject=subject,
        text=text,
        path=path_of(version.article),
        once_key=f"article:{version.article_id}:{version.pk}:{step}",
        default_language=city_in_scope().default_language,
    )


def _signers(article: Article) -> list[User]:
    center = staff_of(roles={Role.SUPERVISOR})
    owners = staff_of(roles={Role.MANAGER}, department_id=article.department_id)
    return list({user.pk: user for user in (*center, *owners)}.values())


def _writers(version: ArticleVersion, *, but: int | None) -> list[User]:
    return [row.user for row in version.authors.select_related("user") if row.user_id != but]
