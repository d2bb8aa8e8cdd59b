"""`make soak`: an hour of kills under load, and at the end the account of every report.

    python bench/soak.py --minutes 60

Kills with -9, at random, one of: a web process, the web server, the worker, the database, the
supervisor. Fills the disk now and then where a small file system can be mounted (as root).
Prints what happened and exits with 1 when anything acknowledged is lost, doubled or half there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.grounds import Grounds, kill, wait_until
from bench.storm import Storm, account

API_KEY = "test-key"
DISK_MB = 1500
_LEAVE_BYTES = 64 * 1024
SEED = """
from tests.support.seeding import seed_two_cities
seed_two_cities()
"""


def main() -> int:
    """Run for the minutes asked for; 0 when every report is accounted for."""
    parser = argparse.ArgumentParser(description="Kill, fill and check.")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=311, help="another number, another order")
    parser.add_argument("--senders", type=int, default=4)
    arguments = parser.parse_args()
    with _disk() as (folder, small):
        grounds = Grounds(folder / "home")
        try:
            return _soak(grounds, arguments, small=small)
        finally:
            grounds.destroy()


def _soak(grounds: Grounds, arguments: argparse.Namespace, *, small: bool) -> int:
    chance = random.Random(arguments.seed)
    _say(f"preparing {grounds.home}" + (" on a small disk" if small else ""))
    grounds.command("migrate")
    grounds.python(SEED)
    grounds.start()
    storm = Storm(grounds.port, API_KEY, senders=arguments.senders)
    storm.start()
    harms = _harms(grounds, small=small)
    done: Counter[str] = Counter()
    until = time.monotonic() + arguments.minutes * 60
    while time.monotonic() < until:
        name = chance.choice(sorted(harms))
        enough = storm.count() + 10
        harms[name]()
        done[name] += 1
        wait_until(partial(storm.reached, enough), f"service after {name}", 120)
        time.sleep(chance.uniform(0.0, 4.0))
    storm.stop()
    wrong = account(grounds, storm)
    stopped = grounds.stop()
    result = {
        "reports": storm.count(),
        "harms": dict(done),
        "answers": {str(status): count for status, count in sorted(storm.statuses.items())},
        "longest_gap_s": round(storm.longest_gap_s, 1),
        "stopped_with": stopped,
        "wrong": wrong,
    }
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 1 if wrong or stopped else 0


def _harms(grounds: Grounds, *, small: bool) -> dict[str, Callable[[], None]]:
    def web_process() -> None:
        workers = grounds.web_workers()
        kill(workers[0] if workers else None)

    def supervisor() -> None:
        if grounds.supervisor is not None:
            kill(grounds.supervisor.pid)
            grounds.supervisor.wait()
        # A service manager starts it again when all that was left has ended.
        wait_until(lambda: not grounds.programs_left(), "web and worker ended", 60)
        grounds.start()

    harms: dict[str, Callable[[], None]] = {
        "web process": web_process,
        "web server": lambda: kill(grounds.children().get("web")),
        "worker": lambda: kill(grounds.children().get("worker")),
        "database": lambda: kill(grounds.postmaster()),
        "supervisor": supervisor,
    }
    if small:
        harms["full disk"] = lambda: fill_disk(grounds)
    return harms


def fill_disk(grounds: Grounds, seconds: float = 5.0) -> None:
    """Leave no room where the data are for a while; then take the filling away."""
    filling = grounds.home.parent / "filling"
    try:
        with contextlib.suppress(OSError), filling.open("wb", buffering=0) as out:
            while True:
                out.write(b"\0" * _LEAVE_BYTES)
        time.sleep(seconds)
    finally:
        filling.unlink(missing_ok=True)


@contextlib.contextmanager
def _disk() -> Iterator[tuple[Path, bool]]:
    """A folder, on a small file system of its own where one may be mounted."""
    with tempfile.TemporaryDirectory(prefix="lamppost-soak-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with small_disk(folder, DISK_MB) as small:
            yield folder, small


@contextlib.contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[bool]:
    """Mount a file system of that size at ``folder``; False where that is not allowed."""
    mounted = not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=755", "lamppost", str(folder)],
        capture_output=True, check=False,
    ).returncode  # fmt: skip
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


def _say(line: str) -> None:
    sys.stderr.write(f"soak: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
