"""Column mappings: a few lines of YAML that say which column means what."""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from lamppost.catalog.choices import Channel, OutcomeKind
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.shipped import shipped

FIELDS = (
    "number", "service_code", "service_name", "subject", "status", "note", "agency",
    "description", "address", "zipcode", "lat", "long", "media_url", "requested_at",
    "updated_at", "closed_at", "due_at", "channel", "private", "duplicate_of", "outcome",
    "status_name",
)  # fmt: skip
KEYS = (
    "columns", "closed_when", "closed_without_status", "due_is_a_date", "outcomes", "channels",
    "services", "time_formats", "time_zone", "number_prefix", "number_made_from",
    "zipcode_digits", "coordinates", "encoding", "export",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which columns a file has for each of ``FIELDS``, and what its words mean.

    ``services`` maps the file's own service names (lower case) to codes of the city.
    ``time_formats`` are tried after ISO 8601, in the notation of ``strptime``; ``zone`` is
    that of times without an offset, None for the city's. ``number_made_from`` names columns
    a number is made of where the file has none. ``coordinates`` is the EPSG code of the
    system ``long`` (easting) and ``lat`` (northing) are in.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    closed_when: frozenset[str] = frozenset({"closed"})
    closed_without_status: bool = False
    due_is_a_date: bool = False
    outcomes: tuple[tuple[str, OutcomeKind], ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    time_formats: tuple[str, ...] = ()
    zone: ZoneInfo | None = None
    number_prefix: str = ""
    number_made_from: tuple[str, ...] = ()
    zipcode_digits: int = 0
    coordinates: str = ""
    encoding: str = "utf-8"
    text: str = ""

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Every column the mapping speaks of, each once."""
        names = (name for candidates in self.columns.values() for name in candidates)
        return tuple(dict.fromkeys([*names, *self.number_made_from]))

    @property
    def columns_needed(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What a file must have: (field, columns of which one is enough)."""
        services = self.columns.get("service_code", ()) + self.columns.get("service_name", ())
        made = tuple(("number_made_from", (name,)) for name in self.number_made_from)
        number = made or (("number", self.columns["number"]),)
        return (
            *number,
            ("requested_at", self.columns["requested_at"]),
            ("service_code or service_name", services),
        )


def format_file(name_or_path: str) -> Path:
    """Return the mapping file at a path, or the shipped one of this name.

    Raises ``Invalid`` that names what is known.
    """
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"}:
        folder = shipped("formats")
        path = folder / f"{name_or_path}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(entry.stem for entry in folder.glob("*.yaml")))
            raise Invalid(
                f"there is no format {name_or_path!r}: use one of {known}, or a mapping file "
                "of your own (docs/importing.md)"
            )
    if not path.is_file():
        raise Invalid(f"{path}: there is no such mapping file")
    return path


def find_mapping(name_or_path: str) -> ColumnMapping:
    """Return the mapping at a path, or the shipped one of this name.

    Raises ``Invalid`` that names what is known, or what is wrong in the file.
    """
    path = format_file(name_or_path)
    return parse_mapping(path.read_text(encoding="utf-8"), name=path.stem, source=str(path))


def read_keys(text: str, *, source: str) -> dict[str, Any]:
    """Return the keys of a mapping file. Raises ``Invalid`` for one nobody knows."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid(f"{source}: {error}") from error
    if not isinstance(data, dict):
        raise Invalid(f"{source}: write `columns:` and under it a line for each field")
    for key in data:
        if key not in KEYS:
            raise Invalid(f"{source}: unknown key {key!r}{hint(str(key), KEYS)}")
    return data


def parse_mapping(text: str, *, name: str, source: str) -> ColumnMapping:
    """Return the mapping written in ``text``. Raises ``Invalid`` naming the key that is wrong."""
    data = read_keys(text, source=source)
    columns = _columns(data, source)
    return ColumnMapping(
        name=name,
        columns=columns,
        closed_when=frozenset(word.lower() for word in _names(data.get("closed_when") or "closed")),
        closed_without_status=bool(data.get("closed_without_status", False)),
        due_is_a_date=bool(data.get("due_is_a_date", False)),
        outcomes=tuple(_phrases(data, "outcomes", OutcomeKind, source)),
        channels=dict(_phrases(data, "channels", Channel, source)),
        services={
            str(key).strip().lower(): str(value)
            for key, value in _map(data, "services", source).items()
        },
        time_formats=_names(data.get("time_formats")),
        zone=_zone(data.get("time_zone"), source),
        number_prefix=str(data.get("number_prefix") or ""),
        number_made_from=_names(data.get("number_made_from")),
        zipcode_digits=_digits(data.get("zipcode_digits"), source),
        coordinates=str(data.get("coordinates") or ""),
        encoding=_encoding(data.get("encoding"), source),
        text=text,
    )


def _columns(data: Mapping[str, Any], source: str) -> dict[str, tuple[str, ...]]:
    columns = {
        str(key): _names(value) for key, value in _map(data, "columns", source).items() if value
    }
    for key in columns:
        if key not in FIELDS:
            raise Invalid(f"{source}: columns: unknown field {key!r}{hint(key, FIELDS)}")
    if not columns.get("number") and not data.get("number_made_from"):
        raise Invalid(
            f"{source}: columns: say which column is the number, or which columns it is made "
            "of (number_made_from)"
        )
    if not columns.get("requested_at"):
        raise Invalid(f"{source}: columns: say which column is the requested_at")
    if not columns.get("service_code") and not columns.get("service_name"):
        raise Invalid(f"{source}: columns: say which column is service_code or service_name")
    return columns


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    return () if value is None else (str(value),)


def _map(data: Mapping[str, Any], key: str, source: str) -> Mapping[Any, Any]:
    value = data.get(key) or {}
    if not isinstance(value, dict):
        raise Invalid(f"{source}: {key}: write one `name: value` a line under it")
    return value


def _phrases(data: Mapping[str, Any], key: str, kinds: Any, source: str) -> list[tuple[str, Any]]:
    pairs = []
    for kind, phrases in _map(data, key, source).items():
        if kind not in set(kinds.values):
            raise Invalid(f"{source}: {key}: unknown {kind!r}; one of {', '.join(kinds.values)}")
        pairs += [(phrase.lower(), kinds(kind)) for phrase in _names(phrases)]
    return pairs


def _zone(name: Any, source: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(name)) if name else None
    except (KeyError, ValueError, OSError) as error:
        raise Invalid(f"{source}: time_zone: {name!r} is no time zone such as UTC") from error


def _digits(value: Any, source: str) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or not 1 <= value <= 20:
        raise Invalid(f"{source}: zipcode_digits: write how many digits, such as 5")
    return value


def _encoding(name: Any, source: str) -> str:
    try:
        return codecs.lookup(str(name or "utf-8")).name
    except LookupError as error:
        raise Invalid(f"{source}: encoding: {name!r} is none; for example cp1252") from error


def hint(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean ...?`` with the nearest of the known words, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
