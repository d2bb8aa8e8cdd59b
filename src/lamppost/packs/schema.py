"""The engine behind the format: a table of keys per kind of row reads it, writes it, walks it.

One table (`shapes.py`) drives the reader, the exporter and the diff, so the three cannot
drift apart: what is read is what is written is what is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from lamppost.packs.content import Texts
from lamppost.packs.findings import Findings, Mark, did_you_mean
from lamppost.packs.syntax import Map, Node, Scalar, Sequence

Path = tuple[str, ...]
ORDER = "(order)"
R = TypeVar("R")


class BadValue(Exception):
    """A value that cannot be what its key asks for."""

    def __init__(self, mark: Mark, message: str, hint: str = "") -> None:
        self.mark, self.message, self.hint = mark, message, hint
        super().__init__(message)


class AlreadyReported(Exception):
    """A part of a row is wrong, and what is wrong with it has been noted."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Somewhere a row names another row by its code, with the codes it stands under."""

    noun: str
    codes: Path
    mark: Mark


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparable value of a pack and the path people know it by."""

    path: Path
    value: str


@dataclass(slots=True)
class Gathered:
    """What reading gathers across files, to be checked once everything is known."""

    findings: Findings
    language: str = "en"
    overlays: dict[str, dict[Path, Scalar]] = field(default_factory=dict)
    used: set[tuple[str, Path]] = field(default_factory=set)
    translatable: dict[Path, Mark] = field(default_factory=dict)
    definitions: dict[str, dict[Path, Mark]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Context:
    """Where reading stands: the path of texts and the codes of the rows around."""

    gathered: Gathered
    path: Path = ()
    scope: Path = ()

    def inside(self, *path: str, scope: Path = ()) -> Context:
        """Return the context one step further in."""
        return Context(self.gathered, (*self.path, *path), (*self.scope, *scope))

    def texts(self, path: Path, text: str, mark: Mark, *, counts: bool = True) -> Texts:
        """Return ``text`` with its translations, and note that it wants some."""
        gathered = self.gathered
        texts = {gathered.language: text}
        if counts:
            gathered.translatable[path] = mark
        for language, overlay in gathered.overlays.items():
            if path in overlay:
                gathered.used.add((language, path))
                texts[language] = overlay[path].text
        return texts

    def define(self, noun: str, codes: Path, mark: Mark) -> None:
        """Note that a row exists; a second one of the same code is an error."""
        known = self.gathered.definitions.setdefault(noun, {})
        if codes in known:
            self.gathered.findings.error(
                mark,
                f'There is a second {noun} "{codes[-1]}".',
                f"The first is at {known[codes]}; give one of them another code.",
            )
        else:
            known[codes] = mark

    def refer(self, noun: str, codes: Path, mark: Mark) -> None:
        """Note that a row is named here; checked when all files are read."""
        self.gathered.references.append(Reference(noun, codes, mark))


class Kind:
    """How the value of one key is read from a node, written back and compared."""

    def read(self, node: Node, key: str, context: Context) -> Any:
        """Return the value. Raises `BadValue`."""
        raise NotImplementedError

    def write(self, value: Any, language: str) -> Any:
        """Return the value as text, list and dict, in the pack's own language."""
        raise NotImplementedError

    def leaves(self, value: Any, path: Path) -> Iterator[Leaf]:
        """Yield what is compared."""
        raise NotImplementedError

    def texts(self, value: Any, path: Path) -> Iterator[tuple[Path, Texts]]:
        """Yield the translated texts in the value; most kinds have none."""
        del value, path
        return iter(())


class _Required:
    """Marks a key that must be there."""


REQUIRED = _Required()


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a row: its name in the file, its field, its kind, what absence means."""

    name: str
    kind: Kind
    default: Any = REQUIRED
    field: str = ""

    @property
    def attribute(self) -> str:
        """The field of the value it fills."""
        return self.field or self.name


@dataclass(frozen=True, slots=True)
class Shape(Generic[R]):
    """A kind of row: its keys in the order they are written.

    ``code`` is the key that names a row among its siblings (empty for a part of a row);
    ``is_ordered`` where the siblings' order means something.
    """

    noun: str
    make: Callable[..., R]
    keys: tuple[Key, ...]
    code: str = "code"
    is_ordered: bool = False


def as_map(node: Node, noun: str) -> Map:
    """Return the node as a map. Raises `BadValue`."""
    if not isinstance(node, Map):
        raise BadValue(node.mark, f"A {noun} is written as `key: value` lines.")
    return node


def as_items(node: Node, noun: str) -> list[Node]:
    """Return the node's items. Raises `BadValue` unless it is a list."""
    if isinstance(node, Scalar) and node.is_empty:
        return []
    if not isinstance(node, Sequence):
        raise BadValue(node.mark, f"{noun} must be a list.", "Begin each item with a dash (-).")
    return node.items


