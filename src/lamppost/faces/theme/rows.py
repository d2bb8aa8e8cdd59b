"""Rows of cases, drawn in Python: a list has dozens, and a page costs what its rows cost.

They show what any object has that looks as described here; a face makes its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Protocol

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lamppost.faces.theme.dates import due_state
from lamppost.faces.theme.drawn import due_line, icon, status_tag, when


class Promised(Protocol):
    """Something with a promise: when it is due, whether its clock stands, when it ended."""

    @property
    def due_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def is_paused(self) -> bool: ...


class Flagged(Protocol):
    """Something about a case that must not be missed: an icon with words."""

    @property
    def icon(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def is_urgent(self) -> bool: ...


class TableRow(Promised, Protocol):
    """A case in a table for staff."""

    @property
    def id(self) -> int: ...
    @property
    def number(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def department(self) -> str: ...
    @property
    def assignee(self) -> str: ...
    @property
    def team(self) -> str: ...
    @property
    def flags(self) -> Iterable[Flagged]: ...


class PublicCase(Promised, Protocol):
    """What a list for residents says of a case beside its names."""

    @property
    def number(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def requested_at(self) -> datetime: ...
    @property
    def is_limited(self) -> bool: ...
    @property
    def photo_token(self) -> str: ...


class ListRow(Protocol):
    """A case in a list for residents, in their words."""

    @property
    def row(self) -> PublicCase: ...
    @property
    def url(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def away(self) -> str: ...
    @property
    def excerpt(self) -> str: ...


def promise(row: Promised) -> SafeString:
    """Return where a case stands with its promise, for staff."""
    if row.closed_at:
        return _safe(_meta(_("Closed"), when(row.closed_at, "date")))
    if row.is_paused:
        paused = status_tag("waiting", _("Paused"))
        if not row.due_at:
            return paused
        was_due = _meta(_("was due"), when(row.due_at, "date"))
        return _safe(f"{paused} {was_due}")
    if row.due_at:
        standing = due_state(due=row.due_at, now=timezone.now())
        return due_line(row.due_at, standing, to_resident=False)
    return _safe(_meta(_("No due date")))


def _meta(words: str, more: str = "") -> str:
    """Words, escaped here, and more HTML in small print."""
    return f'<span class="lp-meta">{escape(words)}{" " if more else ""}{more}</span>'


def flags(marks: Iterable[Flagged], *, compact: bool = False) -> SafeString:
    """Return the flags of a case; compact ones are icons, but for those that are urgent."""
    items = "".join(_flag(mark, compact=compact) for mark in marks)
    return _safe(f'<ul class="desk-flags">{items}</ul>' if items else "")


def _flag(mark: Flagged, *, compact: bool) -> str:
    urgent = ' class="desk-flags__urgent"' if mark.is_urgent else ""
    hidden = ' class="lp-visually-hidden"' if compact and not mark.is_urgent else ""
    return f"<li{urgent}>{icon(mark.icon)}<span{hidden}>{escape(mark.text)}</span></li>"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a table of cases has beside those all have."""

    selectable: bool = False
    departments: bool = False
    teams: bool = False


def table_rows(rows: Iterable[TableRow], columns: Columns) -> SafeString:
    """Return the body rows of a table of cases."""
    nobody = _meta(_("Nobody"))
    return _safe("\n".join(_table_row(row, columns, nobody) for row in rows))


def _table_row(row: TableRow, columns: Columns, nobody: str) -> str:
    cells = "\n".join(_cells(row, columns, nobody))
    return f'<tr role="row" id="case-{row.id}" data-row>\n{cells}\n</tr>'


def _cells(row: TableRow, columns: Columns, nobody: str) -> Iterator[str]:
    if columns.selectable:
        yield _pick(row)
    yield _cell(promise(row), "due")
    number = escape(row.number)
    yield _cell(
        f'<a class="lp-number lp-ltr" data-open href="{escape(row.url)}">{number}</a>', "number"
    )
    yield _cell(escape(row.service), "service")
    yield _cell(f"<bdi>{escape(row.address or '–')}</bdi>", "address")
    yield f'<td role="cell">{status_tag(row.state, row.status)}</td>'
    if columns.departments:
        yield f'<td role="cell">{escape(row.department)}</td>'
    if columns.teams:
        yield _cell(escape(row.team or "–"), "team")
    assignee = f"<bdi>{escape(row.assignee)}</bdi>" if row.assignee else nobody
    yield _cell(assignee, "assignee")
    yield _cell(flags(row.flags, compact=True), "flags")


def _cell(inside: str, column: str) -> str:
    return f'<td role="cell" class="desk-table__{column}">{inside}</td>'


def _pick(row: TableRow) -> str:
    words = escape(_("Select case %(number)s") % {"number": row.number})
    return _cell(
        f'<label class="desk-pick"><input type="checkbox" name="case" value="{row.id}" '
        f'form="bulk" data-select><span class="lp-visually-hidden">{words}</span></label>',
        "pick",
    )


def list_rows(views: Iterable[ListRow]) -> SafeString:
    """Return the rows of a list of cases for residents."""
    return _safe("".join(_list_row(view) for view in views))


def _list_row(view: ListRow) -> str:
    row, number = view.row, escape(view.row.number)
    excerpt = view.excerpt
    words = f'<p class="lp-row__excerpt" dir="auto">{escape(excerpt)}</p>' if excerpt else ""
    photo = (
        f'<img class="lp-row__photo" src="/photos/{escape(row.photo_token)}-small.jpg" alt="" '
        'width="72" height="72" loading="lazy">'
        if row.photo_token
        else ""
    )
    facts = " · ".join(_facts(view))
    return (
        f'<li class="lp-row" data-map-item="{number}">\n<div class="lp-row__words">\n'
        f'<div class="lp-cluster lp-cluster--between"><a class="lp-row__title" '
        f'href="{escape(view.url)}">{escape(view.service)}</a>'
        f"{status_tag(row.state, view.status)}</div>\n{words}\n"
        f'<p class="lp-meta">{facts}</p>\n{_standing(row)}\n</div>\n{photo}\n</li>\n'
    )


def _facts(view: ListRow) -> Iterator[str]:
    row = view.row
    yield f'<span class="lp-number lp-ltr">#{escape(row.number)}</span>'
    if row.address:
        yield f"<bdi>{escape(row.address)}</bdi>"
    yield when(row.requested_at, "date")
    if view.away:
        yield escape(view.away)
    if row.is_limited:
        words = _("Details are not public")
        yield f"{icon('lock')} {escape(words)}"


def _standing(row: PublicCase) -> str:
    if row.is_paused:
        words = _("The time allowed stands still for now.")
        return f'<p class="lp-meta">{escape(words)}</p>'
    if not row.due_at:
        return ""
    standing = due_state(due=row.due_at, now=timezone.now(), done_at=row.closed_at)
    return f'<p class="lp-meta">{due_line(row.due_at, standing, to_resident=False)}</p>'


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308 - made of pieces that are escaped above
