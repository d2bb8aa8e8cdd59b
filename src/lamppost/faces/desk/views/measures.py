"""Measures by department and by service, with their definitions beside them."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.catalog.book import DepartmentEntry, book
from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.figures import Table, as_csv, glossary_of, shown
from lamppost.faces.desk.frame import frame, localized
from lamppost.faces.desk.views.reviews import tabs
from lamppost.insight.choices import GroupKind
from lamppost.insight.figures import Counts, Figure, Waits, whole
from lamppost.insight.glossary import GLOSSARY
from lamppost.insight.period import Period
from lamppost.insight.selectors.calendar import today
from lamppost.insight.selectors.measures import Scope, by_group, counted_until, totals
from lamppost.people.permissions import Permission, require

SPANS = (30, 90, 365)
COLUMNS = (
    "received",
    "on_time",
    "closed_late",
    "open_overdue",
    "median",
    "p90",
    "reopened",
    "disputed",
    "waived",
    "paused",
    "transfers",
    "ping_pong",
)


@at_desk("GET", "HEAD")
def measures(request: HttpRequest) -> HttpResponse:
    """Show the measures of every department, or of every service of one."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    span = next((one for one in SPANS if str(one) == request.GET.get("days")), 90)
    wanted = request.GET.get("department", "")
    department = next((one for one in book().departments.values() if one.code == wanted), None)
    last = today()
    period = Period(last - timedelta(days=span - 1), last)
    rows = _rows(period, department, span)
    if request.GET.get("format") == "csv":
        return _csv(rows, period)
    page = {
        **frame(actor, here="tools"),
        "tabs": tabs("measures"),
        "period": period,
        "department": localized(department.name) if department else "",
        "filters": _filters(span, wanted),
        "table": _table(rows, department),
        "glossary": glossary_of(COLUMNS),
        "as_of": counted_until(),
        "csv_url": f"?days={span}&department={wanted}&format=csv",
    }
    return render(request, "desk/reviews/measures.html", page)


Row = tuple[str, str, list[Figure]]


def _rows(period: Period, department: DepartmentEntry | None, span: int) -> list[Row]:
    scope = Scope(department_id=department.id if department else None)
    kind = GroupKind.SERVICE if department else GroupKind.DEPARTMENT
    rows = [(_("All together"), "", _figures(totals(period, scope)))]
    named = []
    for key, found in by_group(period, kind, scope).items():
        url = ""
        if department:
            service = book().services_by_id[key]
            name = localized(service.name) or service.code
        else:
            entry = book().departments[key]
            name = localized(entry.name) or entry.code
            url = f"{reverse('desk:measures')}?days={span}&department={entry.code}"
        named.append((name, url, _figures(found)))
    return rows + sorted(named, key=lambda row: row[0])


def _figures(found: tuple[Counts, Waits]) -> list[Figure]:
    by_code = {one.measure: one for one in whole(*found)}
    return [by_code[code] for code in COLUMNS]


def _table(rows: list[Row], department: DepartmentEntry | None) -> Table:
    return Table(
        label=_("Measures"),
        heading=_("Service") if department else _("Department"),
        measures=[GLOSSARY[code] for code in COLUMNS],
        rows=[(name, url, [shown(one) for one in figures]) for name, url, figures in rows],
    )


def _csv(rows: list[Row], period: Period) -> HttpResponse:
    header = ["name"]
    for code in COLUMNS:
        header += [code, f"{code}_n"]
    return as_csv(
        f"measures-{period.first}-{period.last}",
        header,
        (
            [name, *(cell for one in figures for cell in (one.value, one.n))]
            for name, _url, figures in rows
        ),
    )


def _filters(span: int, department: str) -> list[dict[str, object]]:
    fields = Fields("measures", Typed())
    names = sorted(
        (localized(entry.name) or entry.code, entry.code) for entry in book().departments.values()
    )
    return [
        fields.select(
            "days",
            _("Period"),
            [(str(one), _("Last %(number)d days") % {"number": one}) for one in SPANS],
            default=str(span),
        ),
        fields.select(
            "department",
            _("Department"),
            [("", _("Each department")), *((code, name) for name, code in names)],
            default=department,
        ),
    ]
