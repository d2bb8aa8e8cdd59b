"""Extensions that PostgreSQL ships and the server's administrator may refuse."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import DatabaseError, migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class AddIndexWithExtension(migrations.AddIndex):
    """Makes an index that needs ``extension``; where that is refused, ``without`` it."""

    extension: ClassVar[str]

    def without(self) -> models.Index | None:
        """Return what stands in, under the same name; None for nothing."""
        return None

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        """Make the index as far as the server lets it be made."""
        if _has(schema_editor, self.extension):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        other = self.without()
        if other is not None:
            schema_editor.add_index(to_state.apps.get_model(app_label, self.model_name), other)


def _has(schema_editor: BaseDatabaseSchemaEditor, name: str) -> bool:
    """Whether the extension is there; it is made where that is allowed."""
    connection = schema_editor.connection
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {connection.ops.quote_name(name)}")
    except DatabaseError:
        return False
    return True
