"""A case's history in plain words, for the public: events in, sentences out. Pure.

The same row that the auditor verifies is what the resident reads here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cases.choices import EventKind, Priority


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as the timeline needs it. ``at`` is aware; ids are the city's own."""

    kind: EventKind
    at: datetime
    state: str
    status_id: int
    service_id: int
    department_id: int
    outcome_id: int | None = None
    text: str = ""
    is_redacted: bool = False
    photo_url: str = ""
    photo_alt: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """The city's names in the reader's language, by id."""

    statuses: Mapping[int, str]
    services: Mapping[int, str]
    departments: Mapping[int, str]
    outcomes: Mapping[int, str]
    pause_reasons: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline; the fields are those the timeline component draws."""

    at: datetime
    title: str
    text: str = ""
    by: str = ""
    state: str = ""
    photo_url: str = ""
    photo_alt: str = ""


def timeline(events: Iterable[Happening], words: Words, *, with_text: bool = True) -> list[Entry]:
    """Return what happened in words, newest first, from ``events`` in their order.

    ``with_text`` false leaves out every person's words and what they would show (photos,
    comments): what remains of a limited case. Events that say nothing to a resident are
    left out; people who reported the same in a row become one line.
    """
    entries: list[Entry] = []
    same = 0
    for event in events:
        if event.kind is EventKind.FOLLOWED:
            if not with_text:
                continue
            same += 1
            line = _followed(event, same)
            if same > 1:
                entries.pop()
            entries.append(line)
            continue
        if not with_text and event.kind in _TELLS_DETAILS:
            continue
        said = _said(event, words)
        if not said:
            continue
        same = 0
        entries += said if with_text else [_plain(entry) for entry in said]
    return entries[::-1]


_TELLS_DETAILS = frozenset(
    {EventKind.NOTE, EventKind.RESIDENT_COMMENT, EventKind.PHOTO, EventKind.PARTNER_UPDATE}
)


def _plain(entry: Entry) -> Entry:
    return Entry(at=entry.at, title=entry.title, by=entry.by, state=entry.state)


def _said(event: Happening, words: Words) -> list[Entry]:
    say = _SENTENCES.get(event.kind)
    return say(event, words) if say else []


def _line(event: Happening, title: str, *, text: str | None = None, by: str = "") -> list[Entry]:
    shown = event.text if text is None else text
    if event.is_redacted:
        shown = _("This text was removed.")
    return [Entry(at=event.at, title=title, text=shown, by=by, state=event.state)]


def _received(event: Happening, words: Words) -> list[Entry]:
    department = words.departments.get(event.department_id, "")
    entries = _line(event, _("Received"))
    if department:
        entries += _line(event, _sent_to(department), text="")
    return entries


def _sent_to(department: str) -> str:
    return _("Sent to %(department)s") % {"department": department}


def _routed(event: Happening, words: Words) -> list[Entry]:
    department = words.departments.get(event.department_id, "")
    return _line(event, _sent_to(department)) if department else []


def _moved(event: Happening, words: Words) -> list[Entry]:
    status = words.statuses.get(event.status_id, "")
    department = words.departments.get(event.department_id, "")
    reason = words.pause_reasons.get(event.data.get("pause") or 0)
    if reason is None:
        return _line(event, status, by=department)
    title = _("Waiting: %(reason)s") % {"reason": reason}
    still = _("The time allowed for the work stands still until it goes on.")
    text = f"{event.text}\n{still}" if event.text and not event.is_redacted else still
    return _line(event, title, text=text, by=department)


def _closed(event: Happening, words: Words) -> list[Entry]:
    outcome = words.outcomes.get(event.outcome_id or 0, "")
    title = _("Closed: %(outcome)s") % {"outcome": outcome} if outcome else _("Closed")
    return _line(event, title, by=words.departments.get(event.department_id, ""))


def _reopened(event: Happening, words: Words) -> list[Entry]:
    title = _("Opened again")
    if event.data.get("redress"):
        title = _("Opened again: somebody said that it is not fixed")
    elif event.data.get("answer"):
        title = _("Opened again: the person who reported it has answered")
    return _line(event, title, by=words.departments.get(event.department_id, ""))


def _redress(event: Happening, _words: Words) -> list[Entry]:
    said = {
        "opened": _("You said that it is not fixed"),
        "upheld": _("Looked at: it is not fixed, the work goes on"),
        "refused": _("Looked at: the result stands"),
        "withdrawn": _("It was taken back that it is not fixed"),
    }
    title = said.get(str(event.data.get("change", "")), "")
    return _line(event, title) if title else []


def _note(event: Happening, words: Words) -> list[Entry]:
    return _line(event, _("News from the city"), by=words.departments.get(event.department_id, ""))


def _comment(event: Happening, _words: Words) -> list[Entry]:
    return _line(event, _("Comment by the person who reported it"))


def _partner(event: Happening, words: Words) -> list[Entry]:
    return _line(event, _("Update"), by=words.departments.get(event.department_id, ""))


def _photo(event: Happening, words: Words) -> list[Entry]:
    if not event.photo_url:  # hidden since, or the report's own: those stand beside it
        return []
    by_city = bool(event.data.get("by_staff"))
    by = words.departments.get(event.department_id, "") if by_city else ""
    title = _("Photo by the city") if by_city else _("Photo added")
    return [
        Entry(
            at=event.at,
            title=title,
            by=by,
            state=event.state,
            photo_url=event.photo_url,
            photo_alt=event.photo_alt or title,
        )
    ]


def _recategorized(event: Happening, words: Words) -> list[Entry]:
    service = words.services.get(event.service_id, "")
    return _line(event, _("Now treated as: %(service)s") % {"service": service})


def _accepted(event: Happening, words: Words) -> list[Entry]:
    giver = words.departments.get(event.data.get("from") or 0, "")
    taker = words.departments.get(event.department_id, "")
    title = _("%(department)s took over") % {"department": taker}
    return _line(event, title, text=_("Before: %(department)s") % {"department": giver})


def _clock(event: Happening, words: Words) -> list[Entry]:
    by = words.departments.get(event.department_id, "")
    kind, change = event.data.get("kind"), event.data.get("change")
    if change == "waive":
        titles = {
            "resolve": _("The promised time no longer applies"),
            "inspect": _("The time promised for an inspection no longer applies"),
            "acknowledge": _("The time promised for a first answer no longer applies"),
        }
        return _line(event, titles.get(kind or "", titles["resolve"]), by=by)
    if kind == "resolve" and change == "breach":
        return _line(event, _("The promised time has passed"), by=by)
    return []


def _inspected(event: Happening, words: Words) -> list[Entry]:
    return _line(event, _("Inspected"), by=words.departments.get(event.department_id, ""))


def _priority(event: Happening, _words: Words) -> list[Entry]:
    titles = {
        Priority.NORMAL: _("Handled with normal priority now"),
        Priority.HIGH: _("Handled with high priority now"),
        Priority.URGENT: _("Handled as urgent now"),
    }
    title = titles.get(event.data.get("to", Priority.NORMAL))
    return _line(event, title) if title else []


def _followed(event: Happening, count: int) -> Entry:
    title = ngettext(
        "%(count)d more person reported the same", "%(count)d more people reported the same", count
    ) % {"count": count}
    return Entry(at=event.at, title=title, state=event.state)


_SENTENCES = {
    EventKind.RECEIVED: _received,
    EventKind.IMPORTED: _received,
    EventKind.ROUTED: _routed,
    EventKind.MOVED: _moved,
    EventKind.CLOSED: _closed,
    EventKind.REOPENED: _reopened,
    EventKind.NOTE: _note,
    EventKind.RESIDENT_COMMENT: _comment,
    EventKind.PARTNER_UPDATE: _partner,
    EventKind.PHOTO: _photo,
    EventKind.RECATEGORIZED: _recategorized,
    EventKind.TRANSFER_ACCEPTED: _accepted,
    EventKind.CLOCK: _clock,
    EventKind.PRIORITY: _priority,
    EventKind.REDRESS: _redress,
    EventKind.INSPECTED: _inspected,
}
