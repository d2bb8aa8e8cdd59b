"""Free text of the knowledge in which somebody may have written a resident's number or address."""

from __future__ import annotations

from datetime import datetime

from lamppost.cases.services.public_words import also_public
from lamppost.knowledge.models import DirectoryEntry, KnowledgeSearch
from lamppost.people import retention
from lamppost.people.choices import Retained
from lamppost.people.holders import Holder, register
from lamppost.people.retention import Keeper

_TEXTS = {
    "knowledge.ArticleFeedback": ("words",),
    "knowledge.KnowledgeSearch": ("query",),
    "knowledge.Gap": ("query",),
    "knowledge.ArticleVersion": (
        "note",
        "returned_note",
    ),
}


def _remove(before: datetime, limit: int) -> int:
    rows = KnowledgeSearch.objects.filter(at__lt=before).order_by("pk")
    keys = list(rows.values_list("pk", flat=True)[:limit])
    KnowledgeSearch.objects.filter(pk__in=keys).delete()
    return len(keys)


def _numbers() -> list[str]:
    return list(DirectoryEntry.objects.filter(is_active=True).values_list("phone", flat=True))


def hold() -> None:
    """Tell people which texts are looked through when somebody is erased.

    And cases that the numbers of the directory are public: nobody hides them.
    """
    also_public(_numbers)
    register(Holder(name="knowledge", texts=_TEXTS))
    retention.register(
        Keeper(
            Retained.SEARCHES,
            lambda before: KnowledgeSearch.objects.filter(at__lt=before).count(),
            _remove,
        )
    )
