"""What one member of the staff is told: read, marked as read, mailed or not."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lamppost.faces.desk.access import actor_at, at_desk
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import KNOWLEDGE, frame
from lamppost.kernel.refusals import Invalid
from lamppost.people.inbox import Place, choose_mail, mark_read, notice_page, wants_mail
from lamppost.people.mailing import is_mail_on
from lamppost.people.permissions import Permission

# Who writes articles is told of them, without seeing the desk.
_WHO = (Permission.DESK_SEE, *KNOWLEDGE)


@at_desk("GET", "HEAD", needs=_WHO)
def notices(request: HttpRequest) -> HttpResponse:
    """Show the notices of whoever asks, unread ones first."""
    actor = actor_at(request)
    page = notice_page(actor.user_id or 0, after=_place(request.GET.get("after", "")))
    wanted = wants_mail(actor)
    context = {
        **frame(actor, here="notices"),
        "notices": page.notices,
        "has_unread": any(notice.read_at is None for notice in page.notices),
        "older_url": f"{reverse('desk:notices')}?after={page.after}" if page.after else "",
        "is_first": "after" not in request.GET,
        "mail_is_on": is_mail_on(),
        "mail": Fields("mail", Typed()).box(
            "wanted", _("Also mail me what I have not read here"), checked=wanted
        ),
    }
    return render(request, "desk/notices.html", context)


@at_desk("POST", needs=_WHO)
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice or all of them as read."""
    notice_id = id_in(request.POST, "notice") if "notice" in request.POST else None
    mark_read(actor=actor_at(request), notice_id=notice_id)
    return HttpResponseRedirect(reverse("desk:notices"))


@at_desk("POST", needs=_WHO)
def mail(request: HttpRequest) -> HttpResponse:
    """Switch the mails about unread notices on or off, for oneself."""
    wanted = bool(request.POST.get("wanted"))
    choose_mail(actor=actor_at(request), wanted=wanted)
    messages.success(
        request,
        _("Unread notices will be mailed to you.") if wanted else _("No mails about notices."),
    )
    return HttpResponseRedirect(reverse("desk:notices"))


def _place(text: str) -> Place | None:
    if not text:
        return None
    try:
        return Place.parse(text)
    except (ValueError, OverflowError):
        raise Invalid(_("This page of the list does not exist."), field="after") from None
