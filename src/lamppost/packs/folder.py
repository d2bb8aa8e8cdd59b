"""The files of a pack: found, bounded and decoded before anything is parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from lamppost.packs.findings import Findings, Mark, did_you_mean

MAX_BYTES = {".yaml": 4_000_000, ".csv": 4_000_000, ".md": 200_000, ".geojson": 60_000_000}
MAX_FILES = 2_000
TOP_FILES = (
    "city.yaml",
    "departments.yaml",
    "groups.yaml",
    "statuses.yaml",
    "calendars.yaml",
    "escalation.yaml",
    "agreements.csv",
    "routing.yaml",
    "areas.yaml",
    "places.yaml",
    "work.yaml",
    "contact_center.yaml",
    "channels.yaml",
    "directory.yaml",
    "notices.yaml",
    "retention.yaml",
)
FOLDERS = {
    "services": (".yaml",),
    "articles": (".yaml",),
    "areas": (".geojson",),
    "text": (".md",),
    "translations": (".yaml",),
}
# Folders that stand beside a pack's files and belong to another part of the software.
NOT_OURS = ("demo",)
_IGNORED = re.compile(r"^(README|LICENSE|CHANGELOG|NOTICE)(\.\w+)?$", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class PackFolder:
    """A pack's texts by their path within it (always with forward slashes)."""

    root: Path
    texts: dict[str, str] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)

    def under(self, folder: str) -> list[str]:
        """Paths of the files in one folder of the pack, sorted."""
        return sorted(path for path in self.texts if path.startswith(f"{folder}/"))


def _listed(root: Path) -> list[Path]:
    """Every file below ``root`` that is not hidden, sorted, at most `MAX_FILES` + 1."""
    found: list[Path] = []
    waiting = [root]
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            if path.name.startswith("."):
                continue
            if path.parent == root and path.name in NOT_OURS:
                continue
            if path.is_dir() and not path.is_symlink():
                waiting.append(path)
            else:
                found.append(path)
            if len(found) > MAX_FILES:
                return found
    return sorted(found)


def _place_problem(name: str) -> tuple[str, str] | None:
    """Return why a file has no place in a pack, with a hint, or None."""
    parts = name.split("/")
    if len(parts) == 1:
        if name in TOP_FILES or _IGNORED.match(name):
            return None
        return f'A pack has no file "{name}".', did_you_mean(name, TOP_FILES)
    if parts[0] not in FOLDERS:
        return f'A pack has no folder "{parts[0]}".', did_you_mean(parts[0], FOLDERS)
    suffixes = FOLDERS[parts[0]]
    if _IGNORED.match(parts[-1]) or name.endswith(suffixes):
        return None
    return f"This file is not read: {parts[0]}/ holds {' and '.join(suffixes)} files.", ""


def _decoded(name: str, data: bytes, findings: Findings) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.error(Mark(name), "The file is UTF-16.", "Save it as UTF-8.")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        findings.error(Mark(name, line, column), "The file is not UTF-8.", "Save it as UTF-8.")
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        column = control.start() - (text.rfind("\n", 0, control.start()) + 1) + 1
        code = f"U+{ord(control.group()):04X}"
        findings.error(
            Mark(name, line, column), f"A control character ({code}) stands here.", "Delete it."
        )
        return None
    return text


def _read(path: Path, name: str, findings: Findings) -> str | None:
    limit = MAX_BYTES[path.suffix]
    if path.is_symlink() or not path.is_file():
        findings.error(Mark(name), "This is not a plain file.", "Links are not followed.")
        return None
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        findings.error(Mark(name), f"The file cannot be read: {error.strerror}.")
        return None
    if len(data) > limit:
        findings.error(Mark(name), f"The file is larger than {limit // 1_000_000} MB.", "Split it.")
        return None
    return _decoded(name, data, findings)


def open_folder(root: Path, findings: Findings) -> PackFolder | None:
    """Return the texts of the pack in ``root``, or None when there is no such folder.

    Unknown files are errors: a misspelled folder that is silently skipped would look like a
    city without services. Hidden files, READMEs and `NOT_OURS` are left alone; a link is an
    error.
    """
    if not root.is_dir():
        findings.error(Mark("."), "There is no such folder.", "Give the path of a pack.")
        return None
    folder = PackFolder(root)
    paths = _listed(root)
    if len(paths) > MAX_FILES:
        findings.error(
            Mark(str(root)),
            f"The folder has more than {MAX_FILES} files.",
            "Is this the folder of a pack?",
        )
        return None
    for path in paths:
        name = path.relative_to(root).as_posix()
        problem = _place_problem(name)
        if problem:
            findings.error(Mark(name), *problem)
        elif not _IGNORED.match(path.name):
            text = _read(path, name, findings)
            if text is None:
                folder.unreadable.add(name)
            else:
                folder.texts[name] = text
    return folder