def as_scalar(node: Node, key: str) -> Scalar:
    """Return the node as a text. Raises `BadValue`."""
    if not isinstance(node, Scalar):
        raise BadValue(node.mark, f'"{key}" must be a single value, not a list or a map.')
    return node


def _is_absent(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.is_empty)


def _report_unknown(map_: Map, shape: Shape[Any], findings: Findings) -> None:
    names = [key.name for key in shape.keys]
    for key, _node in map_.entries:
        if key.text not in names:
            findings.error(
                key.mark,
                f'A {shape.noun} has no key "{key.text}".',
                did_you_mean(key.text, names) or f"Known: {', '.join(names)}.",
            )


def read_row(
    shape: Shape[R], node: Node, context: Context, defaults: Mapping[str, Node] | None = None
) -> R | None:
    """Return the row a node holds, or None after noting what is wrong with it.

    ``defaults`` stand in for keys the row leaves out. All keys are read even when one is
    wrong, so that every finding of a row is reported at once.
    """
    findings = context.gathered.findings
    try:
        map_ = as_map(node, shape.noun)
    except BadValue as bad:
        findings.error(bad.mark, bad.message, bad.hint)
        return None
    _report_unknown(map_, shape, findings)
    nodes = {**(defaults or {}), **{key.text: each for key, each in map_.entries}}
    if shape.code:
        context = _named(shape, nodes.get(shape.code), context)
    values: dict[str, Any] = {}
    is_good = True
    for key in shape.keys:
        try:
            values[key.attribute] = _read_key(key, nodes.get(key.name), map_.mark, shape, context)
        except AlreadyReported:
            is_good = False
        except BadValue as bad:
            findings.error(bad.mark, bad.message, bad.hint)
            is_good = False
    return shape.make(**values, at=map_.mark) if is_good else None


def _named(shape: Shape[Any], node: Node | None, context: Context) -> Context:
    if not isinstance(node, Scalar) or node.is_empty:
        return context
    code = node.text.strip()
    context.define(shape.noun, (*context.scope, code), node.mark)
    return context.inside(code, scope=(code,))


def _read_key(key: Key, node: Node | None, row: Mark, shape: Shape[Any], context: Context) -> Any:
    if node is None or _is_absent(node):
        if isinstance(key.default, _Required):
            mark = node.mark if node is not None else row
            raise BadValue(mark, f'This {shape.noun} needs "{key.name}".')
        return key.default
    return key.kind.read(node, key.name, context)


def read_rows(
    shape: Shape[R], node: Node, context: Context, defaults: Mapping[str, Node] | None = None
) -> tuple[R, ...]:
    """Return the good rows of a list; the others are noted. Raises `BadValue` for no list."""
    rows = (
        read_row(shape, each, context, defaults) for each in as_items(node, f"A {shape.noun} list")
    )
    return tuple(row for row in rows if row is not None)


def write_row(shape: Shape[Any], row: Any, language: str) -> dict[str, Any]:
    """Return the row as text, list and dict; keys that say the default are left out."""
    written: dict[str, Any] = {}
    for key in shape.keys:
        value = getattr(row, key.attribute)
        if isinstance(key.default, _Required) or value != key.default:
            plain = key.kind.write(value, language)
            if plain not in ("", [], {}) or isinstance(key.default, _Required):
                written[key.name] = plain
    return written


def row_leaves(shape: Shape[Any], row: Any, path: Path) -> Iterator[Leaf]:
    """Yield every comparable value of a row."""
    for key in shape.keys:
        if key.name != shape.code:
            yield from key.kind.leaves(getattr(row, key.attribute), (*path, key.name))


def rows_leaves(shape: Shape[Any], rows: Iterable[Any], path: Path) -> Iterator[Leaf]:
    """Yield every comparable value of rows, their order too where it has a meaning."""
    codes = []
    for row in rows:
        codes.append(str(getattr(row, _code_field(shape))))
        yield Leaf((*path, codes[-1]), "")
        yield from row_leaves(shape, row, (*path, codes[-1]))
    if shape.is_ordered:
        yield order_leaf(path, codes)


def order_leaf(path: Path, codes: Iterable[str]) -> Leaf:
    """Return the leaf that holds in which order siblings stand."""
    return Leaf((*path, ORDER), ", ".join(codes))


def row_texts(shape: Shape[Any], row: Any, path: Path) -> Iterator[tuple[Path, Texts]]:
    """Yield the translated texts of a row, by the path a translation file uses."""
    for key in shape.keys:
        yield from key.kind.texts(getattr(row, key.attribute), (*path, key.name))


def rows_texts(shape: Shape[Any], rows: Iterable[Any], path: Path) -> Iterator[tuple[Path, Texts]]:
    """Yield the translated texts of rows."""
    for row in rows:
        yield from row_texts(shape, row, (*path, str(getattr(row, _code_field(shape)))))


def _code_field(shape: Shape[Any]) -> str:
    return next(key.attribute for key in shape.keys if key.name == shape.code)
