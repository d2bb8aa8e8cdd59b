"""The queue's filter as it stands in an address: read, checked, written back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from lamppost.cases.selectors.queue import DueFilter, Position, QueueFilter
from lamppost.catalog.book import Book, book
from lamppost.catalog.choices import State
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.models import Team
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, require
from lamppost.people.teams import teams_of_user

ALL = "all"
ME = "me"
MINE = "mine"
NOBODY = "none"
MAX_TEXT = 200
# ``show`` restricts nothing: it says that everything is meant and not one's usual view.
_NAMES = (
    "department",
    "state",
    "service",
    "team",
    "assignee",
    "due",
    "area",
    "hazard",
    "q",
    "show",
)
# What a saved view keeps: not words searched for, which may name somebody.
_SAVED = tuple(name for name in _NAMES if name not in {"q", "show"})
_OPEN_STATES = (State.RECEIVED, State.OPEN, State.WAITING)
_ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Asked:
    """A queue somebody asked for: the filter, its address, and where in it they are."""

    wanted: QueueFilter
    values: dict[str, str]
    after: Position | None = None
    before: Position | None = None

    def query(self, **changes: str) -> str:
        """Return the filter as a query string with its question mark, '' for none."""
        values = {**self.values, **changes}
        kept = {name: values[name] for name in (*_NAMES, "after", "before") if values.get(name)}
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the department restricts the queue."""
        return any(self.values[name] for name in _NAMES if name not in {"department", "show"})

    @property
    def saved_query(self) -> str:
        """The filter as a saved view keeps it: no place in the list, no words searched for."""
        return urlencode({name: self.values[name] for name in _SAVED if self.values[name]})


def asked(data: QueryDict, actor: Actor) -> Asked:
    """Read the queue asked for from the query of an address.

    Without a department the actor's own is meant, for those who have one. Raises ``Invalid``
    naming every part that does not exist, ``Forbidden`` for another department's queue.
    """
    values = {name: clean_line(data.get(name, "")) for name in _NAMES}
    problems: list[Problem] = []
    wanted = QueueFilter(
        department_id=_department(values["department"], actor, problems),
        state=_state(values["state"], problems),
        service_id=_service(values["service"], book(), problems),
        assignee_id=_assignee(values["assignee"], actor, problems),
        due=_due(values["due"], problems),
        area_id=_id(values["area"], "area", problems),
        hazard_only=bool(values["hazard"]),
        team_ids=_teams(values["team"], actor, problems),
        text=values["q"],
    )
    if len(values["q"]) > MAX_TEXT:
        message = _("Use at most %(limit)d characters.") % {"limit": MAX_TEXT}
        problems.append(Problem("q", message))
    after = _position(data.get("after", ""), "after", problems)
    before = _position(data.get("before", ""), "before", problems)
    if problems:
        raise Invalid(problems)
    return Asked(wanted, values, after, before)


def _department(code: str, actor: Actor, problems: list[Problem]) -> int | None:
    if actor.role not in ALL_DEPARTMENTS and actor.department_id is None:
        require(actor, Permission.CASE_READ_ALL)
    if not code:
        return actor.department_id
    if code == ALL:
        require(actor, Permission.CASE_READ_ALL)
        return None
    found = next((one for one in book().departments.values() if one.code == code), None)
    if found is None:
        problems.append(Problem("department", _("This department does not exist here.")))
        return None
    require(actor, Permission.DESK_SEE, department_id=found.id)
    return found.id


def _state(text: str, problems: list[Problem]) -> State | None:
    if not text:
        return None
    if text not in _OPEN_STATES:
        problems.append(Problem("state", _("There is no such status in a queue.")))
        return None
    return State(text)


def _service(code: str, pages: Book, problems: list[Problem]) -> int | None:
    if not code:
        return None
    entry = pages.services.get(code)
    if entry is None:
        problems.append(Problem("service", _("This service does not exist here.")))
        return None
    return entry.id


def _assignee(text: str, actor: Actor, problems: list[Problem]) -> int | None:
    if text == ME:
        return actor.user_id
    if text == NOBODY:
        return 0
    if text and _ID.fullmatch(text) and int(text):
        # A colleague, by a link from the list of who is away. The cases are those one may see.
        return int(text)
    if text:
        problems.append(Problem("assignee", _("Choose your own cases or nobody's.")))
    return None


def _teams(text: str, actor: Actor, problems: list[Problem]) -> tuple[int, ...] | None:
    if not text:
        return None
    if text == NOBODY:
        return ()
    if text == MINE:
        mine = tuple(team.pk for team in teams_of_user(actor.user_id or 0))
        if not mine:
            problems.append(Problem("team", _("You belong to no team.")))
        return mine or None
    known = _ID.fullmatch(text) and Team.objects.filter(pk=int(text), is_active=True).first()
    if not known:
        problems.append(Problem("team", _("This team does not exist here.")))
        return None
    return (known.pk,)


def _due(text: str, problems: list[Problem]) -> DueFilter | None:
    if not text:
        return None
    try:
        return DueFilter(text)
    except ValueError:
        problems.append(Problem("due", _("There is no such part of the queue.")))
        return None


def _id(text: str, name: str, problems: list[Problem]) -> int | None:
    if not text:
        return None
    if not _ID.fullmatch(text):
        problems.append(Problem(name, _("This area does not exist here.")))
        return None
    return int(text)


def _position(text: str, name: str, problems: list[Problem]) -> Position | None:
    if not text:
        return None
    try:
        return Position.parse(text)
    except (ValueError, OverflowError):
        problems.append(Problem(name, _("This page of the queue does not exist.")))
        return None
