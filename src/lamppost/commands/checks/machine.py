"""The machine and the data folder: disk, rights, secrets, clock, memory, address."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from lamppost.cities.models import City
from lamppost.commands.backup import NOTE
from lamppost.commands.checks import Finding, failure, fine, warning
from lamppost.commands.restore import KEPT_FOLDERS
from lamppost.commands.static import assets_are_built, static_is_collected
from lamppost.faces.operations.state import free_disk
from lamppost.kernel.refusals import Invalid
from lamppost.places.geocoding.adapters import outside_geocoder

_LITTLE_DISK = 0.10
_NO_DISK_BYTES = 500_000_000
_OLD_BACKUP = timedelta(days=2)
_IDLE_LIMIT_MB = 500
# A machine that was installed and never got the time starts near its build's date.
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


def disk() -> Iterator[Finding]:
    """Is there room to go on?"""
    free, total = free_disk()
    found = f"{free / 1e9:.1f} GB of {total / 1e9:.0f} GB free in {settings.HOME}"
    mend = "Free some space, or move LAMPPOST_HOME to a larger disk."
    if free < _NO_DISK_BYTES:
        yield failure("disk", found, mend)
    elif free < total * _LITTLE_DISK:
        yield warning("disk", found, mend)
    else:
        yield fine("disk", found)


def folders() -> Iterator[Finding]:
    """Can photos, mail, maps and static files be stored? A command run as root may have made one
    that the service cannot write."""
    present = [settings.HOME / name for name in (*KEPT_FOLDERS, "static")]
    for folder in (settings.HOME, *(path for path in present if path.exists())):
        try:
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(b"lamppost")
        except OSError as error:
            yield failure(
                "folders",
                f"{folder} cannot be written: {error.strerror}",
                f"Give it to the account that runs Lamppost: chown -R {os.geteuid()} {folder}",
            )
            return
    yield fine("folders", f"{settings.HOME} can be written")


def secrets() -> Iterator[Finding]:
    """Are the secrets readable by us alone?"""
    folder = settings.HOME / "secrets"
    paths = [folder, *folder.iterdir()] if folder.is_dir() else []
    open_to_others = [
        path for path in paths if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    if open_to_others:
        names = ", ".join(path.name for path in open_to_others)
        yield failure(
            "secrets",
            f"others may read {names} in {folder}",
            f"Run: chmod 700 {folder}; chmod 600 {folder}/*",
        )
    else:
        yield fine("secrets", "readable by their owner alone")


def assets() -> Iterator[Finding]:
    """Do pages have their styles and scripts?"""
    if not assets_are_built():
        yield failure("assets", "the pages' styles and scripts are not built", "Run: make assets")
    elif not static_is_collected():
        yield warning(
            "assets",
            "the installation has static files of another build",
            "They are renewed by the next start of `lamppost serve`: restart it.",
        )
    else:
        yield fine("assets", "built and in place")


def catalogs() -> Iterator[Finding]:
    """Are the translations compiled, and of this version?"""
    paths = [path for root in settings.LOCALE_PATHS for path in Path(root).rglob("*.po")]
    behind = sorted(path.parts[-3] for path in paths if _is_behind(path))
    if behind:
        yield failure(
            "translations",
            f"not compiled, or of an older version: {', '.join(behind)}; what is missing there "
            "is read in English",
            "Run `make translations` and restart.",
        )
    else:
        yield fine("translations", f"{len(paths)} catalogs compiled")


def _is_behind(catalog: Path) -> bool:
    compiled = catalog.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < catalog.stat().st_mtime


def backups() -> Iterator[Finding]:
    """When was the last backup?"""
    note = settings.HOME / NOTE
    mend = "Run `lamppost backup FOLDER` every night (deploy/lamppost-backup.timer)."
    if not note.exists():
        yield warning("backup", "no backup was ever made with `lamppost backup`", mend)
        return
    try:
        made = json.loads(note.read_text())
        age = datetime.now(UTC) - datetime.fromisoformat(made["at"])
        file = Path(made["file"])
    except (ValueError, LookupError, TypeError):
        yield warning("backup", f"{note}, which says when the last was made, is damaged", mend)
        return
    found = f"the last one was made {age.total_seconds() / 3600:.0f} hours ago: {file}"
    if not file.exists():
        yield warning("backup", f"{found}, and is not there", f"Was it moved, or lost? {mend}")
    else:
        yield warning("backup", found, mend) if age > _OLD_BACKUP else fine("backup", found)


def clock() -> Iterator[Finding]:
    """Is the machine's clock likely to be right? Deadlines depend on it."""
    now = datetime.now(UTC)
    mend = "Switch time synchronization on: timedatectl set-ntp true"
    if now < _EARLIEST:
        yield failure("clock", f"the clock says {now:%Y-%m-%d %H:%M} UTC", mend)
    elif _synchronized():
        yield fine("clock", f"synchronized: {now:%Y-%m-%d %H:%M:%S} UTC")
    else:
        # Containers see no time service of their host's: this is a guess, so only a warning.
        yield warning(
            "clock",
            f"no time service was found; the clock says {now:%Y-%m-%d %H:%M:%S} UTC",
            f"{mend} (in a container the host does it: compare with a watch)",
        )


