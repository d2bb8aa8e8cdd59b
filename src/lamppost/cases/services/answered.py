"""An inquiry that was answered while it was asked: filed and closed in one step."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lamppost.cases.models import Case
from lamppost.cases.reports import Filed, Report
from lamppost.cases.services.intake import submit
from lamppost.cases.services.lifecycle import close_locked
from lamppost.catalog.book import book
from lamppost.catalog.choices import CaseKind, OutcomeKind
from lamppost.kernel.refusals import Invalid
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require


def file_answered(report: Report, *, text: str, actor: Actor, at: datetime | None = None) -> Filed:
    """File ``report``, whose service is for inquiries, as done; ``text`` names the answer.

    It never has a clock or a due time. Raises what ``intake.submit`` raises, and ``Invalid``
    for a service that makes service requests: those are worked on, not answered.
    """
    require(actor, Permission.CASE_FILE_FOR_OTHERS)
    service = book().services.get(report.service_code)
    if service is not None and service.kind is not CaseKind.INQUIRY:
        raise Invalid(_("Only a question can be answered at once."), field="service_code")
    with transaction.atomic():
        filed = submit(report, actor=actor)
        if filed.case_id is None or filed.repeated:
            return filed
        case = Case.objects.select_for_update(of=("self",)).get(pk=filed.case_id)
        outcome = book().outcome_of_kind(OutcomeKind.DONE)
        close_locked(case, outcome, text, actor=actor, at=at or timezone.now())
        return filed
