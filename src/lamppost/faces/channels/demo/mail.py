"""Writing to the city by e-mail from the browser, in a demo city only."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lamppost.cities.selectors import city_in_scope
from lamppost.kernel.text import clean_line, clean_text
from lamppost.mailbox.addresses import gateway_of
from lamppost.mailbox.choices import Way
from lamppost.mailbox.services.receiving import MAX_BYTES, receive
from lamppost.notify.addresses import mailbox
from lamppost.people.rates import TooManyCalls, count_call

_WRITER = "resident@demo.example"
_PER_MINUTE = 30
_MOST = 20_000


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Show a form that stands for a mail program, and bring what it sends to the mailbox."""
    if not city_in_scope().is_demo:
        raise Http404
    box = mailbox()
    sent = request.POST
    page = {
        "gateway": box,
        "here": "mail",
        "to": sent.get("to", box),
        "sender": sent.get("sender", _WRITER),
        "subject": sent.get("subject", ""),
        "text": sent.get("text", ""),
        "error": "",
    }
    if request.method != "POST" or not box:
        return render(request, "channels/demo_mail.html", page)
    page["error"] = _sent(request)
    if page["error"]:
        return render(request, "channels/demo_mail.html", page, status=400)
    messages.success(request, _("Sent. It is at the desk in some seconds."))
    return HttpResponseRedirect(reverse("demo:mail"))


def _sent(request: HttpRequest) -> str:
    """Make a mail of the form and store it; return what is wrong, or ''."""
    sender, to = (clean_line(request.POST.get(name, "")) for name in ("sender", "to"))
    text = clean_text(request.POST.get("text", ""))[:_MOST]
    try:
        validate_email(sender)
        count_call("demo:mail", per_minute=_PER_MINUTE)
    except ValidationError:
        return _("Write your e-mail address.")
    except TooManyCalls:
        return _("Too many mails in a minute.")
    if gateway_of(to) is None:
        return _("The city does not read mail for this address.")
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = clean_line(request.POST.get("subject", ""))[:200]
    mail["Message-ID"] = make_msgid(domain="demo.example")
    mail.set_content(text or "\n")
    for photo in request.FILES.getlist("photos"):
        mail.add_attachment(
            photo.read(), maintype="image", subtype="jpeg", filename=clean_line(photo.name or "")
        )
    raw = mail.as_bytes()
    if len(raw) > MAX_BYTES:
        return _("The mail is too large.")
    receive(raw, recipient=to, way=Way.FORM, envelope_from=sender)
    return ""
