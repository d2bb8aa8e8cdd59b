"""Row-level security: migration operations, and the check that no tenant table lacks it."""

from __future__ import annotations

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from typing_extensions import override

SETTING = "lamppost.city_id"
POLICY = "tenant"
APP_ROLE = "lamppost_app"
REFUSE_FUNCTION = "lamppost_refuse_change"

# The setting is '' when no city is in scope: NULL then, which equals nothing, so no rows.
_TEST = f"city_id = nullif(current_setting('{SETTING}', true), '')::bigint"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}\Z")


def _checked(table: str) -> str:
    if not _NAME.match(table):
        raise ValueError(f"{table!r} is not a plain table name.")
    return table


def row_security_sql(table: str) -> list[str]:
    """Statements that lock a table with a `city_id` column to the city in scope.

    Forced: the table's owner obeys too. Safe to run twice. Raises ValueError for a name
    that would need quoting.
    """
    name = _checked(table)
    return [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS {POLICY} ON {name}",
        f"CREATE POLICY {POLICY} ON {name} USING ({_TEST}) WITH CHECK ({_TEST})",
    ]


def no_row_security_sql(table: str) -> list[str]:
    """Statements that undo `row_security_sql`."""
    name = _checked(table)
    return [
        f"DROP POLICY IF EXISTS {POLICY} ON {name}",
        f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY",
    ]


def append_only_sql(table: str) -> list[str]:
    """Statements after which rows of the table can be added and never changed or removed."""
    name = _checked(table)
    return [
        f"""CREATE OR REPLACE FUNCTION {REFUSE_FUNCTION}() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog AS $$
        BEGIN
          RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
        f"DROP TRIGGER IF EXISTS append_only_row ON {name}",
        # Per statement, not per row: an UPDATE that row security narrows to nothing is
        # refused as well, so a mistake shows itself.
        f"CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {REFUSE_FUNCTION}()",
    ]


def no_append_only_sql(table: str) -> list[str]:
    """Statements that undo `append_only_sql`."""
    return [f"DROP TRIGGER IF EXISTS append_only_row ON {_checked(table)}"]


def make_app_role_sql() -> str:
    """A statement that makes the app role on a server of somebody else's, unless it is there.

    The embedded server has it from the start. Where our login may not make roles, the error
    says what its administrator has to run.
    """
    return f"""
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;
        GRANT {APP_ROLE} TO CURRENT_USER;
      END IF;
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION 'the login % may not make the role {APP_ROLE}', current_user
        USING HINT = 'As an administrator: CREATE ROLE {APP_ROLE} NOLOGIN; GRANT {APP_ROLE} TO '
                     || quote_ident(current_user) || ';';
    END $$"""


def grant_app_sql() -> list[str]:
    """Statements that let the app role read and write rows, today's tables and future ones.

    Run by the owner of the schema `public`. Rows only: never structure.
    """
    return [
        make_app_role_sql(),
        f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}",
        f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
        f"GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {APP_ROLE}",
    ]


class _PerTable(Operation):
    """Runs some SQL for each of a list of tables; changes no model state."""

    reversible = True
    reduces_to_sql = True
    tables: list[str]

    def __init__(self, tables: list[str]) -> None:
        self.tables = [_checked(table) for table in tables]

    def forward_sql(self, table: str) -> list[str]:
        """Statements to apply to one table."""
        raise NotImplementedError

    def backward_sql(self, table: str) -> list[str]:
        """Statements that undo `forward_sql`."""
        raise NotImplementedError

    @override
    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """As in Django."""
        return (type(self).__name__, [], {"tables": self.tables})

    @override
    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing: the models do not change."""

    @override
    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """As in Django."""
        for table in self.tables:
            for statement in self.forward_sql(table):
                schema_editor.execute(statement, params=None)

    @override
    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """As in Django."""
        for table in reversed(self.tables):
            for statement in self.backward_sql(table):
                schema_editor.execute(statement, params=None)

    @override
    def describe(self) -> str:
        """One line for `migrate`."""
        return f"{type(self).__name__}: {', '.join(self.tables)}"


class EnableRowSecurity(_PerTable):
    """Lock tables (each with a `city_id` column) to the city in scope.

    `EnableRowSecurity(["cases_case", "cases_event"])`, after the tables are made.
    """

    def forward_sql(self, table: str) -> list[str]:
        """See `row_security_sql`."""
        return row_security_sql(table)

    def backward_sql(self, table: str) -> list[str]:
        """See `no_row_security_sql`."""
        return no_row_security_sql(table)


class AppendOnly(_PerTable):
    """Refuse UPDATE, DELETE and TRUNCATE on tables, whoever asks. `AppendOnly(["cases_event"])`."""

    def forward_sql(self, table: str) -> list[str]:
        """See `append_only_sql`."""
        return append_only_sql(table)

    def backward_sql(self, table: str) -> list[str]:
        """See `no_append_only_sql`."""
        return no_append_only_sql(table)


class GrantApp(Operation):
    """Let the app role read and write rows of the schema `public`, now and later.

    Makes the role first where it is missing, as on a server of somebody else's.
    """

    reversible = True
    reduces_to_sql = True

    @override
    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """As in Django."""
        return (type(self).__name__, [], {})

    @override
    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing: the models do not change."""

    @override
    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """As in Django."""
        for statement in grant_app_sql():
            schema_editor.execute(statement, params=None)

    @override
    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Nothing: grants on tables that are gone are gone."""

    @override
    def describe(self) -> str:
        """One line for `migrate`."""
        return "Let the app role read and write rows"


_UNPROTECTED = """
SELECT c.relname
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'city_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p')
  AND NOT (
    c.relrowsecurity AND c.relforcerowsecurity
    AND EXISTS (
      SELECT FROM pg_policy p
      WHERE p.polrelid = c.oid AND p.polname = %(policy)s AND p.polcmd = '*'
        AND pg_get_expr(p.polqual, c.oid) LIKE %(setting)s
        AND pg_get_expr(p.polwithcheck, c.oid) LIKE %(setting)s
    )
    -- A second permissive policy would be OR-ed with ours and open the table.
    AND NOT EXISTS (
      SELECT FROM pg_policy p
      WHERE p.polrelid = c.oid AND p.polname <> %(policy)s AND p.polpermissive
    )
  )
ORDER BY c.relname
"""


def missing_row_security(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of tables with a `city_id` column that row security does not close, sorted."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPROTECTED, {"policy": POLICY, "setting": f"%{SETTING}%"})
        return [str(row[0]) for row in cursor.fetchall()]
