"""A telephone in the browser, in a demo city only: texts and calls to the city."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lamppost.cities.selectors import city_in_scope
from lamppost.contacts.models import Interaction
from lamppost.faces.channels.demo import standin
from lamppost.faces.channels.demo.chat import chat_with
from lamppost.faces.channels.demo.telephone import Heard, Telephone, restored
from lamppost.faces.channels.phones import e164
from lamppost.notify.choices import GatewayKind
from lamppost.notify.models import Gateway

_CALL, _NUMBER = "demo-call", "demo-number"
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sms(request: HttpRequest) -> HttpResponse:
    """Show the texts to and from one number, and send one."""
    gateway, number = _line(GatewayKind.SMS), _number(request)
    if request.method == "POST" and gateway is not None:
        chosen = e164(request.POST.get("number", "")) or number
        request.session[_NUMBER] = number = chosen
        body = request.POST.get("text", "")[:1600]
        standin.text(gateway, site=_site(request), sender=number, body=body)
        return HttpResponseRedirect(reverse("demo:sms") + "#new")
    page = {"gateway": gateway, "number": number, "chat": chat_with(number), "here": "sms"}
    return render(request, "channels/demo_sms.html", page)


@never_cache
@require_http_methods(["GET", "HEAD"])
def voice(request: HttpRequest) -> HttpResponse:
    """Show the call as it stands, with the keys that can be pressed."""
    gateway = _line(GatewayKind.VOICE)
    telephone = _telephone(request)
    if telephone is not None and telephone.agent and _is_ended(telephone):
        telephone = None
    page = {
        "gateway": gateway,
        "number": _number(request),
        "telephone": telephone,
        "heard": _shown(telephone),
        "keys": KEYS,
        "here": "voice",
    }
    return render(request, "channels/demo_voice.html", page)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Call, press keys, say nothing, or hang up."""
    gateway = _line(GatewayKind.VOICE)
    if gateway is None:
        raise Http404
    telephone, wanted = _telephone(request), request.POST.get("do", "")
    number = e164(request.POST.get("number", "")) or _number(request)
    request.session[_NUMBER] = number
    line: dict[str, Any] = {"gateway": gateway, "site": _site(request), "sender": number}
    if wanted == "call":
        telephone = standin.dialed(**line)
    elif telephone is not None and wanted == "hang-up":
        standin.hung_up(telephone, **line)
        telephone = None
    elif telephone is not None:
        telephone = _pressed(telephone, request, line)
    if telephone is not None and telephone.is_over:
        standin.hung_up(telephone, **line)
    request.session[_CALL] = telephone.stored() if telephone else None
    return HttpResponseRedirect(reverse("demo:voice") + "#last")


def _pressed(telephone: Telephone, request: HttpRequest, line: dict[str, Any]) -> Telephone:
    keys = request.POST.get("key") or request.POST.get("digits", "")
    keys = "".join(sign for sign in keys if sign in KEYS)[:20]
    if keys and telephone.keys_to:
        telephone = Telephone(
            **{name: getattr(telephone, name) for name in Telephone.__slots__}
            | {"heard": (*telephone.heard, Heard(keys, is_note=True))}
        )
        # The key that ends a number is no part of it.
        digits = keys.rstrip("#") or keys
        return standin.go(telephone, path=telephone.keys_to, fields={"Digits": digits}, **line)
    if telephone.silence_to:
        return standin.go(telephone, path=telephone.silence_to, **line)
    return telephone


def _line(kind: GatewayKind) -> Gateway | None:
    """The stand-in's account; in a real city these pages do not exist."""
    if not city_in_scope().is_demo:
        raise Http404
    return standin.stand_in(kind)


def _site(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _number(request: HttpRequest) -> str:
    return str(request.session.get(_NUMBER) or standin.example_number(city_in_scope()))


def _telephone(request: HttpRequest) -> Telephone | None:
    stored = request.session.get(_CALL)
    return restored(stored) if stored else None


def _is_ended(telephone: Telephone) -> bool:
    return Interaction.objects.filter(provider_id=telephone.sid, ended_at__isnull=False).exists()


def _shown(telephone: Telephone | None) -> list[dict[str, Any]]:
    if telephone is None:
        return []
    names = {"arb": "ar", "cmn-CN": "zh-Hans"}
    return [
        {
            "text": _("You pressed %(keys)s") % {"keys": one.text} if _is_keys(one) else one.text,
            "is_note": one.is_note,
            "tag": names.get(one.tag, one.tag),
        }
        for one in telephone.heard
    ]


def _is_keys(one: Heard) -> bool:
    return one.is_note and all(sign in KEYS for sign in one.text)
