"""Translation files: the same tree as the pack, texts only, one folder per language."""

from __future__ import annotations

from collections.abc import Iterator

from lamppost.kernel.text import clean_text
from lamppost.packs.findings import Mark, did_you_mean
from lamppost.packs.folder import PackFolder
from lamppost.packs.kinds import LANGUAGE
from lamppost.packs.schema import BadValue, Context, Gathered, Path
from lamppost.packs.syntax import Map, Node, Scalar, parse_yaml


def _language_of(name: str, gathered: Gathered) -> str | None:
    """Return the language of ``translations/es.yaml`` or ``translations/es/streets.yaml``."""
    tag = name.split("/")[1].removesuffix(".yaml")
    try:
        scalar = Scalar(tag, Mark(name))
        return str(LANGUAGE.read(scalar, "translations", Context(gathered)))
    except BadValue as bad:
        gathered.findings.error(bad.mark, bad.message, bad.hint)
        return None


def _flat(node: Node, path: Path, gathered: Gathered) -> Iterator[tuple[Path, Scalar]]:
    if isinstance(node, Map):
        for key, below in node.entries:
            yield from _flat(below, (*path, key.text.strip()), gathered)
    elif isinstance(node, Scalar):
        if not node.is_empty:
            yield path, Scalar(clean_text(node.text), node.mark)
    else:
        gathered.findings.error(node.mark, "A translation file holds texts, not lists.")


def read_overlays(folder: PackFolder, gathered: Gathered) -> None:
    """Read every translation file into ``gathered.overlays`` before the rows are read.

    A file may be ``translations/<language>.yaml`` or any ``translations/<language>/*.yaml``;
    how a language is cut into files is up to its translators.
    """
    for name in folder.under("translations"):
        language = _language_of(name, gathered)
        node = parse_yaml(name, folder.texts[name], gathered.findings)
        if language is None or node is None:
            continue
        if language == gathered.language:
            gathered.findings.error(
                Mark(name),
                f'The pack is written in "{language}" itself.',
                "Change the text where it stands.",
            )
            continue
        overlay = gathered.overlays.setdefault(language, {})
        for path, scalar in _flat(node, (), gathered):
            if path in overlay:
                gathered.findings.error(
                    scalar.mark,
                    f"{'/'.join(path)} is translated twice.",
                    f"The first is at {overlay[path].mark}.",
                )
            overlay[path] = scalar


def _nearest(path: Path, known: set[Path], missing: set[Path]) -> str:
    """Return a hint for the first step of a path that leads nowhere.

    Of several near names, one that has no translation yet is meant.
    """
    for depth in range(len(path)):
        steps = {p[depth] for p in known if p[:depth] == path[:depth] and len(p) > depth}
        if path[depth] not in steps:
            wanted = {p[depth] for p in missing if p[:depth] == path[:depth] and len(p) > depth}
            hint = did_you_mean(path[depth], wanted) or did_you_mean(path[depth], steps)
            return f'"{path[depth]}" is not there. {hint}'.strip()
    return "The text is one level further in."


def check_overlays(gathered: Gathered, languages: tuple[str, ...], city: Mark) -> None:
    """Note translations of nothing, unlisted languages, and how many texts still lack one."""
    texts = set(gathered.translatable)
    known = texts | {path for _language, path in gathered.used}
    for language, overlay in sorted(gathered.overlays.items()):
        for path, scalar in overlay.items():
            if (language, path) not in gathered.used and not gathered.unreadable:
                gathered.findings.error(
                    scalar.mark,
                    f"Nothing in the pack is called {'/'.join(path)}.",
                    _nearest(path, known, {p for p in texts if (language, p) not in gathered.used}),
                )
        if language not in languages:
            mark = next((scalar.mark for scalar in overlay.values()), city)
            gathered.findings.error(
                Mark(mark.file),
                f'The city does not list the language "{language}".',
                "Add it to `languages` in city.yaml.",
            )
    for language in languages:
        if language != gathered.language:
            _count_missing(gathered, language, texts, city)


def _count_missing(gathered: Gathered, language: str, texts: set[Path], city: Mark) -> None:
    missing = sorted(path for path in texts if (language, path) not in gathered.used)
    if missing:
        gathered.findings.warn(
            city,
            f'{len(missing)} of {len(texts)} texts have no translation into "{language}".',
            f'The first: {"/".join(missing[0])}. Readers see "{gathered.language}" there.',
        )
