"""What a pack knows, as plain values: articles and the directory. See ``content``."""

from __future__ import annotations

from dataclasses import dataclass, field

from lamppost.packs.content import Row, Texts


@dataclass(frozen=True, kw_only=True)
class Topic(Row):
    """The file ``articles/CODE.yaml``."""

    code: str
    name: Texts


@dataclass(frozen=True, kw_only=True)
class ArticleStep(Row):
    code: str
    text: Texts


@dataclass(frozen=True, kw_only=True)
class ArticleLink(Row):
    code: str
    text: Texts
    url: str


@dataclass(frozen=True, kw_only=True)
class Article(Row):
    """``answers``: (question, value) pairs of ``service``.

    ``packed`` is only known of what is stored: what a pack last said of an article that was
    changed at the desk since, or None for one the desk made.
    """

    code: str
    topic: str = ""
    department: str
    question: Texts
    keywords: Texts
    spoken: Texts
    answer: Texts
    eligibility: Texts
    steps: tuple[ArticleStep, ...] = ()
    service: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    links: tuple[ArticleLink, ...] = ()
    audience: str = "public"
    review_months: int = 12
    is_featured: bool = False
    related: tuple[str, ...] = ()
    of_desk: bool = field(default=False, compare=False)
    packed: Article | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class DirectoryEntry(Row):
    code: str
    name: Texts
    about: Texts
    keywords: Texts
    phone: str = ""
    hours: Texts
    url: str = ""
    department: str = ""
