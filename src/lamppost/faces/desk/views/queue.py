"""The queue, my cases, transfers and the search: lists of cases."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.cases.choices import TransferState
from lamppost.cases.models import Transfer
from lamppost.cases.selectors.desk import (
    MAX_FOUND,
    cases_of_user,
    offers_from,
    offers_to,
    search,
)
from lamppost.cases.selectors.queue import DueFilter, QueueCounts, queue_counts, queue_page
from lamppost.catalog.book import book
from lamppost.catalog.choices import State
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.filters import ALL, ME, NOBODY, Asked, asked
from lamppost.faces.desk.frame import frame, localized, name_of_department
from lamppost.faces.desk.rows import row_of, rows_of
from lamppost.kernel.refusals import Invalid
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor
from lamppost.people.permissions import ALL_DEPARTMENTS, Permission, may
from lamppost.places.models import Area

_MAX_SEARCH = 200
_MAX_AREAS = 300


@at_desk("GET", "HEAD")
def queue(request: HttpRequest) -> HttpResponse:
    """Show a department's open cases, the one due first on top."""
    actor = actor_at(request)
    place = asked(request.GET, actor)
    page = queue_page(place.wanted, after=place.after, before=place.before)
    counts = queue_counts(place.wanted, user_id=actor.user_id)
    here = place.query(after="", before="")
    context = {
        **frame(actor, here="queue"),
        "rows": rows_of(page.cases, query=here),
        "tabs": _tabs(place, counts),
        "filters": _filters(place, actor),
        "department_name": name_of_department(place.wanted.department_id) or _("All departments"),
        "shows_departments": place.wanted.department_id is None,
        "is_narrowed": place.is_narrowed,
        "clear_url": reverse("desk:queue") + _only_department(place),
        "newer_url": _page_url(place, before=str(page.before)) if page.before else "",
        "older_url": _page_url(place, after=str(page.after)) if page.after else "",
        "is_first_page": page.before is None,
        "may_bulk": may(actor, Permission.CASE_BULK),
        "query": here,
        "keys": [{"key": "b", "label": _("Change the selected cases")}],
    }
    return render(request, "desk/queue.html", context)


@at_desk("GET", "HEAD")
def mine(request: HttpRequest) -> HttpResponse:
    """Show the open cases assigned to whoever asks."""
    actor = actor_at(request)
    cases = cases_of_user(actor.user_id) if actor.user_id is not None else []
    context = {**frame(actor, here="mine"), "rows": rows_of(cases, query=f"?assignee={ME}")}
    return render(request, "desk/mine.html", context)


@at_desk("GET", "HEAD")
def transfers(request: HttpRequest) -> HttpResponse:
    """Show the cases other departments offer, and those one's own has offered."""
    return render(request, "desk/transfers.html", transfers_page(actor_at(request)))


def transfers_page(actor: Actor, *, refused_id: int = 0, typed: Typed | None = None) -> Any:
    """Return what the page of transfers shows; ``typed`` belongs to the offer refused."""
    return {
        **frame(actor, here="transfers"),
        "offers": [
            _offer(transfer, actor, typed if transfer.pk == refused_id and typed else Typed())
            for transfer in offers_to(actor)
        ],
        "given": [_offer(transfer, actor, Typed()) for transfer in offers_from(actor)],
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
    return render(request, "desk/search.html", context)


def _search_field(typed: Typed) -> dict[str, Any]:
    return Fields("search", typed).text(
        "q", _("Number, phone, e-mail, address or words"), kind="search"
    )


def _offer(transfer: Transfer, actor: Actor, typed: Typed) -> dict[str, Any]:
    decides = may(actor, Permission.CASE_TRANSFER, department_id=transfer.to_department_id)
    fields = Fields(f"offer-{transfer.pk}", typed)
    return {
        "transfer": transfer,
        "row": row_of(transfer.case),
        "giver": name_of_department(transfer.from_department_id),
        "taker": name_of_department(transfer.to_department_id),
        "may_decide": decides and transfer.state == TransferState.OFFERED,
        "reason": fields.text("reason", _("Why it is not yours"), attrs={"maxlength": 4000}),
        "errors": typed.other_errors(["reason"]),
    }


def _tabs(place: Asked, counts: QueueCounts) -> list[dict[str, Any]]:
    base = dict.fromkeys(("state", "service", "assignee", "due", "area", "hazard", "q"), "")
    more = "+" if counts.is_capped else ""
    rows: tuple[tuple[str, dict[str, str], int], ...] = (
        (_("All open"), {}, counts.total),
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
                "current": all(place.values[name] == text for name, text in values.items()),
            }
        )
    return tabs


