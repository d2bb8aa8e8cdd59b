"""The queue, my cases, transfers and the search: lists of cases."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.choices import TransferState
from lamppost.cases.models import SavedView, Transfer
from lamppost.cases.selectors.assigned import cases_of
from lamppost.cases.selectors.desk import (
    MAX_FOUND,
    offers_from,
    offers_to,
    search,
    searched_of,
)
from lamppost.cases.selectors.queue import (
    DueFilter,
    QueueCounts,
    QueueFilter,
    queue_counts,
    queue_page,
)
from lamppost.cases.selectors.transfers import SLOW_HOURS, Wandering, is_slow, wanderings
from lamppost.cases.selectors.views import default_view, views_for
from lamppost.cases.services.bulk import MAX_BULK
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.bulk_macro import macros_of_desk
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.filters import ALL, ME, MINE, NOBODY, Asked, asked
from lamppost.faces.desk.frame import frame, name_of_department
from lamppost.faces.desk.queue_form import filters_of, team_name
from lamppost.faces.desk.rows import row_of, rows_of
from lamppost.kernel.refusals import Invalid, Refusal
from lamppost.kernel.text import clean_line
from lamppost.people.absences import covered_by
from lamppost.people.actors import Actor
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, may
from lamppost.people.teams import teams_of

_MAX_SEARCH = 200


@at_desk("GET", "HEAD")
def queue(request: HttpRequest) -> HttpResponse:
    """Show a department's open cases, the one due first on top.

    Opened without saying which part is meant, it goes on to one's default view.
    """
    actor = actor_at(request)
    saved = views_for(actor)
    place = asked(request.GET, actor)
    here_department = place.wanted.department_id
    teams = teams_of(here_department, user_id=actor.user_id)
    my_teams = tuple(team.pk for team in teams if team.is_mine)
    usual = "" if request.GET else _usual(saved, has_teams=bool(my_teams))
    if usual:
        return HttpResponseRedirect(f"{reverse('desk:queue')}?{usual}")
    page = queue_page(place.wanted, after=place.after, before=place.before)
    known = _readable_views(saved, actor)
    counted = [one for one in known if one[1].department_id == here_department]
    counts = queue_counts(
        place.wanted,
        user_id=actor.user_id,
        team_ids=my_teams,
        views=[wanted for _view, wanted in counted],
    )
    tabs = _tabs(place, counts, has_teams=bool(my_teams))
    shown = _views(place, known, counted, counts)
    here = place.query(after="", before="")
    context = {
        **frame(actor, here="queue"),
        "rows": rows_of(
            page.cases, query=place.query(), teams={team.pk: team_name(team) for team in teams}
        ),
        "tabs": tabs,
        "views": shown,
        "filters": filters_of(place, actor, teams),
        "department_name": name_of_department(here_department) or _("All departments"),
        "shows_departments": here_department is None,
        "shows_teams": bool(teams),
        "is_narrowed": place.is_narrowed,
        # What a tab or a view says already need not be shown as a form as well.
        "opens_filter": place.is_narrowed and not any(one["current"] for one in (*tabs, *shown)),
        "clear_url": reverse("desk:queue") + _only_department(place),
        "newer_url": _page_url(place, before=str(page.before)) if page.before else "",
        "older_url": _page_url(place, after=str(page.after)) if page.after else "",
        "is_first_page": page.before is None,
        "may_bulk": may(actor, Permission.CASE_BULK),
        "has_macros": bool(macros_of_desk(actor)),
        "may_take": takes_cases(actor),
        "max_bulk": MAX_BULK,
        "query": here,
        "keys": [
            {"key": "b", "label": _("Move the selected cases")},
            {"key": "g", "label": _("Give the selected cases to somebody")},
            {"key": "t", "label": _("Take the next case")},
        ],
    }
    return render(request, "desk/queue.html", context)


def _usual(saved: list[SavedView], *, has_teams: bool) -> str:
    """The query of the view somebody starts with; '' for the whole queue."""
    chosen = default_view(saved)
    if chosen is not None:
        return chosen.query or "show=all"
    return f"team={MINE}" if has_teams else ""


def _readable_views(saved: list[SavedView], actor: Actor) -> list[tuple[SavedView, QueueFilter]]:
    """The views that can be used now: a filter of what is gone is left out of the links."""
    found = []
    for view in saved:
        try:
            found.append((view, asked(QueryDict(view.query), actor).wanted))
        except Refusal:
            continue
    return found


def _views(
    place: Asked,
    known: list[tuple[SavedView, QueueFilter]],
    counted: list[tuple[SavedView, QueueFilter]],
    counts: QueueCounts,
) -> list[dict[str, Any]]:
    more = "+" if counts.is_capped else ""
    figures = {
        view.pk: f"{count}{more}"
        for (view, _wanted), count in zip(counted, counts.views, strict=True)
    }
    return [
        {
            "name": view.name,
            "url": f"{reverse('desk:queue')}?{view.query or 'show=all'}",
            "count": figures.get(view.pk, ""),
            "is_departments": view.department_id is not None,
            "current": view.query == place.saved_query and not place.wanted.text,
        }
        for view, _wanted in known
    ]


@at_desk("GET", "HEAD")
def mine(request: HttpRequest) -> HttpResponse:
    """Show the open cases of whoever asks, and of those they stand in for today."""
    actor = actor_at(request)
    absent = covered_by(actor.user_id) if actor.user_id is not None else []
    ids = [actor.user_id or 0, *(user.pk for user in absent)]
    cases = cases_of(ids)
    context = {
        **frame(actor, here="mine"),
        "rows": rows_of(
            (case for case in cases if case.assignee_id == actor.user_id), query=f"?assignee={ME}"
        ),
        "covered": [
            {
                "user": user,
                "rows": rows_of(
                    (case for case in cases if case.assignee_id == user.pk),
                    query=f"?assignee={user.pk}",
                ),
            }
            for user in absent
        ],
        "may_take": takes_cases(actor),
    }
    return render(request, "desk/mine.html", context)


def takes_cases(actor: Actor) -> bool:
    """Return whether there is a queue ``actor`` can take the next case from."""
    return actor.department_id is not None and may(
        actor, Permission.CASE_WORK, department_id=actor.department_id
    )


@at_desk("GET", "HEAD")
def transfers(request: HttpRequest) -> HttpResponse:
    """Show the cases other departments offer, and those one's own has offered."""
    return render(request, "desk/transfers.html", transfers_page(actor_at(request)))


