"""The last look, sending once, and what the reporter keeps."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lamppost.cases.selectors.public_case import due_steps
from lamppost.cases.services import drafts
from lamppost.cases.services.drafts import OpenDraft
from lamppost.cases.services.photos import photo_url
from lamppost.catalog.asking import answered
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import CaseKind, Visibility
from lamppost.faces.portal import wizard
from lamppost.faces.portal.drafting import (
    address_of,
    draft_of,
    name_of,
    service_of,
    step_page,
    to_step,
)
from lamppost.faces.portal.web import PortalRequest, page, private, resident_of, told
from lamppost.kernel.refusals import Invalid, Problem
from lamppost.kernel.text import in_language
from lamppost.places.selectors import named_areas


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def review(request: PortalRequest, code: str) -> HttpResponseBase:
    """Step 5: everything at a glance; sending it twice gives the same case."""
    service = service_of(request, code)
    draft = draft_of(request, service)
    if draft is None:
        sent = draft_of(request, service, filed=True)
        return to_step("done" if sent else "details", service)
    missing = wizard.missing_step(service, draft.content, "review")
    if missing:
        return to_step(missing, service)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            filed = drafts.file_draft(draft, actor=resident_of(request))
            return to_step("done" if filed.case_id else "stopped", service)
        except Invalid as refusal:
            problems = list(refusal.problems)
    context = _summary(request, service, draft, problems)
    return step_page(request, service, "review", context, status=422 if problems else 200)


def _summary(
    request: PortalRequest, service: ServiceEntry, draft: OpenDraft, problems: list[Problem]
) -> dict[str, Any]:
    content = draft.content
    answers = answered(service, content.answers, get_language() or "en")
    checked, found = wizard.checked_so_far(content, resident_of(request))
    doubtful = [one.area_id for one in checked.areas if one.is_doubtful] if checked else []
    return {
        "content": content,
        "answers": [(answer.question.text, answer.shown) for answer in answers],
        "photos": [photo_url(one, small=True) for one in draft.photos],
        "doubtful": _area_names(doubtful),
        "is_private": service.visibility is not Visibility.PUBLIC,
        "edit": {
            step: address_of(step, service, "?edit=1") for step in wizard.steps_of(service)[:-1]
        },
        "problems": [
            {"message": one.message, "url": address_of(step_of(one, service), service, "?edit=1")}
            for one in (problems or found)
        ],
    }


def step_of(problem: Problem, service: ServiceEntry) -> str:
    """Return the step on which the field of a problem stands."""
    step = "details"
    if problem.field in wizard.PLACE_FIELDS:
        step = "where"
    elif problem.field in wizard.CONTACT_FIELDS:
        step = "contact"
    elif problem.field == "photos":
        step = "photos"
    return step if step in wizard.steps_of(service) else "details"


@never_cache
@require_safe
@told
def done(request: PortalRequest, code: str) -> HttpResponseBase:
    """Show number, due date and the private link; reloading shows the same again."""
    service = service_of(request, code)
    draft = draft_of(request, service, filed=True)
    if draft is None or draft.row.case is None:
        return to_step("details", service)
    case = draft.row.case
    language = get_language() or "en"
    token = drafts.tracking_token(draft)
    link = reverse("portal:follow", args=[case.number, token]) if token else ""
    context = {
        "service": service,
        "name": name_of(service),
        "case": case,
        "department": in_language(book().departments[case.department_id].name, language),
        "notice": in_language(service.notice, language),
        "due_steps": due_steps(case),
        "link": link,
        "full_link": request.build_absolute_uri(link) if link else "",
        "is_inquiry": case.kind == CaseKind.INQUIRY,
        "is_public": case.visibility == Visibility.PUBLIC,
        "steps": wizard.step_names(service),
        "title": _("Thank you. We have your report."),
    }
    return private(page(request, "done", context))


def _area_names(area_ids: list[int]) -> list[str]:
    if not area_ids:
        return []
    language = get_language() or "en"
    return [f"{one.kind_name}: {one.name}" for one in named_areas(area_ids, language=language)]


def _language() -> str:
    return get_language() or "en"
