"""Cases with certain words in them, newest first, whether the words are rare or common.

A common word is soon met among the newest; of a rare one the letters' index knows the few
cases. Which of the two a text is, PostgreSQL cannot know: a statement is planned for any text,
and one walk through a million cases for a word that nobody wrote takes seconds. So the newest
are walked first, only so far, and what they do not settle is asked of the index.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import (
    DateTimeField,
    ExpressionWrapper,
    F,
    Model,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from lamppost.cases.models import Case
from lamppost.database.letters import looked_up

# How many of the newest are looked at before the index is asked, beside some for each one wanted.
_WALK = 2000
_WALK_FOR_ONE = 20
# Of one or two letters the index knows nothing: they are looked for in the newest cases only.
_WALK_FOR_LETTERS = 50_000

_M = TypeVar("_M", bound=Model)
_Row = TypeVar("_Row")


def public_words(text: str) -> Q:
    """Return the condition that what everybody may read of a public case has ``text`` in it.

    What was hidden is in ``description`` alone, and is not searched.
    """
    unhidden = Q(public_description__isnull=True, description__has_part=text)
    return Q(address__has_part=text) | Q(public_description__has_part=text) | unhidden


def all_words(text: str) -> Q:
    """Return the condition for staff: ``text`` in the address or in what was written."""
    return Q(address__has_part=text) | Q(description__has_part=text)


def walks_for(text: str, *, limit: int) -> tuple[int, ...]:
    """Return how many of the newest cases to look at for ``text``, a try each."""
    few = min(_WALK + _WALK_FOR_ONE * limit, _WALK_FOR_LETTERS)
    return (few,) if looked_up(text) else (few, _WALK_FOR_LETTERS)


def newest_public(
    rows: QuerySet[_M, _Row], words: Q, *, text: str, limit: int, oldest_first: bool = False
) -> list[_Row]:
    """Return the first ``limit`` of ``rows`` that fulfill ``words``: one query or two.

    ``rows`` are cases the public sees, in no order; newest first unless ``oldest_first``.
    ``words`` is the condition made of ``text``. Of a text the index cannot look up only the
    first 50,000 of ``rows`` are searched.
    """
    sign = "" if oldest_first else "-"
    newest = rows.order_by(f"{sign}requested_at", f"{sign}id").values("pk")
    found: list[_Row] = []
    for walk in walks_for(text, limit=limit):
        found = list(_sorted(rows.filter(words, pk__in=newest[:walk]), oldest_first)[:limit])
        if len(found) == limit:
            return found
    return list(_sorted(rows.filter(words), oldest_first)[:limit]) if looked_up(text) else found


def newest_of_all(rows: QuerySet[_M, _Row], words: Q, *, text: str, limit: int) -> list[_Row]:
    """Return the ``limit`` newest of ``rows`` that fulfill ``words``, for staff: one query.

    No index has all cases by time, so there is no walk. Of a text the index cannot look up
    only the 50,000 cases that were entered last are searched.
    """
    if not looked_up(text):
        edge = Case.objects.order_by("-pk").values("pk")[_WALK_FOR_LETTERS:][:1]
        rows = rows.filter(pk__gt=Coalesce(Subquery(edge), Value(0)))
    return list(_sorted(rows.filter(words), False)[:limit])


def newest_searched(rows: QuerySet[_M, _Row], *, text: str) -> int | None:
    """Return in how many of ``rows``, sorted, ``text`` was looked for; None for all of them.

    One query where the index cannot look the text up, else none. Who searched is to be told.
    """
    if looked_up(text):
        return None
    is_more = rows.values("pk")[_WALK_FOR_LETTERS : _WALK_FOR_LETTERS + 1]
    return _WALK_FOR_LETTERS if is_more else None


def _sorted(rows: QuerySet[_M, _Row], oldest_first: bool) -> QuerySet[_M, _Row]:
    # The sum is no index's order, so that none is walked to its end for a word that is not there.
    moment: Any = ExpressionWrapper(F("requested_at") + timedelta(0), output_field=DateTimeField())
    return rows.order_by(*((moment, "id") if oldest_first else (moment.desc(), "-id")))