def transfers_page(actor: Actor, *, refused_id: int = 0, typed: Typed | None = None) -> Any:
    """Return what the page of transfers shows; ``typed`` belongs to the offer refused."""
    offers, given = offers_to(actor), offers_from(actor)
    roads = wanderings([transfer.case_id for transfer in (*offers, *given)])
    shown = [
        _offer(transfer, actor, roads, typed if transfer.pk == refused_id and typed else Typed())
        for transfer in offers
    ]
    sees_all = actor.role in ALL_DEPARTMENTS
    return {
        **frame(actor, here="transfers"),
        "slow": [one for one in shown if one["is_slow"]] if sees_all else [],
        "offers": [one for one in shown if not (sees_all and one["is_slow"])],
        "given": [_offer(transfer, actor, roads, Typed()) for transfer in given],
        "sees_all": sees_all,
        "slow_hours": SLOW_HOURS,
    }


@at_desk("GET", "HEAD", "POST")
def find(request: HttpRequest) -> HttpResponse:
    """Search by number, phone, e-mail or words. Sent by POST, what is sought is in no log."""
    actor = actor_at(request)
    sent = request.POST if request.method == "POST" else request.GET
    text = clean_line(sent.get("q", ""))
    context: dict[str, Any] = {**frame(actor, here="search"), "desk_query": text, "text": text}
    if len(text) > _MAX_SEARCH:
        message = _("Use at most %(limit)d characters.") % {"limit": _MAX_SEARCH}
        refusal = Invalid(message, field="q")
        context["field"] = _search_field(Typed.of(sent, refusal))
        return render(request, "desk/search.html", context, status=400)
    found = search(text, actor=actor) if text else []
    context["field"] = _search_field(Typed(sent))
    context["rows"] = rows_of(found)
    context["is_cut"] = len(found) >= MAX_FOUND
    context["searched"] = searched_of(text, found) if text else None
    return render(request, "desk/search.html", context)


def _search_field(typed: Typed) -> dict[str, Any]:
    return Fields("search", typed).text(
        "q", _("Number, phone, e-mail, address or words"), kind="search"
    )


def _offer(
    transfer: Transfer, actor: Actor, roads: dict[int, Wandering], typed: Typed
) -> dict[str, Any]:
    decides = may(actor, Permission.CASE_TRANSFER, department_id=transfer.to_department_id)
    gave = may(actor, Permission.CASE_TRANSFER, department_id=transfer.from_department_id)
    fields = Fields(f"offer-{transfer.pk}", typed)
    is_open = transfer.state == TransferState.OFFERED
    road = roads.get(transfer.case_id, Wandering())
    return {
        "transfer": transfer,
        "row": row_of(transfer.case),
        "giver": name_of_department(transfer.from_department_id),
        "taker": name_of_department(transfer.to_department_id),
        "may_decide": decides and is_open,
        "may_take_back": gave and is_open,
        "times": road.times,
        "was_here": transfer.to_department_id in road.givers,
        "is_slow": is_slow(transfer),
        "reason": fields.text("reason", _("Why it is not yours"), attrs={"maxlength": 4000}),
        "errors": typed.other_errors(["reason"]),
    }


def _tabs(place: Asked, counts: QueueCounts, *, has_teams: bool) -> list[dict[str, Any]]:
    narrowing = ("state", "service", "team", "assignee", "due", "area", "hazard", "q")
    base = dict.fromkeys((*narrowing, "show"), "")
    more = "+" if counts.is_capped else ""
    rows: tuple[tuple[str, dict[str, str], int], ...] = (
        *(((_("My teams"), {"team": MINE}, counts.my_teams),) if has_teams else ()),
        (_("All open"), {"show": ALL}, counts.total),
        (_("Overdue"), {"due": DueFilter.OVERDUE.value}, counts.overdue),
        (_("Due today"), {"due": DueFilter.TODAY.value}, counts.today),
        (_("Hazards"), {"hazard": "1"}, counts.hazard),
        (_("Not assigned"), {"assignee": NOBODY}, counts.unassigned),
        (_("Mine"), {"assignee": ME}, counts.mine),
        (_("Paused"), {"due": DueFilter.PAUSED.value}, counts.paused),
    )
    tabs = []
    for label, changes, count in rows:
        values = {**base, **changes}
        tabs.append(
            {
                "label": label,
                "url": reverse("desk:queue") + place.query(**values, after="", before=""),
                "count": f"{count}{more}",
                "current": all(place.values[name] == values[name] for name in narrowing),
            }
        )
    return tabs


def _only_department(place: Asked) -> str:
    code = place.values["department"]
    return f"?department={code}" if code else f"?show={ALL}"


def _page_url(place: Asked, *, after: str = "", before: str = "") -> str:
    return reverse("desk:queue") + place.query(after=after, before=before)
