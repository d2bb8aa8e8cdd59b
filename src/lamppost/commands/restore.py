"""The half of ``lamppost restore``: a backup's file put in place of an installation's data.

Nothing of what is there is touched before all of the backup has been read in beside it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from psycopg import sql
from tqdm import tqdm

from lamppost.cases.models import Attachment
from lamppost.cases.services.verify import count_events, verify
from lamppost.cities.models import City
from lamppost.cities.selectors import forget_cities
from lamppost.commands.installation import close_connections
from lamppost.commands.migrate import migrate
from lamppost.commands.postgres_tools import Access, writing_access
from lamppost.database import credentials, rls, roles
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Conflict, Invalid, Refusal
from lamppost.people import erasures
from lamppost.people.erasing import erase_again

# Folders of LAMPPOST_HOME a backup holds: photos, the ground of the maps, mail as it came.
KEPT_FOLDERS = ("uploads", "maps", "mail")
_FORMATS = (1,)
_OPTIONS = ("--no-owner", "--no-privileges", "--no-comments", "--exit-on-error")


def run(arguments: argparse.Namespace) -> int:
    """Restore; 0 when every history verifies, 1 when one does not."""
    access = writing_access()
    with _opened(arguments.file) as tar:
        manifest = _manifest(tar, arguments.file)
        _require_known(manifest)
        close_connections()
        _require_alone(access)
        _require_empty(access, force=arguments.force)
        with tempfile.TemporaryDirectory(dir=settings.HOME, prefix="restore-") as work:
            _unpack(tar, Path(work))
            _restore_database(access, Path(work) / "database.dump")
            _put_files(Path(work))
    forget_cities()
    migrate()
    _erase_again()
    _analyze(access)
    sys.stdout.write(f"restored the backup of {manifest['made_at']}\n")
    return _verdict()


def _erase_again() -> None:
    """Whoever was erased after the backup was made is erased again, from the list kept here."""
    slugs = dict(City.objects.values_list("slug", "pk"))
    count = 0
    for line in erasures.lines():
        if line.city in slugs:
            with city_scope(slugs[line.city]):
                forgotten = erasures.forgotten(line)
                erase_again(forgotten, elsewhere=line.elsewhere)
                count += len(forgotten)
    if count:
        sys.stdout.write(f"erased again {count} contacts erased since the backup\n")


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except (FileNotFoundError, NotADirectoryError):
        raise Refusal(f"there is no file {path}") from None
    except tarfile.ReadError as error:
        raise Invalid(f"{path} is not a whole backup of Lamppost: {error}") from error


def _manifest(tar: tarfile.TarFile, path: Path) -> dict[str, Any]:
    member = tar.next()
    content = tar.extractfile(member) if member and member.name == "manifest.json" else None
    if content is None:
        raise Invalid(f"{path} is not a backup of Lamppost: it does not begin with a manifest")
    manifest: dict[str, Any] = json.load(content)
    if manifest.get("format") not in _FORMATS:
        raise Invalid(
            f"{path} was made by Lamppost {manifest.get('lamppost')}, in a form this version "
            "does not know. Install that version, or a newer one, and restore with it."
        )
    return manifest


def _require_known(manifest: dict[str, Any]) -> None:
    known = MigrationLoader(None).disk_migrations
    ours = {app for app, _name in known}
    names = {f"{app}.{name}" for app, name in known}
    new = [
        name
        for name in manifest["migrations"]
        if name.partition(".")[0] in ours and name not in names
    ]
    if new:
        raise Invalid(
            f"the backup was made by a newer Lamppost ({manifest['lamppost']}); install it and "
            f"restore with it. This version does not know {new[0]}."
        )


def _require_alone(access: Access) -> None:
    with psycopg.connect(access.dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()
    if row and row[0]:
        raise Conflict(
            f"{row[0]} connections use this database: stop `lamppost serve` and every worker, "
            "then restore"
        )


def _require_empty(access: Access, *, force: bool) -> None:
    with psycopg.connect(access.dsn) as connection:
        tables = _tables(connection)
        cities = 0
        if "cities_city" in tables:
            row = connection.execute("SELECT count(*) FROM cities_city").fetchone()
            cities = row[0] if row else 0
    folders = [settings.HOME / name for name in KEPT_FOLDERS]
    has_files = any(path.is_file() for folder in folders for path in folder.rglob("*"))
    if (cities or has_files) and not force:
        raise Conflict(
            "this installation holds data already. Restore into a new LAMPPOST_HOME, or replace "
            "everything here with --force."
        )
    if tables and access.cluster is None:
        raise Conflict(
            "the database of DATABASE_URL is not empty. Make a new one (createdb) and point "
            "DATABASE_URL at it: a restore never empties a server that is not Lamppost's own."
        )


def _tables(connection: psycopg.Connection[Any]) -> set[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {str(row[0]) for row in found}


def _unpack(tar: tarfile.TarFile, work: Path) -> None:
    with tqdm(desc="reading", unit="files", disable=None, leave=False) as bar:
        for member in tar:
            if member.isfile():
                tar.extract(member, work, filter="data")
                bar.update()
    if not (work / "database.dump").exists():
        raise Invalid("the backup has no database in it: it was cut short")


def _restore_database(access: Access, dump: Path) -> None:
    sys.stderr.write("lamppost: restoring the database\n")
    if access.cluster is None:
        _into_empty(access, dump)
    else:
        _beside_and_swap(access, dump)


def _into_empty(access: Access, dump: Path) -> None:
    """Restore into somebody else's server, all or nothing."""
    with psycopg.connect(access.dsn, autocommit=True) as connection:
        connection.execute(rls.make_app_role_sql().encode())
    access.run(
        "pg_restore", [*_OPTIONS, "--single-transaction", f"--dbname={access.name}", str(dump)]
    )
    with psycopg.connect(access.dsn, autocommit=True) as connection:
        for statement in rls.grant_app_sql():
            connection.execute(statement.encode())


