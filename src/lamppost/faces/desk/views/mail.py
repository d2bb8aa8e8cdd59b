"""The agents' mailbox: what waits, one correspondence, the answer; the log of all mail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from lamppost.cities.selectors import city_in_scope, site_of
from lamppost.contacts.selectors.rules import dispositions
from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.cursors import place_in, place_text
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, localized
from lamppost.kernel.images import reencode
from lamppost.kernel.refusals import NotFound, Refusal
from lamppost.knowledge.selectors.articles import article
from lamppost.knowledge.selectors.search import search
from lamppost.mailbox.choices import Fate, PartUse, ThreadState, Way
from lamppost.mailbox.models import Mail, Thread
from lamppost.mailbox.originals import original as original_of
from lamppost.mailbox.reading.message import attached_at
from lamppost.mailbox.selectors import threads as reading
from lamppost.mailbox.selectors.threads import Part, Place, Whole
from lamppost.mailbox.services import agents

_MOST_HITS = 4
_MOST_ASKED = 300
_STEPS = {
    "take": agents.take,
    "give-back": agents.give_back,
    "unwanted": agents.mark_unwanted,
    "wanted": agents.mark_wanted,
}


@at_desk("GET", "HEAD")
def mailbox(request: HttpRequest) -> HttpResponse:
    """List what waits for an answer, or another part of the mailbox."""
    actor = actor_at(request)
    asked = request.GET.get("show", "")
    part = Part(asked) if asked in set(Part) else Part.WAITING
    place = place_in(request.GET, "after")
    listed = reading.threads(part, actor=actor, after=Place(*place) if place else None)
    found = reading.counts(actor=actor, now=timezone.now())
    here = reverse("desk:mail")
    tabs = [
        (Part.WAITING, _("Waiting"), found.waiting),
        (Part.MINE, _("Mine"), found.mine),
        (Part.ANSWERED, _("Answered or closed"), None),
        (Part.UNWANTED, _("Unwanted"), None),
    ]
    older = {"show": part.value, "after": place_text(listed.next)}
    context = {
        **frame(actor, here="tools"),
        "tabs": [
            *(
                {
                    "label": f"{label} ({count})" if count else label,
                    "url": f"{here}?show={one.value}",
                    "current": one is part,
                }
                for one, label, count in tabs
            ),
            {"label": _("All mail"), "url": reverse("desk:mail_log"), "current": False},
        ],
        "rows": [_row(one) for one in listed.rows],
        "late": found.late,
        "urgent": found.urgent,
        "older_url": f"{here}?{urlencode(older)}" if listed.next else "",
    }
    return render(request, "desk/mail/list.html", context)


@at_desk("GET", "HEAD")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one correspondence and the form to answer it."""
    return _shown(request, reference, Typed())


@at_desk("POST")
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """Send the answer, or close without one."""
    actor, sent = actor_at(request), request.POST
    try:
        if sent.get("step") == "close":
            agents.close(
                reference=reference, disposition_code=sent.get("disposition", ""), actor=actor
            )
            messages.success(request, _("Closed without an answer."))
        else:
            agents.answer(
                reference=reference,
                text=sent.get("text", ""),
                disposition_code=sent.get("disposition", ""),
                seen=sent.get("seen", ""),
                article_code=sent.get("article", ""),
                actor=actor,
            )
            messages.success(request, _("The answer is on its way."))
    except NotFound:
        raise
    except Refusal as refusal:
        typed = Typed.of(sent, refusal)
        return _shown(request, reference, typed, status=status_of(refusal))
    return HttpResponseRedirect(reverse("desk:mail"))


