"""Field work on a case's page: inspections, partners' links and what partners report."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.catalog.choices import State
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import localized
from lamppost.faces.desk.panels import Panel
from lamppost.fieldwork.choices import Condition, InspectionState, Standing
from lamppost.fieldwork.models import CompletionReport, Inspection
from lamppost.fieldwork.selectors.partner_work import links_of, open_reports
from lamppost.fieldwork.selectors.rounds import inspections_of
from lamppost.fieldwork.services.partner_links import is_live
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may


def fieldwork_panel(case: Case, actor: Actor, query: str) -> Panel | None:
    """Return the panel of field work, three queries; None when there is nothing to show."""
    del query
    works = may(actor, Permission.CASE_WORK, department_id=case.department_id)
    inspections, links, reports = inspections_of(case), links_of(case), open_reports(case)
    may_add = works and case.state != State.CLOSED
    if not (inspections or links or may_add):
        return None
    now = timezone.now()
    context = {
        "case": case,
        "inspections": [_inspection(one, works) for one in inspections],
        "links": [
            {"link": link, "is_live": is_live(link, now=now)}
            for link in links
            if is_live(link, now=now) or link.accepted_at
        ],
        "reports": [_report(one) for one in reports],
        "may_add": may_add,
        "works": works,
        "links_url": reverse("desk:partner_links", args=[case.number]),
    }
    return Panel("desk/panels/fieldwork.html", context)


def _inspection(inspection: Inspection, works: bool) -> dict[str, Any]:
    record = inspection.record
    whose = inspection.inspector or inspection.team
    return {
        "inspection": inspection,
        "whose": localized(inspection.team.name) if inspection.team else str(whose),
        "record": record,
        "condition": Condition(record.condition).label if record else "",
        "flag": Standing(record.standing).label
        if record and record.standing != Standing.TAKEN
        else "",
        "may_cancel": works and inspection.state == InspectionState.PLANNED,
    }


def _report(report: CompletionReport) -> dict[str, Any]:
    fields = Fields(f"completion-{report.pk}", Typed())
    return {
        "report": report,
        "outcome": localized(report.outcome.name),
        "text_field": fields.text("text", _("What is still to be done"), attrs={"maxlength": 4000}),
    }
