"""A service at the console: its script, triage as it is answered, and filing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.cases.models import IdempotencyKey
from lamppost.cases.reports import Filed, Report, Triage
from lamppost.catalog.book import ServiceEntry, book
from lamppost.catalog.choices import TriageOutcome
from lamppost.contacts.models import Interaction
from lamppost.contacts.selectors.calls import current_call
from lamppost.contacts.services.ties import file_for_caller
from lamppost.faces.console import intake
from lamppost.faces.console.access import actor_at, at_console, status_of
from lamppost.faces.console.around import console_page, open_call
from lamppost.faces.console.frame import localized
from lamppost.faces.console.intake import Typed
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.kernel.text import in_language
from lamppost.knowledge.selectors.articles import article


@never_cache
@at_console("GET", "HEAD", "POST")
def service(request: HttpRequest, code: str) -> HttpResponse:
    """Show the script of one service; check what is typed so far; file it."""
    entry = book().services.get(code)
    if entry is None or not entry.is_active:
        raise NotFound(_("This service does not exist here."), field="service")
    if request.method != "POST":
        typed = Typed(entry, filled=_from_article(request.GET.get("from", ""), entry))
        return _page(request, typed)
    typed = Typed(entry, request.POST)
    if request.headers.get("HX-Request"):
        call = current_call(actor_at(request).user_id or 0)
        context = {"service": entry, **intake.live(typed, call), "call": call, "is_live": True}
        return render(request, "console/_intake_live.html", context)
    if request.POST.get("do") != "file":
        return _page(request, typed)
    return _file(request, typed)


def _file(request: HttpRequest, typed: Typed) -> HttpResponse:
    actor = actor_at(request)
    call = open_call(actor)
    if not request.POST.get("checked") and intake.near(typed):
        return _page(request, typed, call=call, asks_near=True)
    report = intake.report_of(typed, call, caller=f"console:{actor.user_id}")
    try:
        filed = file_for_caller(interaction_id=call.pk, report=report, actor=actor)
    except Refusal as refusal:
        number = _filed_before(report)
        if number:
            return HttpResponseRedirect(reverse("console:case", args=[number]))
        refused = Typed(typed.service, typed.data, refusal.problems)
        return _page(request, refused, call=call, status=status_of(refusal))
    if not filed.number:
        return _page(request, typed, call=call, stopped=filed)
    return HttpResponseRedirect(reverse("console:case", args=[filed.number]))


def _filed_before(report: Report) -> str:
    """The number of what this page has filed already: sent twice, it is one request."""
    same = IdempotencyKey.objects.filter(caller=report.caller, key=report.idempotency_key)
    number = same.values_list("case__number", flat=True).first() if report.idempotency_key else ""
    return number or ""


def _page(
    request: HttpRequest,
    typed: Typed,
    *,
    call: Interaction | None = None,
    stopped: Filed | None = None,
    asks_near: bool = False,
    status: int = 200,
) -> HttpResponse:
    call = call or current_call(actor_at(request).user_id or 0)
    entry = typed.service
    context: dict[str, Any] = {
        "service": entry,
        "service_name": localized(entry.name),
        "service_text": localized(entry.description),
        "service_aside": _aside(entry, call),
        "department": localized(book().departments[entry.department_id].name),
        **intake.form(typed, call),
        "asks_near": asks_near,
    }
    if stopped is not None:
        context["triage"] = stopped.triage
    context["is_emergency"] = _is_emergency(context["triage"])
    return console_page(request, "service", context, status=status)


def _is_emergency(triage: Triage | None) -> bool:
    return triage is not None and triage.outcome is TriageOutcome.EMERGENCY


def _aside(entry: ServiceEntry, call: Interaction | None) -> str:
    if call is None or not call.language or call.language == get_language():
        return ""
    return in_language(entry.name, call.language)


def _from_article(code: str, entry: ServiceEntry) -> dict[str, tuple[str, ...]]:
    """The answers an article fills in, when it starts this service."""
    if not code:
        return {}
    try:
        shown = article(code, language=get_language() or "en", staff=True)
    except NotFound:
        return {}
    if shown.service_code != entry.code:
        return {}
    answers: dict[str, tuple[str, ...]] = {}
    for question, value in shown.answers:
        answers[question] = (*answers.get(question, ()), value)
    return answers
