"""Knowledge of a city for tests with two of them: one row of every table."""

from __future__ import annotations

from django.utils import timezone

from lamppost.catalog.choices import Channel
from lamppost.knowledge.choices import AskedAt
from lamppost.knowledge.models import Article, DirectoryEntry, Topic
from lamppost.knowledge.services import asking, citing
from lamppost.knowledge.services.asking import Asking
from lamppost.knowledge.services.indexing import index_articles, index_entries
from lamppost.knowledge.services.publishing import Publication, Said, publish_packed
from lamppost.people.models import Department
from tests.support.work import FOREIGN_ID, SECRET


def add_knowledge(slug: str) -> None:
    """Publish an article, have it searched for, opened and found wanting; list a number."""
    is_foreign = slug == "shelbyville"
    name = SECRET if is_foreign else slug
    Topic.objects.create(code="seed", name={"en": "Seed"})
    article = Article.objects.create(
        **({"id": FOREIGN_ID} if is_foreign else {}),
        code=f"seed-{slug}",
        department=Department.objects.get(code="center"),
    )
    said = Said(
        question=f"What is {name}?",
        answer=name,
        topic="seed",
        steps=(("ask", "Ask"),),
        links=(("page", "Page", "https://example.org/"),),
        answers=(("WHERE", "roadway"),),
        related=("nothing",),
    )
    publish_packed([Publication(article, "en", said)], now=timezone.now())
    index_articles([article])
    entry = DirectoryEntry.objects.create(code="seed", name={"en": f"Office {name}"})
    index_entries([entry])
    asked = Asking(Channel.WEB, AskedAt.ANSWERS, "en")
    asking.note_search(f"nowhere {name}", hits=0, asking=asked)
    citing.opened(article.code, channel=Channel.WEB, language="en")
    asking.say_helped(article.code, helped=False, asking=asked)
