"""Places in a list ordered by time, as they stand in an address."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.http import QueryDict
from django.utils.translation import gettext as _

from lamppost.kernel.refusals import Invalid


class HasPlace(Protocol):
    """A place in a list: the time and id of the row before it."""

    @property
    def at(self) -> datetime: ...
    @property
    def id(self) -> int: ...


def place_text(place: HasPlace | None) -> str:
    """Return a place for an address, '' for none."""
    return f"{place.at.isoformat()}~{place.id}" if place else ""


def place_in(data: QueryDict, name: str) -> tuple[datetime, int] | None:
    """Return the time and id a query holds under ``name``, None without one.

    Raises ``Invalid`` for anything that is no place.
    """
    text = data.get(name, "")
    if not text:
        return None
    moment, _tilde, number = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not number.isdecimal() or len(number) > 18:
        raise Invalid(_("There is no such place in this list."), field=name)
    return at, int(number)
