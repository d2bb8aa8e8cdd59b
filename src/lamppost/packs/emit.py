"""YAML as a careful person would type it: stable, quoted only where it must be."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any

WIDTH = 96
_PLAIN = re.compile(r"[^\W_][^\n\t]*\Z")
_RISKY = re.compile(r": |:\Z| #|\A(?:null|~)\Z|\s\Z")
_IN_LIST = re.compile(r"[\[\]{},\"']")
# YAML 1.1 readers other than ours would take these for something else than text.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false"})
_FOLDABLE = re.compile(r"\S+(?: \S+)*\Z")


def _scalar(text: str, *, in_list: bool = False, is_flag: bool = False) -> str:
    is_plain = _PLAIN.match(text) and not _RISKY.search(text)
    if in_list and _IN_LIST.search(text):
        is_plain = False
    if not is_flag and text.lower() in _WORDS:
        is_plain = False
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _block(text: str, indent: int) -> Iterator[str] | None:
    """Return the lines of a literal block, or None when one cannot hold the text exactly."""
    lines = text.split("\n")
    if text != text.strip() or any(line != line.rstrip() for line in lines):
        return None
    if "\t" in text or lines[0].startswith(" "):
        return None
    return iter([" " * indent + line if line else "" for line in lines])


def _key_lines(key: str, value: Any, indent: int) -> Iterator[str]:
    pad = " " * indent
    name = _scalar(key)
    if isinstance(value, dict):
        yield f"{pad}{name}:"
        yield from _map_lines(value, indent + 2)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield f"{pad}{name}:"
        yield from _item_lines(value, indent + 2)
    elif isinstance(value, list):
        yield from _list_lines(f"{pad}{name}:", value, indent + 2)
    else:
        yield from _text_lines(f"{pad}{name}:", str(value), indent + 2)


def _list_lines(head: str, items: list[str], indent: int) -> Iterator[str]:
    flow = f"{head} [{', '.join(_scalar(item, in_list=True) for item in items)}]"
    if len(flow) <= WIDTH:
        yield flow
        return
    yield head
    for item in items:
        yield f"{' ' * indent}- {_scalar(item)}"


def _text_lines(head: str, text: str, indent: int) -> Iterator[str]:
    if "\n" in text:
        lines = _block(text, indent)
        if lines is not None:
            yield f"{head} |-"
            yield from lines
            return
    plain = f"{head} {_scalar(text, is_flag=text in ('yes', 'no'))}"
    if len(plain) <= WIDTH or not _FOLDABLE.match(text):
        yield plain
        return
    yield f"{head} >-"
    width = max(WIDTH - indent, 40)
    for line in textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False):
        yield " " * indent + line


def _map_lines(value: dict[str, Any], indent: int) -> Iterator[str]:
    for key, below in value.items():
        yield from _key_lines(key, below, indent)


def _item_lines(items: list[dict[str, Any]], indent: int) -> Iterator[str]:
    for item in items:
        lines = list(_map_lines(item, indent + 2))
        yield " " * indent + "- " + lines[0].lstrip()
        yield from lines[1:]


def yaml_text(value: dict[str, Any]) -> str:
    """Return nested maps, lists and texts as YAML; the same value gives the same bytes.

    Every scalar is text, as the reader reads it: ``yes`` and ``no`` stand bare where the
    value is exactly that, everything else is quoted whenever a reader might stumble.
    """
    return "\n".join(_map_lines(value, 0)) + "\n"
