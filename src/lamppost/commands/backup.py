"""``lamppost backup`` and ``lamppost restore``: everything an installation holds, as one file.

A tar file, since what is in it is packed already: ``manifest.json``, ``database.dump`` (of
pg_dump), ``uploads/``, ``maps/``, ``mail/``, and ``secrets/`` when asked for.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from tqdm import tqdm

from lamppost.cases.services.verify import count_events
from lamppost.cities.models import City
from lamppost.commands.postgres_tools import reading_access
from lamppost.commands.restore import KEPT_FOLDERS
from lamppost.commands.restore import run as run_restore
from lamppost.database.scope import city_scope
from lamppost.kernel.refusals import Refusal

FORMAT = 1
# Where the last backup is noted, for `lamppost doctor`.
NOTE = "backup.json"
# Made anew for each embedded server: another one's passwords are of no use.
_NEVER = ("postgres.json",)


def register(subparsers: Any) -> None:
    """Add the commands."""
    backup = subparsers.add_parser(
        "backup",
        help="write everything into one file",
        description=(
            "Write database and uploads into one file, readable by you alone, while everything "
            "goes on running. A folder takes a file named after the time. The file holds "
            "people's data: keep it as safe as the city's records."
        ),
        epilog="Example: lamppost backup /var/backups/lamppost/",
    )
    backup.add_argument("file", type=Path, help="file to make, or a folder")
    backup.add_argument(
        "--with-secrets",
        action="store_true",
        help="also the signing key and tokens: people stay signed in after a restore",
    )
    backup.set_defaults(run=run)
    restore = subparsers.add_parser(
        "restore",
        help="bring back what a backup holds",
        description=(
            "Put a backup's database and uploads in place, upgrade them to this version and "
            "verify every case's history. Stop `lamppost serve` first."
        ),
        epilog="Example: lamppost restore /var/backups/lamppost/lamppost-20260102-030000.tar",
    )
    restore.add_argument("file", type=Path)
    restore.add_argument(
        "--force", action="store_true", help="replace what this installation holds"
    )
    restore.set_defaults(run=run_restore)


def run(arguments: argparse.Namespace) -> int:
    """Write the backup."""
    made_at = datetime.now(UTC)
    path: Path = arguments.file
    if path.is_dir():
        path = path / f"lamppost-{made_at:%Y%m%d-%H%M%S}.tar"
    if path.exists():
        raise Refusal(f"{path} exists already; a backup never overwrites a file")
    if not path.parent.is_dir():
        raise Refusal(f"there is no folder {path.parent}; make it first")
    access = reading_access()
    with _whole(path) as out, tempfile.TemporaryDirectory(dir=path.parent) as work:
        dump = Path(work) / "database.dump"
        with _bar("database", None) as bar:
            access.run(
                "pg_dump",
                ["--format=custom", f"--file={dump}"],
                meanwhile=lambda: _show_size(bar, dump),
            )
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            _add_text(tar, "manifest.json", _manifest(made_at), made_at)
            _add_file(tar, "database.dump", dump)
            if arguments.with_secrets:
                _add_secrets(tar)
            files = _add_files(tar)
    _note(path, made_at)
    sys.stdout.write(f"{path}: {_size(path.stat().st_size)}, {files:,} files\n")
    return 0


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is whole and on the disk."""
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        # A link, unlike a rename, refuses a file that came meanwhile.
        os.link(draft, path)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)


def _manifest(made_at: datetime) -> dict[str, Any]:
    cities = {}
    for city in City.objects.order_by("slug"):
        with city_scope(city.pk):
            cases, events = count_events()
        cities[city.slug] = {"cases": cases, "events": events}
    applied = MigrationRecorder(connections["default"]).applied_migrations()
    return {
        "format": FORMAT,
        "lamppost": version("lamppost"),
        "made_at": made_at.isoformat(timespec="seconds"),
        # Counted a moment before or after the dump: for people, not for comparing.
        "cities": cities,
        "migrations": sorted(f"{app}.{name}" for app, name in applied),
    }


def _add_text(tar: tarfile.TarFile, name: str, data: Any, at: datetime) -> None:
    content = json.dumps(data, indent=1).encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, int(at.timestamp())
    tar.addfile(member, io.BytesIO(content))


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> bool:
    """Add one file; False when it went away meanwhile, as a withdrawn photo does."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return False
    with source:
        state = os.fstat(source.fileno())
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = state.st_size, 0o600, int(state.st_mtime)
        tar.addfile(member, source)
    return True


def _add_secrets(tar: tarfile.TarFile) -> None:
    for path in sorted((settings.HOME / "secrets").iterdir()):
        if path.is_file() and not path.name.startswith(".") and path.name not in _NEVER:
            _add_file(tar, f"secrets/{path.name}", path)


def _add_files(tar: tarfile.TarFile) -> int:
    """Add every file. After the dump: a file is there before the row that names it."""
    files = [
        path
        for name in KEPT_FOLDERS
        for path in sorted((settings.HOME / name).rglob("*"))
        if path.is_file()
    ]
    count = 0
    with _bar("files", len(files), unit="files") as bar:
        for path in files:
            count += _add_file(tar, str(path.relative_to(settings.HOME)), path)
            bar.update()
    return count


def _note(path: Path, made_at: datetime) -> None:
    draft = settings.HOME / f"{NOTE}.new"
    draft.write_text(json.dumps({"at": made_at.isoformat(), "file": str(path.resolve())}))
    draft.rename(settings.HOME / NOTE)


def _show_size(bar: tqdm[Any], path: Path) -> None:
    if path.exists():
        bar.update(path.stat().st_size - bar.n)


def _bar(what: str, total: int | None, unit: str = "B") -> tqdm[Any]:
    bar: tqdm[Any] = tqdm(
        total=total, desc=what, unit=unit, unit_scale=unit == "B", disable=None, leave=False
    )
    return bar


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
