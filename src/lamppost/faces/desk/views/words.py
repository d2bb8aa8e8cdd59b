"""What the public reads of a case's words, with what is hidden marked: put right by staff."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from lamppost.cases.models import Case, EventText, TextMark
from lamppost.cases.selectors.desk import readable
from lamppost.cases.services import text_marks
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame
from lamppost.faces.desk.rows import row_of
from lamppost.kernel.personal_data import Span
from lamppost.kernel.refusals import Conflict, Forbidden, Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, may


@never_cache
@at_desk("GET", "HEAD", "POST")
def words(request: HttpRequest, number: str) -> HttpResponse:
    """Show the words of a case with what the public does not read; hide or show a part."""
    actor = actor_at(request)
    case = readable(Case.objects.all(), actor).filter(number=number).first()
    if case is None:
        raise NotFound(_("This case does not exist here."))
    if not may(actor, Permission.CASE_READ_CONTACT, department_id=case.department_id):
        raise Forbidden(_("Your role does not read contacts."))
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            _change(request, case, actor)
        except (Invalid, Conflict) as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
        else:
            messages.success(request, _("What the public reads has changed."))
            return HttpResponseRedirect(reverse("desk:words", args=[case.number]))
    context = {
        **frame(actor),
        "case": case,
        "row": row_of(case),
        "texts": _texts(case, typed),
        "may_edit": may(actor, Permission.CASE_EDIT, department_id=case.department_id),
        "errors": typed.other_errors(["words"]),
    }
    return render(request, "desk/contacts/words.html", context, status=status)


def _change(request: HttpRequest, case: Case, actor: Actor) -> None:
    event_id = id_in(request.POST, "event") if request.POST.get("event") else None
    if request.POST.get("step") == "show":
        text_marks.show(
            case_id=case.pk,
            start=id_in(request.POST, "start"),
            end=id_in(request.POST, "end"),
            event_id=event_id,
            actor=actor,
        )
        return
    text_marks.hide(
        case_id=case.pk, words=request.POST.get("words", ""), event_id=event_id, actor=actor
    )


def _texts(case: Case, typed: Typed) -> list[dict[str, Any]]:
    """The description and every public text, cut in pieces that are shown or hidden."""
    marks = list(TextMark.objects.filter(case=case))
    texts = []
    if case.description:
        own = [mark for mark in marks if mark.event_id is None]
        texts.append(_text("", _("What was reported"), case.description, own, typed))
    said = EventText.objects.filter(
        event__case=case, event__audience="public", redacted_at=None
    ).select_related("event")
    for one in said.order_by("event__seq"):
        own = [mark for mark in marks if mark.event_id == one.event_id]
        title = one.event.get_kind_display()
        texts.append(_text(str(one.event_id), title, one.text, own, typed))
    return texts


def _text(event: str, title: str, text: str, marks: list[TextMark], typed: Typed) -> dict[str, Any]:
    mine = typed if typed.value("event") == event else Typed()
    field = Fields(f"words{event}", mine).text("words", _("Words to hide"), required=True)
    return {
        "event": event,
        "title": title,
        "pieces": _pieces(text, text_marks.spans_of(text, marks)),
        "field": field,
    }


def _pieces(text: str, spans: list[Span]) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = []
    at = 0
    for span in spans:
        pieces.append({"text": text[at : span.start], "is_hidden": False})
        pieces.append(
            {
                "text": text[span.start : span.end],
                "is_hidden": True,
                "start": span.start,
                "end": span.end,
            }
        )
        at = span.end
    pieces.append({"text": text[at:], "is_hidden": False})
    return [piece for piece in pieces if piece["text"]]
