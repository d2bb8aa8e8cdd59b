"""The steps of a call: each a button, each a key."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.catalog.choices import Channel
from lamppost.contacts.choices import AgentStateKind
from lamppost.contacts.services import calls, coding, inquiries
from lamppost.contacts.services.agent_states import set_state
from lamppost.faces.console.access import actor_at, at_console
from lamppost.kernel.refusals import Invalid, NotFound, Refusal
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor

_CHANNELS = {Channel.PHONE.value, Channel.WALK_IN.value}


@at_console("POST")
def begin_call(request: HttpRequest) -> HttpResponse:
    """Begin a call or a visit by hand."""
    sent = request.POST
    channel = sent.get("channel", Channel.PHONE.value)
    if channel not in _CHANNELS:
        raise Invalid(_("Choose how the person reached you."), field="channel")
    calls.begin(
        actor=actor_at(request),
        channel=Channel(channel),
        address=sent.get("address", ""),
        language=sent.get("language", ""),
    )
    return home()


@at_console("POST")
def take(request: HttpRequest) -> HttpResponse:
    """Answer who waits longest; somebody quicker is no fault."""
    try:
        calls.take_next(actor=actor_at(request))
    except NotFound as refusal:
        messages.info(request, str(refusal))
    return home()


@at_console("POST")
def change_state(request: HttpRequest) -> HttpResponse:
    """Be ready, on a break, in a meeting or signed off."""
    kind = request.POST.get("state", "")
    if kind not in AgentStateKind.values:
        raise Invalid(_("Choose what you do now."), field="state")
    set_state(kind=AgentStateKind(kind), actor=actor_at(request))
    return home()


@at_console("POST")
def step(request: HttpRequest, call_id: int, step: str) -> HttpResponse:
    """Do one step of a call."""
    do = _STEPS.get(step)
    if do is None:
        raise NotFound(_("This page does not exist."))
    return do(request, call_id, actor_at(request))


def home() -> HttpResponse:
    """Return the way back to the console's front."""
    return HttpResponseRedirect(reverse("console:home"))


def back(request: HttpRequest) -> HttpResponse:
    """Return the way back to what stood in the middle: a page of the console, no other."""
    to = request.POST.get("back", "")
    parts = to.split("/")
    is_ours = to.startswith("/console/") and not {"..", ""} & set(parts[1:-1])
    return HttpResponseRedirect(to if is_ours and "\\" not in to else reverse("console:home"))


def _hold(request: HttpRequest, call_id: int, actor: Actor) -> HttpResponse:
    calls.hold(interaction_id=call_id, actor=actor)
    return back(request)


def _resume(request: HttpRequest, call_id: int, actor: Actor) -> HttpResponse:
    calls.resume(interaction_id=call_id, actor=actor)
    return back(request)


def _end(_request: HttpRequest, call_id: int, actor: Actor) -> HttpResponse:
    calls.end(interaction_id=call_id, actor=actor)
    return home()


def _code(request: HttpRequest, call_id: int, actor: Actor) -> HttpResponse:
    """End and code in one step, with what stands in the middle."""
    sent = request.POST
    coding.end_with_key(
        interaction_id=call_id,
        disposition_code=sent.get("disposition", ""),
        article_code=clean_line(sent.get("article", "")),
        case_number=clean_line(sent.get("case", "")),
        actor=actor,
    )
    messages.success(request, _("Coded."))
    return home()


def _wrap(request: HttpRequest, call_id: int, actor: Actor) -> HttpResponse:
    try:
        calls.finish_wrap(interaction_id=call_id, actor=actor, note=request.POST.get("note", ""))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return home()
    if request.POST.get("then") == "break":
        set_state(kind=AgentStateKind.BREAK, actor=actor)
    return home()


def _note(request: HttpRequest, call_id: int, actor: Actor) -> HttpResponse:
    calls.set_note(interaction_id=call_id, note=request.POST.get("note", ""), actor=actor)
    return back(request)


def _caller(request: HttpRequest, call_id: int, actor: Actor) -> HttpResponse:
    sent = request.POST
    contact = sent.get("contact", "")
    channel = sent.get("channel", "")
    calls.set_caller(
        interaction_id=call_id,
        actor=actor,
        address=sent.get("address", ""),
        language=sent.get("language", ""),
        needs_interpreter=bool(sent.get("needs_interpreter")),
        contact_id=int(contact) if contact.isdecimal() and len(contact) < 19 else None,
        channel=Channel(channel) if channel in _CHANNELS else None,
    )
    return back(request)


def _cite(request: HttpRequest, call_id: int, actor: Actor) -> HttpResponse:
    code = clean_line(request.POST.get("article", ""))
    inquiries.cite(interaction_id=call_id, article_code=code, actor=actor)
    messages.success(request, _("Kept as the answer. Go on, or end the contact with a key."))
    return back(request)


_STEPS: dict[str, Callable[[HttpRequest, int, Actor], HttpResponse]] = {
    "hold": _hold,
    "resume": _resume,
    "end": _end,
    "code": _code,
    "wrap": _wrap,
    "note": _note,
    "caller": _caller,
    "cite": _cite,
}
