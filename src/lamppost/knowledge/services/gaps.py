"""Working off what people asked and were not told."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Conflict, Invalid, NotFound
from lamppost.knowledge.choices import GapState
from lamppost.knowledge.models import Article, Gap
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require


@transaction.atomic
def answer_gap(*, gap_id: int, article_code: str, actor: Actor) -> None:
    """Close a gap with the article that answers it now.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` when somebody closed it before, and
    ``Invalid`` for a code of no published article.
    """
    gap = _open(gap_id, actor)
    article = Article.objects.filter(code=article_code.strip(), current__isnull=False).first()
    if article is None:
        raise Invalid(_("Name the code of a published article."), field="article")
    gap.answered_with = article
    _end(gap, GapState.ANSWERED, actor)


@transaction.atomic
def dismiss_gap(*, gap_id: int, actor: Actor) -> None:
    """Close a gap nobody needs an answer for."""
    _end(_open(gap_id, actor), GapState.DISMISSED, actor)


def _open(gap_id: int, actor: Actor) -> Gap:
    require(actor, Permission.KNOWLEDGE_EDIT, detail=f"gap {gap_id}")
    gap = Gap.objects.select_for_update().filter(pk=gap_id).first()
    if gap is None:
        raise NotFound(_("This does not exist here."))
    if gap.state != GapState.OPEN:
        raise Conflict(_("Somebody has dealt with this already."))
    return gap


def _end(gap: Gap, state: GapState, actor: Actor) -> None:
    gap.state = state
    gap.ended_at = timezone.now()
    gap.ended_by_id = actor.user_id
    gap.save(update_fields=["state", "ended_at", "ended_by", "answered_with"])
