"""How many agents the line needs: a calculator, a plan of a day, and who is to be there."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil, isinf
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import Shift
from lamppost.contacts.selectors.rules import center_rules
from lamppost.contacts.services.shifts import drop_shift, plan_shift
from lamppost.faces.console.access import actor_at, at_console, status_of
from lamppost.faces.console.asked import Asked, day_of, moment_of, number_of
from lamppost.faces.console.center import tabs
from lamppost.faces.console.frame import frame
from lamppost.insight.measure import MeasureUnit
from lamppost.insight.period import midnight
from lamppost.insight.selectors.arrivals import ExpectedDay, expected_day, planned_agents
from lamppost.insight.staffing import (
    Calls,
    Goal,
    Stretch,
    agents_needed,
    day_plan,
    impatient_line,
    line,
    rostered,
)
from lamppost.insight.wording import NOTHING, in_words
from lamppost.kernel.refusals import Conflict, Invalid, Problem
from lamppost.people.choices import Role
from lamppost.people.notices import staff_of
from lamppost.people.permissions import MATRIX, Permission

_D = Decimal
# name, least, most, default: what may be asked in the address.
_NUMBERS = {
    "calls": (_D("0.1"), _D(100_000), "100"),
    "minutes": (_D(1), _D(1440), "30"),
    "handle": (_D(1), _D(7200), "204"),
    "within": (_D(0), _D(3600), ""),
    "percent": (_D(1), _D(99), ""),
    "occupancy": (_D(10), _D(100), "100"),
    "shrinkage": (_D(0), _D(90), "30"),
    "patience": (_D(1), _D(7200), "120"),
    "agents": (_D(0), _D(2000), ""),
    "missing": (_D(0), _D(500), "0"),
    "more": (_D(0), _D(1000), "0"),
}


@dataclass(frozen=True)
class _Sum:
    """What was asked: the numbers of the form, each within its range."""

    numbers: dict[str, float | None]

    def __getitem__(self, name: str) -> float:
        return self.numbers[name] or 0.0

    @property
    def goal(self) -> Goal:
        return Goal(self["percent"] / 100, self["within"], self["occupancy"] / 100)


@never_cache
@at_console("GET", "HEAD", "POST", permission=Permission.CENTER_SUPERVISE)
def staffing(request: HttpRequest) -> HttpResponse:
    """Show the calculator, the plan of a day and its shifts; plan a shift or drop one."""
    actor = actor_at(request)
    today = timezone.now().astimezone(city_in_scope().zone).date()
    day = day_of(request.GET.get("day", "")) or today + timedelta(days=1)
    shift, status = Asked("shift"), 200
    if request.method == "POST":
        try:
            return _change(request, day)
        except (Invalid, Conflict) as refusal:
            problems = refusal.problems or (Problem("starts_at", str(refusal)),)
            shift, status = Asked("shift", request.POST, problems), status_of(refusal)
    found, form = _numbers(request.GET)
    expected = expected_day(day, today=today)
    plan = _plan(expected, found, day)
    if request.GET.get("format") == "csv":
        return _csv(plan, day)
    page = {
        **frame(actor, here="board"),
        "tabs": tabs(actor, "staffing"),
        "fields": _fields(form),
        "answer": _answer(found) if not form.problems else None,
        "day": day,
        "expected": expected,
        "plan": [_row(clock, one) for clock, one in plan],
        "roster": _roster(plan, found),
        "shifts": _shifts(day),
        "shift_fields": _shift_fields(shift, day),
        "query": _query(request.GET),
    }
    return render(request, "console/center/staffing.html", page, status=status)


def _change(request: HttpRequest, day: date) -> HttpResponse:
    actor = actor_at(request)
    if request.POST.get("drop", "").isdecimal():
        drop_shift(shift_id=int(request.POST["drop"][:18]), actor=actor)
        messages.success(request, _("The shift is out of the plan."))
    else:
        starts = moment_of(request.POST.get("starts_at", ""), "starts_at")
        ends = moment_of(request.POST.get("ends_at", ""), "ends_at")
        if starts is None or ends is None:
            raise Invalid(_("Enter when the shift begins and ends."), field="starts_at")
        agent = request.POST.get("agent", "")
        plan_shift(
            agent_id=int(agent[:18]) if agent.isdecimal() else 0,
            starts_at=starts,
            ends_at=ends,
            actor=actor,
        )
        messages.success(request, _("The shift is planned."))
    return HttpResponseRedirect(f"{reverse('console:staffing')}?day={day.isoformat()}")


def _numbers(asked: QueryDict) -> tuple[_Sum, Asked]:
    rules = center_rules()
    defaults = {"within": str(rules.answer_seconds), "percent": str(rules.answer_percent)}
    found: dict[str, float | None] = {}
    problems: list[Problem] = []
    shown = QueryDict(mutable=True)
    for name, (least, most, default) in _NUMBERS.items():
        text = asked.get(name, "").strip() or defaults.get(name, default)
        shown[name] = text
        try:
            found[name] = float(number_of(text, name, least=least, most=most)) if text else None
        except Invalid as refusal:
            problems += refusal.problems
            fallback = defaults.get(name, default)
            found[name] = float(fallback) if fallback else None
    return _Sum(found), Asked("staff", shown, tuple(problems))


def _answer(found: _Sum) -> dict[str, Any]:
    calls = Calls(found["calls"], found["minutes"] * 60, found["handle"])
    needed = agents_needed(calls, found.goal)
    there = needed if found.numbers["agents"] is None else int(found["agents"])
    one, angry = (
        line(calls, there, within_s=found["within"]),
        impatient_line(calls, there, patience_s=found["patience"]),
    )
    return {
        "traffic": f"{calls.traffic:.2f}",
        "needed": needed,
        "roster": ceil(rostered(needed, shrinkage=found["shrinkage"] / 100)),
        "there": there,
        **_line_words(one.service_level, one.speed_of_answer_s, one.occupancy),
        "waiting": _share(one.waiting),
        "abandoned": _share(angry.abandoned),
        "angry_wait": _seconds(angry.wait_s),
    }


def _plan(expected: ExpectedDay, found: _Sum, day: date) -> list[tuple[time, Stretch]]:
    clocks = list(expected.stretches)
    grown = 1 + found["more"] / 100
    calls = [replace(one, count=one.count * grown) for one in expected.stretches.values()]
    planned = planned_agents(day, clocks)
    stretches = day_plan(
        calls,
        found.goal,
        patience_s=found["patience"],
        agents=planned if any(planned) else None,
        missing=int(found["missing"]),
    )
    return list(zip(clocks, stretches, strict=True))


def _row(clock: time, one: Stretch) -> dict[str, Any]:
    return {
        "clock": time_format(clock),
        "calls": f"{one.calls.count:.1f}",
        "needed": one.needed,
        "agents": one.agents,
        "short": one.short,
        **_line_words(one.line.service_level, one.line.speed_of_answer_s, one.line.occupancy),
        "abandoned": _share(one.impatient.abandoned),
    }


def _line_words(level: float, wait: float, occupancy: float) -> dict[str, str]:
    return {"level": _share(level), "wait": _seconds(wait), "busy": _share(occupancy)}


def _share(value: float) -> str:
    return in_words(_D(str(round(max(value, 0.0), 6))), MeasureUnit.SHARE)


def _seconds(value: float) -> str:
    if isinf(value):
        return _("without end")
    return in_words(_D(str(round(value, 1))), MeasureUnit.SECONDS) if value >= 0 else NOTHING


def _roster(plan: Sequence[tuple[time, Stretch]], found: _Sum) -> dict[str, Any]:
    hours = sum(one.needed for _clock, one in plan) / 2
    most = max((one.needed for _clock, one in plan), default=0)
    return {
        "hours": f"{hours:.1f}",
        "paid": f"{rostered(1, shrinkage=found['shrinkage'] / 100) * hours:.1f}",
        "most": most,
        "most_rostered": ceil(rostered(most, shrinkage=found["shrinkage"] / 100)),
    }


def _csv(plan: Sequence[tuple[time, Stretch]], day: date) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="staffing-{day}.csv"'
    writer = csv.writer(response)
    writer.writerow(
        ["half_hour", "calls", "handle_seconds", "agents_needed", "agents_there", "short",
         "service_level", "speed_of_answer_seconds", "occupancy", "abandoned"]
    )  # fmt: skip
    for clock, one in plan:
        wait = one.line.speed_of_answer_s
        writer.writerow(
            [
                clock.strftime("%H:%M"), round(one.calls.count, 4), round(one.calls.handle_s, 2),
                one.needed, one.agents, one.short, round(one.line.service_level, 4),
                "" if isinf(wait) else round(wait, 2), round(one.line.occupancy, 4),
                round(one.impatient.abandoned, 4),
            ]
        )  # fmt: skip
    return response


def _shifts(day: date) -> list[dict[str, Any]]:
    zone = city_in_scope().zone
    start, stop = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    rows = Shift.objects.filter(starts_at__lt=stop, ends_at__gt=start).select_related("agent")
    now = timezone.now()
    return [
        {
            "id": row.pk,
            "name": row.agent.name or row.agent.email,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "may_drop": row.starts_at > now,
        }
        for row in rows.order_by("starts_at", "id")
    ]


def _shift_fields(asked: Asked, day: date) -> list[dict[str, Any]]:
    roles = frozenset(role for role in Role if Permission.CONSOLE_USE in MATRIX[role])
    people = [(str(one.pk), one.name or one.email) for one in staff_of(roles=roles)]
    morning = datetime.combine(day, time(9))
    return [
        asked.select("agent", _("Agent"), people, required=True),
        asked.text(
            "starts_at", _("Begins"), kind="datetime-local", required=True,
            default=f"{morning:%Y-%m-%dT%H:%M}",
        ),
        asked.text(
            "ends_at", _("Ends"), kind="datetime-local", required=True,
            default=f"{morning + timedelta(hours=8):%Y-%m-%dT%H:%M}",
        ),
    ]  # fmt: skip


def _query(asked: QueryDict) -> str:
    kept = QueryDict(mutable=True)
    for name in (*_NUMBERS, "day"):
        if asked.get(name):
            kept[name] = str(asked[name])
    kept["format"] = "csv"
    return kept.urlencode()


def _fields(form: Asked) -> list[dict[str, Any]]:
    number = {"inputmode": "decimal", "maxlength": 9}
    labels = (
        ("calls", _("Calls"), ""),
        ("minutes", _("in minutes"), ""),
        ("handle", _("Handle time, seconds"), _("Talk, hold and after-call work")),
        ("within", _("Answered within, seconds"), ""),
        ("percent", _("of 100 calls at least"), ""),
        ("occupancy", _("Occupancy at most, of 100"), ""),
        ("shrinkage", _("Paid time elsewhere, of 100"), _("Breaks, training, illness")),
        ("patience", _("Callers wait, seconds"), _("In the mean, before they hang up")),
        ("agents", _("Agents there"), _("Empty: as many as are needed")),
        ("missing", _("Agents missing all day"), _("Ill, for example: for the plan of the day")),
        ("more", _("More calls, of 100"), _("For the plan of the day")),
    )
    return [
        form.text(
            name, label, attrs=number, css="lp-field--short", **({"hint": hint} if hint else {})
        )
        for name, label, hint in labels
    ]