def _beside_and_swap(access: Access, dump: Path) -> None:
    """Restore into a new database of the embedded server, then give it the old one's name."""
    draft = f"{access.name}_restored"
    with psycopg.connect(access.inside("postgres").dsn, autocommit=True) as admin:
        _drop(admin, draft)
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                sql.Identifier(draft), sql.Identifier(credentials.OWNER)
            )
        )
        with psycopg.connect(access.inside(draft).dsn, autocommit=True) as inside:
            roles.prepare_database(inside, draft)
        access.inside(draft).run(
            "pg_restore",
            [*_OPTIONS, f"--role={credentials.OWNER}", f"--dbname={draft}", str(dump)],
        )
        _drop(admin, access.name)
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(draft), sql.Identifier(access.name)
            )
        )


def _drop(admin: psycopg.Connection[Any], name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _put_files(work: Path) -> None:
    for name in KEPT_FOLDERS:
        # What is here and not in the backup goes too: rows and files are of one moment.
        if (settings.HOME / name).exists():
            (settings.HOME / name).rename(work / f"{name}.before")
        if (work / name).exists():
            (work / name).rename(settings.HOME / name)
    secrets = work / "secrets"
    for path in secrets.iterdir() if secrets.is_dir() else ():
        path.chmod(0o600)
        shutil.move(path, settings.HOME / "secrets" / path.name)


def _analyze(access: Access) -> None:
    with psycopg.connect(access.dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")


def _verdict() -> int:
    wrong = 0
    for city in City.objects.order_by("slug"):
        with city_scope(city.pk):
            cases, events = count_events()
            altered = sum(1 for _finding in verify())
            missing = _missing_photos()
        wrong += altered
        history = f"{altered} findings, see `lamppost verify`" if altered else "nothing altered"
        photos = f"; {missing} photos are not in the backup" if missing else ""
        sys.stdout.write(f"{city.slug}: {cases:,} cases, {events:,} events, {history}{photos}\n")
    return 1 if wrong else 0


def _missing_photos() -> int:
    root = settings.HOME / "uploads"
    paths = Attachment.objects.values_list("path", flat=True).iterator()
    return sum(1 for path in paths if not (root / path).exists())
