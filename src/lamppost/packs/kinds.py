"""The kinds of value a key can ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import langcodes
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from typing_extensions import override

from lamppost.kernel.text import clean_line, clean_text
from lamppost.packs.content import Texts
from lamppost.packs.findings import did_you_mean
from lamppost.packs.schema import (
    AlreadyReported,
    BadValue,
    Context,
    Kind,
    Leaf,
    Path,
    Shape,
    as_items,
    as_map,
    as_scalar,
    read_row,
    read_rows,
    row_leaves,
    row_texts,
    rows_leaves,
    rows_texts,
    write_row,
)
from lamppost.packs.syntax import Node, Scalar

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z|24:00\Z")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\Z")


class Unfit(ValueError):
    """A text a parser cannot take; the message says what would fit."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


@dataclass(frozen=True)
class Plain(Kind):
    """One text, parsed and shown by two functions."""

    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str

    @override
    def read(self, node: Node, key: str, context: Context) -> Any:
        scalar = as_scalar(node, key)
        try:
            return self.parse(scalar.text.strip())
        except Unfit as unfit:
            raise BadValue(scalar.mark, f'"{key}": {unfit}', unfit.hint) from unfit

    @override
    def write(self, value: Any, language: str) -> str:
        return "" if value is None else self.show(value)

    @override
    def leaves(self, value: Any, path: Path) -> Iterator[Leaf]:
        yield Leaf(path, self.write(value, ""))


