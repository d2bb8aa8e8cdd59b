"""Cases as rows of a desk's list: what a template shows of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamppost.cases.models import Case
from lamppost.catalog.book import book
from lamppost.catalog.choices import State, Visibility
from lamppost.faces.desk.frame import localized

_ANY = "any-number"


@dataclass(frozen=True)
class Flag:
    """Something about a case that must not be missed: an icon with words."""

    icon: str
    text: str
    is_urgent: bool = False


@dataclass(frozen=True)
class Row:
    """One case of a list."""

    id: int
    number: str
    url: str
    service: str
    address: str
    state: str
    status: str
    department: str
    assignee: str
    team: str
    due_at: datetime | None
    closed_at: datetime | None
    requested_at: datetime
    is_paused: bool
    flags: tuple[Flag, ...]


def rows_of(
    cases: Iterable[Case], *, query: str = "", teams: Mapping[int, str] | None = None
) -> list[Row]:
    """Return the cases as rows; links to them carry ``query``, the list they were found in.

    ``teams`` are the names of teams by id, where the list shows them.
    """
    way = _way()
    return [_row(case, way, query=query, teams=teams) for case in cases]


def row_of(case: Case) -> Row:
    """Return one case as a row; names come from the catalogue in memory."""
    return _row(case, _way())


def _way() -> tuple[str, str]:
    """What stands before and after the number in a case's address: looked up once for a list."""
    before, after = reverse("desk:case", args=[_ANY]).split(_ANY)
    return before, after


def _row(
    case: Case,
    way: tuple[str, str],
    *,
    query: str = "",
    teams: Mapping[int, str] | None = None,
) -> Row:
    pages = book()
    return Row(
        id=case.pk,
        number=case.number,
        url=f"{way[0]}{quote(case.number)}{way[1]}{query}",
        service=localized(pages.services_by_id[case.service_id].name),
        address=", ".join(filter(None, (case.address, case.unit))),
        state=case.state,
        status=localized(pages.statuses[case.status_id].name),
        department=localized(pages.departments[case.department_id].name),
        assignee=getattr(case, "assignee_name", None) or "",
        team=teams.get(case.team_id or 0, "") if teams else "",
        due_at=case.due_at,
        closed_at=case.closed_at if case.state == State.CLOSED else None,
        requested_at=case.requested_at,
        is_paused=case.is_paused,
        flags=flags_of(case),
    )


def flags_of(case: Any) -> tuple[Flag, ...]:
    """Return what must not be missed about a case."""
    flags = []
    if case.is_hazard:
        flags.append(Flag("warning", _("Hazard"), is_urgent=True))
    if getattr(case, "is_offered", False):
        flags.append(Flag("arrow_forward", _("Offered to another department")))
    if case.is_boundary_doubtful:
        flags.append(Flag("help", _("Near a boundary: check whose it is")))
    if case.reopen_count:
        times = ngettext("Reopened once", "Reopened %(count)d times", case.reopen_count)
        flags.append(Flag("history", times % {"count": case.reopen_count}))
    if case.photo_count:
        photos = ngettext("%(count)d photo", "%(count)d photos", case.photo_count)
        flags.append(Flag("photo_camera", photos % {"count": case.photo_count}))
    if case.follower_count:
        followers = ngettext("%(count)d follower", "%(count)d followers", case.follower_count)
        flags.append(Flag("people", followers % {"count": case.follower_count}))
    if case.visibility != Visibility.PUBLIC:
        flags.append(Flag("lock", _("Not public")))
    return tuple(flags)
