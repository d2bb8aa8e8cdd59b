"""Searching for a part of a text, whatever its case, with an index over its letters.

The index is of the extension `pg_trgm`, which PostgreSQL ships. A server whose administrator
does not allow it goes without: the search says the same there and takes longer.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import CharField, Lookup, TextField

from lamppost.database.extensions import AddIndexWithExtension

_OPERATORS = "gin_trgm_ops"
_SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
# The index knows letters by threes, with the space around a word as one or two of them.
_LOOKED_UP = re.compile(r"[^\W_]{3}|[^\W_]{2}[\W_]|[\W_][^\W_]{2}")


@CharField.register_lookup
@TextField.register_lookup
class HasPart(Lookup):
    """``name__has_part="x"``: as ``icontains``, in the words that the index understands.

    ``icontains`` compares ``UPPER(name)``; row security lets no index answer that, because
    nobody vouches for ``upper`` (see roles.py).
    """

    lookup_name = "has_part"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition; special characters of the text stand for themselves."""
        column, given = self.process_lhs(compiler, connection)
        text = str(self.rhs)
        return f"{in_index(column, text)} ILIKE %s", (*given, pattern(text))


def pattern(text: str) -> str:
    """Return what ``ILIKE`` takes for any text with ``text`` in it."""
    return f"%{text.translate(_SPECIAL)}%"


def in_index(column: str, text: str) -> str:
    """Return SQL for ``column`` in a condition on ``text``.

    For a text the index does not help with, it is not offered: a statement planned for any
    text would have it name every row.
    """
    return column if looked_up(text) else f"({column} || '')"


def looked_up(text: str) -> bool:
    """Return whether the index helps to find ``text``: it needs three letters in a row."""
    return _LOOKED_UP.search(text) is not None


def letters_index(*fields: str, name: str, condition: models.Q | None = None) -> GinIndex:
    """Return the index that serves ``has_part`` on each of ``fields``."""
    return GinIndex(
        fields=list(fields), opclasses=[_OPERATORS] * len(fields), name=name, condition=condition
    )


class AddLettersIndex(AddIndexWithExtension):
    """Makes such an index, or leaves it out where the server has no ``pg_trgm``."""

    extension = "pg_trgm"
