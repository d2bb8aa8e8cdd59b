"""Partners' reports that their work is done, and the department's answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.frame import frame, localized
from lamppost.faces.desk.rows import row_of
from lamppost.fieldwork.selectors.partner_work import PAGE, reports_page
from lamppost.fieldwork.services.partner_steps import decide


@at_desk("GET", "HEAD")
def completions(request: HttpRequest) -> HttpResponse:
    """Show the reports that wait for an answer of one's department, the oldest first."""
    actor = actor_at(request)
    found = reports_page(actor, after=id_in(request.GET, "after"))
    shown = [
        {
            "report": report,
            "row": row_of(report.case),
            "outcome": localized(report.outcome.name),
            "organization": report.link.organization,
        }
        for report in found[:PAGE]
    ]
    here = reverse("desk:completions")
    context = {
        **frame(actor, here="tools"),
        "reports": shown,
        "older_url": f"{here}?after={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "newer_url": here if request.GET.get("after") else "",
    }
    return render(request, "desk/completions.html", context)


@at_desk("POST")
def decide_on(request: HttpRequest, report_id: str, answer: str) -> HttpResponse:
    """Confirm a report, or send it back with what is still to be done."""
    confirmed = answer == "confirm"
    report = decide(
        report_id=int(report_id),
        confirmed=confirmed,
        text=request.POST.get("text", ""),
        actor=actor_at(request),
    )
    if confirmed:
        messages.success(request, _("Confirmed. Close the case with a sentence for the resident."))
    else:
        messages.success(request, _("Sent back to the partner."))
    return HttpResponseRedirect(reverse("desk:case", args=[report.case.number]))
