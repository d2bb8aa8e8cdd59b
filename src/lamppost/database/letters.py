"""Searching for a part of a text, whatever its case, with an index over its letters.

The index is of the extension `pg_trgm`, which PostgreSQL ships. A server whose administrator
does not allow it goes without: the search says the same there and takes longer.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import DatabaseError, migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import CharField, Lookup, TextField

_OPERATORS = "gin_trgm_ops"
_SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


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
        return f"{column} ILIKE %s", (*given, f"%{str(self.rhs).translate(_SPECIAL)}%")


def letters_index(*fields: str, name: str, condition: models.Q | None = None) -> GinIndex:
    """Return the index that serves ``has_part`` on each of ``fields``."""
    return GinIndex(
        fields=list(fields), opclasses=[_OPERATORS] * len(fields), name=name, condition=condition
    )


class AddLettersIndex(migrations.AddIndex):
    """Makes such an index, or leaves it out where the server has no ``pg_trgm``."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        """Make the index if the extension is there or may be made."""
        if _extended(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def _extended(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    alias = schema_editor.connection.alias
    try:
        with transaction.atomic(using=alias), schema_editor.connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return False
    return True
