"""Free text of the knowledge in which somebody may have written a resident's number or address."""

from __future__ import annotations

from lamppost.people.holders import Holder, register

_TEXTS = {
    "knowledge.ArticleFeedback": ("words",),
    "knowledge.KnowledgeSearch": ("query",),
    "knowledge.Gap": ("query",),
    "knowledge.ArticleVersion": (
        "note",
        "returned_note",
    ),
}


def hold() -> None:
    """Tell people which texts are looked through when somebody is erased."""
    register(Holder(name="knowledge", texts=_TEXTS))
