"""The format of ``articles/*.yaml`` and ``directory.yaml``. See docs/packs.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from lamppost.knowledge.choices import Readers
from lamppost.packs import knowledge_content
from lamppost.packs.content import Texts
from lamppost.packs.kinds import (
    FLAG,
    URL,
    Ref,
    Refs,
    Rows,
    Translated,
    choice,
    code,
    line,
    whole,
)
from lamppost.packs.schema import (
    BadValue,
    Context,
    Key,
    Kind,
    Leaf,
    Path,
    Shape,
    as_items,
    as_map,
    as_scalar,
)
from lamppost.packs.syntax import Node, Scalar

NO_TEXTS: Texts = {}


@dataclass(frozen=True)
class FilledAnswers(Kind):
    """``{question: [value, …]}`` of the service the row names beside it.

    Whether the service has them is checked with the whole pack: the row's service is not
    known while this key is read.
    """

    @override
    def read(self, node: Node, key: str, context: Context) -> tuple[tuple[str, str], ...]:
        pairs = []
        for name, below in as_map(node, f'"{key}"').entries:
            values = [below] if isinstance(below, Scalar) else as_items(below, f'"{key}"')
            pairs += [(name.text.strip(), as_scalar(each, key).text.strip()) for each in values]
        if len(set(pairs)) < len(pairs):
            raise BadValue(node.mark, f'"{key}" names something twice.')
        return tuple(sorted(pairs))

    @override
    def write(self, value: tuple[tuple[str, str], ...], language: str) -> dict[str, list[str]]:
        written: dict[str, list[str]] = {}
        for question, answer in value:
            written.setdefault(question, []).append(answer)
        return written

    @override
    def leaves(self, value: tuple[tuple[str, str], ...], path: Path) -> Iterator[Leaf]:
        yield Leaf(path, ", ".join(".".join(each) for each in value))


TOPIC = Shape(
    "topic",
    knowledge_content.Topic,
    (Key("code", code()), Key("name", Translated())),
    is_ordered=True,
)
STEP = Shape(
    "step",
    knowledge_content.ArticleStep,
    (Key("code", code()), Key("text", Translated(1000))),
    is_ordered=True,
)
LINK = Shape(
    "link",
    knowledge_content.ArticleLink,
    (Key("code", code()), Key("text", Translated()), Key("url", URL)),
    is_ordered=True,
)
ARTICLE: Shape[Any] = Shape(
    "article",
    knowledge_content.Article,
    (
        Key("code", code()),
        Key("topic", Ref("topic"), ""),
        Key("department", Ref("department")),
        Key("question", Translated(300)),
        Key("keywords", Translated(1000), NO_TEXTS),
        Key("spoken", Translated(1000, is_block=True), NO_TEXTS),
        Key("answer", Translated(8000, is_block=True)),
        Key("eligibility", Translated(2000, is_block=True), NO_TEXTS),
        Key("steps", Rows(STEP), ()),
        Key("service", Ref("service"), ""),
        Key("answers", FilledAnswers(), ()),
        Key("links", Rows(LINK), ()),
        Key("audience", choice(Readers.values), str(Readers.PUBLIC)),
        Key("review_months", whole(1, 60), 12),
        Key("featured", FLAG, False, "is_featured"),
        Key("related", Refs(("article",)), ()),
    ),
    is_ordered=True,
)
DIRECTORY = Shape(
    "directory entry",
    knowledge_content.DirectoryEntry,
    (
        Key("code", code()),
        Key("name", Translated()),
        Key("about", Translated(500), NO_TEXTS),
        Key("keywords", Translated(500), NO_TEXTS),
        Key("phone", line(40), ""),
        Key("hours", Translated(300), NO_TEXTS),
        Key("url", URL, ""),
        Key("department", Ref("department"), ""),
    ),
    is_ordered=True,
)
