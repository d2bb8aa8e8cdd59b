"""Messages from the city: confirming them, changing how they come, stopping them."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from lamppost.faces.portal.web import PortalRequest, by_field, page, private, told
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.notify.addresses import masked
from lamppost.notify.choices import MessageChannel, Pace, StopSource
from lamppost.notify.links import Purpose, token_of
from lamppost.notify.models import Recipient, Subscription
from lamppost.notify.naming import title_of
from lamppost.notify.selectors.reading import followed, held_subscription, is_stopped
from lamppost.notify.services.stops import start, stop
from lamppost.notify.services.subscribing import Wishes, choose, confirm, end, end_all
from lamppost.notify.services.surveys import RATINGS, answer_survey


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def confirm_page(request: PortalRequest, token: str) -> HttpResponseBase:
    """Ask once more, since mail servers open links too; POST puts the messages in force."""
    held = held_subscription(token, Purpose.CONFIRM)
    if request.method == "POST":
        confirm(subscription=held)
        return redirect(f"{_manage_url(held)}?done=confirmed")
    context = {"what": title_of(held, get_language() or ""), "address": _to(held.recipient)}
    return private(page(request, "messages/confirm", context))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def manage(request: PortalRequest, token: str) -> HttpResponseBase:
    """Show what somebody hears about and how; POST changes it."""
    held = held_subscription(token, Purpose.MANAGE)
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            done = _change(request, held)
            return redirect(f"{reverse('portal:messages', args=[token])}?done={done}")
        except Invalid as refusal:
            problems = by_field(refusal.problems)
    return private(_manage_page(request, held, token, problems))


@method_decorator(csrf_exempt, name="dispatch")
class OneClick(View):
    """Unsubscribe as mail programs do (RFC 8058): a POST without cookies, no question asked.

    No check against forged requests: the address is the only credential there is.
    """

    http_method_names = ("get", "head", "post")
    is_all = False

    def get(self, request: PortalRequest, token: str) -> HttpResponseBase:
        """Who opens the address in a browser is asked on the page of all messages."""
        return told(_to_manage)(request, token)

    def post(self, request: PortalRequest, token: str) -> HttpResponseBase:
        """End the subscription, or all of them; again changes nothing."""
        return told(_one_click)(request, token, is_all=self.is_all)


def _to_manage(_request: PortalRequest, token: str) -> HttpResponseBase:
    return redirect(_manage_url(held_subscription(token, Purpose.MANAGE)))


def _one_click(request: PortalRequest, token: str, *, is_all: bool) -> HttpResponseBase:
    held = held_subscription(token, Purpose.MANAGE)
    if is_all:
        end_all(recipient=held.recipient)
    else:
        end(subscription=held)
    return private(page(request, "messages/ended", {"manage": _manage_url(held)}))


@require_safe
def short_case(request: PortalRequest, token: str) -> HttpResponseBase:
    """Lead from the short link of a message to the page of its case."""
    return told(_to_case)(request, token)


def _to_case(_request: PortalRequest, token: str) -> HttpResponseBase:
    held = held_subscription(token, Purpose.CASE)
    if held.case is None:
        raise NotFound(_("This link does not lead anywhere any more."))
    if not held.is_reporter and held.ended_at is not None:
        return redirect("portal:request", held.case.number)
    return private(HttpResponseRedirect(_follow_url(held)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told
def survey(request: PortalRequest, token: str) -> HttpResponseBase:
    """Ask who reported a closed case whether it is fixed and how they were served."""
    held = held_subscription(token, Purpose.CASE)
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            said = _answers(request)
            answer_survey(subscription=held, **said)
            is_unfixed = said["is_fixed"] is False
            shown = {"is_unfixed": is_unfixed, "follow": _follow_url(held)}
            return private(page(request, "messages/thanks", shown))
        except Invalid as refusal:
            problems = by_field(refusal.problems)
    fields = _survey_fields(request, problems)
    title = title_of(held, get_language() or "")
    context = {"case": held.case, "fields": fields, "title": title}
    return private(page(request, "messages/survey", context, status=422 if problems else 200))


def _answers(request: PortalRequest) -> dict[str, Any]:
    rating = request.POST.get("rating", "")
    fixed = {"yes": True, "no": False}.get(request.POST.get("is_fixed", ""))
    if rating and not (rating.isascii() and rating.isdigit()):
        raise Invalid(_("Choose one of the five."), field="rating")
    return {"is_fixed": fixed, "rating": int(rating[:3]) if rating else None}


def _survey_fields(request: PortalRequest, problems: dict[str, list[str]]) -> list[dict[str, Any]]:
    words = (
        _("Very dissatisfied"),
        _("Dissatisfied"),
        _("Neither"),
        _("Satisfied"),
        _("Very satisfied"),
    )
    return [
        {
            "name": "is_fixed",
            "label": _("Is it fixed?"),
            "kind": "radios",
            "value": request.POST.get("is_fixed", ""),
            "choices": [("yes", _("Yes")), ("no", _("No"))],
            "errors": problems.get("is_fixed", ()),
        },
        {
            "name": "rating",
            "label": _("How satisfied are you with how the city handled it?"),
            "kind": "radios",
            "value": request.POST.get("rating", ""),
            "choices": [(str(mark), word) for mark, word in zip(RATINGS, words, strict=True)][::-1],
            "errors": problems.get("rating", ()),
        },
    ]


def _change(request: PortalRequest, held: Subscription) -> str:
    recipient = held.recipient
    action = request.POST.get("action", "")
    if action == "choose":
        choose(recipient=recipient, wishes=_wishes(request))
    elif action == "end":
        end(subscription=_theirs(recipient, request.POST.get("which", "")))
    elif action in {"stop", "start"}:
        channel = MessageChannel(recipient.channel)
        address = recipient.address or str(recipient.pk)
        if action == "stop":
            stop(channel=channel, address=address, source=StopSource.LINK)
        else:
            start(channel=channel, address=address)
    else:
        raise Invalid(_("This form is not known here."), field="action")
    return action


def _theirs(recipient: Recipient, which: str) -> Subscription:
    number = int(which) if which.isascii() and which.isdigit() and len(which) < 19 else 0
    found = Subscription.objects.filter(pk=number, recipient=recipient).first()
    if found is None:
        raise NotFound(_("This does not exist here."))
    return found


def _wishes(request: PortalRequest) -> Wishes:
    sent = request.POST
    language = sent.get("language", "")
    if language not in request.city_languages:
        raise Invalid(_("Choose one of the languages."), field="language")
    if sent.get("pace") not in Pace.values:
        raise Invalid(_("Choose how often you want to hear."), field="pace")
    return Wishes(
        language=language,
        pace=Pace(sent["pace"]),
        digest_at=_time(sent.get("digest_at", ""), "digest_at") or time(7),
        quiet_from=_time(sent.get("quiet_from", ""), "quiet_from"),
        quiet_to=_time(sent.get("quiet_to", ""), "quiet_to"),
    )


def _time(text: str, field: str) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise Invalid(_("Give a time like 07:30."), field=field) from error


_DONE = {
    "confirmed": lambda: _("Thank you. You hear from us from now on."),
    "choose": lambda: _("We have kept what you chose."),
    "end": lambda: _("You hear no more about this."),
    "stop": lambda: _("You get no more messages from us."),
    "start": lambda: _("You get messages again."),
}


def _manage_page(
    request: PortalRequest, held: Subscription, token: str, problems: dict[str, list[str]]
) -> HttpResponse:
    recipient = held.recipient
    language = get_language() or ""
    told_done = _DONE.get(request.GET.get("done", ""))
    fields = _wish_fields(request, recipient, problems)
    context = {
        "token": token,
        "address": _to(recipient),
        "followed": followed(recipient, language),
        "is_stopped": is_stopped(recipient),
        "fields": fields,
        "language": recipient.language or request.city.default_language,
        "summary": [field for field in fields if field.get("errors")],
        "problems": problems.get("language", []) + problems.get("action", []),
        "done": told_done() if told_done else "",
    }
    return page(request, "messages/manage", context, status=422 if problems else 200)


def _wish_fields(
    request: PortalRequest, recipient: Recipient, problems: dict[str, list[str]]
) -> list[dict[str, Any]]:
    sent = request.POST if problems else {}
    kept = {
        "pace": recipient.pace,
        "digest_at": recipient.digest_at.strftime("%H:%M"),
        "quiet_from": recipient.quiet_from.strftime("%H:%M") if recipient.quiet_from else "",
        "quiet_to": recipient.quiet_to.strftime("%H:%M") if recipient.quiet_to else "",
    }
    rows: tuple[dict[str, Any], ...] = (
        {
            "name": "pace",
            "label": _("How often"),
            "kind": "radios",
            "choices": [
                (Pace.NOW, _("As soon as something happens")),
                (Pace.DAILY, _("Once a day, everything together; nothing when nothing is new")),
            ],
        },
        {"name": "digest_at", "label": _("Once a day at"), "kind": "time"},
        {
            "name": "quiet_from",
            "label": _("No messages from"),
            "kind": "time",
            "hint": _(
                "What happens in these hours comes when they end. Leave both empty for none."
            ),
        },
        {"name": "quiet_to", "label": _("No messages until"), "kind": "time"},
    )
    return [
        row
        | {
            "value": sent.get(row["name"], kept[row["name"]]),
            "errors": problems.get(row["name"], ()),
        }
        for row in rows
    ]


def _to(recipient: Recipient) -> str:
    """Who holds the link reads the address anyway; masked, so that a shoulder does not."""
    if recipient.channel == MessageChannel.PUSH:
        return _("this browser")
    return masked(recipient.channel, recipient.address)


def _manage_url(held: Subscription) -> str:
    return reverse("portal:messages", args=[token_of(held, Purpose.MANAGE)])


def _follow_url(held: Subscription) -> str:
    number = held.case.number if held.case else ""
    return reverse("portal:follow", args=[number, token_of(held, Purpose.CASE)])
