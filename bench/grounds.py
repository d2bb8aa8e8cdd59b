"""An installation of its own to do harm to: own folder, own database server, own port."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lamppost.database.embedded import Cluster, running

ROOT = Path(__file__).resolve().parents[1]
START_LIMIT_S = 120.0
_STEP_S = 0.1


def free_port() -> int:
    """Return a loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str, limit_s: float = START_LIMIT_S) -> None:
    """Look again and again until ``condition`` holds; AssertionError when it does not in time."""
    until = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"not within {limit_s:.0f} s: {what}")
        time.sleep(_STEP_S)


@dataclass
class Grounds:
    """An installation and its supervisor's process, when it serves."""

    home: Path
    port: int = field(default_factory=free_port)
    supervisor: subprocess.Popen[bytes] | None = None
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def hold_database(self) -> Cluster:
        """Keep the database server running between commands, until `destroy`."""
        return self._held.enter_context(running(self.home))

    @property
    def env(self) -> dict[str, str]:
        """The environment of every process here: this installation and no other."""
        dropped = ("DATABASE_URL", "DATABASE_REPLICA_URL", "LAMPPOST_TEST_DATABASE")
        kept = {key: value for key, value in os.environ.items() if key not in dropped}
        path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
        return {
            **kept,
            "LAMPPOST_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "lamppost.settings",
            "PYTHONPATH": path,
        }

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``lamppost ARGUMENTS`` here."""
        return self._run(["-m", "lamppost.cli", *arguments], check=check)

    def python(self, code: str) -> str:
        """Run ``code`` with Django set up and the database at hand; return what it printed."""
        lines = (
            "import django; django.setup()\n"
            "from lamppost.commands.installation import database\n"
            "with database():\n"
        ) + "\n".join(f"    {line}" for line in code.strip().splitlines())
        return self._run(["-c", lines], check=True).stdout

    def _run(self, arguments: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.env, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"{arguments}: {done.stdout}{done.stderr}")
        return done

    @property
    def log(self) -> Path:
        """What the supervisor and its children wrote to standard error."""
        return self.home.with_suffix(".log")

    def start(self) -> None:
        """Start `lamppost serve` and wait until it is ready."""
        with self.log.open("ab") as log:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "lamppost.cli", "serve", "--port", str(self.port)],
                env=self.env, cwd=ROOT, stderr=log, stdout=log,
            )  # fmt: skip
        wait_until(self.is_ready, "the installation is ready")

    def stop(self) -> int:
        """Stop it in order; return the exit code."""
        if self.supervisor is None:
            return 0
        self.supervisor.terminate()
        code = self.supervisor.wait(timeout=60)
        self.supervisor = None
        return code

    def get(self, path: str, timeout: float = 15) -> tuple[int, bytes]:
        """GET a path; status 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def is_ready(self) -> bool:
        """Whether pages are served."""
        return self.get("/readyz")[0] == 200

    def children(self) -> dict[str, int]:
        """Process numbers by name: ``web`` (the server's main process), ``worker``."""
        if self.supervisor is None:
            return {}
        found = {}
        for pid in children_of(self.supervisor.pid):
            line = command_line(pid)
            if "lamppost.commands.web" in line:
                found["web"] = pid
            elif line.endswith("lamppost.cli worker"):
                found["worker"] = pid
        return found

    def web_workers(self) -> list[int]:
        """Process numbers of those that answer requests."""
        web = self.children().get("web")
        return [] if web is None else [
            pid for pid in children_of(web) if "lamppost.commands.web" in command_line(pid)
        ]  # fmt: skip

    def postmaster(self) -> int | None:
        """The database server's main process."""
        try:
            pid = int((self.home / "postgres" / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None
        return pid if "postgres" in command_line(pid) else None

    def left_behind(self) -> list[int]:
        """Processes that belong to this installation, whoever their parent is."""
        mark = f"LAMPPOST_HOME={self.home}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
        postmaster = self.postmaster()
        return [*found, *([postmaster] if postmaster else [])]

    def programs_left(self) -> list[str]:
        """Commands of ours that still run here; the database server is not one."""
        lines = [command_line(pid) for pid in self.left_behind()]
        return [line for line in lines if "lamppost." in line and "postgres:" not in line]

    def destroy(self) -> None:
        """End everything and remove every file."""
        if self.supervisor is not None:
            self.supervisor.kill()
            self.supervisor.wait()
            self.supervisor = None
        self._held.close()
        for pid in self.left_behind():
            kill(pid)
        wait_until(lambda: not self.left_behind(), "all processes are gone", 30)
        for link in (self.home / "postgres", self.home / "socket"):
            if link.is_symlink():
                shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)


def children_of(parent: int) -> Iterator[int]:
    """Process numbers of a process' children."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                yield int(entry.name)


def command_line(pid: int) -> str:
    """A process' command, empty when it is gone."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip()


def kill(pid: int | None) -> None:
    """kill -9, if it is there."""
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
