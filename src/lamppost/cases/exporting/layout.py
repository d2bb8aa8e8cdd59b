"""Which columns an export has and how they are spelled: the ``export`` part of a format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lamppost.cases.importing.mapping import format_file, hint, read_keys
from lamppost.kernel.refusals import Invalid

FIELDS = (
    "row", "number", "status", "status_name", "note", "outcome", "service_code",
    "service_name", "service_notice", "subject", "description", "agency", "channel",
    "requested_at", "updated_at", "due_at", "due_date", "closed_at", "address", "zipcode", "lat",
    "long", "media_url", "private", "nothing",
)  # fmt: skip
_KEYS = ("columns", "open", "closed", "times", "private_column")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns in order, each with one of ``FIELDS``; the words for open and closed; how
    times in UTC are written, in the notation of ``strftime``. ``private_column`` comes after
    the others where everything is given out: whoever reads it has to know what to hide."""

    name: str
    columns: tuple[tuple[str, str], ...]
    open: str = "open"
    closed: str = "closed"
    times: str = "%Y-%m-%dT%H:%M:%SZ"
    private_column: str = "private"

    def with_private(self) -> Layout:
        """Return the layout that also says what is private."""
        if any(field == "private" for _column, field in self.columns):
            return self
        return replace(self, columns=(*self.columns, (self.private_column, "private")))


def find_layout(name_or_path: str) -> Layout:
    """Return the layout of a shipped format, or of a file of one's own.

    Raises ``Invalid`` naming what is wrong, or that the format is only for import.
    """
    path = format_file(name_or_path)
    data = read_keys(path.read_text(encoding="utf-8"), source=str(path))
    export = data.get("export")
    if not isinstance(export, dict):
        raise Invalid(f"{path}: has no `export:`; it can only be imported")
    return _parsed(export, name=path.stem, source=str(path))


def _parsed(export: dict[str, Any], *, name: str, source: str) -> Layout:
    for key in export:
        if key not in _KEYS:
            raise Invalid(f"{source}: export: unknown key {key!r}{hint(str(key), _KEYS)}")
    columns = export.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise Invalid(f"{source}: export: columns: write one `column: field` a line under it")
    for column, field in columns.items():
        if field not in FIELDS:
            raise Invalid(
                f"{source}: export: columns: {column}: unknown field {field!r}"
                f"{hint(str(field), FIELDS)}"
            )
    words = {key: str(export[key]) for key in _KEYS[1:] if export.get(key)}
    return Layout(
        name=name, columns=tuple((str(key), value) for key, value in columns.items()), **words
    )
