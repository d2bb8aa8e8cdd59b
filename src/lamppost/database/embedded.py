"""Our own PostgreSQL: made, started, recovered and stopped with nothing installed.

The server listens on a socket only we can open, never on a network address, and asks for
passwords made on first start. Its life is bound to who uses it: `running()` takes a lease, and
the last lease to go stops a server that a lease started.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from lamppost.database import binaries, configuration, credentials, leases, postmaster, roles
from lamppost.database.account import Account, server_account
from lamppost.database.errors import DatabaseUnavailable

DBNAME = "lamppost"
# Names the socket file only; no TCP port is opened.
PORT = 5432
# Recovery after a crash replays the log: minutes are normal for a busy server.
START_LIMIT_S = 900.0
# Of a line of the server's log: its time and process; and lines every start has.
_PREFIX = re.compile(r"^.*?\[\d+\] ")
_USUAL = re.compile(r"skipping missing|redirecting log output|Future log output")
# The kernel allows 107 bytes; PostgreSQL adds "/.s.PGSQL.5432.lock".
_LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: its folder, socket, programs and passwords."""

    home: Path
    socket: Path
    bindir: Path
    version: tuple[int, int]
    _passwords: dict[str, str]

    def dsn(self, role: str = credentials.APP, dbname: str = DBNAME) -> str:
        """A libpq connection string with the role's password: not to be logged or shown.

        Raises KeyError for a role other than those in `credentials.ROLES`.
        """
        return make_conninfo(**connection_parameters(self, role), dbname=dbname)

    def __repr__(self) -> str:
        return f"Cluster({str(self.home)!r}, PostgreSQL {self.version[0]}.{self.version[1]})"


@dataclass(frozen=True, slots=True)
class Status:
    """What `status` found: the server's process or None, and the data's major version or None."""

    pid: int | None
    data: Path
    data_major: int | None
    socket: Path | None


def connection_parameters(cluster: Cluster, role: str) -> dict[str, str]:
    """Host, port, user and password to log in as a role of a cluster."""
    return {
        "host": str(cluster.socket),
        "port": str(PORT),
        "user": role,
        "password": cluster._passwords[role],
    }


def login(home: Path, role: str) -> dict[str, str]:
    """Host, port, user and password for a server already made, without starting anything.

    Raises `DatabaseUnavailable` when no server was ever started for this LAMPPOST_HOME.
    """
    passwords = credentials.read(home)
    return {
        "host": os.path.realpath(home / "socket"),
        "port": str(PORT),
        "user": role,
        "password": passwords[role],
    }


def ensure_running(home: Path) -> Cluster:
    """The server of a LAMPPOST_HOME, made and started when it is not; it goes on when we exit.

    Several processes may ask at once and get the same one. Raises `DatabaseUnavailable`.
    """
    home = _prepared(home)
    with leases.locked(home):
        cluster, _ = _ensure(home)
        if leases.is_free(home):
            leases.mark(home, "kept")
        return cluster


@contextlib.contextmanager
def running(home: Path) -> Iterator[Cluster]:
    """The server of a LAMPPOST_HOME for the length of a block, as for a command.

    A server found running is left running. One that a lease started stops with the last lease,
    a lease of a process killed with -9 included. Raises `DatabaseUnavailable`.
    """
    home = _prepared(home)
    with leases.locked(home):
        cluster, started = _ensure(home)
        if started:
            leases.mark(home, "leased")
        lease = leases.take(home)
    try:
        yield cluster
    finally:
        leases.release(home, lease)


def stop(home: Path) -> bool:
    """Stop the server, whoever uses it; False when none ran. Raises `DatabaseUnavailable`."""
    if not home.is_dir():
        return False
    with leases.locked(home.resolve()):
        return postmaster.stop(leases.data_folder(home.resolve()))


def status(home: Path) -> Status:
    """What is there, without starting or changing anything."""
    home = home.resolve()
    data = leases.data_folder(home)
    socket = Path(os.path.realpath(home / "socket"))
    return Status(
        postmaster.pid_of(data), data, _data_major(data), socket if socket.exists() else None
    )