@at_desk("POST")
def act(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    """Take it, give it back, say that it is unwanted, or that it is not."""
    actor = actor_at(request)
    _STEPS[step](reference=reference, actor=actor)
    if step == "unwanted":
        messages.success(request, _("Put aside. What this address sends from now on is, too."))
        return HttpResponseRedirect(reverse("desk:mail"))
    return HttpResponseRedirect(reverse("desk:mail_one", args=[reference]))


@at_desk("GET", "HEAD")
def log(request: HttpRequest) -> HttpResponse:
    """List all mail that came in, and what became of each."""
    actor, place = actor_at(request), place_in(request.GET, "before")
    rows, following = reading.log(actor=actor, before=Place(*place) if place else None)
    here = reverse("desk:mail_log")
    older = f"{here}?{urlencode({'before': place_text(following)})}" if following else ""
    context = {
        **frame(actor, here="tools"),
        "rows": [_log_row(one) for one in rows],
        "older_url": older,
    }
    return render(request, "desk/mail/log.html", context)


@at_desk("GET", "HEAD")
def original(request: HttpRequest, mail_id: str) -> HttpResponse:
    """Hand out a mail as it came, to be opened by a mail program."""
    row = reading.mail_by_id(int(mail_id), actor=actor_at(request))
    return _download(original_of(row.path), f"mail-{row.pk}.eml", "message/rfc822")


@at_desk("GET", "HEAD")
def part(request: HttpRequest, mail_id: str, place: str) -> HttpResponse:
    """Hand out an attachment: pictures as pictures made anew, all else as a download."""
    row = reading.mail_by_id(int(mail_id), actor=actor_at(request))
    found = attached_at(original_of(row.path), int(place))
    if found is None or found.content is None:
        raise NotFound(_("This attachment cannot be read."))
    if found.content_type.startswith("image/"):
        try:
            picture = reencode(found.content)
        except Refusal:
            pass
        else:
            return HttpResponse(picture.jpeg, content_type="image/jpeg")
    return _download(found.content, found.name or "attachment", "application/octet-stream")


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    header = content_disposition_header(True, name)
    response.headers["Content-Disposition"] = header or "attachment"
    response.headers["Cache-Control"] = "no-store"
    return response


def _shown(
    request: HttpRequest, reference: str, typed: Typed, *, status: int = 200
) -> HttpResponse:
    actor, place = actor_at(request), place_in(request.GET, "before")
    whole = reading.thread_by_reference(
        reference, actor=actor, before=Place(*place) if place else None
    )
    thread = whole.thread
    chosen = request.GET.get("article", "")
    fields = _fields(typed, _prefilled(thread, chosen))
    is_open = thread.state == ThreadState.OPEN
    context = {
        **frame(actor, here="tools"),
        "thread": thread,
        "state": ThreadState(thread.state).label,
        "is_open": is_open,
        "is_unwanted": thread.state == ThreadState.SPAM,
        "is_mine": thread.taken_by_id == actor.user_id,
        "is_others": thread.taken_by_id not in {None, actor.user_id},
        "items": _items(whole),
        "older_url": f"?{urlencode({'before': place_text(whole.older)})}" if whole.older else "",
        "is_newest": whole.is_newest,
        "hits": _hits(whole) if is_open and whole.is_newest else [],
        "fields": fields,
        "errors": typed.other_errors([one["name"] for one in fields]),
        # Of what stands on this page, not of what came while it was read.
        "seen": whole.mark,
        "article": typed.value("article", chosen),
        "case_url": reverse("desk:case", args=[thread.case.number]) if thread.case else "",
        "file_url": f"{reverse('desk:new')}?{urlencode({'mail': thread.reference})}",
    }
    return render(request, "desk/mail/one.html", context, status=status)


def _fields(typed: Typed, text: str) -> list[dict[str, Any]]:
    fields = Fields("mail", typed)
    choices = [("", _("Choose")), *((one.code, localized(one.name)) for one in dispositions())]
    return [
        fields.area(
            "text",
            _("Answer"),
            default=text,
            attrs={"rows": 10, "maxlength": agents.MAX_ANSWER, "dir": "auto"},
        ),
        fields.select("disposition", _("What it was about"), choices, required=True),
    ]


def _prefilled(thread: Thread, code: str) -> str:
    """The words of an article, with where to read on."""
    if not code:
        return ""
    city = city_in_scope()
    shown = article(code, language=thread.language or city.default_language)
    return f"{shown.spoken or shown.answer}\n\n{site_of(city)}/answers/{shown.code}/"


def _hits(whole: Whole) -> list[dict[str, str]]:
    thread = whole.thread
    words = f"{thread.subject} {whole.mails[-1].text if whole.mails else ''}"[:_MOST_ASKED]
    if not words.strip():
        return []
    language = thread.language or city_in_scope().default_language
    here = reverse("desk:mail_one", args=[thread.reference])
    return [
        {
            "title": hit.title,
            "spoken": hit.spoken,
            "language": hit.language,
            "url": f"{here}?{urlencode({'article': hit.code})}#mail-text",
        }
        for hit in search(words, language=language, limit=_MOST_HITS)
    ]


def _row(thread: Thread) -> dict[str, Any]:
    return {
        "thread": thread,
        "url": reverse("desk:mail_one", args=[thread.reference]),
        "title": thread.subject or _("No subject"),
        "is_open": thread.state == ThreadState.OPEN,
        "state": ThreadState(thread.state).label,
    }


def _log_row(mail: Mail) -> dict[str, Any]:
    return {
        "mail": mail,
        "fate": Fate(mail.fate).label if mail.fate else _("Not yet seen to"),
        "way": Way(mail.way).label,
        "url": reverse("desk:mail_one", args=[mail.thread.reference]) if mail.thread else "",
        "case_url": reverse("desk:case", args=[mail.case.number]) if mail.case else "",
        "original_url": reverse("desk:mail_original", args=[mail.pk]) if mail.path else "",
    }


def _items(whole: Whole) -> list[dict[str, Any]]:
    """Mails and answers in the order they were written."""
    items = [{"at": one.received_at, "mail": one, **_mail_shown(one)} for one in whole.mails]
    items += [{"at": one.at, "answer": one} for one in whole.answers]
    return sorted(items, key=lambda item: item["at"])


def _mail_shown(mail: Mail) -> dict[str, Any]:
    checks = [("SPF", mail.spf), ("DKIM", mail.dkim), ("DMARC", mail.dmarc)]
    return {
        "checks": [f"{name}: {verdict}" for name, verdict in checks if verdict],
        "is_proven": mail.dmarc == "pass" or (mail.dkim == "pass" and mail.spf == "pass"),
        "original_url": reverse("desk:mail_original", args=[mail.pk]) if mail.path else "",
        "parts": [
            {
                "part": one,
                "name": one.name or one.content_type,
                "use": PartUse(one.use).label,
                "url": reverse("desk:mail_part", args=[mail.pk, one.place])
                if mail.path and one.use != PartUse.UNREADABLE
                else "",
            }
            for one in mail.parts.all()
        ],
    }
