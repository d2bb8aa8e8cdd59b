"""The format of ``work.yaml``: work items, replies and macros. See docs/packs.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from lamppost.packs import work_content
from lamppost.packs.content import Texts
from lamppost.packs.kinds import FLAG, Ref, Refs, Rows, Translated, choice, code, whole
from lamppost.packs.schema import (
    AlreadyReported,
    Context,
    Key,
    Kind,
    Leaf,
    Path,
    Shape,
    as_items,
    read_row,
    row_leaves,
    row_texts,
    write_row,
)
from lamppost.packs.syntax import Node
from lamppost.sla.choices import DayEndRule, Priority, UnitChoice
from lamppost.work.choices import Begins, StepKind

NO_TEXTS: Texts = {}


@dataclass(frozen=True)
class Steps(Kind):
    """A list of rows known by their place: the same step may come twice."""

    shape: Shape[Any]

    @override
    def read(self, node: Node, key: str, context: Context) -> tuple[Any, ...]:
        rows = [
            read_row(self.shape, each, context.inside(key, str(place)))
            for place, each in enumerate(as_items(node, f'"{key}"'), start=1)
        ]
        if None in rows:
            raise AlreadyReported
        return tuple(rows)

    @override
    def write(self, value: tuple[Any, ...], language: str) -> list[dict[str, Any]]:
        return [write_row(self.shape, row, language) for row in value]

    @override
    def leaves(self, value: tuple[Any, ...], path: Path) -> Iterator[Leaf]:
        for place, row in enumerate(value, start=1):
            yield Leaf((*path, str(place)), "")
            yield from row_leaves(self.shape, row, (*path, str(place)))

    @override
    def texts(self, value: tuple[Any, ...], path: Path) -> Iterator[tuple[Path, Texts]]:
        for place, row in enumerate(value, start=1):
            yield from row_texts(self.shape, row, (*path, str(place)))


WORK_CHECK = Shape(
    "checklist line",
    work_content.WorkCheck,
    (Key("code", code()), Key("text", Translated()), Key("required", FLAG, True, "is_required")),
    is_ordered=True,
)
WORK_ITEM = Shape(
    "work item",
    work_content.WorkItem,
    (
        Key("code", code()),
        Key("service", Ref("service")),
        Key("department", Ref("department")),
        Key("team", code(), ""),
        Key("title", Translated()),
        Key("note", Translated(2000, is_block=True), NO_TEXTS),
        Key("public_label", Translated(), NO_TEXTS),
        Key("required", FLAG, True, "is_required"),
        Key("begins", choice(Begins.values), str(Begins.INTAKE)),
        Key("answers", Refs(("service", "question", "value")), ()),
        Key("within", whole(1, 1000), None, "amount"),
        Key("unit", choice(UnitChoice.values), ""),
        Key("day_end", choice(DayEndRule.values), str(DayEndRule.CLOSE)),
        Key("calendar", Ref("calendar"), ""),
        Key("checklist", Rows(WORK_CHECK), ()),
    ),
    is_ordered=True,
)
REPLY = Shape(
    "reply",
    work_content.Reply,
    (
        Key("code", code()),
        Key("title", Translated()),
        Key("text", Translated(2000, is_block=True)),
        Key("service", Ref("service"), ""),
        Key("outcome", Ref("outcome"), ""),
        Key("department", Ref("department"), ""),
    ),
    is_ordered=True,
)
MACRO_STEP = Shape(
    "macro step",
    work_content.MacroStep,
    (
        Key("do", choice(StepKind.values), field="kind"),
        Key("status", Ref("status"), ""),
        Key("outcome", Ref("outcome"), ""),
        Key("reply", Ref("reply"), ""),
        Key("item", Ref("work item"), ""),
        Key("department", Ref("department"), ""),
        Key("team", code(), ""),
        Key("priority", choice(Priority.values), ""),
        Key("text", Translated(2000, is_block=True), NO_TEXTS),
        Key("public", FLAG, False, "is_public"),
    ),
    code="",
)
MACRO = Shape(
    "macro",
    work_content.Macro,
    (
        Key("code", code()),
        Key("title", Translated()),
        Key("service", Ref("service"), ""),
        Key("department", Ref("department"), ""),
        Key("steps", Steps(MACRO_STEP), ()),
    ),
    is_ordered=True,
)
