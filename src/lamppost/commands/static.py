"""Static files, gathered and compressed once per build of them."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from lamppost.kernel.refusals import Refusal

_STAMP = ".build"


def collect_static() -> None:
    """Copy static files to the installation unless this build is there already.

    Raises ``Refusal`` when the pages' assets were never built, saying how to build them.
    """
    if not assets_are_built():
        raise Refusal("the pages' styles and scripts are not built; run `make assets` first")
    target = Path(settings.STATIC_ROOT)
    target.mkdir(parents=True, exist_ok=True)
    with (target.parent / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if static_is_collected():
            return
        # Gone until all is there, so that a copy cut short is done again.
        (target / _STAMP).unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        draft = target / f"{_STAMP}.new"
        draft.write_text(_digest())
        draft.rename(target / _STAMP)


def assets_are_built() -> bool:
    """Whether the styles and scripts of the pages were built into this program."""
    return (settings.BASE_DIR / "static" / "dist" / "lamppost.css").exists()


def static_is_collected() -> bool:
    """Whether the installation has the static files of this build."""
    stamp = Path(settings.STATIC_ROOT) / _STAMP
    return stamp.exists() and stamp.read_text() == _digest()


def _digest() -> str:
    """A digest of names, sizes and times of the source files of every app."""
    found = hashlib.sha256()
    for name, path in sorted(_sources()):
        state = os.stat(path)
        found.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return found.hexdigest()


def _sources() -> Iterator[tuple[str, str]]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield name, storage.path(name)
