"""The audit log and the table of roles: who was refused what, who changed what, who may what."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from lamppost.cases.choices import BulkStep
from lamppost.cases.models import BulkRun
from lamppost.cases.selectors.quality import bulk_runs
from lamppost.cases.selectors.redress import Place
from lamppost.catalog.book import book
from lamppost.cities.selectors import city_in_scope
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.cursors import place_in, place_text
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized
from lamppost.kernel.refusals import Invalid
from lamppost.people import audit
from lamppost.people.choices import AuditWhat, Role
from lamppost.people.matrix_page import mark
from lamppost.people.models import AuditEntry, Denial, Membership
from lamppost.people.permission_words import WORDS, in_words
from lamppost.people.permissions import Permission, require

_SHOWN = 50
_TABS = ("refusals", "changes", "bulk")


@at_desk("GET", "HEAD")
def log(request: HttpRequest) -> HttpResponse:
    """Show refusals, changes or bulk runs, the newest first, by person, kind and day."""
    actor = actor_at(request)
    require(actor, Permission.AUDIT_READ)
    tab = request.GET.get("show", _TABS[0])
    if tab not in _TABS:
        raise Invalid(_("There is no such list."), field="show")
    rows, older = _bulk(request.GET) if tab == "bulk" else _log(request.GET, tab)
    here = reverse("desk:audit")
    kept = {name: request.GET.get(name, "") for name in ("person", "kind", "day")}
    asked = {name: text for name, text in {"show": tab, **kept}.items() if text}
    labels = (_("Refusals"), _("Changes and looks at contacts"), _("Many at once"))
    context = {
        **frame(actor),
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"{here}?show={name}", "current": name == tab}
            for name, label in zip(_TABS, labels, strict=True)
        ],
        "filters": [] if tab == "bulk" else _filters(request.GET, tab),
        "rows": rows,
        "older_url": f"{here}?{urlencode({**asked, 'before': older})}" if older else "",
    }
    return render(request, "desk/audit.html", context)


@at_desk("GET", "HEAD")
def roles(request: HttpRequest) -> HttpResponse:
    """Show which role may do what, the reader's own first."""
    actor = actor_at(request)
    shown = sorted(Role, key=lambda role: role != actor.role)
    context = {
        **frame(actor),
        "roles": [{"label": role.label, "is_own": role == actor.role} for role in shown],
        "rows": [
            {
                "words": WORDS[permission],
                "marks": [
                    {"sign": mark(role, permission), "is_own": role == actor.role} for role in shown
                ],
            }
            for permission in Permission
        ],
    }
    return render(request, "desk/roles.html", context)


def _log(data: QueryDict, tab: str) -> tuple[list[dict[str, Any]], str]:
    place = place_in(data, "before")
    before = audit.Before(*place) if place else None
    wanted = _wanted(data)
    found: list[Denial | AuditEntry] = []
    if tab == "refusals":
        found += audit.denials(wanted, before=before, limit=_SHOWN + 1)
    else:
        found += audit.entries(wanted, before=before, limit=_SHOWN + 1)
    last = found[_SHOWN - 1] if len(found) > _SHOWN else None
    older = place_text(audit.Before(last.at, last.pk)) if last else ""
    return [_row(one) for one in found[:_SHOWN]], older


def _bulk(data: QueryDict) -> tuple[list[dict[str, Any]], str]:
    place = place_in(data, "before")
    listed = bulk_runs(before=Place(*place) if place else None, limit=_SHOWN)
    return [_run(one) for one in listed.rows], place_text(listed.next)


def _row(one: Denial | AuditEntry) -> dict[str, Any]:
    if isinstance(one, Denial):
        department = localized(one.department.name) if one.department else ""
        what, detail = in_words(one.permission), ", ".join(filter(None, (department, one.detail)))
    else:
        what = str(dict(AuditWhat.choices).get(one.what, one.what))
        detail = f"{one.label}: {one.detail}" if one.detail else one.label
    role = Role(one.role).label if one.role in Role.values else ""
    return {"at": one.at, "who": one.user, "role": role, "what": what, "detail": detail}


def _run(one: BulkRun) -> dict[str, Any]:
    pages = book()
    status = pages.statuses.get(one.status_id or 0)
    outcome = pages.outcomes.get(one.outcome_id or 0)
    target = localized(status.name) if status else localized(outcome.name) if outcome else ""
    done = getattr(one, "done_count", 0)
    return {
        "at": one.started_at,
        "who": one.user,
        "role": "",
        "what": f"{BulkStep(one.step).label}: {target}",
        "detail": _("%(done)d of %(chosen)d cases") % {"done": done, "chosen": one.chosen_count},
        "reason": one.reason,
        "was_cut_off": one.ended_at is None,
    }


def _wanted(data: QueryDict) -> audit.Wanted:
    person, day = data.get("person", ""), data.get("day", "")
    if person and not (person.isdecimal() and len(person) < 19):
        raise Invalid(_("There is no such person."), field="person")
    since = until = None
    if day:
        since = _start_of(day)
        until = since + timedelta(days=1)
    return audit.Wanted(
        user_id=int(person) if person else None,
        kind=data.get("kind", ""),
        since=since,
        until=until,
    )


def _start_of(day: str) -> datetime:
    try:
        found = parse_date(day)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year < 9000:
        raise Invalid(_("Write a day like 2026-01-31."), field="day")
    return datetime.combine(found, time.min, tzinfo=city_in_scope().zone)


def _filters(data: QueryDict, tab: str) -> list[dict[str, Any]]:
    fields = Fields("audit", Typed(data))
    staff = Membership.objects.exclude(role=Role.RESIDENT).select_related("user")
    people = [(str(one.user_id), str(one.user)) for one in staff.order_by("user__name", "id")]
    if tab == "refusals":
        kinds = [(one.value, str(words)) for one, words in WORDS.items()]
        kinds += [(key, in_words(key)) for key in ("own_case", "address", "partner.update")]
    else:
        kinds = [(value, str(label)) for value, label in AuditWhat.choices]
    return [
        fields.select("person", _("Person"), [("", _("Everybody")), *people]),
        fields.select("kind", _("What"), [("", _("Everything")), *kinds]),
        fields.text("day", _("Day"), kind="date"),
    ]
