"""The history of one case as staff read it: every event, public or not, with who did it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lamppost.cases.choices import (
    ActorKind,
    EventAudience,
    EventKind,
    LinkKind,
    Priority,
    Verdict,
)
from lamppost.cases.models import Case, CaseEvent
from lamppost.cases.selectors.audience import DEPARTMENT, staff_events
from lamppost.catalog.book import Book, book
from lamppost.catalog.choices import State, Visibility
from lamppost.kernel.text import in_language
from lamppost.people.actors import Actor
from lamppost.people.models import Team, User
from lamppost.sla.choices import TargetKind

# No case of a city has so many; a partner gone wild must not make the page endless.
MAX_EVENTS = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in words. ``detail`` says what changed, ``text`` is what a person wrote.

    ``only_for`` names the one department that reads it, '' for all staff or everybody.
    """

    seq: int
    at: datetime
    kind: EventKind
    title: str
    detail: str
    text: str
    by: str
    is_public: bool
    only_for: str
    is_redacted: bool
    state: State


@dataclass(frozen=True, slots=True)
class _Names:
    """What the ids in the events stand for."""

    book: Book
    language: str
    users: dict[int, str]
    teams: dict[int, dict[str, str]]
    numbers: dict[int, str]

    def status(self, row_id: Any) -> str:
        return self._of(self.book.statuses.get(row_id))

    def department(self, row_id: Any) -> str:
        return self._of(self.book.departments.get(row_id))

    def service(self, row_id: Any) -> str:
        return self._of(self.book.services_by_id.get(row_id))

    def team(self, row_id: Any) -> str:
        names: dict[str, str] = self.teams.get(row_id, {})
        return in_language(names, self.language) or "?"

    def outcome(self, row_id: Any) -> str:
        return self._of(self.book.outcomes.get(row_id))

    def _of(self, entry: Any) -> str:
        return (in_language(entry.name, self.language) or entry.code) if entry else "?"


def history_of(case: Case, actor: Actor) -> list[Entry]:
    """Return the events of ``case`` that ``actor`` reads, newest first, at most ``MAX_EVENTS``.

    Which events these are says ``selectors/audience.py``. At most four queries.
    """
    rows = list(
        staff_events(case, actor)
        .select_related("user", "api_key", "words")
        .order_by("-seq")[:MAX_EVENTS]
    )
    names = _Names(
        book=book(),
        language=get_language() or "en",
        users=_user_names(rows),
        teams=_team_names(rows),
        numbers=_numbers(rows),
    )
    return [_entry(row, names) for row in rows]


def _user_names(rows: Iterable[CaseEvent]) -> dict[int, str]:
    wanted = {
        user_id
        for row in rows
        if row.kind in (EventKind.ASSIGNED, EventKind.NOTE)
        for user_id in (row.data.get("from"), row.data.get("to"), *row.data.get("told", ()))
        if user_id
    }
    if not wanted:
        return {}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=wanted)}


def _team_names(rows: Iterable[CaseEvent]) -> dict[int, dict[str, str]]:
    wanted = {row.data.get("team_to") for row in rows if row.kind == EventKind.ASSIGNED} - {None}
    if not wanted:
        return {}
    return dict(Team.objects.filter(pk__in=wanted).values_list("pk", "name"))


def _numbers(rows: Iterable[CaseEvent]) -> dict[int, str]:
    linked = {EventKind.LINKED, EventKind.UNLINKED}
    wanted = {row.data.get("other") for row in rows if row.kind in linked}
    if not wanted:
        return {}
    return dict(Case.objects.filter(pk__in=wanted - {None}).values_list("pk", "number"))


def _entry(row: CaseEvent, names: _Names) -> Entry:
    text, redacted = _words(row)
    return Entry(
        seq=row.seq,
        at=row.at,
        kind=EventKind(row.kind),
        title=str(EventKind(row.kind).label),
        detail=_detail(row, names),
        text=text,
        by=_by(row),
        is_public=row.audience == EventAudience.PUBLIC,
        only_for=names.department(row.data.get(DEPARTMENT))
        if row.audience == EventAudience.DEPARTMENT
        else "",
        is_redacted=redacted,
        state=State(row.state),
    )


def _words(row: CaseEvent) -> tuple[str, bool]:
    try:
        words = row.words
    except ObjectDoesNotExist:
        return "", bool(row.text_digest)
    return words.text, words.redacted_at is not None


def _by(row: CaseEvent) -> str:
    if row.user is not None:
        return str(row.user)
    if row.api_key is not None:
        return str(row.api_key.name)
    return str(ActorKind(row.actor).label)


def _detail(row: CaseEvent, names: _Names) -> str:
    describe = _DETAILS.get(EventKind(row.kind))
    return describe(row, names) if describe else ""


def _step(before: str, after: str) -> str:
    return _("%(before)s → %(after)s") % {"before": before, "after": after}


def _received(row: CaseEvent, names: _Names) -> str:
    return _("%(service)s, sent to %(department)s") % {
        "service": names.service(row.service_id),
        "department": names.department(row.department_id),
    }


def _moved(row: CaseEvent, names: _Names) -> str:
    if "to" not in row.data:  # an imported case says where it stands, not where it came from
        return names.status(row.status_id)
    return _step(names.status(row.data.get("from")), names.status(row.data.get("to")))