def _line(limit: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        line = clean_line(text)
        if len(line) > limit:
            raise Unfit(f"{len(line)} characters; at most {limit} fit.", "Shorten it.")
        return line

    return parse


def line(limit: int = 200) -> Plain:
    """A text on one line."""
    return Plain(_line(limit))


def code(limit: int = 63) -> Plain:
    """A name for machines: small letters, digits and hyphens."""

    def parse(text: str) -> str:
        if not SLUG.match(text) or len(text) > limit:
            raise Unfit(
                f'"{text}" is not a code.', "Use small letters, digits and hyphens: street-light."
            )
        return text

    return Plain(parse)


def free_code(limit: int) -> Plain:
    """A code somebody else made: letters, digits, dots, hyphens, no spaces."""

    def parse(text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text) or len(text) > limit:
            raise Unfit(f'"{text}" is not a code.', "Use letters, digits, dots and hyphens.")
        return text

    return Plain(parse)


def choice(words: Iterable[str]) -> Plain:
    """One of a closed set of words."""
    known = tuple(words)

    def parse(text: str) -> str:
        if text not in known:
            raise Unfit(f'"{text}" is not possible.', did_you_mean(text, known))
        return text

    return Plain(parse)


def whole(low: int, high: int) -> Plain:
    """A whole number between two bounds, both included."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"-?\d{1,18}", text) or not low <= int(text) <= high:
            raise Unfit(f'"{text}" is not a whole number from {low} to {high}.')
        return int(text)

    return Plain(parse)


def degrees(limit: float) -> Plain:
    """A coordinate in degrees, WGS 84."""

    def parse(text: str) -> float:
        if not re.fullmatch(r"-?\d{1,3}(\.\d{1,15})?", text) or abs(float(text)) > limit:
            raise Unfit(f'"{text}" is not in degrees from {-limit:g} to {limit:g}.')
        return float(text)

    return Plain(parse, lambda value: repr(float(value)))


def _flag(text: str) -> bool:
    word = text.lower()
    if word not in ("yes", "no", "true", "false"):
        raise Unfit(f'"{text}" is not possible.', "Write yes or no.")
    return word in ("yes", "true")


def _date(text: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unfit(f'"{text}" is not a day.', "Write year-month-day: 2025-07-04.") from error


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise Unfit(f'"{text}" is not a time zone.', "Write it as in America/New_York.") from error
    return text


def _language(text: str) -> str:
    if not langcodes.tag_is_valid(text):
        raise Unfit(f'"{text}" is not a language tag.', "Write it as in en, es, zh-Hans, pt-BR.")
    return str(langcodes.standardize_tag(text)).lower()


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise Unfit(f'"{text}" is not an e-mail address.') from error
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or len(text) > 200:
        raise Unfit(f'"{text}" is not a web address.', "Begin it with https://.")
    return text


def _host(text: str) -> str:
    if not _HOST.match(text):
        raise Unfit(f'"{text}" is not a host name.', "Write it as in 311.example.org.")
    return text


def _country(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", text) or not langcodes.tag_is_valid(f"und-{text}"):
        raise Unfit(f'"{text}" is not a country.', "Write its two capital letters: US.")
    return text


def _color(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise Unfit(f'"{text}" is not a color.', 'Write it as in "#1a4480", in quotes.')
    return text.lower()


def _weekday(text: str) -> int:
    if text.lower() not in WEEKDAYS:
        raise Unfit(f'"{text}" is not a weekday.', did_you_mean(text.lower(), WEEKDAYS))
    return WEEKDAYS.index(text.lower())


FLAG = Plain(_flag, lambda value: "yes" if value else "no")
DATE = Plain(_date, lambda value: str(value.isoformat()))
ZONE = Plain(_zone)
LANGUAGE = Plain(_language)
EMAIL = Plain(_email)
URL = Plain(_url)
HOST = Plain(_host)
COUNTRY = Plain(_country)
COLOR = Plain(_color)
WEEKDAY = Plain(_weekday, lambda value: WEEKDAYS[value])


def minutes(text: str) -> int:
    """Return minutes after midnight for ``hh:mm`` (24:00 too). Raises `Unfit`."""
    if not _TIME.match(text):
        raise Unfit(f'"{text}" is not a time of day.', "Write it as in 08:00 or 17:30.")
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def clock(value: int) -> str:
    """Return minutes after midnight as ``hh:mm``."""
    return f"{value // 60:02d}:{value % 60:02d}"


def span(text: str) -> tuple[int, int]:
    """Return the two ends of ``08:00-17:00`` in minutes after midnight. Raises `Unfit`."""
    parts = [part.strip() for part in re.split(r"[-–]", text)]
    if len(parts) != 2:
        raise Unfit(f'"{text}" is not a stretch of time.', "Write it as in 08:00-17:00.")
    return minutes(parts[0]), minutes(parts[1])


@dataclass(frozen=True)
class Translated(Kind):
    """A text in the pack's language; other languages come from ``translations/``."""

    limit: int = 200
    is_block: bool = False
    counts: bool = True

    @override
    def read(self, node: Node, key: str, context: Context) -> Texts:
        scalar = as_scalar(node, key)
        text = clean_text(scalar.text) if self.is_block else clean_line(scalar.text)
        if len(text) > self.limit:
            raise BadValue(
                scalar.mark,
                f'"{key}" has {len(text)} characters; at most {self.limit} fit.',
                "Shorten it.",
            )
        return context.texts((*context.path, key), text, scalar.mark, counts=self.counts)

    @override
    def write(self, value: Texts, language: str) -> str:
        return value.get(language, "")

    @override
    def leaves(self, value: Texts, path: Path) -> Iterator[Leaf]:
        for language in sorted(value):
            if value[language]:
                yield Leaf((*path, language), value[language])

    @override
    def texts(self, value: Texts, path: Path) -> Iterator[tuple[Path, Texts]]:
        yield path, value


@dataclass(frozen=True)
class Listed(Kind):
    """A list of plain values."""

    item: Plain
    is_ordered: bool = True

    @override
    def read(self, node: Node, key: str, context: Context) -> tuple[Any, ...]:
        values = tuple(self.item.read(each, key, context) for each in as_items(node, f'"{key}"'))
        if len(set(values)) < len(values):
            raise BadValue(node.mark, f'"{key}" names something twice.')
        return values if self.is_ordered else tuple(sorted(values))

    @override
    def write(self, value: tuple[Any, ...], language: str) -> list[str]:
        return [self.item.write(each, language) for each in value]

    @override
    def leaves(self, value: tuple[Any, ...], path: Path) -> Iterator[Leaf]:
        yield Leaf(path, ", ".join(self.write(value, "")))


@dataclass(frozen=True)
class Ref(Kind):
    """The code of a row that stands elsewhere."""

    noun: str

    @override
    def read(self, node: Node, key: str, context: Context) -> str:
        scalar = as_scalar(node, key)
        context.refer(self.noun, (scalar.text.strip(),), scalar.mark)
        return scalar.text.strip()

    @override
    def write(self, value: str, language: str) -> str:
        return value

    @override
    def leaves(self, value: str, path: Path) -> Iterator[Leaf]:
        yield Leaf(path, value)


@dataclass(frozen=True)
class Refs(Kind):
    """Codes of rows that stand elsewhere, in maps by the codes they stand under.

    ``nouns`` from the outermost: ("service", "question", "value") reads
    ``{SR-ST01: {size: [small, large]}}``; one noun reads a plain list. ``is_local`` when the
    first noun belongs to the row around (a question of the same service).
    """

    nouns: tuple[str, ...]
    is_local: bool = False

    @override
    def read(self, node: Node, key: str, context: Context) -> tuple[Any, ...]:
        scope = context.scope[:1] if self.is_local else ()
        found = list(self._walk(node, key, context, scope, 0))
        paths = [path[len(scope) :] for path in found]
        if len(set(paths)) < len(paths):
            raise BadValue(node.mark, f'"{key}" names something twice.')
        if len(self.nouns) == 1:
            return tuple(sorted(path[0] for path in paths))
        return tuple(sorted(paths))

    def _walk(
        self, node: Node, key: str, context: Context, above: Path, depth: int
    ) -> Iterator[Path]:
        noun = self.nouns[depth]
        if depth == len(self.nouns) - 1:
            items = [node] if isinstance(node, Scalar) else as_items(node, f'"{key}"')
            for each in items:
                scalar = as_scalar(each, key)
                path = (*above, scalar.text.strip())
                context.refer(noun, path, scalar.mark)
                yield path
            return
        for name, below in as_map(node, f'"{key}"').entries:
            path = (*above, name.text.strip())
            context.refer(noun, path, name.mark)
            yield from self._walk(below, key, context, path, depth + 1)

    @override
    def write(self, value: tuple[Any, ...], language: str) -> Any:
        if len(self.nouns) == 1:
            return list(value)
        written: dict[str, Any] = {}
        for *above, last in value:
            inner = written
            for name in above[:-1]:
                inner = inner.setdefault(name, {})
            inner.setdefault(above[-1], []).append(last)
        return written

    @override
    def leaves(self, value: tuple[Any, ...], path: Path) -> Iterator[Leaf]:
        words = value if len(self.nouns) == 1 else [".".join(each) for each in value]
        yield Leaf(path, ", ".join(sorted(words)))


@dataclass(frozen=True)
class Part(Kind):
    """A map inside a row, with keys of its own."""

    shape: Shape[Any]

    @override
    def read(self, node: Node, key: str, context: Context) -> Any:
        row = read_row(self.shape, node, context.inside(key))
        if row is None:
            raise AlreadyReported
        return row

    @override
    def write(self, value: Any, language: str) -> dict[str, Any]:
        return write_row(self.shape, value, language)

    @override
    def leaves(self, value: Any, path: Path) -> Iterator[Leaf]:
        yield from row_leaves(self.shape, value, path)

    @override
    def texts(self, value: Any, path: Path) -> Iterator[tuple[Path, Texts]]:
        yield from row_texts(self.shape, value, path)


@dataclass(frozen=True)
class Rows(Kind):
    """A list of rows inside a row."""

    shape: Shape[Any]

    @override
    def read(self, node: Node, key: str, context: Context) -> tuple[Any, ...]:
        return read_rows(self.shape, node, context.inside(key))

    @override
    def write(self, value: tuple[Any, ...], language: str) -> list[dict[str, Any]]:
        return [write_row(self.shape, row, language) for row in value]

    @override
    def leaves(self, value: tuple[Any, ...], path: Path) -> Iterator[Leaf]:
        yield from rows_leaves(self.shape, value, path)

    @override
    def texts(self, value: tuple[Any, ...], path: Path) -> Iterator[tuple[Path, Texts]]:
        yield from rows_texts(self.shape, value, path)
