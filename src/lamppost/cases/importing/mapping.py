"""Column mappings: a few lines of YAML that say which column means what."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lamppost.catalog.choices import Channel, OutcomeKind
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.shipped import shipped

FIELDS = (
    "number", "service_code", "service_name", "subject", "status", "note", "agency",
    "description", "address", "zipcode", "lat", "long", "media_url", "requested_at",
    "updated_at", "closed_at", "due_at", "channel", "private", "duplicate_of", "outcome",
)  # fmt: skip
_NEEDED = ("number", "requested_at")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which columns a file has for each of ``FIELDS``, and what its words mean.

    ``services`` maps the file's own service names (lower case) to codes of the city.
    ``time_formats`` are tried after ISO 8601, in the notation of ``strptime``.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    closed_when: frozenset[str] = frozenset({"closed"})
    due_is_a_date: bool = False
    outcomes: tuple[tuple[str, OutcomeKind], ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    time_formats: tuple[str, ...] = ()
    number_prefix: str = ""


def find_mapping(name_or_path: str) -> ColumnMapping:
    """Return the mapping at a path, or the shipped one of this name.

    Raises ``Invalid`` that names what is known, or what is wrong in the file.
    """
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"}:
        folder = shipped("formats")
        path = folder / f"{name_or_path}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(entry.stem for entry in folder.glob("*.yaml")))
            raise Invalid(
                f"there is no format {name_or_path!r}: use one of {known}, or a mapping file "
                "of your own (docs/integrators.md)"
            )
    if not path.is_file():
        raise Invalid(f"{path}: there is no such mapping file")
    return parse_mapping(path.read_text(encoding="utf-8"), name=path.stem, source=str(path))


def parse_mapping(text: str, *, name: str, source: str) -> ColumnMapping:
    """Return the mapping written in ``text``. Raises ``Invalid`` naming the key that is wrong."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid(f"{source}: {error}") from error
    if not isinstance(data, dict):
        raise Invalid(f"{source}: write `columns:` and under it a line for each field")
    known = {
        "columns", "closed_when", "due_is_a_date", "outcomes", "channels", "services",
        "time_formats", "number_prefix",
    }  # fmt: skip
    for key in data:
        if key not in known:
            raise Invalid(f"{source}: unknown key {key!r}{_hint(str(key), known)}")
    columns = {str(key): _names(value) for key, value in (data.get("columns") or {}).items()}
    for key in columns:
        if key not in FIELDS:
            raise Invalid(f"{source}: columns: unknown field {key!r}{_hint(key, FIELDS)}")
    for key in _NEEDED:
        if not columns.get(key):
            raise Invalid(f"{source}: columns: say which column is the {key}")
    if not columns.get("service_code") and not columns.get("service_name"):
        raise Invalid(f"{source}: columns: say which column is service_code or service_name")
    return ColumnMapping(
        name=name,
        columns=columns,
        closed_when=frozenset(word.lower() for word in _names(data.get("closed_when") or "closed")),
        due_is_a_date=bool(data.get("due_is_a_date", False)),
        outcomes=tuple(_phrases(data.get("outcomes") or {}, OutcomeKind, f"{source}: outcomes")),
        channels=dict(_phrases(data.get("channels") or {}, Channel, f"{source}: channels")),
        services={
            str(key).strip().lower(): str(value)
            for key, value in (data.get("services") or {}).items()
        },
        time_formats=_names(data.get("time_formats") or ()),
        number_prefix=str(data.get("number_prefix") or ""),
    )


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value or ())


def _phrases(data: Mapping[str, Any], kinds: Any, where: str) -> list[tuple[str, Any]]:
    pairs = []
    for key, phrases in data.items():
        if key not in set(kinds.values):
            raise Invalid(f"{where}: unknown {key!r}; one of {', '.join(kinds.values)}")
        pairs += [(phrase.lower(), kinds(key)) for phrase in _names(phrases)]
    return pairs


def _hint(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