def _closed(row: CaseEvent, names: _Names) -> str:
    outcome = names.outcome(row.data.get("outcome") or row.outcome_id)
    return _("%(outcome)s, late") % {"outcome": outcome} if row.data.get("late") else outcome


def _assigned(row: CaseEvent, names: _Names) -> str:
    user_id = row.data.get("to")
    parts = []
    if "team_to" in row.data:
        team = row.data["team_to"]
        parts.append(names.team(team) if team else _("No team"))
    if "team_to" not in row.data or user_id != row.data.get("from"):
        parts.append(names.users.get(user_id, "?") if user_id else _("Back to the queue"))
    return ", ".join(parts)


def _told(row: CaseEvent, names: _Names) -> str:
    told = [names.users.get(user_id, "?") for user_id in row.data.get("told", ())]
    return _("told %(names)s") % {"names": ", ".join(told)} if told else ""


def _transfer(row: CaseEvent, names: _Names) -> str:
    return _step(names.department(row.data.get("from")), names.department(row.data.get("to")))


def _recategorized(row: CaseEvent, names: _Names) -> str:
    service = _step(names.service(row.data.get("from")), names.service(row.data.get("to")))
    return _("%(service)s, with %(department)s") % {
        "service": service,
        "department": names.department(row.department_id),
    }


def _linked(row: CaseEvent, names: _Names) -> str:
    number = names.numbers.get(row.data.get("other", 0), "?")
    kind = str(row.data.get("kind", ""))
    label = str(LinkKind(kind).label) if kind in LinkKind.values else kind
    if row.data.get("from", row.case_id) != row.case_id:
        return _("%(number)s: %(kind)s this case") % {"number": number, "kind": label}
    return _("%(kind)s %(number)s") % {"kind": label, "number": number}


def _visibility(row: CaseEvent, names: _Names) -> str:
    del names
    labels = dict(Visibility.choices)
    before, after = row.data.get("from", ""), row.data.get("to", "")
    return _step(str(labels.get(before, before)), str(labels.get(after, after)))


def _edited(row: CaseEvent, names: _Names) -> str:
    del names
    labels = {
        "description": _("Description"),
        "address": _("Address"),
        "location": _("Place on the map"),
    }
    return ", ".join(labels.get(field, str(field)) for field in row.data.get("fields", []))


def _work(row: CaseEvent, names: _Names) -> str:
    changes = {
        "added": _("Added"),
        "assigned": _("Assigned"),
        "started": _("Started"),
        "ticked": _("Checked off"),
        "unticked": _("Check taken back"),
        "done": _("Done"),
        "dropped": _("Dropped"),
        "reopened": _("Opened again"),
        "late": _("Due time passed"),
    }
    change = str(row.data.get("change", ""))
    department = names.department(row.data.get("department"))
    return _("%(change)s, %(department)s") % {
        "change": changes.get(change, change),
        "department": department,
    }


def _clock(row: CaseEvent, names: _Names) -> str:
    del names
    changes = {"waive": _("Waived"), "breach": _("Due time passed")}
    change = str(row.data.get("change", ""))
    return changes.get(change, change)


def _priority(row: CaseEvent, names: _Names) -> str:
    del names
    labels = dict(Priority.choices)
    before, after = row.data.get("from", ""), row.data.get("to", "")
    return _step(str(labels.get(before, before)), str(labels.get(after, after)))


def _escalated(row: CaseEvent, names: _Names) -> str:
    del names
    kind = dict(TargetKind.choices).get(row.data.get("kind", ""), "")
    facts = {"kind": kind, "step": row.data.get("step", ""), "people": len(row.data["told"])}
    return (
        ngettext(
            "%(kind)s, step %(step)s: %(people)d person told",
            "%(kind)s, step %(step)s: %(people)d people told",
            facts["people"],
        )
        % facts
    )


def _redress(row: CaseEvent, names: _Names) -> str:
    del names
    changes = {
        "opened": _("Being looked at"),
        "upheld": _("Not fixed: back to the department"),
        "refused": _("The result stands"),
        "withdrawn": _("Taken back"),
        "late": _("Not decided in time"),
    }
    change = str(row.data.get("change", ""))
    return changes.get(change, change)


def _quality(row: CaseEvent, names: _Names) -> str:
    del names
    verdict = str(row.data.get("verdict", ""))
    return str(dict(Verdict.choices).get(verdict, verdict))


_DETAILS = {
    EventKind.RECEIVED: _received,
    EventKind.IMPORTED: _received,
    EventKind.ROUTED: _received,
    EventKind.MOVED: _moved,
    EventKind.CLOSED: _closed,
    EventKind.ASSIGNED: _assigned,
    EventKind.TRANSFER_OFFERED: _transfer,
    EventKind.TRANSFER_ACCEPTED: _transfer,
    EventKind.TRANSFER_REFUSED: _transfer,
    EventKind.TRANSFER_WITHDRAWN: _transfer,
    EventKind.NOTE: _told,
    EventKind.RECATEGORIZED: _recategorized,
    EventKind.LINKED: _linked,
    EventKind.UNLINKED: _linked,
    EventKind.VISIBILITY: _visibility,
    EventKind.EDITED: _edited,
    EventKind.CLOCK: _clock,
    EventKind.PRIORITY: _priority,
    EventKind.ESCALATED: _escalated,
    EventKind.REDRESS: _redress,
    EventKind.QUALITY: _quality,
    EventKind.WORK: _work,
}
