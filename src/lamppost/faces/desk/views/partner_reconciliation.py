"""The daily comparison with what partners say they have."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.frame import frame, localized
from lamppost.kernel.refusals import Conflict
from lamppost.partners.choices import FindingKind, RunResult
from lamppost.partners.models import Finding, Reconciliation
from lamppost.partners.selectors import findings, run_by_id
from lamppost.partners.selectors import runs as latest_runs
from lamppost.partners.services.decisions import send_again
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may

_SHOWN = 50


@at_desk("GET", "HEAD")
def runs(request: HttpRequest) -> HttpResponse:
    """List the comparisons of the last days."""
    actor = actor_at(request)
    rows = [
        {
            "run": run,
            "result": RunResult(run.result).label,
            "url": reverse("desk:partner_run", args=[run.pk]),
        }
        for run in latest_runs(actor)
    ]
    page = {**frame(actor, here="tools"), "rows": rows}
    return render(request, "desk/partners/runs.html", page)


@at_desk("GET", "HEAD")
def show(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show what one comparison found."""
    actor = actor_at(request)
    run = run_by_id(int(run_id), actor)
    return render(request, "desk/partners/run.html", _page(run, actor, request))


@at_desk("GET", "HEAD")
def as_csv(request: HttpRequest, run_id: str) -> HttpResponse:
    """The findings as a file: numbers, services and states, nothing a person wrote."""
    actor = actor_at(request)
    run = run_by_id(int(run_id), actor)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{run.connection.code}-{run.day.isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(["finding", "number", "external_number", "service", "ours", "theirs"])
    for row in findings(run, limit=0).iterator():
        writer.writerow(
            [row.kind, row.case.number, row.external_number, row.case.service.code, row.ours,
             row.theirs]
        )  # fmt: skip
    return response


@at_desk("POST")
def again(request: HttpRequest, finding_id: str) -> HttpResponse:
    """Hand a lost case over again."""
    actor = actor_at(request)
    try:
        send_again(finding_id=int(finding_id), actor=actor)
    except Conflict as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The case goes out again within half a minute."))
    row = Finding.objects.filter(pk=int(finding_id)).first()
    url = reverse("desk:partner_run", args=[row.run_id]) if row else reverse("desk:partner_runs")
    return HttpResponseRedirect(url)


def _page(run: Reconciliation, actor: Actor, request: HttpRequest) -> dict[str, Any]:
    after = request.GET.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) <= 18 else 0
    found = list(findings(run, after=start, limit=_SHOWN + 1))
    shown = found[:_SHOWN]
    here = reverse("desk:partner_run", args=[run.pk])
    return {
        **frame(actor, here="tools"),
        "run": run,
        "result": RunResult(run.result).label,
        "rows": [_row(row, actor) for row in shown],
        "older_url": f"{here}?after={shown[-1].pk}" if len(found) > _SHOWN else "",
        "csv_url": reverse("desk:partner_run_csv", args=[run.pk]),
    }


def _row(row: Finding, actor: Actor) -> dict[str, Any]:
    may_send = row.kind != FindingKind.MISMATCH and row.sent_again_at is None
    return {
        "finding": row,
        "kind": FindingKind(row.kind).label,
        "number": row.case.number,
        "case_url": reverse("desk:case", args=[row.case.number]),
        "service": localized(row.case.service.name),
        "again_url": reverse("desk:partner_again", args=[row.pk])
        if may_send and may(actor, Permission.PARTNER_MANAGE)
        else "",
    }
