"""Extensions that PostgreSQL ships and the server's administrator may refuse."""

from __future__ import annotations

from django.db import DatabaseError, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def has_extension(schema_editor: BaseDatabaseSchemaEditor, name: str) -> bool:
    """Return whether the extension ``name`` is there, making it where that is allowed."""
    connection = schema_editor.connection
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {connection.ops.quote_name(name)}")
    except DatabaseError:
        return False
    return True
