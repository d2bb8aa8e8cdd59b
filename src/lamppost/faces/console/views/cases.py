"""How a case stands, in words to say; counting the caller in; taking down that it is not fixed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.cases.models import Case
from lamppost.cases.selectors.desk import readable
from lamppost.catalog.book import book
from lamppost.catalog.choices import CaseKind, State, Visibility
from lamppost.contacts.choices import CaseTie
from lamppost.contacts.models import Interaction
from lamppost.contacts.selectors.calls import current_call, ties_of
from lamppost.contacts.selectors.said_status import filed_words, in_groups, status_words
from lamppost.contacts.services import ties
from lamppost.faces.console.access import actor_at, at_console
from lamppost.faces.console.around import Shown, console_page, open_call
from lamppost.faces.console.frame import localized
from lamppost.faces.console.looking import case_row
from lamppost.faces.console.spoken import Said
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.people.actors import Actor


@never_cache
@at_console("GET", "HEAD")
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case as it is said to a caller."""
    return _page(request, _readable(number, actor_at(request)))


@at_console("POST")
def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """Count the caller in, or take down that it is not fixed."""
    actor = actor_at(request)
    if step not in {"follow", "dispute", "asked"}:
        raise NotFound(_("This page does not exist."))
    call = open_call(actor)
    try:
        if step == "follow":
            ties.follow_for_caller(interaction_id=call.pk, number=number, actor=actor)
            messages.success(request, _("The caller is counted in."))
        elif step == "asked":
            ties.asked_about(interaction_id=call.pk, number=number, actor=actor)
            messages.success(request, _("Noted: the caller asked about this case."))
        else:
            ties.dispute_for_caller(
                interaction_id=call.pk,
                number=number,
                text=request.POST.get("text", ""),
                actor=actor,
            )
            messages.success(request, _("Taken down: the case is open again."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("console:case", args=[number]))


def _page(request: HttpRequest, row: Case) -> HttpResponse:
    call = current_call(actor_at(request).user_id or 0)
    own, caller = get_language() or "en", call.language if call else ""
    tied = _tied(call, row)
    is_new = CaseTie.FILED in tied
    languages = [own, *([caller] if caller and caller != own else [])]
    context: dict[str, Any] = {
        "case": row,
        "row": case_row(row),
        "said": [Said(one, _words(row, one, is_new=is_new)) for one in languages],
        "spelled": in_groups(row.number),
        "is_new": is_new,
        "department": localized(book().departments[row.department_id].name),
        "is_private": row.visibility != Visibility.PUBLIC,
        "is_callers": bool(call and call.contact_id and call.contact_id == row.contact_id),
        "may_follow": bool(
            call
            and row.state != State.CLOSED
            and row.visibility == Visibility.PUBLIC
            and row.kind == CaseKind.SERVICE_REQUEST
            and not tied & {CaseTie.FILED, CaseTie.FOLLOWED}
        ),
        "may_dispute": bool(call and row.state == State.CLOSED),
        "is_noted": bool(tied),
    }
    # What is tied to this contact already is not noted a second time when it is coded.
    shown = Shown(case="" if tied else row.number)
    return console_page(request, "case", context, shown=shown)


def _words(row: Case, language: str, *, is_new: bool) -> list[str]:
    if is_new:
        return filed_words(row, language)
    return status_words(row, language)


def _tied(call: Interaction | None, row: Case) -> set[str]:
    if call is None:
        return set()
    return {tie.tie for tie in ties_of([call.pk]).get(call.pk, []) if tie.case_id == row.pk}


def _readable(number: str, actor: Actor) -> Case:
    row = readable(Case.objects.all(), actor).filter(number=number).first()
    if row is None:
        raise NotFound(_("This case does not exist here."))
    return row