def _synchronized() -> bool:
    marks = ("/run/systemd/timesync/synchronized", "/run/chrony", "/run/ntpd.pid", "/run/openntpd")
    return any(Path(mark).exists() for mark in marks)


def https() -> Iterator[Finding]:
    """Do sign-ins travel encrypted?"""
    if settings.SESSION_COOKIE_SECURE:
        yield fine("https", "cookies travel over HTTPS only")
    elif City.objects.filter(is_demo=False, is_sandbox=False).exists():
        yield failure(
            "https",
            "a real city is served and cookies may travel unencrypted",
            "Put a proxy with TLS in front (deploy/Caddyfile) and set LAMPPOST_HTTPS=1.",
        )
    else:
        yield fine("https", "off, and there is only a demo")


def memory() -> Iterator[Finding]:
    """How much memory the processes of this installation take together (Linux)."""
    parts = memory_mb()
    if not parts:
        yield fine("memory", "nothing is running, or this system does not tell")
        return
    total = sum(parts.values())
    detail = ", ".join(f"{name} {size:.0f}" for name, size in sorted(parts.items()))
    found = f"{total:.0f} MB ({detail}); idle it should be under {_IDLE_LIMIT_MB}"
    # Busy processes rightly take more: only told, and judged by whoever knows the load.
    yield fine("memory", found)


def memory_mb() -> dict[str, float]:
    """Proportional resident memory by kind of process: shared pages are counted once.

    In megabytes (2^20 bytes), of every process of this installation but the one that asks;
    empty where there is no /proc.
    """
    mark = f"LAMPPOST_HOME={settings.HOME}".encode()
    data = Path(os.path.realpath(settings.HOME / "postgres"))
    found: dict[str, float] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            name = _kind(entry, mark, data)
            if name:
                found[name] = found.get(name, 0.0) + _pss_mb(entry)
        except (OSError, ValueError):
            continue
    return found


def _kind(entry: Path, mark: bytes, data: Path) -> str:
    if int(entry.name) == os.getpid():
        return ""
    if (entry / "cwd").readlink() == data:
        return "database"
    command = (entry / "cmdline").read_bytes()
    if b"lamppost" not in command or mark not in (entry / "environ").read_bytes().split(b"\0"):
        return ""
    if b"lamppost.commands.web" in command:
        return "web"
    return "worker" if command.rstrip(b"\0").endswith(b"worker") else "supervisor"


def _pss_mb(entry: Path) -> float:
    for line in (entry / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def geocoder() -> Iterator[Finding]:
    """Can the geocoder outside be used, where one is named?"""
    try:
        if outside_geocoder() is not None:
            yield fine(
                "geocoder", f"what is not found here is asked of {settings.OUTSIDE_GEOCODER}"
            )
    except Invalid as refusal:
        yield failure(
            "geocoder",
            str(refusal),
            "Write LAMPPOST_OUTSIDE_GEOCODER as package.module.Class, or leave it out; restart.",
        )


# Looked at without any database; `https` is not, it asks for cities.
CHECKS = (disk, folders, secrets, assets, catalogs, backups, clock, memory, geocoder)
