"""What partners did through their links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lamppost.cases.models import Case
from lamppost.fieldwork.choices import PartnerStep, Verdict
from lamppost.fieldwork.models import CompletionReport, PartnerEntry, PartnerLink
from lamppost.people.actors import Actor
from lamppost.people.permissions import ALL_DEPARTMENTS

_MOST = 50
PAGE = 50


@dataclass(frozen=True, slots=True)
class PartnerWork:
    """What one link's partner did, newest first; ``waits`` while a report awaits its answer,
    ``sent_back`` the answer when the last report was sent back."""

    steps: list[tuple[datetime, str]]
    waits: bool
    sent_back: str


def work_of(link: PartnerLink) -> PartnerWork:
    """Return what the partner did through ``link``, two queries."""
    entries = PartnerEntry.objects.filter(link=link).order_by("-at", "-id")[:_MOST]
    report = CompletionReport.objects.filter(case_id=link.case_id).order_by("-id").first()
    is_own = report is not None and report.link_id == link.pk
    return PartnerWork(
        steps=[(entry.at, str(PartnerStep(entry.step).label)) for entry in entries],
        waits=report is not None and not report.verdict,
        sent_back=report.answer
        if report is not None and is_own and report.verdict == Verdict.SENT_BACK
        else "",
    )


def links_of(case: Case) -> list[PartnerLink]:
    """Return the links of a case, newest first, one query."""
    rows = PartnerLink.objects.filter(case=case).select_related("created_by")
    return list(rows.order_by("-id")[:_MOST])


def open_reports(case: Case) -> list[CompletionReport]:
    """Return the reports that the work on ``case`` is done that await an answer, one query."""
    rows = CompletionReport.objects.filter(case=case, verdict="")
    return list(rows.select_related("link", "outcome").order_by("id"))


def reports_page(actor: Actor, *, after: int = 0) -> list[CompletionReport]:
    """Return open reports the actor's department has to answer, oldest first, from the one
    after ``after`` on: up to ``PAGE`` and one more, which tells that there is another page."""
    rows = CompletionReport.objects.filter(verdict="", pk__gt=after)
    if actor.role not in ALL_DEPARTMENTS:
        rows = rows.filter(case__department_id=actor.department_id or 0)
    return list(rows.select_related("case", "link", "outcome").order_by("id")[: PAGE + 1])