def _filters(place: Asked, actor: Actor) -> list[dict[str, Any]]:
    fields = Fields("filter", Typed())
    values = place.values
    shown = [
        fields.select("state", _("Status"), _states(), default=values["state"]),
        fields.select("service", _("Service"), _services(place), default=values["service"]),
        fields.select("assignee", _("Assigned to"), _assignees(), default=values["assignee"]),
        fields.select("due", _("Due"), _dues(), default=values["due"]),
    ]
    areas = _areas()
    if areas:
        shown.append(fields.select("area", _("Area"), areas, default=values["area"]))
    shown.append(fields.select("hazard", _("Hazard"), _hazard(), default=values["hazard"]))
    shown.append(
        fields.text("q", _("Number, address or words"), kind="search", default=values["q"])
    )
    if actor.role in ALL_DEPARTMENTS:
        chosen = values["department"] or _own_code(actor)
        shown.insert(
            0, fields.select("department", _("Department"), _departments(), default=chosen)
        )
    return shown


def _states() -> list[tuple[str, str]]:
    states = (State.RECEIVED, State.OPEN, State.WAITING)
    return [("", _("Any")), *((state.value, str(state.label)) for state in states)]


def _services(place: Asked) -> list[tuple[str, str]]:
    wanted = place.wanted.department_id
    names = sorted(
        (localized(entry.name), entry.code)
        for entry in book().services.values()
        if wanted is None or entry.department_id == wanted or entry.id == place.wanted.service_id
    )
    return [("", _("Any")), *((code, name) for name, code in names)]


def _assignees() -> list[tuple[str, str]]:
    return [("", _("Anybody")), (ME, _("Me")), (NOBODY, _("Nobody"))]


def _dues() -> list[tuple[str, str]]:
    return [
        ("", _("Any time")),
        (DueFilter.OVERDUE.value, _("Overdue")),
        (DueFilter.TODAY.value, _("Today")),
        (DueFilter.WEEK.value, _("Within 7 days")),
        (DueFilter.PAUSED.value, _("Paused")),
        (DueFilter.NONE.value, _("No due date")),
    ]


def _hazard() -> list[tuple[str, str]]:
    return [("", _("Any")), ("1", _("Hazards only"))]


def _departments() -> list[tuple[str, str]]:
    names = [(entry.code, localized(entry.name)) for entry in book().departments.values()]
    return [(ALL, _("All departments")), *names]


def _areas() -> list[tuple[str, str]]:
    rows = (
        Area.objects.filter(kind__is_limits=False)
        .order_by("kind__order", "kind__code", "code")
        .values_list("id", "kind__name", "name", "code")[:_MAX_AREAS]
    )
    found = [
        (str(pk), f"{localized(kind)}: {localized(name) or code}") for pk, kind, name, code in rows
    ]
    return [("", _("Any")), *found] if found else []


def _own_code(actor: Actor) -> str:
    entry = book().departments.get(actor.department_id or 0)
    return entry.code if entry else ALL


def _only_department(place: Asked) -> str:
    code = place.values["department"]
    return f"?department={code}" if code else ""


def _page_url(place: Asked, *, after: str = "", before: str = "") -> str:
    return reverse("desk:queue") + place.query(after=after, before=before)
