"""What happened and who reports: questions, follow-ups, triage as soon as it is decided."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lamppost.cases.services import drafts
from lamppost.cases.services.drafts import Content, OpenDraft
from lamppost.catalog.asking import answered, asked_questions, chosen_of, question_field
from lamppost.catalog.book import ServiceEntry
from lamppost.faces.portal import wizard
from lamppost.faces.portal.drafting import (
    cookie_name,
    draft_of,
    holding,
    name_of,
    onward,
    service_of,
    step_page,
    to_step,
    with_step,
)
from lamppost.faces.portal.web import PortalRequest, by_field, page, resident_of, told
from lamppost.kernel.refusals import Problem
from lamppost.kernel.text import clean_line, clean_text


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def details(request: PortalRequest, code: str) -> HttpResponseBase:
    """Step 1: the questions, follow-ups on a screen of their own, and the description."""
    service = service_of(request, code)
    draft = draft_of(request, service)
    content = draft.content if draft else Content(service_code=code)
    content = replace(content, answers={**_filled_in(request, service), **content.answers})
    if request.method == "POST":
        return _take_details(request, service, draft, content)
    return _details_page(request, service, content, [], only_new="more" in request.GET)


def _filled_in(request: PortalRequest, service: ServiceEntry) -> dict[str, tuple[str, ...]]:
    """Return the answers a link brought along, as from an article: those the form knows."""
    return {
        question.code: values
        for question in service.form("en")
        if (known := {value.key for value in question.values})
        and (
            values := tuple(
                value
                for value in request.GET.getlist(f"attribute[{question.code}]")[:20]
                if value in known
            )
        )
    }


def _take_details(
    request: PortalRequest, service: ServiceEntry, draft: OpenDraft | None, content: Content
) -> HttpResponseBase:
    known = {question.code for question in service.form("en")}
    codes = known & set(request.POST.getlist("shown"))
    sent = {code: tuple(request.POST.getlist(f"attribute[{code}]")) for code in codes}
    content = replace(
        content,
        answers={**content.answers, **sent},
        shown=tuple(sorted(codes | set(content.shown))),
        language=content.language or get_language() or "",
    )
    if "description" in request.POST:
        content = replace(content, description=clean_text(request.POST["description"]))
    _checked, problems = wizard.checked_so_far(content, resident_of(request))
    problems = [problem for problem in problems if problem.field == "description"]
    problems += wizard.question_problems(service, content.answers, codes)
    # Whoever is in danger is not sent back to fill in a field.
    words = content.danger()
    if problems and words is None:
        return _details_page(
            request, service, content, problems, only_new="description" not in request.POST
        )
    pending = _pending(service, content)
    if not pending and not problems:
        content = with_step(content, "details")
    draft = drafts.save_draft(draft, content) if draft else drafts.start_draft(content=content)
    chosen = chosen_of(answered(service, content.answers, _language()))
    triage = drafts.early_triage(service, chosen)
    if triage is None or triage.is_accepted:
        triage = words
    if triage is not None:
        drafts.divert(draft, triage, service)
        return holding(to_step("stopped", service), service, draft)
    if pending:
        return holding(to_step("details", service, "?more=1"), service, draft)
    return holding(to_step(onward(request, service, "details"), service), service, draft)


def _pending(service: ServiceEntry, content: Content) -> list[str]:
    asked = asked_questions(service, content.answers, _language())
    return [one.code for one in asked if one.is_variable and one.code not in content.shown]


def _details_page(
    request: PortalRequest,
    service: ServiceEntry,
    content: Content,
    problems: list[Problem],
    *,
    only_new: bool,
) -> HttpResponse:
    errors = by_field(problems)
    asked = asked_questions(service, content.answers, _language())
    pending = set(_pending(service, content))
    wrong = {code for code in (q.code for q in asked) if f"attribute[{code}]" in errors}
    only_new = only_new and bool(pending | wrong)
    if only_new:
        asked = [one for one in asked if one.code in pending | wrong]
    fields = [
        {"text": one.text, "help": one.help}
        if not one.is_variable
        else question_field(
            one, content.answers.get(one.code, ()), errors.get(f"attribute[{one.code}]", [])
        )
        for one in asked
    ]
    description = None
    if not only_new:
        description = wizard.description_field(content, errors.get("description", []))
    questions = [field for field in fields if "name" in field]
    context = {
        "fields": fields,
        "shown": [one.code for one in asked if one.is_variable],
        "description": description,
        "summary": questions + ([description] if description else []),
        "only_new": only_new,
        "editing": request.GET.get("edit", ""),
    }
    return step_page(request, service, "details", context, status=422 if problems else 200)


@never_cache
@require_safe
@told
def stopped(request: PortalRequest, code: str) -> HttpResponseBase:
    """Say plainly that this is not for the form: call 911, or who does it instead."""
    service = service_of(request, code)
    draft = draft_of(request, service)
    if draft is None:
        return to_step("details", service)
    chosen = chosen_of(answered(service, draft.content.answers, _language()))
    triage = wizard.full_triage(draft.content, resident_of(request))
    if triage is None or triage.is_accepted:
        triage = drafts.early_triage(service, chosen)
    if triage is None or triage.is_accepted:
        triage = draft.content.danger()
    if triage is None:
        return to_step("details", service)
    context = {"service": service, "triage": triage, "name": name_of(service)}
    return page(request, "stopped", context)


@require_POST
@told
def safe(request: PortalRequest, code: str) -> HttpResponseBase:
    """The words sounded like danger; the person says that nobody is in any, and goes on."""
    service = service_of(request, code)
    draft = draft_of(request, service)
    if draft is None:
        return to_step("details", service)
    drafts.say_safe(draft)
    # The first step not done yet: the draft may have been stopped anywhere.
    return to_step(wizard.missing_step(service, draft.content, "review") or "review", service)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def contact(request: PortalRequest, code: str) -> HttpResponseBase:
    """Step 4: who reports, as far as they wish to say."""
    service = service_of(request, code)
    draft = draft_of(request, service)
    if draft is None:
        return to_step("details", service)
    content, errors = draft.content, {}
    if request.method == "POST":
        content = _contact_sent(request, content)
        errors = _contact_errors(request, content)
        if not errors:
            draft = drafts.save_draft(draft, with_step(content, "contact"))
            return holding(to_step("review", service), service, draft)
    fields = wizard.contact_fields(content, errors)
    consent = wizard.consent_field(content, errors)
    language = wizard.language_field(content, errors)
    context = {
        "fields": fields,
        "consent": consent,
        "language_field": language,
        "summary": [*fields, language, consent],
    }
    return step_page(request, service, "contact", context, status=422 if errors else 200)


def _contact_sent(request: PortalRequest, content: Content) -> Content:
    sent = request.POST
    return replace(
        content,
        name=clean_line(sent.get("first_name", "")),
        email=clean_line(sent.get("email", "")),
        phone=clean_line(sent.get("phone", "")),
        language=clean_line(sent.get("language", "")),
        may_notify=sent.get("may_notify") == "on",
    )


def _contact_errors(request: PortalRequest, content: Content) -> dict[str, list[str]]:
    _checked, problems = wizard.checked_so_far(content, resident_of(request))
    errors = by_field([one for one in problems if one.field in wizard.CONTACT_FIELDS])
    if content.language not in request.city_languages:
        errors["language"] = [_("Choose one of the languages listed.")]
    if content.may_notify and not (content.email or content.phone):
        errors["may_notify"] = [_("To get news, give an e-mail address or a phone number.")]
    return errors


@require_POST
@told
def forget(request: PortalRequest, code: str) -> HttpResponseBase:
    """Drop this browser's hold on the draft: for shared computers, and to start afresh."""
    service = service_of(request, code)
    response = redirect("portal:report")
    response.delete_cookie(cookie_name(service), samesite="Lax")
    return response


def _language() -> str:
    return get_language() or "en"
