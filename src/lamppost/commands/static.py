"""Static files, gathered and compressed once per build of them."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from lamppost.kernel.refusals import Refusal


def collect_static() -> None:
    """Copy static files to the installation unless this build is there already.

    Raises ``Refusal`` when the pages' assets were never built, saying how to build them.
    """
    source = settings.BASE_DIR / "static"
    if not (source / "dist" / "lamppost.css").exists():
        raise Refusal("the pages' styles and scripts are not built; run `make assets` first")
    target = Path(settings.STATIC_ROOT)
    target.mkdir(parents=True, exist_ok=True)
    with (target.parent / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = target / ".build"
        build = _digest(source)
        if stamp.exists() and stamp.read_text() == build:
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(build)


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            state = path.stat()
            found.update(
                f"{path.relative_to(folder)} {state.st_size} {state.st_mtime_ns}\n".encode()
            )
    return found.hexdigest()