def _prepared(home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    return home.resolve()


def _data_major(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def _ensure(home: Path) -> tuple[Cluster, bool]:
    """The cluster, and whether this call started it. The start lock is held."""
    data = leases.data_folder(home)
    account = server_account(data)
    programs = binaries.choose(_data_major(data))
    if _data_major(data) is None:
        passwords = credentials.make(home)
        programs = binaries.usable_by(programs, account)
        _initialize(home, account, programs, passwords)
        data = leases.data_folder(home)
    passwords = credentials.read(home)
    if postmaster.pid_of(data) is not None:
        cluster = _cluster(home, programs, passwords)
        _wait_until_ready(cluster)
        return cluster, False
    programs = binaries.usable_by(programs, account)
    socket = _socket_folder(home, account)
    postmaster.clear_stale(data, socket)
    _configure(data, account)
    _start(data, socket, account, programs)
    cluster = _cluster(home, programs, passwords)
    _wait_until_ready(cluster)
    _set_up_roles(cluster)
    return cluster, True


def _cluster(home: Path, programs: binaries.Binaries, passwords: dict[str, str]) -> Cluster:
    socket = Path(os.path.realpath(home / "socket"))
    return Cluster(home, socket, programs.bindir, programs.version, passwords)


def _initialize(
    home: Path, account: Account, programs: binaries.Binaries, passwords: dict[str, str]
) -> None:
    """Make an empty data folder at its place in one step, so that a crash leaves none or all."""
    place = _data_place(home, account)
    draft = place.with_name(place.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.give(draft, 0o700)
    data, secret = draft / "data", draft / "password"
    secret.touch(mode=0o600)
    secret.write_text(passwords[credentials.SUPERUSER])
    account.give(secret, 0o600)
    command: list[str | Path] = [
        programs.bindir / "initdb",
        *("--pgdata", data, "--username", credentials.SUPERUSER, "--pwfile", secret),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--data-checksums"),
        *("--locale", "C.UTF-8"),
        *(["--locale-provider", "builtin"] if programs.major >= 17 else []),
    ]
    made = account.run(command, timeout_s=300)
    if made.returncode != 0:
        raise DatabaseUnavailable(
            f"initdb failed for {place}: {made.stderr.strip()[-2000:]}",
            "Check the disk's space and the folder's rights, then start again.",
        )
    if place.is_dir():
        place.rmdir()
    data.rename(place)
    shutil.rmtree(draft)
    if place != home / "postgres":
        (home / "postgres").symlink_to(place)


def _data_place(home: Path, account: Account) -> Path:
    """Where a new data folder goes: in LAMPPOST_HOME unless the server's account is shut out."""
    place = home / "postgres"
    if place.is_dir() and any(place.iterdir()):
        raise DatabaseUnavailable(
            f"{place} is not empty and holds no database.", "Move it away and start again."
        )
    if account.reaches(home):
        return place
    if place.is_dir() and not place.is_symlink():
        place.rmdir()
    place.unlink(missing_ok=True)
    return Path(tempfile.mkdtemp(prefix="data-", dir=binaries.shared_folder()))


def _socket_folder(home: Path, account: Account) -> Path:
    """The folder of the socket: in LAMPPOST_HOME, or at a short path it links to."""
    link = home / "socket"
    folder = Path(os.path.realpath(link))
    short = len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER
    if link.is_symlink() or not short or not account.reaches(home):
        if not _is_ours(folder, account) or not link.is_symlink():
            folder = Path(tempfile.mkdtemp(prefix="lamppost-", dir=_short_parent(account)))
            link.unlink(missing_ok=True)
            link.symlink_to(folder)
    else:
        folder.mkdir(mode=0o700, exist_ok=True)
    account.give(folder, 0o700)
    return folder


def _short_parent(account: Account) -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and not account.switch and len(runtime) < 60 and os.access(runtime, os.W_OK):
        return Path(runtime)
    return Path("/tmp")  # noqa: S108  mkdtemp makes a private folder with a random name


def _is_ours(folder: Path, account: Account) -> bool:
    # A folder in /tmp that was cleaned away could have been made anew by somebody else.
    return folder.is_dir() and folder.stat().st_uid in (account.uid, os.geteuid())


def _configure(data: Path, account: Account) -> None:
    # Copied or restored by hand, it is often open to others, and PostgreSQL refuses to start.
    account.give(data, 0o700)
    texts = {
        "lamppost.conf": configuration.settings_text(configuration.machine_memory_mb()),
        "pg_hba.conf": configuration.HBA,
    }
    for name, text in texts.items():
        draft = data / f"{name}.new"
        draft.write_text(text)
        account.give(draft, 0o600)
        draft.rename(data / name)
    main = data / "postgresql.conf"
    include = "include 'lamppost.conf'\ninclude_if_exists 'local.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)


def _start(data: Path, socket: Path, account: Account, programs: binaries.Binaries) -> None:
    log = data / "start.log"
    log.touch(mode=0o600)
    account.give(log, 0o600)
    before = log.stat().st_size
    # PostgreSQL is given a path it resolved itself, or `postmaster.pid_of` would miss it.
    command: list[str | Path] = [
        programs.bindir / "pg_ctl",
        *("start", "--pgdata", data, "--log", log, "--silent", "--wait"),
        *("--timeout", str(int(START_LIMIT_S))),
        *("--options", f"-k '{socket}' -p {PORT}"),
    ]
    started = account.run(command, timeout_s=START_LIMIT_S + 60)
    if started.returncode != 0:
        why = started.stderr.strip() or f"pg_ctl ended with {started.returncode}"
        raise DatabaseUnavailable(
            f"PostgreSQL did not start: {_said(log, before) or why}",
            f"Mend what it names; {log} and the newest file in {data / 'log'} say more.",
        )


def _said(log: Path, start: int) -> str:
    """What the server wrote since the byte ``start``, without times and what is always there."""
    text = log.read_bytes()[start:].decode(errors="replace")
    lines = [_PREFIX.sub("", line).strip() for line in text.splitlines()]
    return "; ".join(line for line in lines if line and not _USUAL.search(line))[-2000:]


def _wait_until_ready(cluster: Cluster) -> None:
    """Connect, since nothing less proves a server usable. The start lock is held."""
    deadline = time.monotonic() + START_LIMIT_S
    data = leases.data_folder(cluster.home)
    while True:
        try:
            psycopg.connect(
                cluster.dsn(credentials.SUPERUSER, "postgres"), connect_timeout=10
            ).close()
            return
        except psycopg.OperationalError as error:
            starting = "starting up" in str(error) or "recovery" in str(error)
            alive = postmaster.pid_of(data) is not None
            if not (alive and starting) or time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"The database server of {cluster.home} does not answer: {error}",
                    f"See the newest file in {data / 'log'}; `lamppost doctor` says more.",
                ) from error
        time.sleep(0.05)


def _set_up_roles(cluster: Cluster) -> None:
    def inside(dbname: str) -> psycopg.Connection:
        return psycopg.connect(cluster.dsn(credentials.SUPERUSER, dbname), autocommit=True)

    with inside("postgres") as admin:
        roles.make_login_roles(admin, cluster._passwords)
        roles.set_up(admin, inside, DBNAME)
