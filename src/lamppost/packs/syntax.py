"""YAML as plain text with positions: a tree in which every scalar is what was written.

Built from the parser's events rather than from its loader, for three reasons: each node
keeps its line and column; nothing is guessed (``no``, ``8:30`` and ``2025-01-01`` stay text
until a field asks for a flag, a time or a date); and what a pack has no use for is refused
while reading (anchors and aliases, which make YAML bombs; tags, which make objects).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from lamppost.packs.findings import Findings, Mark

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 20
MAX_NODES = 500_000
_EMPTY_WORDS = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. ``is_empty`` when nothing was written after the colon."""

    text: str
    mark: Mark
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: list[Node]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Map:
    """A map, in the order written."""

    entries: list[tuple[Scalar, Node]]
    mark: Mark


Node = Scalar | Sequence | Map


class BadSyntax(Exception):
    """The file is not the YAML a pack may use."""

    def __init__(self, mark: Mark, message: str, hint: str = "") -> None:
        self.mark, self.message, self.hint = mark, message, hint
        super().__init__(message)


@dataclass(slots=True)
class _Builder:
    file: str
    findings: Findings
    nodes: int = 0
    stack: list[list[Node]] = field(default_factory=lambda: [[]])

    def mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def add(self, node: Node) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise BadSyntax(node.mark, "The file has too many entries.", "Split it.")
        self.stack[-1].append(node)

    def open(self, mark: Mark) -> None:
        if len(self.stack) > MAX_DEPTH:
            raise BadSyntax(mark, f"Nested more than {MAX_DEPTH} deep.")
        self.stack.append([])

    def map_of(self, flat: list[Node], mark: Mark) -> Map:
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Mark] = {}
        for key, value in zip(flat[::2], flat[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise BadSyntax(key.mark, "A key must be a plain word.")
            if key.text in seen:
                self.findings.error(
                    key.mark,
                    f'"{key.text}" stands here twice.',
                    f"The first is on line {seen[key.text].line}; keep one.",
                )
                continue
            seen[key.text] = key.mark
            entries.append((key, value))
        return Map(entries, mark)


def _refuse_extras(event: Any, mark: Mark) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise BadSyntax(
            mark,
            "Anchors (&) and aliases (*) are not allowed.",
            'Write the text out; a value that starts with & or * needs "quotes".',
        )
    if getattr(event, "tag", None):
        raise BadSyntax(
            mark, "Tags (!) are not allowed.", 'A value that starts with ! needs "quotes".'
        )


def _scalar(event: Any, mark: Mark) -> Scalar:
    is_empty = event.style in (None, "") and event.value in _EMPTY_WORDS
    return Scalar(event.value, mark, is_empty)


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_LOADER)


def _build(text: str, builder: _Builder) -> Node | None:
    marks: list[Mark] = []
    documents = 0
    for event in _events(text):
        mark = builder.mark(event)
        _refuse_extras(event, mark)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise BadSyntax(mark, "A second document (---) begins here.", "Use one per file.")
        elif isinstance(event, yaml.ScalarEvent):
            builder.add(_scalar(event, mark))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            builder.open(mark)
            marks.append(mark)
        elif isinstance(event, yaml.MappingEndEvent):
            flat = builder.stack.pop()
            builder.add(builder.map_of(flat, marks.pop()))
        elif isinstance(event, yaml.SequenceEndEvent):
            items = builder.stack.pop()
            builder.add(Sequence(items, marks.pop()))
    return builder.stack[0][0] if builder.stack[0] else None


def _yaml_problem(file: str, error: yaml.YAMLError) -> BadSyntax:
    where = getattr(error, "problem_mark", None)
    mark = Mark(file, where.line + 1, where.column + 1) if where else Mark(file)
    words = str(getattr(error, "problem", "") or "it cannot be read").replace("\\t", "tab")
    hint = 'Check the indentation; a text with ": " or " #" in it needs "quotes".'
    if "tab" in words or "cannot start any token" in words:
        hint = "Indent with spaces, never with tabs."
    return BadSyntax(mark, f"This is not YAML: {words}.", hint)


def parse_yaml(file: str, text: str, findings: Findings) -> Node | None:
    """Return the tree of a YAML text, or None for an empty file or after an error.

    ``file`` is the name shown in findings. Nothing is raised: what is wrong is noted in
    ``findings`` with line and column.
    """
    try:
        return _build(text, _Builder(file, findings))
    except BadSyntax as problem:
        findings.error(problem.mark, problem.message, problem.hint)
    except yaml.YAMLError as error:
        bad = _yaml_problem(file, error)
        findings.error(bad.mark, bad.message, bad.hint)
    return None
